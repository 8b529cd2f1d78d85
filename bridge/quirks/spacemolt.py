"""What SpaceMolt's spec cannot say."""

from collections.abc import Mapping

from pydantic import JsonValue

from bridge.quirks.hooks import Quirks


def expand(frame: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    """Return a push under the name of what it tells.

    Auto dock, auto undock and forum posts come as type ``ok``; what they are stands in
    ``payload.type``.
    """
    payload = frame.get("payload")
    if frame.get("type") == "ok" and isinstance(payload, Mapping):
        told = payload.get("type")
        if isinstance(told, str) and told:
            return [{**frame, "type": told}]
    return [frame]


QUIRKS = Quirks(expand=expand)
