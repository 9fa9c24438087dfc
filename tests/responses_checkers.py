"""Independent judges of a Responses stream: OpenAI's types, its description, and its grammar.

They share nothing with the writer but the wire itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from openai.types.responses import Response, ResponseStreamEvent

from proxy_core.canonical.sse import Frame
from tests.strict_types import check_typed

TERMINAL = {"response.completed", "response.incomplete", "response.failed"}
SAYING = {"message", "function_call", "custom_tool_call"}
BEYOND_THE_SDK = {"frequency_penalty", "name", "presence_penalty", "store"}
"""``function_call_arguments.done`` has a name in the description, which the SDK's type lacks, and
OpenAI's own response objects say whether they were stored, which neither lists."""
BEYOND_THE_LIST = {"context_length_exceeded", "insufficient_quota"}
"""Codes of a failed response that OpenAI sends (Codex acts on them) without listing them."""

_DESCRIPTION = Path(__file__).resolve().parents[2] / "shared/openapi/openai-openapi.subset.json"


def check_response(response: dict[str, Any], *, is_ours: bool = True) -> None:
    """Check a whole response object. What upstream wrote need only be what the SDK's types say."""
    assert json.loads(json.dumps(response)) == response
    listed = _as_listed(response)
    check_typed(Response, listed, beyond=BEYOND_THE_SDK)
    if is_ours:
        check_described("Response", listed)


def check_event(event: dict[str, Any], *, is_ours: bool = True) -> None:
    listed = event
    if isinstance(event.get("response"), dict):
        listed = {**event, "response": _as_listed(event["response"])}
    check_typed(ResponseStreamEvent, listed, beyond=BEYOND_THE_SDK)
    if is_ours:
        check_described("ResponseStreamEvent", listed)


def _as_listed(response: dict[str, Any]) -> dict[str, Any]:
    if response.get("usage", {}) is None and response["status"] in ("in_progress", "failed"):
        # OpenAI says so while nothing was counted, though the description has no null there.
        response = {name: value for name, value in response.items() if name != "usage"}
    form = response.get("text", {}).get("format", {})
    if "description" in form and form["description"] is None:
        # OpenAI's own answers (docs, structured outputs) say null; its description says string.
        form = {name: value for name, value in form.items() if name != "description"}
        response = {**response, "text": {**response["text"], "format": form}}
    error = response.get("error")
    if error is None or error["code"] not in BEYOND_THE_LIST:
        return response
    return {**response, "error": {**error, "code": "server_error"}}


def check_stream(frames: Iterable[Frame], *, is_ours: bool = True) -> dict[str, Any]:
    """Check a stream from its first event to its last; return the final response object.

    ``is_ours`` is for streams our own writer made: they are held to the description too.
    """
    events = []
    for frame in frames:
        event = json.loads(frame.data)
        assert frame.event.decode() == event["type"], "the frame is named like its event"
        check_event(event, is_ours=is_ours)
        events.append(event)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:2]] == ["response.created", "response.in_progress"]
    grammar = _Grammar(events[0]["response"]["id"], is_ours=is_ours)
    for event in events[2:-1]:
        grammar.feed(event)
    last = events[-1]
    assert last["type"] in TERMINAL
    final: dict[str, Any] = last["response"]
    assert final["id"] == events[0]["response"]["id"]
    assert final["status"] == last["type"].removeprefix("response.")
    grammar.finish(final)
    check_response(final, is_ours=is_ours)
    return final


def check_forwarded_responses(frames: list[Frame]) -> None:
    """Check of upstream's own stream what we promise: one id per item, an end, no words of Copilot's."""
    events = [json.loads(frame.data) for frame in frames]
    assert [frame.event.decode() for frame in frames] == [event["type"] for event in events]
    assert events[-1]["type"] in TERMINAL
    assert len({event["response"]["id"] for event in events if "response" in event}) == 1
    ids: dict[int, set[str]] = {}
    for event in events:
        assert not [name for name in event if name.startswith("copilot_")]
        item_id = event.get("item_id") or event.get("item", {}).get("id")
        if item_id is not None:
            ids.setdefault(event["output_index"], set()).add(item_id)
    for index, item in enumerate(events[-1]["response"].get("output", ())):
        ids.setdefault(index, set()).add(item["id"])
    assert all(len(each) == 1 for each in ids.values()), ids


