"""``/chat/completions`` as Copilot serves it: three families of models, each with its own quirks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import read_chat
from proxy_core.simulator.behaviour.prompt import Prompt
from proxy_core.simulator.behaviour.reply import Finish, ToolCall, halves, pieces
from proxy_core.simulator.catalog.catalog import CHAT
from proxy_core.simulator.chat.reasoning import call_anchor, opaque_piece, signs_tool_calls
from proxy_core.simulator.chat.strictness import check_chat
from proxy_core.simulator.http.refusal import Refusal, coded
from proxy_core.simulator.model_calls.wire import Answer, Asked, Event

_FINISH = {
    Finish.STOP: "stop",
    Finish.STOP_SEQUENCE: "stop",
    Finish.LENGTH: "length",
    Finish.TOOL_CALLS: "tool_calls",
    Finish.CONTENT_FILTER: "content_filter",
}
_SAFE = {
    kind: {"filtered": False, "severity": "safe"}
    for kind in ("hate", "self_harm", "sexual", "violence")
}
_NO_USAGE = {
    "completion_tokens": 0,
    "prompt_tokens": 0,
    "total_tokens": 0,
    "prompt_tokens_details": {"cached_tokens": 0},
    "reasoning_tokens": 0,
}


class ChatWire:
    path = CHAT

    def read(self, body: Mapping[str, Any]) -> Prompt:
        return read_chat(body)

    def check(self, asked: Asked) -> None:
        check_chat(asked)

    def too_long(self, tokens: int, limit: int) -> Refusal:
        return coded(
            400,
            "model_max_prompt_tokens_exceeded",
            f"prompt token count of {tokens} exceeds the limit of {limit}",
        )

    def broken_off(self) -> Event:
        return Event(
            {"error": {"code": "rate_limited", "message": "The provider broke off (simulated)."}}
        )

    def events(self, answer: Answer) -> Iterator[Event]:
        yield from _family(answer)(answer).events()
        yield Event("[DONE]")

    def whole(self, answer: Answer) -> dict[str, Any]:
        return _family(answer)(answer).whole()


def _family(answer: Answer) -> type[_Family]:
    vendor = answer.asked.model.get("vendor")
    return {"Anthropic": _Claude, "Google": _Gemini}.get(str(vendor), _Gpt)


class _Family:
    """One answer of one family. Subclasses say what their chunks look like."""

    id_prefix = "chatcmpl-"
    call_id_prefix = "call_"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._reply = answer.reply
        self._id = answer.new_id(self.id_prefix)
        model = answer.asked.model
        self._model_id = str(model["id"])
        self._model = str(model.get("version") or model["id"])
        self._call_ids = [answer.new_id(self.call_id_prefix) for _ in self._reply.tool_calls]

    def events(self) -> Iterator[Event]:
        raise NotImplementedError

    def whole(self) -> dict[str, Any]:
        message: dict[str, Any] = {
            "role": "assistant",
            "content": self._reply.text or (None if self._reply.tool_calls else ""),
        }
        message |= self._whole_reasoning()
        if self._reply.tool_calls:
            message["tool_calls"] = [
                self._call(index, call) for index, call in enumerate(self._reply.tool_calls)
            ]
        choice = {"index": 0, "finish_reason": _FINISH[self._reply.finish], "message": message}
        return self._whole([choice])

    def _whole(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self._id,
            "created": self._answer.created,
            "model": self._model,
            "choices": choices,
            "usage": self._usage(),
            "copilot_usage": self._answer.cost,
        }

    def _whole_reasoning(self) -> dict[str, str]:
        if not self._reply.thinks and not self._signed_calls():
            return {}
        return {
            "reasoning_text": self._reply.thinking,
            "reasoning_opaque": "".join(
                [opaque_piece(self._model_id, self._reply.thinking)] if self._reply.thinks else []
            )
            + "".join(self._signed_calls()),
        }

    def _signed_calls(self) -> list[str]:
        if not signs_tool_calls(self._answer.asked.model["id"]):
            return []
        return [
            opaque_piece(self._model_id, self._reply.thinking, call_anchor(index, call.name))
            for index, call in enumerate(self._reply.tool_calls)
        ]

    def _call(self, index: int, call: ToolCall) -> dict[str, Any]:
        return {
            "id": self._call_ids[index],
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }

    def _chunk(
        self, delta: Mapping[str, Any], finish: str | None = None, **more: Any
    ) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "delta": delta, **more}
        if finish is not None:
            choice["finish_reason"] = finish
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._answer.created,
            "model": self._model,
            "choices": [choice],
        }

    def _reasoning_deltas(self) -> Iterator[dict[str, Any]]:
        """The thought as deltas, its signature with the last."""
        if not self._reply.thinks:
            return
        for piece in pieces(self._reply.thinking):
            yield {"content": "", "role": "assistant", "reasoning_text": piece}
        yield {
            "content": "",
            "role": "assistant",
            "reasoning_opaque": opaque_piece(self._model_id, self._reply.thinking),
        }

    def _usage(self) -> dict[str, Any]:
        usage = self._answer.usage
        return {
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.output,
            "total_tokens": usage.prompt + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
            "completion_tokens_details": {
                "accepted_prediction_tokens": 0,
                "rejected_prediction_tokens": 0,
                "reasoning_tokens": usage.reasoning,
            },
        }


class _Gpt(_Family):
    """Azure's filter results on every chunk, an empty first chunk, usage in a chunk of its own."""

    def whole(self) -> dict[str, Any]:
        return {
            **super().whole(),
            "object": "chat.completion",
            "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": _SAFE}],
        }

    def events(self) -> Iterator[Event]:
        yield Event(
            {
                "choices": [],
                "created": 0,
                "id": "",
                "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": _SAFE}],
            }
        )
        if self._answer.asked.profile.sends_null_choices and self._answer.random.random() < 0.25:
            reference = {"type": "simulated", "id": "simulated"}
            yield Event({"choices": None, "copilot_references": [reference], "id": None})
        yield Event(
            self._chunk(
                {"content": "", "role": "assistant"},
                content_filter_offsets={"check_offset": 10, "start_offset": 10, "end_offset": 10},
                content_filter_results=_SAFE,
            )
        )
        for delta in self._reasoning_deltas():
            yield Event(self._chunk(delta))
        for piece in pieces(self._reply.text):
            yield Event(
                self._chunk({"content": piece}, content_filter_results=_SAFE), shows_text=True
            )
        for index, call in enumerate(self._reply.tool_calls):
            first = {**self._call(index, call), "index": index}
            first["function"] = {"name": call.name, "arguments": ""}
            yield Event(self._chunk({"content": None, "tool_calls": [first]}), shows_text=True)
            for part in halves(call.arguments):
                more = {"index": index, "function": {"arguments": part}}
                yield Event(self._chunk({"tool_calls": [more]}))
        finish = _FINISH[self._reply.finish]
        yield Event(self._chunk({"content": None}, finish, content_filter_results={}))
        last = self._chunk({})
        last |= {"choices": [], "usage": self._usage(), "copilot_usage": self._answer.cost}
        yield Event(last)


