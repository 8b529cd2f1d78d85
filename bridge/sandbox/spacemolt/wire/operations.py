"""How HTTP v2 spells the commands: tools with actions, and other names for some parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from bridge.sandbox.spacemolt.shapes import GameError, JsonObject
from bridge.sandbox.spacemolt.table import Command, Param, commands


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One action of one tool.

    ``command`` is what it stands for; ``names`` leads from its parameters to the command's;
    ``fixed`` are parameters that the action implies. The operations of the storage tool and those
    that show a part of the state stand for no single command.
    """

    tool: str
    action: str
    form: Command
    command: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    mutation: bool = False
    sections: tuple[str, ...] = ()

    def translate(self, payload: JsonObject) -> JsonObject:
        """Return the payload as the command names it."""
        return {self.names.get(name, name): value for name, value in payload.items()} | dict(
            self.fixed
        )


EVERYTHING = (
    "player",
    "ship",
    "cargo",
    "modules",
    "location",
    "missions",
    "queue",
    "skills",
)
_SECTIONS = {
    "get_status": EVERYTHING,
    "get_state": EVERYTHING,
    "get_ship": ("ship", "modules", "cargo"),
    "get_cargo": ("cargo", "ship"),
    "get_skills": ("skills",),
    "get_active_missions": ("missions",),
    "get_player": ("player",),
    "get_location": ("location",),
    "get_queue": ("queue",),
}
_ABOUT_STATE = {
    "get_state": "Describe everything about oneself.",
    "get_player": "Describe the player.",
    "get_location": "Tell where the ship is, or whither it flies.",
    "get_queue": "Tell whether an action waits for its tick.",
    "get_ships": "List the ship classes.",
}
STORAGE = "spacemolt_storage"


@cache
def operations() -> Mapping[tuple[str, str], Operation]:
    """Return every operation by tool and action; a tool without actions has the action ''."""
    found: dict[tuple[str, str], Operation] = {}
    for command in commands().values():
        for operation in _spellings(command):
            found.setdefault((operation.tool, operation.action), operation)
    for operation in (*_state_operations(), *_storage_operations(), _login_token()):
        found[operation.tool, operation.action] = operation
    return found


def tools() -> list[str]:
    """Return the names of the tools."""
    return sorted({tool for tool, _ in operations()})


def find(tool: str, action: str) -> Operation:
    """Return an operation; raises GameError with ``missing_action`` or ``unknown_command``."""
    operation = operations().get((tool, action))
    if operation is not None:
        return operation
    actions = sorted(name for known, name in operations() if known == tool)
    if not actions:
        raise GameError("unknown_command", f"There is no tool '{tool}'.")
    code = "unknown_command" if action else "missing_action"
    raise GameError(code, f"Actions of {tool}: {', '.join(actions)}.")


def _spellings(command: Command) -> list[Operation]:
    if command.v2:
        tool, _, action = command.v2.partition("/")
        names = {param.v2: param.name for param in command.params if param.v2}
        form = replace(command, params=tuple(_renamed(p, p.v2) for p in command.params))
        return [
            Operation(
                tool=tool,
                action=action,
                form=form,
                command=command.name,
                names=names,
                mutation=command.mutation,
                sections=_SECTIONS.get(command.name, ()) if command.v2_state else (),
            )
        ]
    return [_dispatched(command, action) for action in command.v2_actions]


def _dispatched(command: Command, action: str) -> Operation:
    spelt = command.v2_actions[action]
    params = tuple(
        _renamed(param, spelt.get(param.name, ""))
        for param in command.params
        if param.name != "action"
    )
    return Operation(
        tool=command.v2_tool,
        action=action,
        form=replace(command, params=params),
        command=command.name,
        names={spelling: name for name, spelling in spelt.items()},
        fixed={"action": action},
        mutation=action in command.ticks,
    )


def _renamed(param: Param, name: str) -> Param:
    return replace(param, name=name) if name else param


def _state_operations() -> list[Operation]:
    status = commands()["get_status"]
    return [
        Operation(
            tool="spacemolt",
            action=action,
            form=replace(status, name=action, about=about),
            sections=_SECTIONS.get(action, ()),
        )
        for action, about in _ABOUT_STATE.items()
    ]


def _storage_operations() -> list[Operation]:
    params = tuple(
        Param(name=name, type="integer" if name == "quantity" else "string")
        for name in ("item_id", "message", "quantity", "source", "station_id", "target")
    )
    abouts = {
        "view": ("List what is stored at a station, by oneself or by the faction.", False),
        "deposit": ("Put goods or credits into storage, or give them to somebody.", True),
        "withdraw": ("Take goods or credits out of storage.", True),
        "help": ("Explain the storage tool.", False),
    }
    base = commands()["view_storage"]
    return [
        Operation(
            tool=STORAGE,
            action=action,
            form=replace(base, name=f"storage_{action}", about=about, params=params),
            mutation=mutation,
        )
        for action, (about, mutation) in abouts.items()
    ]


def _login_token() -> Operation:
    form = replace(
        commands()["login"],
        name="login_token",
        about="Sign in with a token from elsewhere; this world gives out none.",
        auth=True,
        params=(Param(name="token", type="string", required=True),),
    )
    return Operation(tool="spacemolt_auth", action="login_token", form=form)
