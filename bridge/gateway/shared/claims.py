"""Which process of the user listens to which kinds of events of an account.

The journal is shared, and an event that two processes heard would stand in it twice. So a process
claims each kind before it listens to it; whoever comes later reads it in the journal. When a
process ends, however it ends, its claims are free at once.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from bridge.gateway.shared.lease import Lease


@dataclass(slots=True)
class Claims:
    """The kinds that this process has claimed."""

    folder: Path
    game: str
    account: str
    _leases: dict[str, Lease] = field(default_factory=dict)

    def hold(self, wanted: Collection[str]) -> frozenset[str]:
        """Claim what is wanted, give back the rest, and return what is held now.

        Raises LeaseError when the folder cannot be used.
        """
        for kind in set(self._leases) - set(wanted):
            self._leases.pop(kind).release()
        for kind in sorted(set(wanted) - set(self._leases)):
            lease = Lease(self.folder, self.game, f"{self.account}/{kind}")
            if lease.try_acquire():
                self._leases[kind] = lease
        return frozenset(self._leases)
