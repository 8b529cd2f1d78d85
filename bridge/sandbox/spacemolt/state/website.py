"""The game's website: who owns which registration code, and so which players.

Any bearer token is a website account of its own. The account of ``website-token`` begins with the
code ``sandbox``; every other gets a code of its own.
"""

from dataclasses import dataclass, field
from hashlib import sha256

FIRST_BEARER = "website-token"
DEFAULT_CODE = "sandbox"


@dataclass(slots=True, kw_only=True)
class Account:
    """A website account: its current code, and every code it ever had."""

    id: str
    code: str
    codes: set[str] = field(default_factory=set)


class Website:
    """Every website account that was ever asked for, by token."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}

    def account(self, token: str) -> Account:
        """Return the account of a token."""
        if token not in self._accounts:
            digest = sha256(token.encode()).hexdigest()
            code = DEFAULT_CODE if token == FIRST_BEARER else digest[:12]
            self._accounts[token] = Account(id=f"user_{digest[:16]}", code=code, codes={code})
        return self._accounts[token]

    def rotate(self, token: str, code: str) -> Account:
        """Give an account a new code; the old one is worth nothing from now on."""
        account = self.account(token)
        account.code = code
        account.codes.add(code)
        return account

    def is_retired(self, code: str) -> bool:
        """Say whether a code was replaced by a newer one."""
        return any(code in a.codes and code != a.code for a in self._accounts.values())
