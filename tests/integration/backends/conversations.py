"""Generated conversations: turns in no dialect's words, and how each dialect writes them."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

PIXEL = b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
        "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
    )
).decode()
PDF = b64encode(b"%PDF-1.4 one page").decode()
CHAT, MESSAGES, RESPONSES = "chat", "messages", "responses"
PATHS = {CHAT: "/v1/chat/completions", MESSAGES: "/v1/messages", RESPONSES: "/v1/responses"}
MODELS = {CHAT: "gpt-4.1", MESSAGES: "claude-sonnet-4.6", RESPONSES: "gpt-5.3-codex"}
WORDS = (
    *(
        "żółty",
        "🦆",
        "duck,",
        "“quoted”",
        "\\",
        "back",
        "/",
        "slash\nnew",
        "line\ttab",
        "<b>",
        "&amp;",
    ),
    *("漢字", "e\u0301", "zero\u200bjoin", '"', "{}", "\u00a0", "data:", "]}", "\u2028"),
)
FAULTS = tuple(
    f"[sim:{each}]"
    for each in (
        *("402", "context", "content-filter", "midstream-error", "cut", "garbage", "expire"),
        *("429-long", "500", "502-html", "503", "429"),
    )
)
"""The simulator's, as its requests call for them; those that hold later calls back come last."""
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string", "description": "where"}},
    "required": ["city"],
}
STRICT_SCHEMA = {**SCHEMA, "additionalProperties": False}
ODD_SCHEMA = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/City"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city"],
    "$defs": {"City": {"type": "string", "enum": ["Rome", "Paris"]}},
}


@dataclass(frozen=True)
class Call:
    name: str
    arguments: str
    result: str
    is_error: bool = False
    has_image: bool = False


@dataclass(frozen=True)
class Said:
    """``parts`` of a user: (kind, value); ``calls`` of an assistant, each with its result."""

    role: str
    parts: tuple[tuple[str, str], ...] = ()
    calls: tuple[Call, ...] = ()
    is_marked: bool = False


@dataclass(frozen=True)
class Conversation:
    number: int
    dialect: str
    model: str
    kinds: tuple[str, ...]
    turns: tuple[Said, ...]
    system: str = ""
    has_marked_system: bool = False
    tools: tuple[dict[str, Any], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.number}-{self.dialect}-{self.model}-{'+'.join(self.kinds)}"


KINDS = (
    *("plain", "system", "image", "image_url", "document", "tools", "tool_loop", "parallel_calls"),
    *(
        "failed_result",
        "result_image",
        "cache_marks",
        "schema",
        "sampling",
        "long",
        "odd_arguments",
    ),
    *("odd_schema", "several_texts", "thinking", "marked_system", "orphan", "large"),
)