class _Claude(_Family):
    """No ``object``; every tool delta repeats its type; finish and usage on the last content chunk."""

    id_prefix = "msg_bdrk_"
    call_id_prefix = "tooluse_"

    def whole(self) -> dict[str, Any]:
        """Text in the first choice and each tool call in a later one of its own, without ``index``."""
        splits = self._answer.asked.profile.splits_claude_choices
        if not self._reply.tool_calls or not splits:
            return super().whole()
        messages: list[dict[str, Any]] = []
        if self._reply.text or self._reply.thinks:
            messages.append(
                {
                    "role": "assistant",
                    "content": self._reply.text or None,
                    **self._whole_reasoning(),
                }
            )
        messages += [
            {"role": "assistant", "tool_calls": [self._call(index, call)]}
            for index, call in enumerate(self._reply.tool_calls)
        ]
        finish = _FINISH[self._reply.finish]
        return self._whole([{"finish_reason": finish, "message": each} for each in messages])

    def _chunk(
        self, delta: Mapping[str, Any], finish: str | None = None, **more: Any
    ) -> dict[str, Any]:
        chunk = super()._chunk(delta, finish, **more)
        del chunk["object"]
        return chunk

    def events(self) -> Iterator[Event]:
        first: dict[str, Any] = {"usage": None}
        for delta in self._reasoning_deltas():
            yield Event(self._chunk(delta) | first)
            first = {}
        for piece in pieces(self._reply.text):
            delta = {"content": piece, "role": "assistant"}
            yield Event(self._chunk(delta) | first, shows_text=True)
            first = {}
        for index, call in enumerate(self._reply.tool_calls):
            opening = {**self._call(index, call), "index": index}
            opening["function"] = {"name": call.name, "arguments": ""}
            delta = {"content": None, "role": "assistant", "tool_calls": [opening]}
            yield Event(self._chunk(delta) | first, shows_text=True)
            first = {}
            for part in halves(call.arguments):
                more = {"index": index, "type": "function", "function": {"arguments": part}}
                yield Event(self._chunk({"content": None, "tool_calls": [more]}))
        last = self._chunk({"content": None}, _FINISH[self._reply.finish])
        yield Event(last | {"usage": self._usage(), "copilot_usage": self._answer.cost})


class _Gemini(_Family):
    """Zero usage on every chunk and the real one last; opaque pieces ride on the tool calls."""

    id_prefix = ""

    def _chunk(
        self, delta: Mapping[str, Any], finish: str | None = None, **more: Any
    ) -> dict[str, Any]:
        return {**super()._chunk(delta, finish, **more), "usage": _NO_USAGE}

    def _usage(self) -> dict[str, Any]:
        usage = self._answer.usage
        return {
            "completion_tokens": usage.output - usage.reasoning,
            "prompt_tokens": usage.prompt,
            "total_tokens": usage.prompt + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached},
            "reasoning_tokens": usage.reasoning,
        }

    def whole(self) -> dict[str, Any]:
        return {**super().whole(), "object": "chat.completion"}

    def events(self) -> Iterator[Event]:
        for delta in self._reasoning_deltas():
            yield Event(self._chunk(delta))
        for piece in pieces(self._reply.text):
            yield Event(self._chunk({"content": piece, "role": "assistant"}), shows_text=True)
        signatures = self._signed_calls()
        for index, call in enumerate(self._reply.tool_calls):
            delta = {
                "content": "",
                "role": "assistant",
                "tool_calls": [{**self._call(index, call), "index": index}],
            }
            if signatures:
                delta["reasoning_opaque"] = signatures[index]
            yield Event(self._chunk(delta), shows_text=True)
        last = self._chunk({"content": None, "role": "assistant"}, _FINISH[self._reply.finish])
        yield Event(last | {"usage": self._usage(), "copilot_usage": self._answer.cost})
