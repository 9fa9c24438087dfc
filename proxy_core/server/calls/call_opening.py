"""Opens a planned call upstream; a conversation that is refused for its past is mended and sent again.

Upstream's client repeats what concerns one HTTP call: members, tokens, limits. What concerns the
conversation needs the dialects, which only this side knows (docs/decisions/conversation-repair.md).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

from proxy_core.canonical.request import Request
from proxy_core.dialects.shared.conversation_repair import image_count, repair
from proxy_core.dialects.vendor_rules.complaints import (
    DEMANDED_RULES,
    Complaint,
    ComplaintKind,
    read_complaint,
)
from proxy_core.errors import BadRequest, UpstreamRefused
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.routing.upstream_api import UpstreamAnswer
from proxy_core.routing.web_search_plan import SyntheticResponse
from proxy_core.server.calls.request_fitting import RequestFitter
from proxy_core.server.parts import ServerContext, fitter_of

MOST_REPAIRS = 3
"""Each complaint is mended once; a conversation with more than this wrong fails as it stands."""


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """An accepted call. ``planned`` is what was sent in the end."""

    answer: UpstreamAnswer
    planned: PlannedCall


async def open_call(parts: ServerContext, planned: PlannedCall, *, heavy: bool) -> OpenedCall:
    """Return once upstream accepted. Raises ProxyError, in upstream's words if mending was in vain.

    ``planned`` is fitted to its model already; what was mended is fitted again. ``heavy``: working on
    the body takes longer than the loop may stand still.
    """
    if planned.own_answer is not None:
        return OpenedCall(SyntheticResponse(planned.own_answer), planned)
    fitter = fitter_of(parts)
    mending = ConversationRetry(planned, fitter)
    while True:
        try:
            answer = await parts.upstream.open_stream(mending.planned.call)
        except UpstreamRefused as refusal:
            mend = functools.partial(mending.mend, refusal)
            if not await parts.threads.run(mend, heavy=heavy):
                raise
        else:
            fitter.learn(mending.planned, mending.demanded)
            return OpenedCall(answer, _as_sent(mending.planned, answer))


def _as_sent(planned: PlannedCall, answer: UpstreamAnswer) -> PlannedCall:
    """Return the call as upstream took it: unedited, nothing was removed or repaired."""
    if not answer.is_unedited:
        return planned
    return replace(planned, dropped=(), enforced_locally=(), notes=())


class ConversationRetry:
    """One call and what has been taken out of it so far."""

    def __init__(self, planned: PlannedCall, fitter: RequestFitter) -> None:
        self.planned = planned
        self.seen: set[ComplaintKind] = set()
        self.demanded: frozenset[str] = frozenset()
        """Rules for the vendor that refusals of this call asked for."""
        self.refused = 0
        self._fitter = fitter
        self._request: Request | None = None

    def mend(self, refusal: UpstreamRefused) -> bool:
        """Change the call by what upstream objects to; False when there is nothing to change."""
        complaint = read_complaint(refusal.http_status, refusal.message, refusal.code)
        if complaint is None or self.refused >= MOST_REPAIRS:
            return False
        if not self._meet(complaint) and not self._repair(complaint):
            return False
        self.refused += 1
        return True

    def _repair(self, complaint: Complaint) -> bool:
        """Take out of the conversation what is objected to; False if there is nothing to take."""
        if complaint.kind in self.seen:
            return False
        planned = self.planned
        try:
            repaired = repair(self._request or planned.parsed(), complaint)
            if repaired is None:
                return False
            rendered = planned.upstream.render_request(repaired.request, planned.model)
        except BadRequest:
            return False  # What upstream said of the client's own words is the better answer.
        self.seen.add(complaint.kind)
        self._request = repaired.request
        note = f"{planned.model.id} refused the conversation; sent again, changed: "
        mended = replace(
            planned,
            call=replace(
                planned.call,
                body=rendered.body,
                unedited=None,
                has_images=planned.call.has_images and image_count(repaired.request) > 0,
            ),
            dropped=tuple(dict.fromkeys((*planned.dropped, *repaired.notes, *rendered.dropped))),
            enforced_locally=rendered.enforced_locally,
            notes=(*planned.notes, note + ", ".join(repaired.notes)),
        )
        self.planned = self._fitter.fit(mended, self.demanded)
        return True

    def _meet(self, complaint: Complaint) -> bool:
        """Fit the body by the rules the complaint asks for; False where they change nothing."""
        rules = DEMANDED_RULES.get(complaint.kind, frozenset())
        if rules <= self.demanded:
            return False
        demanded = self.demanded | rules
        before = replace(self.planned, call=replace(self.planned.call, unedited=None))
        fitted = self._fitter.fit(before, demanded)
        if fitted is before:
            return False
        self.demanded = demanded
        note = f"{fitted.model.id} refused the request ({complaint.kind}); sent again, fitted"
        self.planned = replace(fitted, notes=(*fitted.notes, note))
        return True
