"""The Responses dialect for compaction requests.

The server treats them like any other request; only the request sent upstream and the form of the
response differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from proxy_core.canonical.events import Error, StreamEvent
from proxy_core.canonical.model import Model
from proxy_core.canonical.request import RenderedRequest, Request
from proxy_core.dialects.conversation_outline import Outline
from proxy_core.dialects.interface import RequestFacts, StreamWriter, WriterContext
from proxy_core.dialects.openai_responses.dialect import OpenAIResponses
from proxy_core.dialects.openai_responses.errors import ended_early
from proxy_core.dialects.openai_responses.session.compaction import (
    CompactionWriter,
    compacted_response,
    summarising_members,
    summarising_request,
    without_instruction,
)


class CompactingResponses(OpenAIResponses):
    """For an input that ends in a ``compaction_trigger``: the answer is one ``compaction`` item."""

    def parse_request(self, body: Mapping[str, Any]) -> Request:
        return summarising_request(super().parse_request(body))

    def pass_through_request(
        self, body: Mapping[str, Any], model: Model, outline: Outline | None = None
    ) -> RenderedRequest:
        return super().pass_through_request(summarising_members(body), model, outline)

    def writer(self, context: WriterContext) -> StreamWriter:
        return CompactionWriter(context)

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        writer = CompactionWriter(context)
        for event in events:
            if isinstance(event, Error):
                raise event.error
            writer.feed(event)
        if writer.error is not None:
            raise writer.error
        if writer.response is None:
            raise ended_early()
        return writer.response


class CompactEndpoint(CompactingResponses):
    """For ``POST /responses/compact``: its whole input is compacted, with or without a trigger."""

    def inspect_request(self, body: Mapping[str, Any]) -> RequestFacts:
        facts = super().inspect_request(body)
        return replace(
            facts, stream=False, is_user_turn=False, must_translate=True, asks_compaction=True
        )

    def write_whole(self, events: Iterable[StreamEvent], context: WriterContext) -> dict[str, Any]:
        assert context.request is not None, "a request to compact is always parsed"
        return compacted_response(without_instruction(context.request), events, context)
