"""Compacts a conversation by having the model summarise it.

Codex requests it in two ways: an input that ends in a ``compaction_trigger`` item, whose answer
must be exactly one ``compaction`` item, and ``POST /responses/compact``. Copilot supports neither,
so the model is asked for a summary after the unchanged conversation (which keeps the prompt cache
valid), and the summary becomes the item's content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from proxy_core.canonical.events import Done, Error, NativeItem, Start, StopReason, StreamEvent
from proxy_core.canonical.request import (
    DialectName,
    Message,
    NativePart,
    Opaque,
    Request,
    Sampling,
    TextPart,
    ToolChoice,
    ToolChoiceKind,
    UserMessage,
)
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import WriterContext
from proxy_core.dialects.openai_responses.content_parts import render_content
from proxy_core.dialects.openai_responses.response.response_object import render_usage
from proxy_core.dialects.openai_responses.session.compaction_summary import pack_summary
from proxy_core.dialects.openai_responses.write_stream import ResponsesWriter
from proxy_core.dialects.shared.collector import Collector
from proxy_core.dialects.shared.raw_body import raw_bytes
from proxy_core.errors import ErrorKind, ProxyError, UpstreamBroke

_TRIGGER = "compaction_trigger"
_OF_THE_ANSWER = (
    "max_output_tokens",
    "parallel_tool_calls",
    "temperature",
    "text",
    "tool_choice",
    "top_logprobs",
    "top_p",
)
"""What the client wants of its answers, which the summary is none of."""
_STOP = StopReason.STOP
"""The compaction counts as complete even if the summary was cut by its limit."""

INSTRUCTION = (
    "The conversation has become too long and its earlier part will be removed. Write the summary "
    "that will stand in its place, so that the work can go on without loss. State: what the user "
    "wants, in full and with every constraint they named; what was done and decided, with exact "
    "names, paths, commands, values and error messages; what was learned about the surroundings; "
    "what is unfinished, and the very next step. Leave out greetings and anything that no longer "
    "matters. Write only the summary, as plain text; call no tools."
)


class _Kind(msgspec.Struct):
    type: str = ""


_raw_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_kind = msgspec.json.Decoder(_Kind).decode


def summarising_request(request: Request) -> Request:
    """Return the request that asks the model for a summary of ``request``'s conversation."""
    messages_before_trigger = tuple(
        each for each in request.context.messages if not _is_trigger(each)
    )
    messages = (*messages_before_trigger, UserMessage((TextPart(INSTRUCTION),)))
    return replace(
        request,
        context=replace(request.context, messages=messages),
        stream=True,
        sampling=Sampling(),
        tool_choice=ToolChoice(ToolChoiceKind.NONE) if request.context.tools else None,
        response_format=None,
        extra={name: each for name, each in request.extra.items() if name != "tool_choice"},
    )


def summarising_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same request as a body: what was said before stays as it is, to the byte.

    For an upstream that speaks Responses too: a conversation written anew would miss the prompt cache,
    just when it is at its longest. ``members`` are a body's as ``msgspec.Raw``.
    """
    compacting = {name: value for name, value in members.items() if name not in _OF_THE_ANSWER}
    raw_input = raw_bytes(members, "input")
    if raw_input[:1] == b"[":
        items: list[Any] = [item for item in _raw_items(raw_input) if _kind(item).type != _TRIGGER]
    else:
        items = [{"type": "message", "role": "user", "content": msgspec.Raw(raw_input)}]
    content = [{"type": "input_text", "text": INSTRUCTION}]
    compacting["input"] = [*items, {"type": "message", "role": "user", "content": content}]
    if (
        raw_bytes(members, "tools") not in (b"", b"null", b"[]")
        or b'"additional_tools"' in raw_input
    ):
        compacting["tool_choice"] = ToolChoiceKind.NONE.value
    return compacting


def without_instruction(request: Request) -> Request:
    """Return the conversation of a ``summarising_request`` as sent by the client."""
    context = request.context
    return replace(request, context=replace(context, messages=context.messages[:-1]))


def _is_trigger(message: Message) -> bool:
    return isinstance(message, UserMessage) and any(
        isinstance(part, NativePart) and part.item.kind == _TRIGGER for part in message.content
    )


class CompactionWriter:
    """Writes the answer to a compaction trigger: the summary's events in, one item out."""

    def __init__(self, context: WriterContext) -> None:
        self._context = context
        self._writer = ResponsesWriter(context)
        self._collector = Collector()
        self.error: ProxyError | None = None
        """Set if there is no item although the stream ended normally: the summary was empty."""

    @property
    def response(self) -> dict[str, Any] | None:
        """The final response object once the stream has ended."""
        return self._writer.response

    def feed(self, event: StreamEvent) -> list[Frame]:
        self._collector.feed(event)
        if isinstance(event, Start | Error):
            return self._writer.feed(event)
        if not isinstance(event, Done):
            return []
        try:
            item = compaction_item(_summary(self._collector), self._context)
        except UpstreamBroke as error:
            self.error = error
            return self._writer.feed(Error(error))
        data = msgspec.json.encode(item).decode()
        native = NativeItem(0, Opaque(DialectName.OPENAI_RESPONSES, "compaction", data))
        return [*self._writer.feed(native), *self._writer.feed(replace(event, stop_reason=_STOP))]

    def close(self) -> list[Frame]:
        return self._writer.close()


def compacted_response(
    request: Request, events: Iterable[StreamEvent], context: WriterContext
) -> dict[str, Any]:
    """Return the response of ``/responses/compact``: the user's messages, then the compaction item.

    Raises: ProxyError: the one the events ended with, or UpstreamBroke for a missing summary.
    """
    collector = Collector()
    for event in events:
        collector.feed(event)
    item = compaction_item(_summary(collector), context)
    return {
        "id": context.make_id("resp_"),
        "object": "response.compaction",
        "created_at": context.created,
        "output": [*_user_messages(request, context), item],
        "usage": render_usage(collector.answer().usage),
    }


def compaction_item(summary: str, context: WriterContext) -> dict[str, Any]:
    return {
        "id": context.make_id("cmp_"),
        "type": "compaction",
        "encrypted_content": pack_summary(summary),
    }


def _summary(collector: Collector) -> str:
    parts = (each.part for each in collector.answer().parts)
    summary = "".join(part.text for part in parts if isinstance(part, TextPart)).strip()
    if not summary:
        raise UpstreamBroke(
            "The model wrote no summary, so the conversation was not compacted.",
            kind=ErrorKind.UPSTREAM,
        )
    return summary


def _user_messages(request: Request, context: WriterContext) -> list[dict[str, Any]]:
    """Return the user's messages as text only, since images and files are what made it long."""
    messages = []
    for message in request.context.messages:
        if not isinstance(message, UserMessage):
            continue
        texts = [part for part in message.content if isinstance(part, TextPart)]
        if texts:
            messages.append(
                {
                    "id": context.make_id("msg_"),
                    "type": "message",
                    "status": "completed",
                    "role": "user",
                    "content": render_content(texts),
                }
            )
    return messages
