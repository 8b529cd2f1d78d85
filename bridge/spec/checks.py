"""What must hold in a spec beyond the shape of its parts: every name means something."""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
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
        yield from _undeclared(key, "tells", command.tells, spec.feeds)
        yield from _undeclared(key, "query_when", command.query_when, command.params)
        yield from _undeclared(key, "stores", command.stores, spec.credentials)
        yield from _undeclared(key, "drop_unless", [command.drop_unless], command.params)
        if command.pages is not None:
            yield from _undeclared(key, "pages", ["page", "page_size"], command.params)
        if command.check is not None:
            yield from _undeclared(key, "check", [command.check], spec.commands)
        yield from _undeclared(key, "signs_in", [command.signs_in], spec.auth)
        if command.auth not in (None, "none"):
            yield from _undeclared(key, "auth", [command.auth], spec.auth)
        for cooldown in command.cooldowns:
            if cooldown in spec.cooldowns:
                counted_by = spec.cooldowns[cooldown].per
                yield from _undeclared((*key, "cooldowns"), cooldown, counted_by, command.params)
        if len(f"{spec.game.id}_{name}") > LONGEST_TOOL_NAME:
            yield key, f"the tool name is longer than {LONGEST_TOOL_NAME} characters"


def _secrets_stay_home(spec: GameSpec) -> Iterator[Problem]:
    for name, command in spec.commands.items():
        for param, declared in command.params.items():
            if declared.secret and command.offered:
                key = ("commands", name, "params", param)
                yield key, "a secret cannot be a parameter of a command that is offered"
    for record, fields in spec.records.items():
        for field, declared in fields.items():
            if declared.secret:
                yield ("records", record, field), "a secret cannot be a field of a record"


def _aliases(spec: GameSpec) -> Iterator[Problem]:
    for name, command in spec.commands.items():
        taken = set(command.params)
        for param, declared in command.params.items():
            for alias in declared.aliases:
                if alias in taken:
                    key = ("commands", name, "params", param)
                    yield (*key, "aliases"), f"{alias!r} already stands for a parameter"
                taken.add(alias)


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
    if (param.type == "array") != (param.items is not None):
        yield "an array, and nothing else, needs items: a record or a plain type"
    if param.type != "object" and (param.record or param.values):
        yield "only objects have a record or values"
    if param.values == "array":
        yield "values cannot be arrays"
    if param.items is not None and param.items not in PLAIN_TYPES | spec.records.keys():
        yield f"items: record {param.items!r} is not declared"
    if param.record is not None and param.record not in spec.records:
        yield f"record {param.record!r} is not declared"
    if param.type != "string" and (param.enum or param.pattern):
        yield "only strings have an enum or a pattern"
    try:
        re.compile(param.pattern or "")
    except re.error as error:
        yield f"the pattern cannot be used: {error}"


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
        asked = known | set(command.params)
        yield from _unknown(("commands", name, "ask"), _step_templates(command.ask), asked)
        for part, used in _command_templates(command):
            yield from _unknown(("commands", name, part), used, asked | set(_kept_by(command.ask)))
    for upstream, spellings in spec.via.items():
        for name, spelling in spellings.items():
            if name in spec.commands:
                params = set(spec.commands[name].params)
                used = chain(names_in(spelling.path), names_in(dict(spelling.add)))
                yield from _unknown(("via", upstream, name), used, known | params)
    for name, auth in spec.auth.items():
        yield from _unknown(("auth", name), _auth_templates(auth), known)


def _bridge_placeholders(spec: GameSpec) -> Iterator[Problem]:
    for name, upstream in spec.upstream.items():
        if isinstance(upstream, HttpUpstream):
            yield from _unknown(("upstream", name, "path"), names_in(upstream.path), {"command"})
    for index, subscription in enumerate(spec.subscriptions):
        key = ("subscriptions", str(index))
        yield from _unknown(key, names_in(dict(subscription.frame)), {"kinds"})


def _command_templates(command: Command) -> Iterator[tuple[str, Iterable[str]]]:
    yield "path", names_in(command.path)
    yield "body", names_in(command.body)
    yield "query", names_in(dict(command.query))
    yield "stores", names_in(dict(command.stores))


def _auth_templates(auth: Auth) -> Iterator[str]:
    if auth.show is not None:
        yield from names_in(auth.show.value)
    for step in _steps(auth):
        yield from _step_templates(step)


def _step_templates(step: Step | None) -> Iterator[str]:
    if step is not None:
        yield from names_in(dict(step.send))
        yield from chain(names_in(step.post), names_in(step.get))
        if step.choose is not None:
            yield step.choose.wanted


def kept_values(spec: GameSpec) -> Iterator[str]:
    """Yield the names of everything that some sign-in step keeps."""
    for auth in spec.auth.values():
        for step in _steps(auth):
            yield from _kept_by(step)


def _kept_by(step: Step | None) -> Iterator[str]:
    if step is not None:
        yield from step.keep
        yield from step.choose.keep if step.choose is not None else ()


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
                wanted += chain(spelling.sent_when, *spelling.sent_when.values())
                yield from _undeclared((*key, name), "rename", wanted, spec.commands[name].params)
    for name, command in spec.commands.items():
        if not any(_has_address(spec, upstream, name, command) for upstream in spec.upstream):
            yield ("commands", name), "no upstream knows a path for it"


