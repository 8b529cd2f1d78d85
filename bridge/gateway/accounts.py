"""Which of a game's accounts a call is made with."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from bridge.gateway.surface.toolbox import ACCOUNT
from bridge.protocol.verdict import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """An account, and the arguments without its name."""

    account: str
    arguments: Mapping[str, JsonValue]


def played_by(
    accounts: Sequence[str], tool: str, arguments: Mapping[str, JsonValue]
) -> Played | Refused:
    """Return who plays: the account that is named, else the first one.

    A name that is none of the accounts is refused with the call that would be right; a wrong guess
    would act for somebody else.
    """
    rest = {name: value for name, value in arguments.items() if name != ACCOUNT}
    wanted = arguments.get(ACCOUNT)
    if wanted is None:
        return Played(account=accounts[0], arguments=rest)
    if wanted in accounts:
        return Played(account=str(wanted), arguments=rest)
    near = difflib.get_close_matches(str(wanted).casefold(), accounts, n=1)
    right = rest if len(accounts) == 1 else {**rest, ACCOUNT: [*near, accounts[0]][0]}
    known = ", ".join(accounts)
    only = len(accounts) == 1
    return Refused(
        code="unknown_account",
        message=f"There is no account {str(wanted)[:100]!r}; "
        + (f"the only one is {known!r}, and it is not named." if only else f"there are: {known}."),
        hint=f"Call it like this: {tool} {json.dumps(right, ensure_ascii=False)}",
        local=True,
    )
