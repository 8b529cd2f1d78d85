"""A command and its arguments as what goes over the wire.

A parameter that a placeholder uses is not sent a second time. Any other travels in the path if
the path names it, in the query of a GET or DELETE, in the body otherwise, unless the spec says
where. What shows who we are is added as soon as its value is known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from pydantic import JsonValue

from bridge.protocol.wire import Frame, HttpCall
from bridge.spec.model import Auth, Command, GameSpec, HttpUpstream, Step
from bridge.spec.parts import Show, Spelling
from bridge.spec.placeholders import (
    MissingValue,
    as_text,
    fill,
    fill_json,
    has_values,
    names_in,
)

BODILESS = frozenset({"GET", "DELETE", "HEAD"})
UNSAFE_SEGMENTS = frozenset({"", ".", ".."})

Values = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a game: an upstream of its spec, at an address."""

    spec: GameSpec
    upstream: str
    base_url: str

    def http(self) -> HttpUpstream:
        """Return the upstream. Raises TypeError if it does not speak HTTP."""
        there = self.spec.upstream[self.upstream]
        if not isinstance(there, HttpUpstream):
            raise TypeError(f"{self.upstream} is not an HTTP upstream")
        return there


@dataclass(slots=True)
class _Parts:
    """A request while it is put together."""

    method: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, JsonValue] = field(default_factory=dict)

    def place(self, name: str, value: JsonValue, where: str | None = None) -> None:
        """Put a value where the spec says, else where the method has it."""
        target = where or ("query" if self.method in BODILESS else "body")
        if target == "body":
            self.body[name] = value
        elif target == "query":
            self.query[name] = as_text(value)
        elif target == "header":
            self.headers[name] = as_text(value)


def can_send(spec: GameSpec, upstream: str, name: str, arguments: Values) -> bool:
    """Say whether an upstream can carry this call."""
    there, command = spec.upstream[upstream], spec.commands[name]
    if command.upstreams and upstream not in command.upstreams:
        return False
    if not isinstance(there, HttpUpstream):
        return there.dialect == "typed_frames"
    if there.apart and not command.upstreams:
        return False
    spelling = spec.via.get(upstream, {}).get(name)
    if spelling is not None:
        return not any(arguments.get(param) is not None for param in spelling.cannot) and not any(
            arguments.get(param) in values for param, values in spelling.cannot_when.items()
        )
    return not there.only_listed and (command.path is not None or bool(there.path))


def http_call(way: Way, name: str, arguments: Values, known: Values) -> HttpCall:
    """Return the request of a command.

    ``known`` holds credentials and what sign-in steps kept. Raises MissingValue when something
    that the address or the body needs has no value.
    """
    spec, there, command = way.spec, way.http(), way.spec.commands[name]
    spelling = spec.via.get(way.upstream, {}).get(name, Spelling())
    values = {**known, **arguments, "command": name}
    address = _address(there, command, spelling)
    parts = _Parts(spelling.method or command.method or there.method)
    parts.headers.update(there.headers)
    for key, value in _filled(dict(command.query), values, command).items():
        parts.place(key, value, "query")
    for key, value in _filled(command.body or {}, values, command).items():
        parts.place(key, value, "body")
    for key, value in _filled(spelling.add, values, command).items():
        parts.place(key, value)
    used = _used(address, command, spelling)
    for param, value in arguments.items():
        if param not in used and value is not None and _is_sent(spelling, param, arguments):
            declared = command.params[param]
            parts.place(spelling.rename.get(param, declared.wire or param), value, declared.place)
    _show(spec, spec.auth_of(command), parts, known, shown=used)
    timeout = command.timeout or (
        there.timeout if command.effect == "query" else there.mutation_timeout
    )
    call = _call(way.base_url, address, parts, values, timeout)
    return replace(call, cooldowns=tuple(command.cooldowns))


def step_call(way: Way, auth: str, step: Step, known: Values) -> HttpCall:
    """Return the request of a sign-in step that names an address. Raises MissingValue."""
    there = way.http()
    address = step.post if step.post is not None else step.get or ""
    parts = _Parts("POST" if step.post is not None else "GET")
    parts.headers.update(there.headers)
    for key, template in step.send.items():
        if key not in step.optional or has_values(template, known):
            parts.place(key, fill_json(template, known))
    _show(way.spec, auth, parts, known, shown=set(step.send))
    call = _call(way.base_url, address, parts, known, there.timeout)
    return replace(call, cooldowns=tuple(step.cooldowns))


