"""What must hold in a spec beyond the shape of its parts: every name means something."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from bridge.spec.model import (
    Auth,
    Command,
    GameSpec,
    HttpUpstream,
    Param,
    Step,
)
from bridge.spec.placeholders import names_in

Key = tuple[str, ...]
Problem = tuple[Key, str]

BRIDGE_VALUES = frozenset({"command", "kinds", "new_password", "offset"})
"""Placeholders that the bridge fills in itself."""

LONGEST_TOOL_NAME = 45
PLAIN_TYPES = frozenset({"string", "integer", "number", "boolean", "object"})


def check(spec: GameSpec) -> Iterator[Problem]:
    """Yield every key that names something that is not there, with the problem."""
    for rule in _RULES:
        yield from rule(spec)


def _command_references(spec: GameSpec) -> Iterator[Problem]:
    for name, command in spec.commands.items():
        key = ("commands", name)
        yield from _undeclared(key, "toolset", [command.toolset], spec.toolsets)
        yield from _undeclared(key, "cooldowns", command.cooldowns, spec.cooldowns)
        yield from _undeclared(key, "upstreams", command.upstreams, spec.upstream)
        yield from _undeclared(key, "see", command.see, spec.commands)
        yield from _undeclared(key, "query_when", command.query_when, command.params)
        yield from _undeclared(key, "stores", command.stores, spec.credentials)
        yield from _undeclared(key, "drop_unless", [command.drop_unless], command.params)
        if command.pages is not None:
            yield from _undeclared(key, "pages", ["page", "page_size"], command.params)
        if command.check is not None:
            yield from _undeclared(key, "check", [command.check], spec.commands)
        if command.auth not in (None, "none"):
            yield from _undeclared(key, "auth", [command.auth], spec.auth)
        if len(f"{spec.game.id}_{name}") > LONGEST_TOOL_NAME:
            yield key, f"the tool name is longer than {LONGEST_TOOL_NAME} characters"


def _secrets_stay_home(spec: GameSpec) -> Iterator[Problem]:
    for name, command in spec.commands.items():
        for param, declared in command.params.items():
            if declared.secret and command.offered:
                key = ("commands", name, "params", param)
                yield key, "a secret cannot be a parameter of a command that is offered"


def _param_shapes(spec: GameSpec) -> Iterator[Problem]:
    commands = ((("commands", name), c.params) for name, c in spec.commands.items())
    records = ((("records", name), fields) for name, fields in spec.records.items())
    for key, params in chain(commands, records):
        for name, param in params.items():
            for problem in _param_problems(param, spec):
                yield (*key, "params", name) if key[0] == "commands" else (*key, name), problem
    for name in spec.records:
        if _reaches(name, name, spec, set()):
            yield ("records", name), "contains itself"


def _param_problems(param: Param, spec: GameSpec) -> Iterator[str]:
    if param.type == "array" and param.items is None:
        yield "an array needs items: a record or a plain type"
    if param.items is not None and param.items not in PLAIN_TYPES | spec.records.keys():
        yield f"items: record {param.items!r} is not declared"
    if param.record is not None and param.record not in spec.records:
        yield f"record {param.record!r} is not declared"
    if param.enum and param.type != "string":
        yield "only strings have an enum"


def _reaches(start: str, wanted: str, spec: GameSpec, seen: set[str]) -> bool:
    for field in spec.records.get(start, {}).values():
        for inner in (field.items, field.record):
            if inner == wanted:
                return True
            if inner in spec.records and inner not in seen:
                seen.add(inner)
                if _reaches(inner, wanted, spec, seen):
                    return True
    return False


def _placeholders(spec: GameSpec) -> Iterator[Problem]:
    known = set(spec.credentials) | BRIDGE_VALUES | set(kept_values(spec))
    for name, command in spec.commands.items():
        for part, used in _command_templates(command):
            yield from _unknown(("commands", name, part), used, known | set(command.params))
    for upstream, spellings in spec.via.items():
        for name, spelling in spellings.items():
            if name in spec.commands:
                params = set(spec.commands[name].params)
                used = chain(names_in(spelling.path), names_in(dict(spelling.add)))
                yield from _unknown(("via", upstream, name), used, known | params)
    for name, auth in spec.auth.items():
        yield from _unknown(("auth", name), _auth_templates(auth), known)


def _command_templates(command: Command) -> Iterator[tuple[str, Iterable[str]]]:
    yield "path", names_in(command.path)
    yield "body", names_in(command.body)
    yield "query", names_in(dict(command.query))
    yield "stores", names_in(dict(command.stores))


def _auth_templates(auth: Auth) -> Iterator[str]:
    if auth.show is not None:
        yield from names_in(auth.show.value)
    for step in _steps(auth):
        yield from names_in(dict(step.send))
        yield from chain(names_in(step.post), names_in(step.get))
        if step.choose is not None:
            yield step.choose.wanted


def kept_values(spec: GameSpec) -> Iterator[str]:
    """Yield the names of everything that some sign-in step keeps."""
    for auth in spec.auth.values():
        for step in _steps(auth):
            yield from step.keep
            if step.choose is not None:
                yield from step.choose.keep


def _steps(auth: Auth) -> Iterator[Step]:
    yield from auth.sign_in
    if auth.renew is not None:
        yield auth.renew


def _reach(spec: GameSpec) -> Iterator[Problem]:
    if not spec.upstream:
        yield ("upstream",), "there is no way to reach the game"
    for upstream, spellings in spec.via.items():
        yield from _undeclared(("via",), upstream, [upstream], spec.upstream)
        for name, spelling in spellings.items():
            key = ("via", upstream)
            yield from _undeclared(key, name, [name], spec.commands)
            if name in spec.commands:
                wanted = [*spelling.rename, *spelling.cannot, *spelling.cannot_when]
                yield from _undeclared((*key, name), "rename", wanted, spec.commands[name].params)
    for name, command in spec.commands.items():
        if not any(_has_address(spec, upstream, name, command) for upstream in spec.upstream):
            yield ("commands", name), "no upstream knows a path for it"


def _has_address(spec: GameSpec, upstream: str, name: str, command: Command) -> bool:
    there = spec.upstream[upstream]
    if command.upstreams and upstream not in command.upstreams:
        return False
    if not isinstance(there, HttpUpstream):
        return there.dialect == "typed_frames"
    listed = name in spec.via.get(upstream, {})
    return listed or (not there.only_listed and (command.path is not None or bool(there.path)))


def _auth_references(spec: GameSpec) -> Iterator[Problem]:
    for name, auth in spec.auth.items():
        if auth.after is not None:
            yield from _undeclared(("auth", name), "after", [auth.after], spec.auth)
        for step in _steps(auth):
            targets = [part for part in (step.post, step.get, step.command) if part is not None]
            if len(targets) != 1:
                yield ("auth", name, "sign_in"), "a step is one of post, get and command"
            if step.command is not None:
                key = ("auth", name, "sign_in")
                yield from _undeclared(key, "command", [step.command], spec.commands)


def _told(spec: GameSpec) -> Iterator[Problem]:
    for index, source in enumerate(spec.events):
        key = ("events", str(index))
        if source.source == "poll" and source.command is None:
            yield key, "a poll needs the command that is polled"
        if source.command is not None:
            yield from _undeclared(key, "command", [source.command], spec.commands)
        yield from _undeclared(key, "snapshot", source.snapshot, spec.commands)
    for part in ("check", "status"):
        name = getattr(spec.game, part)
        if name is not None:
            yield from _undeclared(("game",), part, [name], spec.commands)


def _undeclared(
    key: Key, part: str, names: Iterable[str | None], declared: Mapping[str, object]
) -> Iterator[Problem]:
    for name in names:
        if name is not None and name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            yield (*key, part), f"{name!r} is not declared{hint}"


def _unknown(key: Key, used: Iterable[str], known: set[str]) -> Iterator[Problem]:
    for name in used:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {{{near[0]}}}?" if near else ""
            yield key, f"{{{name}}} is no parameter, credential or kept value{hint}"


_RULES: tuple[Callable[[GameSpec], Iterator[Problem]], ...] = (
    _command_references,
    _secrets_stay_home,
    _param_shapes,
    _placeholders,
    _reach,
    _auth_references,
    _told,
)
