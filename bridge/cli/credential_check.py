"""Whether credentials open a game: which there are to ask for, and what the game says to them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bridge.cli.assembly import JOURNAL, Chosen, gateway_of
from bridge.credentials import MemoryVault, Vault
from bridge.errors import BridgeError
from bridge.gateway.gateway import Gateway
from bridge.journal import Journal
from bridge.protocol.render import can_send
from bridge.protocol.verdict import Done, Outcome, Refused
from bridge.spec.model import Auth, Command, GameSpec, HttpUpstream
from bridge.spec.placeholders import names_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a game says to the credentials of an account."""

    works: bool
    reached: bool
    """Whether the game answered at all."""
    told: str


def slots_to_ask(spec: GameSpec) -> list[str]:
    """Return the credentials that a player can give: what is wanted, and what signing in uses."""
    used = {name for auth in spec.auth.values() for name in _slots_of(spec, auth)}
    return [
        slot
        for slot, credential in spec.credentials.items()
        if not credential.brief and (slot in used or not credential.optional)
    ]


async def check_values(
    chosen: Chosen, spec: GameSpec, account: str, values: Mapping[str, str]
) -> Verdict:
    """Ask the game whether these credentials are good; they are stored nowhere."""
    vault = MemoryVault(chosen.secrets)
    for slot, value in values.items():
        vault.hold(spec.game.id, account, slot, value)
    return await check_vault(chosen, spec, account, vault, again=True)


async def check_vault(
    chosen: Chosen, spec: GameSpec, account: str, vault: Vault, *, again: bool = False
) -> Verdict:
    """Ask the game whether the credentials in a vault are good, ``again`` if it has said no before.

    Raises CredentialError when the vault cannot be read.
    """
    game = spec.game.id
    given = [slot for slot in spec.credentials if await vault.get(game, account, slot)]
    commands = list(_revealing(spec, given))
    if not commands:
        missing = ", ".join(spec.credentials[slot].label for slot in slots_to_ask(spec))
        return Verdict(works=False, reached=True, told=f"Something is missing of: {missing}.")
    settings = replace(chosen.settings, accounts={game: (account,)}, via=_by_request(chosen, spec))
    with TemporaryDirectory(prefix="game-bridge-") as folder:
        async with Journal(Path(folder, JOURNAL)) as journal:
            gateway = gateway_of(
                replace(chosen, settings=settings, specs={game: spec}), vault, journal
            )
            async with gateway.running():
                if again:
                    await gateway.player(game, account).carrier.pardon()
                return await _asked(gateway, spec, account, commands)


async def _asked(
    gateway: Gateway, spec: GameSpec, account: str, commands: Sequence[str]
) -> Verdict:
    for command in commands:
        try:
            outcome = await gateway.player(spec.game.id, account).run(command, {})
        except BridgeError as error:
            return Verdict(works=False, reached=False, told=str(error))
        if not isinstance(outcome, Done):
            return _objection(spec, outcome)
    return Verdict(works=True, reached=True, told=f"{spec.game.title} accepts them.")


def _objection(spec: GameSpec, outcome: Outcome) -> Verdict:
    if isinstance(outcome, Refused) and outcome.code != "unreachable":
        told = f"{spec.game.title} refused: {outcome.message} ({outcome.code})"
        return Verdict(works=False, reached=True, told=told)
    why = outcome.message if isinstance(outcome, Refused) else "it did not answer"
    return Verdict(works=False, reached=False, told=f"{spec.game.title} cannot be reached: {why}")


def _revealing(spec: GameSpec, given: Sequence[str]) -> Iterator[str]:
    """Yield a query for each way to be known for which all secrets were given."""
    for name, auth in spec.auth.items():
        slots = _slots_of(spec, auth)
        secret = any(spec.credentials[slot].secret for slot in slots)
        if secret and all(slot in given for slot in slots):
            command = _query_with(spec, name)
            if command is not None:
                yield command


def _query_with(spec: GameSpec, auth: str) -> str | None:
    """Return a query that any holder of an auth may ask, the game's status if it is one."""
    status = [spec.game.status] if spec.game.status else []
    for name in (*status, *spec.commands):
        command = spec.commands[name]
        if command.effect == "query" and spec.auth_of(command) == auth and _takes_nothing(command):
            return name
    return None


def _takes_nothing(command: Command) -> bool:
    return all(param.optional for param in command.params.values())


def _slots_of(spec: GameSpec, auth: Auth) -> list[str]:
    """Return the credentials that an auth itself uses, without those of the auth before it."""
    templates = [auth.show.value] if auth.show else []
    templates += [text for step in auth.sign_in for text in step.send.values()]
    chosen = [step.choose.wanted for step in auth.sign_in if step.choose]
    kept = {name for step in auth.sign_in for name in step.keep}
    named = {*names_in(list(templates)), *chosen} - kept
    return [slot for slot in spec.credentials if slot in named]


def _by_request(chosen: Chosen, spec: GameSpec) -> Mapping[str, str]:
    """Return a way that takes no connection away from a server that plays at the same time."""
    if spec.game.id in chosen.settings.via:
        return chosen.settings.via
    status = spec.game.status
    for name, upstream in spec.upstream.items():
        if (
            isinstance(upstream, HttpUpstream)
            and not upstream.only_listed
            and (status is None or can_send(spec, name, status, {}))
        ):
            return {**chosen.settings.via, spec.game.id: name}
    return chosen.settings.via
