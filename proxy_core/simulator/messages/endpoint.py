"""``/v1/messages`` as Copilot serves it, with the marks of the backend that happened to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members, read_messages
from proxy_core.simulator.behaviour.prompt import Prompt
from proxy_core.simulator.behaviour.reply import Finish, ToolCall, halves, pieces
from proxy_core.simulator.catalog.catalog import MESSAGES, thinks_adaptively_only
from proxy_core.simulator.http.refusal import JSON, Refusal
from proxy_core.simulator.messages.strictness import check_messages
from proxy_core.simulator.messages.thinking_signatures import binding_of, signature_for
from proxy_core.simulator.model_calls.wire import Answer, Asked, Event

_STOP_REASON = {
    Finish.STOP: "end_turn",
    Finish.STOP_SEQUENCE: "stop_sequence",
    Finish.LENGTH: "max_tokens",
    Finish.TOOL_CALLS: "tool_use",
    Finish.CONTENT_FILTER: "refusal",
}


@dataclass(frozen=True, slots=True)
class _Backend:
    """Three services answer for Copilot; ids and extras tell which."""

    message_prefix: str
    tool_prefix: str
    sends_metrics: bool = False


_BACKENDS = (
    _Backend("msg_bdrk_", "toolu_bdrk_", sends_metrics=True),
    _Backend("msg_01", "toolu_01"),
    _Backend("msg_vrtx_", "toolu_vrtx_"),
)


class MessagesWire:
    path = MESSAGES

    def read(self, body: Mapping[str, Any]) -> Prompt:
        return read_messages(body)

    def check(self, asked: Asked) -> None:
        check_messages(asked)

    def too_long(self, tokens: int, limit: int) -> Refusal:
        return Refusal(
            400,
            {
                "error": {
                    "code": "model_max_prompt_tokens_exceeded",
                    "message": f"prompt is too long: {tokens} tokens > {limit} maximum",
                    "type": "invalid_request_error",
                },
                "request_id": "req_011SimulatedOverflow",
                "type": "error",
            },
            content_type=JSON,
        )

    def broken_off(self) -> Event:
        error = {"type": "overloaded_error", "message": "Overloaded"}
        return Event({"type": "error", "error": error}, "error")

    def whole(self, answer: Answer) -> dict[str, Any]:
        return _Message(answer).whole()

    def events(self, answer: Answer) -> Iterator[Event]:
        return _Message(answer).events()


class _Message:
    """One answer, whole or as events."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._reply = answer.reply
        self._backend = answer.random.choice(_BACKENDS)
        self._id = answer.new_id(self._backend.message_prefix)
        # Copilot's ids have a dot, what answers has dashes.
        self._model = str(answer.asked.model["id"]).replace(".", "-")
        self._shown_thinking = self._reply.thinking if self._shows_thinking() else ""

    def _shows_thinking(self) -> bool:
        display = members(self._answer.asked.body.get("thinking")).get("display")
        hidden_by_default = thinks_adaptively_only(self._answer.asked.model)
        return display == "summarized" or (display is None and not hidden_by_default)

    def whole(self) -> dict[str, Any]:
        content: list[dict[str, Any]] = []
        if self._reply.thinks:
            content.append(self._thinking_block(self._shown_thinking, self._signature()))
        if self._reply.text:
            content.append({"type": "text", "text": self._reply.text})
        content += [self._tool_block(call, _parsed(call)) for call in self._reply.tool_calls]
        return {
            **self._envelope(content),
            **self._ending(),
            "usage": self._usage(self._answer.usage.output) | self._output_details(),
            "copilot_usage": self._answer.cost,
        }

    def events(self) -> Iterator[Event]:
        start = {
            **self._envelope([]),
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "usage": self._usage(1),
        }
        yield Event({"type": "message_start", "message": start}, "message_start")
        index = 0
        if self._reply.thinks:
            yield from self._block(index, self._thinking_block("", ""), self._thinking_deltas())
            index += 1
        if self._reply.text:
            deltas = ({"type": "text_delta", "text": piece} for piece in pieces(self._reply.text))
            yield from self._block(index, {"type": "text", "text": ""}, deltas, pings=True)
            index += 1
        for call in self._reply.tool_calls:
            deltas = (
                {"type": "input_json_delta", "partial_json": part}
                for part in ("", *halves(call.arguments))
            )
            yield from self._block(index, self._tool_block(call, {}), deltas)
            index += 1
        usage = self._usage(self._answer.usage.output)
        del usage["cache_creation"]
        yield Event(
            {
                "type": "message_delta",
                "delta": self._ending(),
                "usage": usage | self._output_details(),
                "copilot_usage": self._answer.cost,
            },
            "message_delta",
        )
        yield Event({"type": "message_stop", **self._metrics()}, "message_stop")

    def _block(
        self,
        index: int,
        block: Mapping[str, Any],
        deltas: Iterator[Mapping[str, Any]],
        *,
        pings: bool = False,
    ) -> Iterator[Event]:
        start = {"type": "content_block_start", "index": index, "content_block": block}
        yield Event(start, "content_block_start")
        if pings:
            yield Event({"type": "ping"}, "ping")
        shows_text = block["type"] != "thinking"
        for delta in deltas:
            data = {"type": "content_block_delta", "index": index, "delta": delta}
            yield Event(data, "content_block_delta", shows_text)
        yield Event({"type": "content_block_stop", "index": index}, "content_block_stop")

    def _thinking_deltas(self) -> Iterator[Mapping[str, Any]]:
        for piece in pieces(self._shown_thinking):
            yield {"type": "thinking_delta", "thinking": piece}
        yield {"type": "signature_delta", "signature": self._signature()}

    def _signature(self) -> str:
        body = self._answer.asked.body
        bound = binding_of(
            body.get("system"), [members(each) for each in items(body.get("messages"))]
        )
        return signature_for(self._shown_thinking, bound, self._answer.random)

    def _thinking_block(self, thinking: str, signature: str) -> dict[str, Any]:
        return {"type": "thinking", "thinking": thinking, "signature": signature}

    def _tool_block(self, call: ToolCall, arguments: Any) -> dict[str, Any]:
        return {
            "type": "tool_use",
            "id": self._answer.new_id(self._backend.tool_prefix),
            "name": call.name,
            "input": arguments,
        }

    def _envelope(self, content: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._id,
            "type": "message",
            "role": "assistant",
            "model": self._model,
            "content": content,
        }

    def _ending(self) -> dict[str, Any]:
        return {
            "stop_reason": _STOP_REASON[self._reply.finish],
            "stop_sequence": self._reply.stop_sequence,
            "stop_details": None,
        }

    def _usage(self, output: int) -> dict[str, Any]:
        usage = self._answer.usage
        return {
            "input_tokens": usage.prompt - usage.cached - usage.cache_written,
            "cache_creation_input_tokens": usage.cache_written,
            "cache_read_input_tokens": usage.cached,
            "cache_creation": {
                "ephemeral_5m_input_tokens": usage.cache_written,
                "ephemeral_1h_input_tokens": 0,
            },
            "output_tokens": output,
        }

    def _output_details(self) -> dict[str, Any]:
        return {"output_tokens_details": {"thinking_tokens": self._answer.usage.reasoning}}

    def _metrics(self) -> dict[str, Any]:
        if not self._backend.sends_metrics:
            return {}
        usage = self._answer.usage
        return {
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": usage.prompt - usage.cached - usage.cache_written,
                "outputTokenCount": usage.output,
                "invocationLatency": 2100,
                "firstByteLatency": 640,
                "cacheReadInputTokenCount": usage.cached,
                "cacheWriteInputTokenCount": usage.cache_written,
            }
        }


def _parsed(call: ToolCall) -> Any:
    """The arguments as an object; a call cut by the token limit has none to show."""
    try:
        return json.loads(call.arguments)
    except json.JSONDecodeError:
        return {}