def generated(count: int, seed: int = 1) -> Iterator[Conversation]:
    """Yield ``count`` conversations; every kind in every dialect within the first sixty or so."""
    draw = random.Random(seed)
    for number in range(count):
        dialect = (CHAT, MESSAGES, RESPONSES)[number % 3]
        kinds = [KINDS[(number // 3) % len(KINDS)]]
        if number >= 3 * len(KINDS):
            kinds = draw.sample(KINDS, draw.randint(1, 4))
        is_translated = number >= 3 * len(KINDS) and draw.random() < 0.25
        model = MODELS[draw.choice(list(MODELS)) if is_translated else dialect]
        yield _conversation(number, dialect, model, tuple(kinds), draw)


def _words(draw: random.Random, least: int = 3) -> str:
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(least, least + 12)))


def _conversation(
    number: int, dialect: str, model: str, kinds: tuple[str, ...], draw: random.Random
) -> Conversation:
    turns: list[Said] = []
    tools: list[dict[str, Any]] = []
    options: dict[str, Any] = {}
    for kind in kinds:
        _add(kind, dialect, turns, tools, options, draw)
    last: list[tuple[str, str]] = [("text", f"Say something about {_words(draw)}")]
    if "image" in kinds:
        last.append(("image", PIXEL))
    if "document" in kinds and dialect != CHAT:
        last.insert(0, ("document", PDF))
    if "several_texts" in kinds:
        last.insert(0, ("text", _words(draw)))
    turns.append(Said("user", tuple(last), is_marked="cache_marks" in kinds))
    return Conversation(
        number,
        dialect,
        model,
        kinds,
        tuple(turns),
        system=_words(draw) if {"system", "marked_system"} & set(kinds) else "",
        has_marked_system="marked_system" in kinds,
        tools=tuple(tools),
        options=options,
    )


def _add(
    kind: str,
    dialect: str,
    turns: list[Said],
    tools: list[dict[str, Any]],
    options: dict[str, Any],
    draw: random.Random,
) -> None:
    def loop(*calls: Call) -> None:
        if not tools:
            tools.append({"name": "lookup", "schema": SCHEMA})
        turns.append(Said("user", (("text", _words(draw)),)))
        text = (("text", _words(draw)),) if draw.random() < 0.5 else ()
        turns.append(Said("assistant", text, calls))
        turns.append(Said("assistant", (("text", _words(draw)),)))

    match kind:
        case "tools":
            tools.append({"name": "lookup", "schema": SCHEMA})
            tools.append({"name": "strict_one", "schema": STRICT_SCHEMA})
        case "odd_schema":
            tools.append({"name": "odd", "schema": ODD_SCHEMA})
        case "tool_loop":
            loop(Call("lookup", '{"city": "Rome"}', "sunny"))
        case "parallel_calls":
            loop(*(Call("lookup", json.dumps({"city": c}), c) for c in ("Rome", "Oslo", "Łódź")))
        case "failed_result":
            loop(Call("lookup", '{"city":"Atlantis"}', "no such city", is_error=True))
        case "result_image":
            loop(Call("lookup", '{"city":"Rome"}', "see picture", has_image=True))
        case "odd_arguments":
            odd = '{"b": 1.0, "a":12345678901234567890, "10":1, "2": [ ], "city":"x\\u00e9"}'
            loop(Call("lookup", odd, "taken"))
        case "orphan":
            turns.append(Said("user", (("text", _words(draw)),)))
            turns.append(Said("user", (("text", _words(draw)),)))
        case "long":
            for _ in range(draw.randint(20, 60)):
                turns.append(Said("user", (("text", _words(draw)),)))
                turns.append(Said("assistant", (("text", _words(draw)),)))
        case "large":
            turns.append(Said("user", (("text", _words(draw, 3) * 4000),)))
            turns.append(Said("assistant", (("text", _words(draw)),)))
        case "image_url":
            url = "https://example.com/duck.png"
            turns.append(Said("user", (("text", "this"), ("image_url", url))))
            turns.append(Said("assistant", (("text", _words(draw)),)))
        case "cache_marks":
            turns.append(Said("user", (("text", _words(draw)),), is_marked=True))
            turns.append(Said("assistant", (("text", _words(draw)),)))
        case "schema":
            options["schema"] = STRICT_SCHEMA
        case "sampling":
            options["top_p"] = 0.9
        case "thinking":
            options["thinking"] = True


def body_of(said: Conversation) -> dict[str, Any]:
    """Return the client's body in the conversation's dialect."""
    writers = {CHAT: _chat, MESSAGES: _messages, RESPONSES: _responses}
    return {"model": said.model, **writers[said.dialect](said)}


def _call_ids(place: int, turn: Said, prefix: str) -> list[tuple[str, Call]]:
    return [(f"{prefix}{place}x{number}", each) for number, each in enumerate(turn.calls)]


def _chat(said: Conversation) -> dict[str, Any]:
    messages: list[dict[str, Any]] = []
    if said.system:
        messages.append({"role": "system", "content": said.system})
    for place, turn in enumerate(said.turns):
        if turn.role == "user":
            parts = [_chat_part(*part) for part in turn.parts]
            plain = len(parts) == 1 and parts[0]["type"] == "text" and not turn.is_marked
            messages.append({"role": "user", "content": parts[0]["text"] if plain else parts})
            continue
        message: dict[str, Any] = {"role": "assistant", "content": None}
        if turn.parts:
            message["content"] = turn.parts[0][1]
        calls = _call_ids(place, turn, "call_")
        if calls:
            message["tool_calls"] = [
                {
                    "id": call_id,
                    "type": "function",
                    "function": {"name": each.name, "arguments": each.arguments},
                }
                for call_id, each in calls
            ]
        messages.append(message)
        messages += [
            {"role": "tool", "tool_call_id": call_id, "content": each.result}
            for call_id, each in calls
        ]
    body: dict[str, Any] = {"messages": messages}
    if said.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": each["name"],
                    "description": f"Looks up {each['name']}",
                    "parameters": each["schema"],
                },
            }
            for each in said.tools
        ]
    if "schema" in said.options:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": said.options["schema"], "strict": True},
        }
    if "top_p" in said.options:
        body |= {"top_p": 0.9, "stop": ["never said"]}
    return body


