"""Switches that make a simulated game misbehave, for the fault suite and for curious people."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """Faults that are switched on: a name, and how often it is still to happen.

    A world asks ``take(name)`` where the fault could strike; each fault carries one number
    (seconds, bytes, a status) whose meaning the world documents.
    """

    _left: dict[str, int] = field(default_factory=dict)
    _values: dict[str, float] = field(default_factory=dict)

    def switch_on(self, name: str, *, times: int = 1, value: float = 0.0) -> None:
        """Let the fault happen the next ``times`` times; 0 switches it off."""
        self._left[name] = times
        self._values[name] = value

    def take(self, name: str) -> bool:
        """Say whether the fault strikes now, and count it."""
        left = self._left.get(name, 0)
        if left <= 0:
            return False
        self._left[name] = left - 1
        return True

    def value(self, name: str) -> float:
        """Return the number the fault was switched on with, 0.0 if it had none."""
        return self._values.get(name, 0.0)

    def active(self) -> dict[str, int]:
        """Return the faults that are still to happen, with how often."""
        return {name: left for name, left in self._left.items() if left > 0}
