"""What passes between the world and its clients: JSON objects, and the world's way of saying no."""

from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]


class GameError(Exception):
    """The game says no; carries the code and the message that the client is told."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        details: object = None,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.details = details
        self.wait_seconds = wait_seconds

    def as_payload(self) -> JsonObject:
        """Return the payload of an ``error`` frame."""
        payload: JsonObject = {"code": self.code, "message": self.message}
        if self.details is not None:
            payload["details"] = self.details
        if self.wait_seconds is not None:
            payload["wait_seconds"] = self.wait_seconds
        return payload


class Arguments:
    """The checked parameters of one command, read by name and type."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def as_object(self) -> JsonObject:
        """Return all parameters as they were sent."""
        return dict(self._values)

    def text(self, name: str, default: str = "") -> str:
        """Return a string parameter, or the default when it was not sent."""
        value = self._values.get(name)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int = 0) -> int:
        """Return an integer parameter, or the default when it was not sent."""
        value = self._values.get(name)
        return value if isinstance(value, int) else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean parameter, or the default when it was not sent."""
        value = self._values.get(name)
        return value if isinstance(value, bool) else default

    def objects(self, name: str) -> list[JsonObject]:
        """Return a list of records, empty when it was not sent."""
        value = self._values.get(name)
        return [dict(item) for item in value] if isinstance(value, list) else []

    def texts(self, name: str) -> list[str]:
        """Return a list of strings, empty when it was not sent."""
        value = self._values.get(name)
        return [str(item) for item in value] if isinstance(value, list) else []

    def record(self, name: str) -> JsonObject:
        """Return a record, empty when it was not sent."""
        value = self._values.get(name)
        return dict(value) if isinstance(value, dict) else {}
