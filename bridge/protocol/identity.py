"""Who a call is made as, told apart without telling any secret."""

import hashlib
import json
from collections.abc import Mapping

from pydantic import JsonValue

from bridge.protocol.render import auth_chain
from bridge.spec.model import Auth, GameSpec
from bridge.spec.placeholders import names_in


def fingerprint(spec: GameSpec, auth: str | None, known: Mapping[str, JsonValue]) -> str:
    """Return a text that is another one whenever the credentials behind an auth are others."""
    names = {name for _, link in auth_chain(spec, auth) for name in _used_by(link)}
    values = [known.get(name) for name in sorted(names & spec.credentials.keys())]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def missing_key(spec: GameSpec, auth: str | None, known: Mapping[str, JsonValue]) -> str | None:
    """Return the credential that would have to be shown as it is, and is not there.

    What a sign-in brings is not looked for.
    """
    for _, link in auth_chain(spec, auth):
        if link.show is not None and not link.sign_in:
            for name in names_in(link.show.value):
                if name in spec.credentials and not known.get(name):
                    return name
    return None


def _used_by(link: Auth) -> set[str]:
    shown = set(names_in(link.show.value)) if link.show is not None else set()
    return shown.union(*(names_in(dict(step.send)) for step in link.sign_in))
