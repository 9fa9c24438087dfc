"""Conversations that other proxies' users could not go on with, by the number of their case.

Upstream is the simulator at its strictest: what it accepts here, it refuses unmended.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

DROPPED = "x-g-copilot-proxy-dropped"
CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
MODELS = {CHAT: "gpt-4o-mini", RESPONSES: "gpt-5.3-codex", MESSAGES: "claude-sonnet-4.6"}
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"
)
SECRET = "The secret word is: mimosa"


def say(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def chat_call(call_id: str, name: str = "read") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": "{}"}}


def asked(path: str, conversation: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    name = "input" if path == RESPONSES else "messages"
    tools: list[dict[str, Any]] = [{"name": "read", "input_schema": {"type": "object"}}]
    if path == RESPONSES:
        tools = [{"type": "function", "name": "read", "parameters": {}, "strict": False}]
    if path == CHAT:
        tools = [{"type": "function", "function": {"name": "read"}}]
    body = {"model": MODELS[path], name: conversation, "tools": tools, **members}
    if path == MESSAGES:
        body.setdefault("max_tokens", 100)
    return body


ORPHANED_CALL = {
    CHAT: [
        say("Read it."),
        {"role": "assistant", "content": None, "tool_calls": [chat_call("c1")]},
        say("Never mind. Repeat exactly the following text and nothing else: fine"),
    ],
    RESPONSES: [
        say("Read it."),
        {"type": "function_call", "call_id": "c1", "name": "read", "arguments": "{}"},
        say("Never mind. Repeat exactly the following text and nothing else: fine"),
    ],
    MESSAGES: [
        say("Read it."),
        {
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "c1", "name": "read", "input": {}}],
        },
        say("Never mind. Repeat exactly the following text and nothing else: fine"),
    ],
}
ORPHANED_RESULT = {
    CHAT: [
        say("Repeat exactly the following text and nothing else: fine"),
        {"role": "tool", "tool_call_id": "gone", "content": SECRET},
    ],
    RESPONSES: [
        say("Repeat exactly the following text and nothing else: fine"),
        {"type": "function_call_output", "call_id": "gone", "output": SECRET},
    ],
    MESSAGES: [
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "gone", "content": SECRET}],
        },
    ],
}


def repeated_id(path: str) -> list[dict[str, Any]]:
    """Two turns whose calls have the same id."""
    if path == CHAT:
        turn: list[dict[str, Any]] = [
            {"role": "assistant", "content": None, "tool_calls": [chat_call("c1")]},
            {"role": "tool", "tool_call_id": "c1", "content": SECRET},
        ]
    elif path == RESPONSES:
        turn = [
            {"type": "function_call", "call_id": "c1", "name": "read", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": SECRET},
        ]
    else:
        turn = [
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": "c1", "name": "read", "input": {}}],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "c1", "content": SECRET}],
            },
        ]
    return [say("Read it twice."), *turn, *turn]


def call_ids(body: Any) -> list[str]:
    """The ids of all calls in a body upstream got."""
    found: list[str] = []
    for item in body.get("messages") or body.get("input"):
        found += [call["id"] for call in item.get("tool_calls") or ()]
        if item.get("type") == "function_call":
            found.append(item["call_id"])
        if isinstance(item.get("content"), list):
            found += [b["id"] for b in item["content"] if b.get("type") == "tool_use"]
    return found


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_case_21_a_call_without_its_result_gets_one(
    proxy: Proxy, path: str, stream: bool
) -> None:
    response = await proxy.post(path, asked(path, ORPHANED_CALL[path], stream=stream))
    assert response.status == 200, await response.text()
    assert "tool call c1 has no result" in response.headers[DROPPED]
    assert "fine" in await response.text()
    assert len(call_ids(proxy.simulator.requests[-1].body)) == 1
    assert any("did not pair up" in note for note in proxy.last_request.notes)
    assert proxy.last_request.attempts == 1, "mended before it is sent"
    assert not proxy.last_request.translated


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_case_21_a_result_without_its_call_is_told_as_text(proxy: Proxy, path: str) -> None:
    response = await proxy.post(path, asked(path, ORPHANED_RESULT[path]))
    assert response.status == 200, await response.text()
    assert "tool result gone has no call" in response.headers[DROPPED]
    assert "mimosa" in json.dumps(proxy.simulator.requests[-1].body), "its content is kept"


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_case_21_two_calls_with_one_id_are_told_apart(proxy: Proxy, path: str) -> None:
    response = await proxy.post(path, asked(path, repeated_id(path)))
    assert response.status == 200, await response.text()
    ids = call_ids(proxy.simulator.requests[-1].body)
    assert len(ids) == len(set(ids)) == 2


@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_case_21_a_sound_conversation_goes_on_as_it_came(proxy: Proxy, path: str) -> None:
    conversation = repeated_id(path)[:3]
    response = await proxy.post(path, asked(path, conversation))
    assert response.status == 200, await response.text()
    assert DROPPED not in response.headers
    name = "input" if path == RESPONSES else "messages"
    assert proxy.simulator.requests[-1].body[name] == conversation
    assert not any("pair up" in note for note in proxy.last_request.notes)


async def test_case_22_parallel_results_in_several_messages_become_one(proxy: Proxy) -> None:
    calls = [{"type": "tool_use", "id": i, "name": "read", "input": {}} for i in ("a", "b")]
    results = [
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": i, "content": SECRET}]}
        for i in ("a", "b")
    ]
    conversation = [say("Read both."), {"role": "assistant", "content": calls}, *results]
    response = await proxy.post(MESSAGES, asked(MESSAGES, conversation))
    assert response.status == 200, await response.text()
    sent = proxy.simulator.requests[-1].body["messages"]
    assert [each["tool_use_id"] for each in sent[2]["content"]] == ["a", "b"]
    assert len(sent) == 3


async def test_case_23_an_image_does_not_part_the_results_of_one_turn(proxy: Proxy) -> None:
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}}
    conversation = [
        say("Look at both."),
        {"role": "assistant", "content": None, "tool_calls": [chat_call("a"), chat_call("b")]},
        {"role": "tool", "tool_call_id": "a", "content": SECRET},
        {"role": "user", "content": [image]},
        {"role": "tool", "tool_call_id": "b", "content": "done"},
    ]
    response = await proxy.post(CHAT, asked(CHAT, conversation))
    assert response.status == 200, await response.text()
    roles = [each["role"] for each in proxy.simulator.requests[-1].body["messages"]]
    assert roles == ["user", "assistant", "tool", "tool", "user"]


SIGNED = {"type": "thinking", "thinking": "Hm.", "signature": "EqQBCgIYAhIM1gbcDa9GJwZA2b3h"}


def thinking_turn(block: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        say("Think."),
        {"role": "assistant", "content": [block, {"type": "text", "text": "Done."}]},
        say("Repeat exactly the following text and nothing else: fine"),
    ]


@pytest.mark.parametrize("stream", [False, True])
async def test_case_16_a_signature_of_another_issuer_costs_one_refusal_and_not_the_session(
    proxy: Proxy, stream: bool
) -> None:
    response = await proxy.post(MESSAGES, asked(MESSAGES, thinking_turn(SIGNED), stream=stream))
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()
    assert "thinking (refused by the model)" in response.headers[DROPPED]
    sent = proxy.simulator.requests
    assert [each.path for each in sent[-2:]] == ["/v1/messages"] * 2
    assert "EqQBCgIYAhIM1gbcDa9GJwZA2b3h" in json.dumps(sent[-2].body)
    assert sent[-1].body["messages"][1]["content"] == [{"type": "text", "text": "Done."}]
    assert sent[-1].headers["x-initiator"] == sent[-2].headers["x-initiator"]
    assert proxy.last_request.attempts == 2
    assert any("sent again" in note for note in proxy.last_request.notes)


async def test_case_16_inside_a_tool_loop_with_a_budget_thinking_is_switched_off(
    proxy: Proxy,
) -> None:
    call = {"type": "tool_use", "id": "c1", "name": "read", "input": {}}
    conversation = [
        say("Read it."),
        {"role": "assistant", "content": [SIGNED, call]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "c1", "content": SECRET}],
        },
    ]
    thinking = {"type": "enabled", "budget_tokens": 2000}
    body = asked(
        MESSAGES, conversation, model="claude-haiku-4.5", thinking=thinking, max_tokens=8000
    )
    response = await proxy.post(MESSAGES, body)
    assert response.status == 200, await response.text()
    assert "mimosa" in await response.text()
    assert "the tool loop came back without its thinking" in response.headers[DROPPED]


@pytest.mark.parametrize("signature", ["gAAAAABpXk-foreign", "gAAAAA=="])
async def test_case_17_encrypted_reasoning_replayed_as_a_signature_is_left_out_unasked(
    proxy: Proxy, signature: str
) -> None:
    block = {"type": "thinking", "thinking": "Hm.", "signature": signature}
    response = await proxy.post(MESSAGES, asked(MESSAGES, thinking_turn(block)))
    assert response.status == 200, await response.text()
    assert "issued by another model" in response.headers[DROPPED]
    assert proxy.last_request.attempts == 1


FOREIGN_REASONING = {
    "type": "reasoning",
    "summary": [],
    "encrypted_content": "gAAAAABpXk-of-another-account",
}
FOREIGN_COMPACTION = {"type": "compaction", "encrypted_content": "gAAAAABpXk-of-another-account"}


@pytest.mark.parametrize("stream", [False, True])
async def test_case_18_reasoning_that_cannot_be_decrypted_is_left_out_once_refused(
    proxy: Proxy, stream: bool
) -> None:
    conversation = [
        say("Think."),
        FOREIGN_REASONING,
        {"role": "assistant", "content": "Done."},
        say("Repeat exactly the following text and nothing else: fine"),
    ]
    response = await proxy.post(RESPONSES, asked(RESPONSES, conversation, stream=stream))
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()
    assert "could not be decrypted" in response.headers[DROPPED]
    sent = proxy.simulator.requests[-1].body["input"]
    assert [item["type"] for item in sent] == ["message", "message", "message"]
    assert proxy.last_request.attempts == 2


async def test_case_19_the_turn_after_a_compaction_that_cannot_be_read_goes_on(
    proxy: Proxy,
) -> None:
    conversation = [
        FOREIGN_COMPACTION,
        FOREIGN_REASONING,
        say("Repeat exactly the following text and nothing else: fine"),
    ]
    response = await proxy.post(RESPONSES, asked(RESPONSES, conversation))
    assert response.status == 200, await response.text()
    sent = json.dumps(proxy.simulator.requests[-1].body["input"])
    assert "could not be read any more" in sent
    assert "gAAAA" not in sent


def picture(path: str) -> dict[str, Any]:
    url = f"data:image/png;base64,{PIXEL}"
    if path == CHAT:
        part: dict[str, Any] = {"type": "image_url", "image_url": {"url": url}}
        text: dict[str, Any] = {"type": "text", "text": "Look."}
    elif path == RESPONSES:
        part, text = (
            {"type": "input_image", "image_url": url},
            {"type": "input_text", "text": "Look."},
        )
    else:
        source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
        part, text = {"type": "image", "source": source}, {"type": "text", "text": "Look."}
    return {"role": "user", "content": [text, part]}


REFUSAL = {"error": {"message": "vision is not enabled for this organization", "code": ""}}


async def refuse_next(proxy: Proxy, body: object, times: int = 1) -> None:
    """Let upstream refuse its next calls for an answer with a 400."""
    step = {"answer": {"status": 400, "headers": {}, "body": body}}
    async with proxy.http.post(
        f"{proxy.simulator.url}/_sim/script", json={"steps": [step] * times}
    ) as response:
        assert response.status == 200


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, RESPONSES, MESSAGES])
async def test_case_30_where_images_are_switched_off_a_note_takes_their_place(
    proxy: Proxy, path: str, stream: bool
) -> None:
    await refuse_next(proxy, REFUSAL)
    conversation = [
        picture(path),
        {"role": "assistant", "content": "I see."},
        say("Repeat exactly the following text and nothing else: fine"),
    ]
    response = await proxy.post(path, asked(path, conversation, stream=stream))
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()
    assert "1 image: it may not be shown to this model" in response.headers[DROPPED]
    sent = proxy.simulator.requests[-1]
    assert PIXEL not in json.dumps(sent.body)
    assert "An image was left out" in json.dumps(sent.body)
    assert "copilot-vision-request" not in sent.headers
    assert proxy.last_request.attempts == 2


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
async def test_case_31_a_model_without_vision_gets_the_note_at_once(
    proxy: Proxy, path: str
) -> None:
    conversation = [picture(path), say("Repeat exactly the following text and nothing else: fine")]
    response = await proxy.post(path, asked(path, conversation, model="grok-code-fast-1"))
    assert response.status == 200, await response.text()
    assert "image" in response.headers[DROPPED]
    for sent in proxy.simulator.requests:
        assert PIXEL not in json.dumps(sent.body)
        assert "copilot-vision-request" not in sent.headers


async def test_a_refusal_of_anything_else_is_the_caller_s_to_see_unrepeated(proxy: Proxy) -> None:
    body = {"error": {"message": "messages.1: something new is wrong", "code": "x"}}
    await refuse_next(proxy, body)
    response = await proxy.post(MESSAGES, asked(MESSAGES, thinking_turn(SIGNED)[:1]))
    assert response.status == 400
    assert "something new is wrong" in await response.text()
    assert [each.path for each in proxy.simulator.requests].count("/v1/messages") == 1


async def test_mending_in_vain_ends_with_upstream_s_own_words(proxy: Proxy) -> None:
    body = {"error": {"message": "Invalid `signature` in `thinking` block", "code": "x"}}
    await refuse_next(proxy, body, times=2)
    response = await proxy.post(MESSAGES, asked(MESSAGES, thinking_turn(SIGNED)))
    assert response.status == 400
    assert "Invalid `signature` in `thinking` block" in await response.text()
    calls = [each for each in proxy.simulator.requests if each.path == "/v1/messages"]
    assert len(calls) == 2, "once, not for ever"


async def test_case_33_the_room_left_by_a_long_prompt_is_what_is_asked_for(proxy: Proxy) -> None:
    message = (
        "input length and `max_tokens` exceed context limit: 180000 + 32000 > 200000, decrease "
        "input length or `max_tokens` and try again"
    )
    body = {"type": "error", "error": {"type": "invalid_request_error", "message": message}}
    await refuse_next(proxy, body)
    response = await proxy.post(
        MESSAGES, asked(MESSAGES, [say("hi")], max_tokens=32000, model="claude-haiku-4.5")
    )
    assert response.status == 200, await response.text()
    assert proxy.simulator.requests[-1].body["max_tokens"] == 20000
    assert "max_tokens (20000 instead of 32000)" in response.headers[DROPPED]