class _Grammar:
    """What may follow what, and that all places that tell the same thing tell it alike."""

    def __init__(self, response_id: str, *, is_ours: bool) -> None:
        self._is_ours = is_ours
        self._items: dict[int, dict[str, Any]] = {}
        self._done: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, str] = {}
        self._part_is_open: dict[int, bool] = {}
        self._whole_told: set[int] = set()
        self._has_failed = False
        assert response_id

    def feed(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        assert kind not in TERMINAL, "only one end"
        assert not self._has_failed, "nothing but the failed response follows an error"
        if kind == "error":
            self._has_failed = True
            return
        index = event["output_index"]
        if kind == "response.output_item.added":
            assert index == len(self._items), "items are numbered without gaps"
            self._items[index] = event["item"]
            self._texts[index] = ""
            return
        item = self._items[index]
        assert index not in self._done, "nothing follows an item's end"
        if kind == "response.output_item.done":
            assert not self._part_is_open.get(index), "the part ends before its item"
            assert event["item"]["id"] == item["id"]
            self._check_done(index, event["item"])
            self._done[index] = event["item"]
            return
        assert event["item_id"] == item["id"], "one item, one id"
        self._feed_content(index, event)

    def _feed_content(self, index: int, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind.endswith("part.added"):
            assert not self._part_is_open.get(index)
            self._part_is_open[index] = True
        elif kind.endswith("part.done"):
            assert self._part_is_open.pop(index)
            part = event["part"]
            assert part.get("text", part.get("refusal")) == self._texts[index]
        elif kind.endswith(".delta"):
            self._texts[index] += event["delta"]
            has_parts = self._items[index]["type"] in ("message", "reasoning")
            assert self._part_is_open.get(index, False) == has_parts
        elif kind.endswith(".done"):
            told = [
                event[name] for name in ("text", "refusal", "arguments", "input") if name in event
            ]
            assert told == [self._texts[index]], "the whole is the sum of its deltas"
            self._whole_told.add(index)

    def _check_done(self, index: int, item: dict[str, Any]) -> None:
        text = self._texts[index]
        says_something = item["type"] in SAYING or bool(item.get("summary"))
        assert (index in self._whole_told) == says_something, "the whole is told before the end"
        if item["type"] == "message":
            (part,) = item["content"]
            assert part.get("text", part.get("refusal")) == text
        elif item["type"] == "reasoning":
            assert "".join(part["text"] for part in item["summary"]) == text
        elif item["type"] == "function_call":
            assert item["arguments"] == text
        elif item["type"] == "custom_tool_call":
            assert item["input"] == text
        ends = {"completed"} if self._is_ours else {"completed", "incomplete"}
        assert item.get("status", "completed") in ends

    def finish(self, final: dict[str, Any]) -> None:
        if final["status"] == "failed":
            assert self._has_failed
            return
        assert self._items.keys() == self._done.keys(), "every item ended"
        told = [{**item, "status": None} for item in final["output"]]
        assert told == [{**self._done[i], "status": None} for i in sorted(self._done)]


@cache
def _description() -> dict[str, Any] | None:
    if not _DESCRIPTION.is_file():
        return None
    schemas: dict[str, Any] = json.loads(_DESCRIPTION.read_text())["components"]["schemas"]
    return schemas


def check_described(name: str, value: Any) -> None:
    """Check a value against OpenAI's published description, where it lies beside the repository."""
    schemas = _description()
    if schemas is not None:
        problem = _mismatch(schemas[name], value, schemas)
        assert problem is None, f"{name}: {problem}"


def _mismatch(schema: Any, value: Any, schemas: dict[str, Any]) -> str | None:
    """Return what is wrong first, or None. Only the keywords the description uses are known."""
    if "$ref" in schema:
        return _mismatch(schemas[schema["$ref"].rpartition("/")[2]], value, schemas)
    for part in schema.get("allOf", ()):
        if problem := _mismatch(part, value, schemas):
            return problem
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema and (problem := _no_choice(schema[keyword], value, schemas)):
            return problem
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is none of {schema['enum']}"
    if "type" in schema and not _has_type(schema["type"], value):
        return f"{value!r} is no {schema['type']}"
    if isinstance(value, dict):
        return _object_mismatch(schema, value, schemas)
    if isinstance(value, list) and "items" in schema:
        for position, each in enumerate(value):
            if problem := _mismatch(schema["items"], each, schemas):
                return f"[{position}]: {problem}"
    return None


def _no_choice(choices: list[Any], value: Any, schemas: dict[str, Any]) -> str | None:
    problems = [_mismatch(choice, value, schemas) for choice in choices]
    if None in problems:
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    named = [
        p
        for p, c in zip(problems, choices, strict=True)
        if kind and kind in json.dumps(_of(c, schemas))
    ]
    return (named or problems)[0]


def _of(choice: dict[str, Any], schemas: dict[str, Any]) -> Any:
    return schemas[choice["$ref"].rpartition("/")[2]] if "$ref" in choice else choice


def _object_mismatch(schema: Any, value: dict[str, Any], schemas: dict[str, Any]) -> str | None:
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        return f"missing {missing}"
    for name, inner in schema.get("properties", {}).items():
        if name in value and (problem := _mismatch(inner, value[name], schemas)):
            return f".{name}: {problem}"
    return None


def _has_type(stated: str, value: Any) -> bool:
    kinds: dict[str, Any] = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "null": type(None),
    }
    if stated == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if stated == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, kinds[stated])
