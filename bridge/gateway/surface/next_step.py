"""What to do after a refusal that neither the spec nor the game says anything about."""

from dataclasses import replace

from bridge.protocol.verdict import Outcome, Refused
from bridge.spec.model import Command, GameSpec


def with_next_step(spec: GameSpec, command: Command, outcome: Outcome) -> Outcome:
    """Return a refusal by the game with a next step, if it has none: what to look at first."""
    if not isinstance(outcome, Refused) or outcome.hint or outcome.local:
        return outcome
    queries = [*command.see, command.check, spec.game.check, spec.game.status]
    known = [name for name in queries if name is not None and spec.commands[name].offered]
    first = f"Look with {spec.game.id}_{known[0]} first" if known else "Look at the state first"
    return replace(outcome, hint=f"{first}, then call it with what you have seen, or leave it.")
