"""Opens a planned call upstream; a conversation refused for its history is repaired and retried.

Upstream's client handles retries of one HTTP call: members, tokens, limits. Repairs of the
conversation need the dialects, which only the server uses (docs/decisions/conversation-repair.md).
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
from proxy_core.errors import BadRequest, UpstreamRefused, translatable
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.routing.upstream_api import UpstreamAnswer
from proxy_core.routing.web_search_plan import SyntheticResponse
from proxy_core.server.calls.request_fitting import RequestFitter
from proxy_core.server.parts import ServerContext, fitter_of

MOST_REPAIRS = 3
"""Each complaint is repaired once; a conversation with more complaints fails."""


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """An accepted call. ``planned`` is what was finally sent."""

    answer: UpstreamAnswer
    planned: PlannedCall


async def open_call(parts: ServerContext, planned: PlannedCall, *, heavy: bool) -> OpenedCall:
    """Return once upstream accepted.

    Raises ProxyError, with upstream's message if repairs failed. ``planned`` is already fitted to
    its model; a repaired call is fitted again. ``heavy``: processing the body would block the loop
    too long.
    """
    if planned.own_answer is not None:
        return OpenedCall(SyntheticResponse(planned.own_answer), planned)
    fitter = fitter_of(parts)
    retry = ConversationRetry(planned, fitter)
    while True:
        try:
            answer = await parts.upstream.open_stream(retry.planned.call)
        except UpstreamRefused as refusal:
            repair = functools.partial(retry.repair, refusal)
            if not await parts.threads.run(repair, heavy=heavy):
                raise
        else:
            fitter.learn(retry.planned, retry.demanded)
            return OpenedCall(answer, _as_sent(retry.planned, answer))


def _as_sent(planned: PlannedCall, answer: UpstreamAnswer) -> PlannedCall:
    """Return the call as upstream took it: unedited, nothing was removed or repaired."""
    if not answer.is_unedited:
        return planned
    return replace(planned, dropped=(), enforced_locally=(), notes=())


class ConversationRetry:
    """One call and the repairs made so far."""

    def __init__(self, planned: PlannedCall, fitter: RequestFitter) -> None:
        self.planned = planned
        self.seen: set[ComplaintKind] = set()
        self.demanded: frozenset[str] = frozenset()
        """Vendor rules that refusals of this call require."""
        self.refused = 0
        self._fitter = fitter
        self._request: Request | None = None

    def repair(self, refusal: UpstreamRefused) -> bool:
        """Repair the call for upstream's refusal; False if there is nothing to change."""
        complaint = read_complaint(refusal.http_status, refusal.message, refusal.code)
        if complaint is None or self.refused >= MOST_REPAIRS:
            return False
        if not self._meet(complaint) and not self._repair(complaint):
            return False
        self.refused += 1
        return True

    def _repair(self, complaint: Complaint) -> bool:
        """Remove what upstream objects to from the conversation; False if there is nothing to remove."""
        if complaint.kind in self.seen:
            return False
        planned = self.planned
        try:
            repaired = repair(self._request or planned.parsed(), complaint)
            if repaired is None:
                return False
            rendered = planned.upstream.render_request(repaired.request, planned.model)
        except BadRequest:
            return False  # Upstream's message about the client's own text is the better error.
        self.seen.add(complaint.kind)
        self._request = repaired.request
        note = translatable(
            "{model} refused the conversation; sent again, changed: {changes}",
            model=planned.model.id,
            changes=", ".join(repaired.notes),
        )
        changed = replace(
            planned,
            call=replace(
                planned.call,
                body=rendered.body,
                unedited=None,
                has_images=planned.call.has_images and image_count(repaired.request) > 0,
            ),
            dropped=tuple(dict.fromkeys((*planned.dropped, *repaired.notes, *rendered.dropped))),
            enforced_locally=rendered.enforced_locally,
            notes=(*planned.notes, note),
        )
        if complaint.kind is ComplaintKind.VENDOR_TOOLS:
            # Its calls come back as functions' and leave as the client's own items.
            route = replace(planned.route, translated=True)
            changed = replace(changed, route=route, request=planned.parsed())
        self.planned = self._fitter.fit(changed, self.demanded)
        return True

    def _meet(self, complaint: Complaint) -> bool:
        """Apply the vendor rules for the complaint; False if they change nothing."""
        rules = DEMANDED_RULES.get(complaint.kind, frozenset())
        if rules <= self.demanded:
            return False
        demanded = self.demanded | rules
        before = replace(self.planned, call=replace(self.planned.call, unedited=None))
        fitted = self._fitter.fit(before, demanded)
        if fitted is before:
            return False
        self.demanded = demanded
        note = translatable(
            "{model} refused the request ({kind}); sent again, fitted",
            model=fitted.model.id,
            kind=complaint.kind,
        )
        self.planned = replace(fitted, notes=(*fitted.notes, note))
        return True
