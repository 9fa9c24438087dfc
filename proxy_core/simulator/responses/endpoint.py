"""``/responses`` as Copilot serves it: every event names its item by another id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import (
    input_items,
    items,
    members,
    read_responses,
)
from proxy_core.simulator.behaviour.prompt import Prompt
from proxy_core.simulator.behaviour.reply import Finish, ToolCall, halves, pieces
from proxy_core.simulator.catalog.catalog import RESPONSES
from proxy_core.simulator.http.refusal import Refusal, invalid_body
from proxy_core.simulator.model_calls.wire import Answer, Asked, Event
from proxy_core.simulator.responses.encrypted_content import encrypted_content, partial_content
from proxy_core.simulator.responses.strictness import check_responses

_ITEM_ID_LENGTH = 408
_ROTATING_LENGTH = 24
_INCOMPLETE = {Finish.LENGTH: "max_output_tokens", Finish.CONTENT_FILTER: "content_filter"}


class ResponsesWire:
    path = RESPONSES

    def read(self, body: Mapping[str, Any]) -> Prompt:
        return read_responses(body)

    def check(self, asked: Asked) -> None:
        check_responses(asked)

    def too_long(self, tokens: int, limit: int) -> Refusal:  # noqa: ARG002 -- it tells no numbers
        return invalid_body(
            "Your input exceeds the context window of this model. Please adjust your input and try "
            "again."
        )

    def broken_off(self) -> Event:
        return Event(
            {
                "type": "error",
                "code": "server_error",
                "message": "The server had an error while processing your request (simulated).",
                "param": None,
                "sequence_number": 0,
            },
            "error",
        )

    def whole(self, answer: Answer) -> dict[str, Any]:
        """The terminal event's response, with ids that fit their content."""
        return ResponseWriter(answer, rotates=False).whole()

    def events(self, answer: Answer) -> Iterator[Event]:
        writer = ResponseWriter(answer, rotates=answer.asked.profile.rotates_item_ids)
        for data in writer.events():
            yield Event(data, data["type"], is_visible(data["type"]))


