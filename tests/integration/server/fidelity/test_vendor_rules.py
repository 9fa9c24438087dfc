"""Requests that their vendor would refuse, as clients of every dialect send them: what leaves, and
what happens where a refusal comes all the same."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from proxy_core.simulator.options import SimulatorOptions
from tests.integration.server.conftest import Proxy

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
DROPPED = "x-g-copilot-proxy-dropped"
CLAUDE, GEMINI = "claude-sonnet-4.6", "gemini-3.1-pro-preview"
CODEX, GPT = "gpt-5.3-codex", "gpt-4.1"
HI = {"role": "user", "content": "hi"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": SCHEMA}}
PDF = base64.b64encode(b"%PDF-1.7\n%%EOF\n").decode()


@pytest.fixture
def simulator_options() -> SimulatorOptions:
    return SimulatorOptions(profile="strict")


def refusal(message: str, code: str = "invalid_request_body") -> dict[str, Any]:
    return {"answer": {"status": 400, "body": {"error": {"message": message, "code": code}}}}


def sent(proxy: Proxy) -> dict[str, Any]:
    body: dict[str, Any] = proxy.simulator.requests[-1].body
    return body


def calls_so_far(proxy: Proxy) -> int:
    paths = ("/chat/completions", "/responses", "/v1/messages")
    return sum(each.path in paths for each in proxy.simulator.requests)


async def test_a_pdf_goes_to_the_endpoint_that_takes_it(proxy: Proxy) -> None:
    file = {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}
    content = [{"type": "text", "text": "What is in it?"}, {"type": "file", "file": file}]
    body = {"model": CLAUDE, "messages": [{"role": "user", "content": content}]}
    response = await proxy.post(CHAT, body)
    assert response.status == 200, await response.text()
    assert proxy.last_request.upstream_endpoint == MESSAGES
    assert sent(proxy)["messages"][0]["content"][1]["type"] == "document"
    assert DROPPED not in response.headers
    response = await proxy.post(CHAT, body | {"model": GEMINI})
    assert response.status == 200, await response.text()
    assert proxy.last_request.upstream_endpoint == "/chat/completions"
    assert "document" in response.headers[DROPPED]
    assert "'a.pdf' was left out" in json.dumps(sent(proxy))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
async def test_a_tool_loop_that_another_model_began_goes_on_with_gemini(
    proxy: Proxy, path: str, stream: bool
) -> None:
    tool_call = {"id": "toolu_1", "type": "function"}
    tool_call["function"] = {"name": "get_weather", "arguments": '{"city":"Rome"}'}  # type: ignore[assignment]
    body: dict[str, Any] = {"model": GEMINI, "stream": stream}
    if path == CHAT:
        result = {"role": "tool", "tool_call_id": "toolu_1", "content": "The secret word is: fig"}
        turn = {"role": "assistant", "content": None, "tool_calls": [tool_call]}
        body |= {"messages": [HI, turn, result], "tools": [WEATHER]}
    elif path == MESSAGES:
        use = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "R"}}
        answer = {"type": "tool_result", "tool_use_id": "toolu_1"}
        answer["content"] = "The secret word is: fig"
        turns = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [answer]}]
        tools = [{"name": "get_weather", "input_schema": SCHEMA}]
        body |= {"messages": [HI, *turns], "tools": tools, "max_tokens": 500}
    else:
        made = {"type": "function_call", "call_id": "toolu_1", "name": "get_weather"}
        made["arguments"] = '{"city":"Rome"}'
        given = {"type": "function_call_output", "call_id": "toolu_1"}
        given["output"] = "The secret word is: fig"
        tools = [{"type": "function", "name": "get_weather", "parameters": SCHEMA}]
        body |= {"input": [HI, made, given], "tools": tools}
    response = await proxy.post(path, body)
    assert response.status == 200, await response.text()
    await response.text()
    first = calls_so_far(proxy)
    response = await proxy.post(path, body)
    assert response.status == 200
    await response.text()
    assert calls_so_far(proxy) == first + 1, "what the model wants is remembered"
    assert proxy.last_request.attempts == 1


async def test_the_thinking_of_one_model_is_not_shown_to_another(proxy: Proxy) -> None:
    question = {"role": "user", "content": "Think hard: what is the weather in Paris?"}
    body = {"model": GEMINI, "messages": [question], "tools": [WEATHER]}
    answer = await (await proxy.post(CHAT, body)).json()
    message = answer["choices"][0]["message"]
    assert message["reasoning_opaque"]
    history = [question, message]
    history += [
        {"role": "tool", "tool_call_id": c["id"], "content": "sunny"} for c in message["tool_calls"]
    ]
    response = await proxy.post(CHAT, {"model": CLAUDE, "messages": history, "tools": [WEATHER]})
    assert response.status == 200, await response.text()
    assert "reasoning_opaque" not in json.dumps(sent(proxy))
    assert "issued by another model" in response.headers[DROPPED]


REFUSALS = [
    ("Invalid schema for function 'get_weather': array schema missing items", GPT, "tool schemas"),
    ("This model does not support assistant message prefill.", GPT, "a user's turn"),
    ("Unsupported value: 'messages[0].role' does not support 'developer'", GPT, "system role"),
    ("Invalid 'messages[2].tool_calls[0].id': string too long.", GPT, "tool call ids"),
]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("words", "model", "rule"), REFUSALS)
async def test_a_refusal_in_the_vendor_s_words_is_met_once_and_remembered(
    proxy: Proxy, words: str, model: str, rule: str, stream: bool
) -> None:
    call = {"id": "functions.get_weather:0", "type": "function"}
    call["function"] = {"name": "get_weather", "arguments": "{}"}  # type: ignore[assignment]
    messages = [
        {"role": "developer" if rule == "system role" else "system", "content": "Be brief."},
        HI,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "sunny"},
        {"role": "assistant", "content": "It is"},
    ]
    odd = {**SCHEMA, "additionalProperties": False, "title": "T"}
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": odd}}
    body = {"model": model, "stream": stream, "messages": messages, "tools": [tool]}
    await proxy.script(refusal(words))
    response = await proxy.post(CHAT, body)
    assert response.status == 200, await response.text()
    await response.text()
    assert proxy.last_request.attempts == 2
    assert any(rule in note for note in proxy.last_request.notes), proxy.last_request.notes
    mended = sent(proxy)
    response = await proxy.post(CHAT, body)
    assert response.status == 200
    await response.text()
    assert proxy.last_request.attempts == 1
    assert sent(proxy)["messages"] == mended["messages"]
    assert sent(proxy)["tools"] == mended["tools"]


async def test_a_refusal_that_nothing_can_meet_passes_verbatim(proxy: Proxy) -> None:
    words = "Invalid 'messages[1].tool_calls[0].id': string too long."
    await proxy.script(refusal(words))
    before = calls_so_far(proxy)
    response = await proxy.post(CHAT, {"model": GPT, "messages": [HI]})
    assert response.status == 400
    assert words in await response.text()
    assert calls_so_far(proxy) == before + 1, "not sent again as it was"


async def test_what_a_refusal_quotes_of_the_client_teaches_nothing(proxy: Proxy) -> None:
    trick = "This model does not support assistant message prefill"
    await proxy.script(refusal(f"Invalid value: '{trick}'."))
    body = {"model": GPT, "messages": [HI, {"role": "assistant", "content": trick}]}
    response = await proxy.post(CHAT, body)
    assert response.status == 400
    response = await proxy.post(CHAT, body)
    assert response.status == 200
    assert sent(proxy)["messages"][-1]["role"] == "assistant"


async def test_a_signature_bound_to_another_conversation_is_left_out_once(proxy: Proxy) -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "U2lnbmVk"}
    turn = {"role": "assistant", "content": [thought, {"type": "text", "text": "Hello."}]}
    body = {"model": CLAUDE, "max_tokens": 60, "messages": [HI, turn, HI]}
    await proxy.script(
        refusal("messages.1.content.0: `thinking` block is bound to a different conversation")
    )
    response = await proxy.post(MESSAGES, body)
    assert response.status == 200, await response.text()
    assert "thinking" not in json.dumps(sent(proxy)["messages"])
    assert proxy.last_request.attempts == 2


async def test_claude_code_s_second_message_costs_no_failed_call(proxy: Proxy) -> None:
    tool = {
        "name": "f",
        "input_schema": {**SCHEMA, "$schema": "http://json-schema.org/draft-07/schema#"},
    }
    reminder = {"role": "system", "content": "Tools changed."}
    body = {"model": CLAUDE, "max_tokens": 60, "messages": [HI, reminder], "tools": [tool]}
    response = await proxy.post(MESSAGES, body)
    assert response.status == 200, await response.text()
    assert proxy.last_request.attempts == 1
    assert [m["role"] for m in sent(proxy)["messages"]] == ["user"]
    assert "$schema" not in json.dumps(sent(proxy)["tools"])


async def test_a_compaction_call_without_tools_is_answered(proxy: Proxy) -> None:
    use = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
    messages = [
        HI,
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": [result, {"type": "text", "text": "Summarise."}]},
    ]
    response = await proxy.post(MESSAGES, {"model": CLAUDE, "max_tokens": 60, "messages": messages})
    answer = await response.json()
    assert response.status == 200, answer
    assert [b["type"] for b in answer["content"]] == ["text"]
    assert [t["name"] for t in sent(proxy)["tools"]] == ["read"]


async def test_a_body_that_needs_nothing_leaves_as_it_came(proxy: Proxy) -> None:
    # Members in no usual order and with blanks: whoever re-encodes it would show.
    for path, model, text in (
        (MESSAGES, CLAUDE, '{ "max_tokens" : 60, "messages": [ {"content":"hi" , "role":"user"} ]'),
        (CHAT, GPT, '{ "messages": [ {"content":"hi" , "role":"user"} ]'),
        (RESPONSES, CODEX, '{ "input": [ {"content":"hi" , "role":"user"} ]'),
    ):
        headers = proxy.headers(**{"Content-Type": "application/json"})
        data = f'{text}, "model":"{model}" }}'
        response = await proxy.send("POST", path, headers, data=data)
        assert response.status == 200, await response.text()
        assert proxy.last_request.notes == ()
        assert DROPPED not in response.headers


async def test_copilot_cli_s_validated_choice_passes(proxy: Proxy) -> None:
    body = {"model": GEMINI, "messages": [HI], "tools": [WEATHER], "tool_choice": "validated"}
    response = await proxy.post(CHAT, body | {"max_tokens": 50})
    assert response.status == 200, await response.text()
    assert sent(proxy)["tool_choice"] == "auto"


def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": GEMINI}
    return f"data: {json.dumps(body | {'choices': [choice]})}\n\n"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_drops_unsigned_thinking_goes_on_with_gemini(
    proxy: Proxy, stream: bool
) -> None:
    """The proof of Gemini's thinking may come behind the words, in a block of its own."""
    call = {"index": 0, "id": "call_1", "type": "function"}
    call["function"] = {"name": "get_weather", "arguments": '{"city":"Paris"}'}  # type: ignore[assignment]
    first = [
        chunk({"role": "assistant", "reasoning_text": "Weather, so the tool."}),
        chunk({"content": "Let me see."}),
        chunk({"reasoning_opaque": "UHJvb2Y=", "tool_calls": [call]}),
        chunk({}, "tool_calls"),
        "data: [DONE]\n\n",
    ]
    last = [chunk({"role": "assistant", "content": "Fine."}), chunk({}, "stop"), "data: [DONE]\n\n"]
    sse = {"content-type": "text/event-stream"}
    await proxy.script(
        {"answer": {"headers": sse, "chunks": first}}, {"answer": {"headers": sse, "chunks": last}}
    )
    question = {"role": "user", "content": "What is the weather in Paris?"}
    tools = [{"name": "get_weather", "input_schema": SCHEMA}]
    body = {"model": GEMINI, "max_tokens": 4000, "messages": [question], "tools": tools}
    response = await proxy.post(MESSAGES, body | {"stream": stream})
    text = await response.text()
    content = blocks_of(text) if stream else json.loads(text)["content"]
    kept = [b for b in content if b["type"] != "thinking" or b.get("signature")]
    result = {"type": "tool_result", "tool_use_id": "call_1", "content": "sunny"}
    turns = [{"role": "assistant", "content": kept}, {"role": "user", "content": [result]}]
    response = await proxy.post(MESSAGES, body | {"messages": [question, *turns]})
    assert response.status == 200, await response.text()
    turn = sent(proxy)["messages"][1]
    assert turn["reasoning_text"] == "Weather, so the tool."
    assert turn["reasoning_opaque"] == "UHJvb2Y="
    assert turn["tool_calls"][0]["id"] == "call_1"


def blocks_of(stream: str) -> list[dict[str, Any]]:
    """The content blocks of a Messages stream, put together."""
    blocks: list[dict[str, Any]] = []
    for line in stream.splitlines():
        if not line.startswith("data: "):
            continue
        event = json.loads(line[6:])
        if event["type"] == "content_block_start":
            blocks.append(event["content_block"] | {"json": ""})
        elif event["type"] == "content_block_delta":
            delta = event["delta"]
            names = {"text": "text", "thinking": "thinking", "signature": "signature"}
            for name, member in names.items():
                if name in delta:
                    blocks[-1][member] = blocks[-1].get(member, "") + delta[name]
            blocks[-1]["json"] += delta.get("partial_json", "")
    for block in blocks:
        text = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = json.loads(text or "{}")
    return blocks
