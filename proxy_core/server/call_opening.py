"""Opens a planned call upstream; a conversation that is refused for its past is mended and sent again.

Upstream's client repeats what concerns one HTTP call: members, tokens, limits. What concerns the
conversation needs the dialects, which only this side knows (docs/decisions/conversation-repair.md).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from proxy_core.conversation import DialectName, Request
from proxy_core.dialects.conversation_repair import (
    Complaint,
    image_count,
    read_complaint,
    repair,
)
from proxy_core.dialects.openai_chat.thinking_return import return_thinking
from proxy_core.errors import BadRequest, UpstreamRefused
from proxy_core.server.call_planning import PlannedCall
from proxy_core.server.kept_thinking import KeptThinking
from proxy_core.server.parts import ServerParts
from proxy_core.server.search_planning import OwnAnswer
from proxy_core.upstream_call import UpstreamAnswer, UpstreamCall

MOST_REPAIRS = 3
"""Each complaint is mended once; a conversation with more than this wrong fails as it stands."""


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """An accepted call. ``planned`` is what was sent in the end."""

    answer: UpstreamAnswer
    planned: PlannedCall


async def open_call(parts: ServerParts, planned: PlannedCall, *, heavy: bool) -> OpenedCall:
    """Return once upstream accepted. Raises ProxyError, in upstream's words if mending was in vain.

    ``heavy``: working on the body takes longer than the loop may stand still.
    """
    if planned.own_answer is not None:
        return OpenedCall(OwnAnswer(planned.own_answer), planned)
    mending = _Mending(planned)
    while True:
        call = await parts.threads.run(
            functools.partial(_with_thinking, mending.planned, parts.thinking), heavy=heavy
        )
        try:
            return OpenedCall(await parts.upstream.open_stream(call), mending.planned)
        except UpstreamRefused as refusal:
            mend = functools.partial(mending.mend, refusal)
            if not await parts.threads.run(mend, heavy=heavy):
                raise


def _with_thinking(planned: PlannedCall, thinking: KeptThinking) -> UpstreamCall:
    """Return the call with the thinking its client could not return."""
    call = planned.call
    if planned.route.upstream is not DialectName.OPENAI_CHAT or not thinking:
        return call
    find = functools.partial(thinking.find, planned.model.id)
    body = return_thinking(call.body, find)
    return call if body is call.body else replace(call, body=body)


class _Mending:
    """One call and what has been taken out of it so far."""

    def __init__(self, planned: PlannedCall) -> None:
        self.planned = planned
        self.seen: set[Complaint] = set()
        self._request: Request | None = None

    def mend(self, refusal: UpstreamRefused) -> bool:
        """Change the call by what upstream objects to; False when there is nothing to change."""
        objection = read_complaint(refusal.http_status, refusal.message, refusal.code)
        if objection is None or objection.complaint in self.seen or len(self.seen) >= MOST_REPAIRS:
            return False
        planned = self.planned
        try:
            repaired = repair(self._request or planned.parsed(), objection)
            if repaired is None:
                return False
            rendered = planned.upstream.render_request(repaired.request, planned.model)
        except BadRequest:
            return False  # What upstream said of the client's own words is the better answer.
        self.seen.add(objection.complaint)
        self._request = repaired.request
        note = f"{planned.model.id} refused the conversation; sent again, changed: "
        self.planned = replace(
            planned,
            call=replace(
                planned.call,
                body=rendered.body,
                has_images=planned.call.has_images and image_count(repaired.request) > 0,
            ),
            dropped=tuple(dict.fromkeys((*planned.dropped, *repaired.notes, *rendered.dropped))),
            kept_locally=rendered.kept_locally,
            notes=(*planned.notes, note + ", ".join(repaired.notes)),
        )
        return True
