"""What MAID's spec cannot say."""

from collections.abc import Mapping

from pydantic import JsonValue

from bridge.quirks.hooks import Quirks


def expand(frame: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    """Return the updates of a GMCP batch, each as a frame of its own named by its package.

    A single update is named the same way, whatever type its frame has.
    """
    updates = frame.get("updates")
    if frame.get("type") == "gmcp_batch" and isinstance(updates, list):
        return [_named(each) for each in updates if isinstance(each, Mapping)]
    return [_named(frame)]


def _named(frame: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    if not isinstance(frame.get("package"), str):
        return frame
    return {key: value for key, value in frame.items() if key != "type"}


def tidy(command: str, result: JsonValue) -> JsonValue:
    """Call areas areas, as rooms are called rooms: the document does not show their list."""
    if command != "list_areas":
        return result
    if isinstance(result, Mapping) and "areas" not in result and "items" in result:
        return {"areas" if key == "items" else key: value for key, value in result.items()}
    return {"areas": result} if isinstance(result, list) else result


QUIRKS = Quirks(expand=expand, tidy=tidy)
