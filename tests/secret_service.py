"""A Secret Service of the tests' own: gnome-keyring on a message bus that nobody else uses."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MISSING = [name for name in ("dbus-daemon", "gnome-keyring-daemon") if shutil.which(name) is None]
"""The programs that are not installed; .ci/system-packages does that."""
START_SECONDS = 10

# Nothing is started on demand there: no second keyring, and no window that asks for a password.
_BUS = """
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass(frozen=True)
class SecretService:
    """A running keyring with one unlocked collection."""

    environment: dict[str, str]
    """The variables by which a process finds it."""
    daemon: "subprocess.Popen[bytes]"

    def stored(self) -> dict[str, str]:
        """Return what the keyring holds for game-bridge, as another program reads it."""
        import secretstorage  # keyring brings it, on Linux only

        with closing(secretstorage.dbus_init()) as bus:
            found = secretstorage.search_items(bus, {"service": "game-bridge"})
            return {item.get_attributes()["username"]: item.get_secret().decode() for item in found}

    def lock(self) -> None:
        """Lock the collection; nobody is there to type its password."""
        import secretstorage

        with closing(secretstorage.dbus_init()) as bus:
            secretstorage.get_default_collection(bus).lock()

    def freeze(self) -> None:
        """Let the keyring answer nothing any more."""
        self.daemon.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        self.daemon.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End the keyring; the bus stays."""
        self.daemon.kill()
        self.daemon.wait(START_SECONDS)


@contextmanager
def secret_service(folder: Path) -> Iterator[SecretService]:
    """Run a keyring, unlocked, with everything it keeps below the folder."""
    settings = folder / "bus.conf"
    settings.write_text(_BUS.format(folder=folder))
    bus = subprocess.Popen(
        ["dbus-daemon", f"--config-file={settings}", "--nofork", "--nopidfile", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert bus.stdout is not None
        address = bus.stdout.readline().decode().strip()
        here = {"HOME": folder, "XDG_DATA_HOME": folder, "XDG_RUNTIME_DIR": folder}
        environment = {name: str(path) for name, path in here.items()}
        environment["DBUS_SESSION_BUS_ADDRESS"] = address
        daemon = _unlocked(environment)
        try:
            yield SecretService(environment, daemon)
        finally:
            with suppress(ProcessLookupError):
                daemon.kill()
            daemon.communicate()
    finally:
        bus.kill()
        bus.communicate()


def _unlocked(environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **environment},
    )
    assert daemon.stdin is not None
    assert daemon.stdout is not None
    daemon.stdin.write(b"the password of the tests' keyring")
    daemon.stdin.close()
    daemon.stdin = None
    # It says where it is controlled once it owns its name on the bus.
    daemon.stdout.readline()
    return daemon
