"""What the tests of PipeWorks' quirks share: asking, answering, and the texts of the server."""

from pydantic import JsonValue

from bridge.protocol.verdict import Done, Outcome
from bridge.quirks.hooks import Answered, Asked, Memory
from bridge.quirks.pipeworks.quirks import QUIRKS

STREET = (
    "\n=== High Street ===\nCobbles.\n\n[Items here]:\n  - Worn Cobblestone\n  - Flickering Gas Lamp"
    "\n\n[Players here]:\n  - Wanda\n  - Marrow Finch\n\n[Exits]:\n  - north: Steps\n"
)
ME: dict[str, JsonValue] = {"character_name": "Ann", "character_id": "7"}


def asked(command: str, known: dict[str, JsonValue] | None = None, **arguments: JsonValue) -> Asked:
    return Asked(
        command=command, arguments=arguments, known=ME if known is None else known, now=0.0
    )


def answer(memory: Memory, command: str, result: JsonValue, **arguments: JsonValue) -> None:
    """Let the quirks learn what a call has brought."""
    came_of_it(memory, command, Done(result=result), **arguments)


def came_of_it(memory: Memory, command: str, outcome: Outcome, **arguments: JsonValue) -> None:
    QUIRKS.learn(
        memory, Answered(command=command, arguments=arguments, outcome=outcome, known=ME, now=0.0)
    )


def refusal(memory: Memory, call: Asked) -> str | None:
    """Return the code of the refusal, None where there is none."""
    refused = QUIRKS.object(memory, call)
    return None if refused is None else refused.code
