"""What a call's answer is made with: its transcoder, its context, and the headers it leaves with."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.leaked_tool_calls.repair_events import EventRepair
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.routing.upstream_api import UpstreamAnswer
from proxy_core.server.calls.leaked_calls import tools_with_leaked_calls
from proxy_core.server.calls.relay.enforced_limits import LocalLimits
from proxy_core.server.calls.relay.transcoding import (
    KeepThinking,
    PassThroughTranscoder,
    Transcoder,
    TranslatingTranscoder,
)
from proxy_core.server.http.responses import (
    AUTOMATIC_HEADER,
    MODEL_HEADER,
    dropped_header,
    upstream_headers,
)
from proxy_core.server.parts import ServerContext


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """``prompt_tokens`` is the estimate of a prompt that was measured, else 0; ``limits`` are those that
    upstream does not enforce."""

    parts: ServerContext
    planned: PlannedCall
    limits: LocalLimits | None = None
    prompt_tokens: int = 0

    def transcoder(self, answer: UpstreamAnswer) -> Transcoder:
        planned = self.planned
        context = self.context()
        if planned.route.translated or self.limits is not None or is_json(answer):
            writer = planned.client.writer(context)
            return TranslatingTranscoder(
                planned.reader(),
                writer,
                self.limits,
                self.keep(),
                self.event_repair(),
                client=planned.client.name,
            )
        return PassThroughTranscoder(planned.client.pass_through(context), self.keep())

    def event_repair(self) -> EventRepair | None:
        tools = self._repairs_calls_of()
        return None if tools is None else EventRepair(tools, self.parts.make_id)

    def keep(self) -> KeepThinking | None:
        """Return what caches a turn's thinking; only one endpoint requires it back from clients
        that cannot return it.
        """
        planned = self.planned
        if not planned.upstream.traits.needs_thinking_back:
            return None
        return functools.partial(self.parts.thinking.keep, planned.model.id)

    def context(self) -> WriterContext:
        planned = self.planned
        states_size = planned.client.traits.states_prompt_size
        return WriterContext(
            model=planned.model.id,
            make_id=self.parts.make_id,
            created=int(self.parts.clock.wall()),
            include_usage=planned.facts.include_usage,
            input_tokens_estimate=self.prompt_tokens if states_size else 0,
            request=planned.request,
            members=planned.members,
            is_translated=planned.route.translated,
            keep_item=planned.keep_item,
            request_id=planned.call.request_id,
            repairs_calls_of=self._repairs_calls_of(),
        )

    def _repairs_calls_of(self) -> OfferedTools | None:
        is_wanted = self.parts.settings().repair_leaked_tool_calls
        return tools_with_leaked_calls(self.planned, is_wanted=is_wanted)


def answer_headers(
    planned: PlannedCall, answer: UpstreamAnswer | None, chosen_by: str
) -> dict[str, str]:
    """Return what the client's headers say; ``chosen_by``: why GitHub chose the model, or empty."""
    headers: dict[str, str] = {}
    dropped = planned.dropped
    if answer is not None:
        headers |= upstream_headers(answer)
        dropped = (*dropped, *answer.dropped)
    headers |= planned.client.traits.answer_headers
    headers |= dropped_header(dropped)
    if planned.facts.model != planned.model.id:
        headers[MODEL_HEADER] = planned.model.id
    if chosen_by:
        headers[AUTOMATIC_HEADER] = chosen_by
    return headers


def is_json(answer: UpstreamAnswer) -> bool:
    """Whether upstream sent the answer whole although it was asked to stream."""
    return answer.content_type.partition(";")[0].strip().lower() == "application/json"
