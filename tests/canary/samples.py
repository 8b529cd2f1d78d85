"""A plausible call of every command, made out of the specs."""

from collections.abc import Iterator

from pydantic import JsonValue

from bridge.spec.model import Command, GameSpec, Param

Arguments = dict[str, JsonValue]

ORDER = ("query", "write", "mutation", "irreversible")
LAST = ("stop", "shutdown", "delete", "logout", "drop", "prune", "revoke", "self_destruct")
"""What takes something away that other commands need, or the whole game."""
GIVEN: dict[str, Arguments] = {
    "spacemolt_register": {
        "username": "Canary",
        "empire": "solarian",
        "registration_code": "sandbox",
    },
    "moltforsale_register": {"handle": "canary", "display_name": "Canary", "bio": "A test."},
    "maid_create_api_key": {"name": "canary", "permissions": ["READ_PLAYERS"]},
    "maid_create_admin_user": {"username": "canary", "role": "MODERATOR"},
    "pipeworks_ollama_command": {"server_url": "http://localhost:11434"},
    "pipeworks_read_table": {"table_name": "sessions"},
    "pipeworks_register": {"username": "canary_player"},
    "pipeworks_register_guest": {"character_name": "Canary"},
    "pipeworks_set_user_password": {"target_username": "canary_username"},
    "spacemolt_faction_submit_intel": {"systems": []},
    "spacemolt_faction_submit_trade_intel": {"stations": []},
    "spacemolt_set_colors": {"primary_color": "#FF8800", "secondary_color": "#0088FF"},
}


def calls(spec: GameSpec) -> Iterator[tuple[str, Command, Arguments]]:
    """Yield every command that is offered, harmless ones first, with arguments for it."""
    offered = [(name, command) for name, command in spec.commands.items() if command.offered]
    for name, command in sorted(offered, key=_order):
        tool = f"{spec.game.id}_{name}"
        wanted = {key: p for key, p in command.params.items() if not p.optional}
        made = {key: _sample(spec, key, param) for key, param in wanted.items()}
        yield tool, command, {**made, **GIVEN.get(tool, {})}


def _order(entry: tuple[str, Command]) -> tuple[bool, int, str]:
    name, command = entry
    return any(word in name for word in LAST), ORDER.index(command.effect), name


def _sample(spec: GameSpec, name: str, param: Param) -> JsonValue:
    if param.enum:
        return param.enum[0]
    match param.type:
        case "integer" | "number":
            return max(1, int(param.minimum or 1))
        case "boolean":
            return True
        case "array":
            fields = spec.records.get(param.items or "", {})
            inner: JsonValue = (
                {key: _sample(spec, key, p) for key, p in fields.items() if not p.optional}
                if fields
                else "canary"
            )
            return [inner]
        case "object":
            fields = spec.records.get(param.record or "", {})
            return {key: _sample(spec, key, p) for key, p in fields.items() if not p.optional}
        case _:
            return f"canary_{name}"[: param.max_length or 40].ljust(param.min_length or 0, "x")