def frame(spec: GameSpec, name: str, arguments: Values, key: str, request_id: str) -> Frame:
    """Return the frame of a command: its type, its payload and the id that its reply echoes."""
    command = spec.commands[name]
    payload = _filled(command.body or {}, arguments, command)
    used = set(names_in(command.body))
    for param, value in arguments.items():
        place = command.params[param].place
        if param not in used and value is not None and place != "nowhere":
            payload[command.params[param].wire or param] = value
    data: dict[str, JsonValue] = {"type": name}
    if payload:
        data["payload"] = payload
    return Frame(data={**data, key: request_id})


def auth_chain(spec: GameSpec, auth: str | None) -> list[tuple[str, Auth]]:
    """Return an auth and all that must be signed in before it, those first."""
    chain: list[tuple[str, Auth]] = []
    while auth is not None and auth in spec.auth:
        chain.insert(0, (auth, spec.auth[auth]))
        auth = spec.auth[auth].after
    return chain


def needs_account(spec: GameSpec, command: Command) -> bool:
    """Say whether a command can only be sent by somebody who has credentials."""
    return any(credentials_of(spec, link) for _, link in auth_chain(spec, spec.auth_of(command)))


def credentials_in_use(spec: GameSpec) -> set[str]:
    """Return the credentials that some auth uses; others are only kept for the player."""
    return {name for link in spec.auth.values() for name in credentials_of(spec, link)}


def kept_secrets(spec: GameSpec) -> set[str]:
    """Return the kept values that show or prolong who we are: session ids and tokens."""
    templates: list[JsonValue] = []
    for link in spec.auth.values():
        templates += [link.show.value] if link.show is not None else []
        templates += link.renew.send.values() if link.renew is not None else []
    known = {name for name, credential in spec.credentials.items() if not credential.secret}
    return set(names_in(templates)) - known


def credentials_of(spec: GameSpec, auth: Auth) -> set[str]:
    """Return the credentials that an auth uses itself, without those of the auth before it."""
    templates = [auth.show.value] if auth.show is not None else []
    for step in auth.sign_in:
        templates += step.send.values()
        if step.choose is not None:
            templates.append(f"{{{step.choose.wanted}}}")
    return {name for name in names_in(list[JsonValue](templates)) if name in spec.credentials}


def _used(address: str, command: Command, spelling: Spelling) -> set[str]:
    """Return the parameters that placeholders have sent already; ``{command}`` is none."""
    templates: list[JsonValue] = [dict(command.query), command.body, dict(spelling.add)]
    return {*names_in(address), *names_in(templates)} - {"command"}


def _is_sent(spelling: Spelling, param: str, arguments: Values) -> bool:
    """Say whether a way has a place for a parameter in this call."""
    wanted = spelling.sent_when.get(param, {})
    return all(arguments.get(other) in values for other, values in wanted.items())


def _address(there: HttpUpstream, command: Command, spelling: Spelling) -> str:
    if spelling.path is not None:
        return spelling.path
    return command.path if command.path is not None else there.path


def _filled(templates: Values, values: Values, command: Command) -> dict[str, JsonValue]:
    """Fill fixed members in; one whose optional parameter was not given is left out."""
    filled: dict[str, JsonValue] = {}
    for key, template in templates.items():
        try:
            filled[key] = fill_json(template, values)
        except MissingValue as missing:
            param = command.params.get(missing.name)
            if param is None or not param.optional:
                raise
    return filled


def _show(
    spec: GameSpec, auth: str | None, parts: _Parts, known: Values, *, shown: set[str]
) -> None:
    for _, link in auth_chain(spec, auth):
        if link.show is not None and all(known.get(name) for name in names_in(link.show.value)):
            _show_one(link.show, parts, known, shown)


def _show_one(show: Show, parts: _Parts, known: Values, shown: set[str]) -> None:
    value = fill(show.value, known)
    if show.header is not None:
        parts.headers[show.header] = value
    if show.query is not None:
        parts.query[show.query] = value
    if show.param is not None and show.param not in shown | parts.body.keys() | parts.query.keys():
        parts.place(show.param, value)


def _call(base_url: str, address: str, parts: _Parts, values: Values, timeout: float) -> HttpCall:
    url = base_url.rstrip("/") + fill(address, dict(_segments(address, values)))
    bodiless = parts.method in BODILESS
    return HttpCall(
        method=parts.method,
        url=url,
        path=address,
        query=parts.query,
        headers=parts.headers,
        body=None if bodiless and not parts.body else dict(parts.body),
        timeout=timeout,
    )


def _segments(address: str, values: Values) -> Iterator[tuple[str, JsonValue]]:
    """Yield the path's values, encoded so that they cannot leave their segment."""
    for name in names_in(address):
        value = values.get(name)
        if value is None or as_text(value) in UNSAFE_SEGMENTS:
            raise MissingValue(name)
        yield name, quote(as_text(value), safe="")