def _paths(spec: GameSpec) -> Iterator[Problem]:
    for key, path in _all_paths(spec):
        if path is not None and not path.startswith("/"):
            yield key, "a path begins with a slash, or it could name another host"


def _addresses(spec: GameSpec) -> Iterator[Problem]:
    for name, there in spec.upstream.items():
        plain = "http" if isinstance(there, HttpUpstream) else "ws"
        if not there.url.startswith((f"{plain}://", f"{plain}s://")):
            yield ("upstream", name, "url"), f"an address begins with {plain}:// or {plain}s://"


def _all_paths(spec: GameSpec) -> Iterator[tuple[Key, str | None]]:
    for name, there in spec.upstream.items():
        if isinstance(there, HttpUpstream):
            yield ("upstream", name, "path"), there.path or None
    for upstream, spellings in spec.via.items():
        for name, spelling in spellings.items():
            yield ("via", upstream, name, "path"), spelling.path
    for name, command in spec.commands.items():
        yield ("commands", name, "path"), command.path
        if command.ask is not None:
            yield ("commands", name, "ask"), command.ask.post or command.ask.get or ""
    for name, auth in spec.auth.items():
        paths = chain(*((step.post, step.get) for step in _steps(auth)))
        yield from ((("auth", name, "sign_in"), path) for path in paths)


def _has_address(spec: GameSpec, upstream: str, name: str, command: Command) -> bool:
    there = spec.upstream[upstream]
    if command.upstreams and upstream not in command.upstreams:
        return False
    if not isinstance(there, HttpUpstream):
        return there.dialect == "typed_frames"
    if there.apart and not command.upstreams:
        return False
    listed = name in spec.via.get(upstream, {})
    return listed or (not there.only_listed and (command.path is not None or bool(there.path)))


def _auths(spec: GameSpec) -> Iterator[Problem]:
    for name, there in spec.upstream.items():
        if not isinstance(there, HttpUpstream):
            yield from _undeclared(("upstream", name), "auth", [there.auth], spec.auth)
            counted = there.cooldowns
            yield from _undeclared(("upstream", name), "cooldowns", counted, spec.cooldowns)
    for name, auth in spec.auth.items():
        if name == "none":
            yield ("auth", name), "none is the word for no auth"
        yield from _undeclared(("auth", name), "after", [auth.after], spec.auth)
        if _comes_after(spec, auth, name):
            yield ("auth", name, "after"), "comes after itself"
        shown = auth.show
        if shown is not None and sum(map(bool, (shown.header, shown.query, shown.param))) != 1:
            yield ("auth", name, "show"), "is shown as one of header, query and param"


def _sign_in_steps(spec: GameSpec) -> Iterator[Problem]:
    for name, auth in spec.auth.items():
        key = ("auth", name, "sign_in")
        for step in _steps(auth):
            targets = [part for part in (step.post, step.get, step.command) if part is not None]
            if len(targets) > 1 or not (targets or step.choose):
                yield key, "a step is one of post, get and command"
            yield from _undeclared(key, "command", [step.command], spec.commands)
            yield from _undeclared(key, "optional", step.optional, step.send)
            yield from _undeclared(key, "cooldowns", step.cooldowns, spec.cooldowns)
        yield from _undeclared(("auth", name), "public", auth.public, set(kept_values(spec)))
    for name, credential in spec.credentials.items():
        spare = [credential.spare]
        yield from _undeclared(("credentials", name), "spare", spare, spec.credentials)
    for index, rule in enumerate(spec.errors):
        yield from _undeclared(("errors", str(index)), "auth", [rule.auth], spec.auth)


def _comes_after(spec: GameSpec, auth: Auth, name: str) -> bool:
    before = auth.after
    for _ in spec.auth:
        if before is None or before == name:
            break
        before = spec.auth[before].after if before in spec.auth else None
    return before == name


def _told(spec: GameSpec) -> Iterator[Problem]:
    for index, source in enumerate(spec.events):
        key = ("events", str(index))
        if source.source == "poll" and source.command is None:
            yield key, "a poll needs the command that is polled"
        if source.command is not None:
            yield from _undeclared(key, "command", [source.command], spec.commands)
        yield from _undeclared(key, "snapshot", source.snapshot, spec.commands)
        if (source.tail is not None) != (source.novelty == "tail_lines"):
            yield key, "tail_lines, and nothing else, need a tail"
        if source.tail is not None:
            yield from _undeclared(key, "beside", [source.tail.beside], spec.commands)
            known = {name for auth in spec.auth.values() for name in auth.public}
            used = names_in([source.tail.own, source.tail.whose])
            yield from _unknown((*key, "tail"), used, known)
    for part in ("check", "farewell", "status"):
        name = getattr(spec.game, part)
        if name is not None:
            yield from _undeclared(("game",), part, [name], spec.commands)


def _undeclared(
    key: Key, part: str, names: Iterable[str | None], declared: Collection[str]
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
    _aliases,
    _param_shapes,
    _placeholders,
    _bridge_placeholders,
    _reach,
    _paths,
    _addresses,
    _auths,
    _sign_in_steps,
    _told,
)
