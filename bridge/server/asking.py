"""Asking the player through the host, in both eras.

An older host is asked while the call waits. A newer one is handed the question as the call's
result and repeats the call with the answer, which is recognised by a digest of the question: an
answer to one question is none to another. Only what the host says it can do is used, and nothing
secret is ever asked for in a form.
"""

import hashlib
from dataclasses import dataclass

import anyio
import mcp_types as wire

from bridge.server.clean import clean
from bridge.server.credential_page import Page
from bridge.server.guard import Context

ANSWER_SECONDS = 40.0
"""How long the player has to answer while an older host waits for the call."""
LONGEST_QUESTION = 1_000
AGREE = "agree"


class InputNeeded(Exception):  # noqa: N818 - what is the case, not "an error"
    """A newer host must put a question first; ``result`` is what it is to be handed."""

    def __init__(self, result: wire.InputRequiredResult) -> None:
        self.result = result
        super().__init__("the host must ask first")


@dataclass(frozen=True, slots=True)
class Asking:
    """What one call can ask of the player."""

    context: Context
    params: wire.CallToolRequestParams

    def can_ask(self) -> bool:
        """Say whether the host can put a question with a form."""
        elicitation = self._elicitation()
        # A host that names no mode has forms only.
        return elicitation is not None and (elicitation.form is not None or elicitation.url is None)

    def can_open_pages(self) -> bool:
        """Say whether the host can open a page."""
        elicitation = self._elicitation()
        return elicitation is not None and elicitation.url is not None

    async def agreed(self, question: str) -> bool:
        """Return whether the player agrees. Raises InputNeeded where a newer host must ask."""
        question = clean(question)[:LONGEST_QUESTION]
        schema = _agreement()
        if self.context.session.can_send_request:
            with anyio.move_on_after(ANSWER_SECONDS):
                said = await self.context.session.elicit_form(
                    question, schema, related_request_id=self.context.request_id
                )
                return _agrees(said)
            return False
        key = f"agree-{_digest(question)}"
        answer = (self.params.input_responses or {}).get(key)
        if answer is not None:
            return isinstance(answer, wire.ElicitResult) and _agrees(answer)
        asked = wire.ElicitRequestFormParams(message=question, requested_schema=schema)
        requests = {key: wire.ElicitRequest(params=asked)}
        raise InputNeeded(wire.InputRequiredResult(input_requests=requests))

    async def visit(self, message: str, url: str, page: Page) -> bool:
        """Send the player to a page and wait a while for it; say whether it was filled in.

        Raises InputNeeded where a newer host must open it.
        """
        if not self.context.session.can_send_request:
            asked = wire.ElicitRequestURLParams(message=message, url=url)
            requests = {_key_of(page): wire.ElicitRequest(params=asked)}
            raise InputNeeded(
                wire.InputRequiredResult(input_requests=requests, request_state=page.path)
            )
        session, request_id = self.context.session, self.context.request_id
        try:
            with anyio.move_on_after(ANSWER_SECONDS):
                said = await session.elicit_url(message, url, _key_of(page), request_id)
                if said.action != "accept":
                    page.over.set()
                else:
                    await page.over.wait()
                    await session.send_elicit_complete(_key_of(page), request_id)
        except anyio.get_cancelled_exc_class():
            page.over.set()  # the request that it was for is no more
            raise
        return page.kept

    async def returned(self, page: Page) -> bool:
        """Wait a while for a page that a newer host has opened; say whether it was filled in."""
        answer = (self.params.input_responses or {}).get(_key_of(page))
        if isinstance(answer, wire.ElicitResult) and answer.action == "accept":
            with anyio.move_on_after(ANSWER_SECONDS):
                await page.over.wait()
        elif answer is not None:
            page.over.set()
        return page.kept

    def _elicitation(self) -> wire.ElicitationCapability | None:
        capabilities = self.context.session.client_capabilities
        return capabilities.elicitation if capabilities is not None else None


def _agreement() -> wire.ElicitRequestedSchema:
    agree = {"type": "boolean", "title": "Yes, do it", "default": False}
    return {"type": "object", "properties": {AGREE: agree}, "required": [AGREE]}


def _agrees(said: wire.ElicitResult) -> bool:
    return said.action == "accept" and bool((said.content or {}).get(AGREE))


def _key_of(page: Page) -> str:
    return f"page-{_digest(page.path)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="replace")).hexdigest()[:24]