def _chat_part(kind: str, value: str) -> dict[str, Any]:
    if kind == "text":
        return {"type": "text", "text": value}
    url = f"data:image/png;base64,{value}" if kind == "image" else value
    return {"type": "image_url", "image_url": {"url": url}}


def _messages(said: Conversation) -> dict[str, Any]:
    messages: list[dict[str, Any]] = []
    mark = {"cache_control": {"type": "ephemeral"}}
    for place, turn in enumerate(said.turns):
        blocks = [_block(*part) for part in turn.parts]
        if turn.is_marked:
            blocks[-1] |= mark
        calls = _call_ids(place, turn, "toolu_")
        blocks += [
            {
                "type": "tool_use",
                "id": call_id,
                "name": each.name,
                "input": json.loads(each.arguments),
            }
            for call_id, each in calls
        ]
        plain = len(blocks) == 1 and set(blocks[0]) == {"type", "text"} and place % 2
        messages.append({"role": turn.role, "content": blocks[0]["text"] if plain else blocks})
        results = [_tool_result(call_id, each) for call_id, each in calls]
        if results:
            messages.append({"role": "user", "content": results})
    body: dict[str, Any] = {"max_tokens": 4000, "messages": messages}
    if said.system:
        text = {"type": "text", "text": said.system}
        body["system"] = [text | mark] if said.has_marked_system else said.system
    if said.tools:
        body["tools"] = [
            {
                "name": each["name"],
                "description": f"Looks up {each['name']}",
                "input_schema": each["schema"],
            }
            for each in said.tools
        ]
    if "thinking" in said.options:
        body["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    return body


def _block(kind: str, value: str) -> dict[str, Any]:
    if kind == "text":
        return {"type": "text", "text": value}
    if kind == "document":
        source = {"type": "base64", "media_type": "application/pdf", "data": value}
        return {"type": "document", "source": source}
    if kind == "image_url":
        return {"type": "image", "source": {"type": "url", "url": value}}
    return {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": value},
    }


def _tool_result(call_id: str, call: Call) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "tool_result",
        "tool_use_id": call_id,
        "content": call.result,
    }
    if call.is_error:
        block["is_error"] = True
    if call.has_image:
        block["content"] = [_block("text", call.result), _block("image", PIXEL)]
    return block


def _responses(said: Conversation) -> dict[str, Any]:
    items: list[dict[str, Any]] = []
    for place, turn in enumerate(said.turns):
        if turn.role == "user":
            content = [_input_part(*part) for part in turn.parts]
            items.append({"type": "message", "role": "user", "content": content})
            continue
        if turn.parts:
            part = {"type": "output_text", "text": turn.parts[0][1], "annotations": []}
            item = {"type": "message", "role": "assistant", "content": [part]}
            if place % 2:
                item |= {"id": f"msg_{place}", "status": "completed"}
            items.append(item)
        calls = _call_ids(place, turn, "call_")
        items += [
            {
                "type": "function_call",
                "call_id": call_id,
                "name": each.name,
                "arguments": each.arguments,
            }
            for call_id, each in calls
        ]
        items += [
            {"type": "function_call_output", "call_id": call_id, "output": each.result}
            for call_id, each in calls
        ]
    body: dict[str, Any] = {"input": items}
    if said.system:
        body["instructions"] = said.system
    if said.tools:
        body["tools"] = [
            {
                "type": "function",
                "name": each["name"],
                "description": f"Looks up {each['name']}",
                "parameters": each["schema"],
                "strict": False,
            }
            for each in said.tools
        ]
    if "schema" in said.options:
        body["text"] = {
            "format": {
                "type": "json_schema",
                "name": "answer",
                "schema": said.options["schema"],
                "strict": True,
            }
        }
    if "thinking" in said.options:
        body["reasoning"] = {"effort": "medium", "summary": "auto"}
    return body


def _input_part(kind: str, value: str) -> dict[str, Any]:
    if kind == "text":
        return {"type": "input_text", "text": value}
    if kind == "document":
        return {
            "type": "input_file",
            "filename": "page.pdf",
            "file_data": f"data:application/pdf;base64,{value}",
        }
    url = f"data:image/png;base64,{value}" if kind == "image" else value
    return {"type": "input_image", "image_url": url, "detail": "auto"}
