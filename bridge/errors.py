"""Every exception the bridge raises.

    BridgeError
      SpecError            a spec file is wrong: which file, which key
      SettingsError        a flag, a variable or the settings file is wrong
      CredentialError      a secret is missing, locked away or cannot be kept
      UpstreamError
        Unreachable        the game cannot be had now; nothing was sent, or it does not matter
        Interrupted        the connection was lost after something was sent
        ProtocolViolation  the game answered with what its document does not allow

A game that says no is not an exception but a value: ``Refused`` in ``bridge.protocol.verdict``.
Every message tells the reader the next step and never holds a secret.
"""


class BridgeError(Exception):
    """The common root; never raised itself."""


class SpecError(BridgeError):
    """A spec file does not say what it must; raised when specs are read."""

    def __init__(self, file: str, key: str, problem: str) -> None:
        self.file = file
        self.key = key
        self.problem = problem
        super().__init__(f"{file}: {key}: {problem}" if key else f"{file}: {problem}")


class SettingsError(BridgeError):
    """A flag, an environment variable or the settings file cannot be used."""


class CredentialError(BridgeError):
    """A secret is missing, locked away, or could not be kept."""


class UpstreamError(BridgeError):
    """Something is wrong between us and a game."""


class Unreachable(UpstreamError):  # noqa: N818 - what is the case, not "an error"
    """The game cannot be had now, and nothing we sent can have had an effect."""


class Interrupted(UpstreamError):  # noqa: N818 - what is the case, not "an error"
    """The connection was lost after something was sent: its fate is unknown."""


class ProtocolViolation(UpstreamError):  # noqa: N818 - the term of the field
    """The game answered with something its document does not allow."""