class ResponseWriter:
    """One response. ``output`` holds its finished items once ``events`` is exhausted.

    With ``rotates`` every event names its item by another id and ``response.id`` changes too, unless a
    ``response_id`` is given (on a WebSocket it is stable, for the next turn names it).
    """

    def __init__(self, answer: Answer, *, rotates: bool, response_id: str | None = None) -> None:
        self._answer = answer
        self._reply = answer.reply
        self._rotates = rotates
        self._fixed_response_id = response_id or (None if rotates else answer.new_id("resp_"))
        self._model_id = str(answer.asked.model["id"])
        self._sequence = -1
        self._index = -1
        # Letters no identifier should have, as in the recorded ids.
        self._id_tail = answer.new_id("+/", _ITEM_ID_LENGTH - _ROTATING_LENGTH - 4) + "=="
        self._item_id = ""
        self.output: list[dict[str, Any]] = []

    def whole(self) -> dict[str, Any]:
        for _ in self.events():
            pass
        return {**self._response(self._final_status()), "copilot_usage": self._answer.cost}

    def events(self) -> Iterator[dict[str, Any]]:
        """Every event in order, as JSON objects."""
        yield self._event("response.created", response=self._response("in_progress"))
        yield self._event("response.in_progress", response=self._response("in_progress"))
        if _compacts(self._answer):
            yield from self._compaction()
        if not _only_compacts(self._answer):
            if self._reply.thinks:
                yield from self._reasoning()
            if self._reply.text:
                yield from self._message()
            for call in self._reply.tool_calls:
                yield from self._call(call)
        status = self._final_status()
        yield self._event(
            f"response.{status}", response=self._response(status), copilot_usage=self._answer.cost
        )

    def _final_status(self) -> str:
        return "incomplete" if self._reply.finish in _INCOMPLETE else "completed"

    def _event(self, kind: str, **more: Any) -> dict[str, Any]:
        self._sequence += 1
        return {"type": kind, "sequence_number": self._sequence, **more}

    def _next_item(self) -> None:
        self._index += 1
        self._item_id = self._new_item_id()

    def _new_item_id(self) -> str:
        return self._answer.new_id("", _ROTATING_LENGTH) + self._id_tail

    def _id(self) -> str:
        """The item's id for one event."""
        return self._new_item_id() if self._rotates else self._item_id

    def _item_event(self, kind: str, item: Mapping[str, Any]) -> dict[str, Any]:
        return self._event(f"response.output_item.{kind}", output_index=self._index, item=item)

    def _part_event(self, kind: str, **more: Any) -> dict[str, Any]:
        return self._event(f"response.{kind}", item_id=self._id(), output_index=self._index, **more)

    def _done(self, item: dict[str, Any]) -> dict[str, Any]:
        self.output.append(item)
        return self._item_event("done", item)

    def _compaction(self) -> Iterator[dict[str, Any]]:
        self._next_item()
        added, done = self._id(), self._id()
        item = {"id": added, "type": "compaction"}
        rng = self._answer.random
        yield self._item_event("added", item | {"encrypted_content": partial_content(rng)})
        content = encrypted_content(self._model_id, added, done, rng)
        yield self._done(item | {"id": done, "encrypted_content": content})

    def _reasoning(self) -> Iterator[dict[str, Any]]:
        """Reasoning items have no status; the content at ``added`` is not the final one."""
        self._next_item()
        body = self._answer.asked.body
        rng = self._answer.random
        with_content = "reasoning.encrypted_content" in items(body.get("include"))
        added, done = self._id(), self._id()
        item: dict[str, Any] = {"id": added, "type": "reasoning", "summary": []}
        yield self._item_event(
            "added", item | ({"encrypted_content": partial_content(rng)} if with_content else {})
        )
        if self._shows_summary():
            yield from self._summary()
            item["summary"] = [{"type": "summary_text", "text": self._reply.thinking}]
        if with_content:
            thought = self._reply.thinking
            sealed = encrypted_content(self._model_id, added, done, rng, thought)
            item["encrypted_content"] = sealed
        yield self._done(item | {"id": done})

    def _shows_summary(self) -> bool:
        reasoning = members(self._answer.asked.body.get("reasoning"))
        # A person who asked for steps gets to see them; a client must ask for a summary.
        return bool(reasoning.get("summary")) or not self._answer.asked.prompt.wants_thinking

    def _summary(self) -> Iterator[dict[str, Any]]:
        text = self._reply.thinking
        kind = "reasoning_summary"
        empty = {"type": "summary_text", "text": ""}
        yield self._part_event(f"{kind}_part.added", summary_index=0, part=empty)
        for piece in pieces(text):
            yield self._part_event(f"{kind}_text.delta", summary_index=0, delta=piece)
        yield self._part_event(f"{kind}_text.done", summary_index=0, text=text)
        full = {"type": "summary_text", "text": text}
        yield self._part_event(f"{kind}_part.done", summary_index=0, part=full)

    def _message(self) -> Iterator[dict[str, Any]]:
        self._next_item()
        phase = "commentary" if self._reply.tool_calls else "final_answer"
        item = {"type": "message", "role": "assistant", "phase": phase}
        empty: dict[str, Any] = {"type": "output_text", "text": "", "annotations": []}
        opening = {"id": self._id(), **item, "status": "in_progress", "content": []}
        yield self._item_event("added", opening)
        yield self._part_event("content_part.added", content_index=0, part=empty)
        for piece in pieces(self._reply.text):
            yield self._part_event("output_text.delta", content_index=0, delta=piece)
        text = self._reply.text
        yield self._part_event("output_text.done", content_index=0, text=text)
        full = empty | {"text": text}
        yield self._part_event("content_part.done", content_index=0, part=full)
        status = "completed" if self._reply.tool_calls else self._final_status()
        yield self._done({"id": self._id(), **item, "status": status, "content": [full]})

    def _call(self, call: ToolCall) -> Iterator[dict[str, Any]]:
        self._next_item()
        member, events = (
            ("input", "custom_tool_call_input")
            if call.is_custom
            else ("arguments", "function_call_arguments")
        )
        item: dict[str, Any] = {
            "type": "custom_tool_call" if call.is_custom else "function_call",
            "call_id": self._answer.new_id("call_"),
            "name": call.name,
        }
        if call.namespace is not None:
            item["namespace"] = call.namespace
        opening = {"id": self._id(), **item, "status": "in_progress", member: ""}
        yield self._item_event("added", opening)
        for part in halves(call.arguments):
            yield self._part_event(f"{events}.delta", delta=part)
        yield self._part_event(f"{events}.done", **{member: call.arguments})
        done = {"id": self._id(), **item, "status": self._final_status(), member: call.arguments}
        yield self._done(done)

    def _response(self, status: str) -> dict[str, Any]:
        """The response object of a lifecycle event; the last one lists the items under new ids."""
        ended = status != "in_progress"
        body = self._answer.asked.body
        reasoning = members(body.get("reasoning"))
        output = [item | {"id": self._new_item_id()} for item in self.output]
        if not self._rotates:
            output = list(self.output)
        incomplete = _INCOMPLETE.get(self._reply.finish) if ended else None
        return {
            "id": self._fixed_response_id or self._answer.new_id("resp_"),
            "object": "response",
            "created_at": self._answer.created,
            "status": status,
            "model": self._answer.asked.model["id"],
            "output": output if ended else [],
            "parallel_tool_calls": self._answer.asked.prompt.parallel_calls,
            "store": False,
            "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
            "truncation": "disabled",
            "usage": self._usage() if ended else None,
            "error": None,
            "incomplete_details": {"reason": incomplete} if incomplete else None,
        }

    def _usage(self) -> dict[str, Any]:
        usage = self._answer.usage
        return {
            "input_tokens": usage.prompt,
            "input_tokens_details": {"cached_tokens": usage.cached},
            "output_tokens": usage.output,
            "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.prompt + usage.output,
        }


def is_visible(kind: str) -> bool:
    return kind.endswith(".delta") and not kind.startswith("response.reasoning")


def _only_compacts(answer: Answer) -> bool:
    """Codex asks for a compaction by a last input item of its own."""
    given = input_items(answer.asked.body)
    return bool(given) and members(given[-1]).get("type") == "compaction_trigger"


def _compacts(answer: Answer) -> bool:
    if _only_compacts(answer):
        return True
    for rule in items(answer.asked.body.get("context_management")):
        threshold = members(rule).get("compact_threshold")
        is_compaction = members(rule).get("type") == "compaction"
        if is_compaction and isinstance(threshold, int) and answer.usage.prompt > threshold:
            return True
    return False
