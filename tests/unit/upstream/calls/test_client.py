"""Calls to models, against a scripted upstream."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.config.settings import ParameterPolicy
from proxy_core.errors import ErrorKind, ProxyError, SignedOut, UpstreamRefused
from proxy_core.routing.upstream_api import Initiator
from proxy_core.upstream.parameters.memory_file import ParameterStore
from tests.unit.upstream.calls.client_words import CHAT, FORBIDDEN, HELLO, MESSAGES, RESPONSES
from tests.unit.upstream.scripted_github import (
    CLAUDE,
    STREAM,
    Bench,
    Reply,
    a_call,
    exchange_reply,
)


async def test_a_chat_call_asks_for_a_stream_with_usage_and_arrives_as_sent(bench: Bench) -> None:
    bench.github.on(CHAT, STREAM)
    answer = await bench.client.open_stream(a_call({**HELLO, "stream": False, "top_p": 0.9}))
    assert answer.content_type == "text/event-stream"
    assert [chunk async for chunk in answer.chunks()] == [b"data: {}\n\ndata: [DONE]\n\n"]
    await answer.close()
    await answer.close()
    (seen,) = bench.github.calls(CHAT)
    assert seen.body == {
        "model": "gpt-5.4",
        **HELLO,
        "top_p": 0.9,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert answer.attempts == 1
    assert answer.dropped == ()


async def test_the_headers_of_a_model_call(bench: Bench) -> None:
    bench.github.on(CHAT, STREAM)
    await bench.send(HELLO, has_images=True)
    headers = bench.github.calls(CHAT)[0].headers
    assert headers["Authorization"] == "Bearer tid=1;exp=2:MAC"
    assert headers["Editor-Version"] == "vscode/1.107.0"
    assert headers["Copilot-Integration-Id"] == "vscode-chat"
    assert headers["X-GitHub-Api-Version"] == "2026-06-01"
    assert headers["OpenAI-Intent"] == headers["X-Interaction-Type"] == "conversation-edits"
    assert headers["X-Initiator"] == "user"
    assert headers["Copilot-Vision-Request"] == "true"
    assert headers["X-Request-Id"]
    assert "anthropic-version" not in headers
    (exchange,) = bench.github.calls("/copilot_internal/v2/token")
    assert exchange.headers["Authorization"] == "token ghu_secret"
    assert exchange.headers["X-GitHub-Api-Version"] == "2025-04-01"


async def test_a_tool_loop_keeps_its_turns_interaction_id(bench: Bench) -> None:
    bench.github.on(CHAT, STREAM)
    await bench.send(HELLO, session_id="s")
    await bench.send(HELLO, session_id="s", initiator=Initiator.AGENT)
    await bench.send(HELLO, session_id="s")
    first, second, third = (e.headers["X-Interaction-Id"] for e in bench.github.calls(CHAT))
    assert first == second != third
    assert bench.github.calls(CHAT)[1].headers["X-Initiator"] == "agent"


async def test_a_messages_call_carries_the_dialects_headers_and_no_chat_members(
    bench: Bench,
) -> None:
    bench.github.on(MESSAGES, STREAM)
    body = {**HELLO, "max_tokens": 10}
    await bench.send(
        body,
        endpoint=Endpoint.MESSAGES,
        model=CLAUDE,
        headers={"Anthropic-Beta": "a-1, b-2", "x-api-key": "local"},
    )
    (seen,) = bench.github.calls(MESSAGES)
    assert seen.headers["anthropic-version"] == "2023-06-01"
    assert seen.headers["anthropic-beta"] == "a-1, b-2"
    assert "x-api-key" not in seen.headers
    assert "stream_options" not in seen.body
    assert seen.body["max_tokens"] == 10


async def test_raw_members_are_passed_on_as_they_came(bench: Bench) -> None:
    bench.github.on(CHAT, STREAM)
    await bench.send(
        {
            "messages": msgspec.Raw(b'[{"role":"user",  "content":"\\u00e9"}]'),
            "stream_options": {"x": 1},
        }
    )
    (seen,) = bench.github.calls(CHAT)
    assert seen.body["messages"] == [{"role": "user", "content": "é"}]
    assert seen.body["stream_options"] == {"x": 1, "include_usage": True}


async def test_embeddings_are_not_asked_to_stream(bench: Bench) -> None:
    bench.github.on("/embeddings", Reply(200, {"data": []}))
    await bench.send({"input": ["a"]}, endpoint=Endpoint.EMBEDDINGS)
    assert bench.github.calls("/embeddings")[0].body == {"model": "gpt-5.4", "input": ["a"]}


async def test_a_dead_token_is_exchanged_and_the_call_sent_once_more(bench: Bench) -> None:
    bench.github.on("/copilot_internal/v2/token", exchange_reply("old"), exchange_reply("new"))
    bench.github.on(CHAT, Reply(401, b"unauthorized: token expired\n"), STREAM)
    await bench.send(HELLO)
    assert [e.headers["Authorization"] for e in bench.github.calls(CHAT)] == [
        "Bearer old",
        "Bearer new",
    ]
    assert bench.time.slept == []


async def test_a_token_refused_twice_is_a_clear_sign_in_error(bench: Bench) -> None:
    bench.github.on(CHAT, Reply(401, b"unauthorized: token expired\n"))
    with pytest.raises(SignedOut, match="unauthorized: token expired"):
        await bench.send(HELLO)
    assert len(bench.github.calls(CHAT)) == 2


async def test_a_401_about_an_item_is_the_callers_and_refreshes_nothing(bench: Bench) -> None:
    body = {"error": {"message": "input item does not belong to this connection", "code": "x"}}
    bench.github.on(RESPONSES, Reply(401, body))
    with pytest.raises(ProxyError) as caught:
        await bench.send({"input": []}, endpoint=Endpoint.RESPONSES)
    assert caught.value.kind is ErrorKind.INVALID_REQUEST
    assert caught.value.http_status == 400
    assert len(bench.github.calls("/copilot_internal/v2/token")) == 1


async def test_what_a_403_may_be_about_is_left_out_once_and_remembered(bench: Bench) -> None:
    bench.github.on(CHAT, FORBIDDEN, STREAM)
    body = {**HELLO, "temperature": 0.7, "max_tokens": 100, "top_p": 0.9, "seed": 1}
    answer = await bench.client.open_stream(a_call(body))
    await answer.close()
    assert answer.dropped == ("temperature", "max_tokens")
    assert answer.enforced_locally == ("max_tokens",)
    assert answer.attempts == 2
    assert answer.notes == ("gpt-5.4 refused “temperature”, “max_tokens”; sent again without",)
    first, second = (e.body for e in bench.github.calls(CHAT))
    assert first["temperature"] == 0.7
    assert set(first) - set(second) == {"temperature", "max_tokens"}
    assert bench.time.slept == []

    answer = await bench.client.open_stream(a_call(body))
    await answer.close()
    assert len(bench.github.calls(CHAT)) == 3, (
        "after learning, one client call is one upstream call"
    )
    assert answer.dropped == ("temperature", "max_tokens")
    assert answer.notes == ()


async def test_what_was_guessed_is_tried_again_after_a_day(bench: Bench) -> None:
    bench.github.on(CHAT, FORBIDDEN, STREAM)
    await bench.send({**HELLO, "temperature": 1})
    bench.time.pass_seconds(86_401)
    bench.github.on(CHAT, STREAM)
    await bench.send({**HELLO, "temperature": 1})
    assert bench.github.calls(CHAT)[-1].body["temperature"] == 1


async def test_what_was_learned_survives_a_restart_and_holds_no_values(
    bench: Bench, tmp_path: Path
) -> None:
    bench.github.on(CHAT, FORBIDDEN, STREAM)
    await bench.send({**HELLO, "temperature": 0.123})
    await bench.parameters.close()
    text = (tmp_path / "learned.json").read_text()
    assert "temperature" in text
    assert "0.123" not in text
    again = ParameterStore(tmp_path / "learned.json", bench.time.clock)
    remembered = again.memory.refused_parameters(
        "gpt-5.4", Endpoint.CHAT_COMPLETIONS, bench.time.wall
    )
    assert [each.name for each in remembered] == ["temperature"]


async def test_a_guess_that_did_not_help_teaches_nothing(bench: Bench) -> None:
    bench.github.on(CHAT, FORBIDDEN, FORBIDDEN, STREAM)
    answer = await bench.client.open_stream(a_call({**HELLO, "temperature": 1}))
    await answer.close()
    assert answer.attempts == 3
    assert len(bench.github.calls("/copilot_internal/v2/token")) == 2
    await bench.send({**HELLO, "temperature": 1})
    assert bench.github.calls(CHAT)[-1].body["temperature"] == 1


async def test_a_parameter_that_was_just_accepted_is_not_blamed_for_a_hidden_limit(
    bench: Bench,
) -> None:
    bench.github.on(CHAT, STREAM, FORBIDDEN, FORBIDDEN, STREAM)
    await bench.send({**HELLO, "temperature": 1})
    await bench.send({**HELLO, "temperature": 1})
    assert all("temperature" in each.body for each in bench.github.calls(CHAT))
    assert len(bench.time.slept) == 1


async def test_strict_never_sends_what_chat_was_seen_to_refuse(bench: Bench) -> None:
    bench.change(parameter_policy=ParameterPolicy.STRICT)
    bench.github.on(CHAT, STREAM)
    answer = await bench.client.open_stream(
        a_call({**HELLO, "temperature": 1, "max_tokens": 5, "top_p": 1})
    )
    await answer.close()
    (seen,) = bench.github.calls(CHAT)
    assert "temperature" not in seen.body
    assert "max_tokens" not in seen.body
    assert seen.body["top_p"] == 1
    assert answer.enforced_locally == ("max_tokens",)


async def test_forward_sends_everything_and_repairs_nothing(bench: Bench) -> None:
    bench.change(parameter_policy=ParameterPolicy.FORWARD)
    text = "Unsupported parameter: 'temperature' is not supported with this model."
    bench.github.on(CHAT, Reply(400, {"error": {"message": text, "code": "invalid_request_body"}}))
    with pytest.raises(UpstreamRefused, match="Unsupported parameter: 'temperature'"):
        await bench.send({**HELLO, "temperature": 1})
    assert len(bench.github.calls(CHAT)) == 1


async def test_a_member_that_has_another_name_here_is_sent_under_it(bench: Bench) -> None:
    text = (
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead."
    )
    bench.github.on(CHAT, Reply(400, {"error": {"message": text}}), STREAM)
    answer = await bench.client.open_stream(a_call({**HELLO, "max_tokens": 7}))
    await answer.close()
    assert bench.github.calls(CHAT)[1].body["max_completion_tokens"] == 7
    assert "max_tokens" not in bench.github.calls(CHAT)[1].body
    assert answer.dropped == answer.enforced_locally == ()
    await bench.send({**HELLO, "max_tokens": 8})
    assert len(bench.github.calls(CHAT)) == 3
    assert bench.github.calls(CHAT)[2].body["max_completion_tokens"] == 8


async def test_a_nested_member_named_as_extra_is_left_out_everywhere(bench: Bench) -> None:
    text = "tools.0.custom.eager_input_streaming: Extra inputs are not permitted"
    bench.github.on(MESSAGES, Reply(400, {"error": {"message": text}}), STREAM)
    tools = [
        {"name": "a", "eager_input_streaming": True},
        {"name": "b"},
        {"name": "c", "eager_input_streaming": False},
    ]
    answer = await bench.client.open_stream(
        a_call(
            {**HELLO, "max_tokens": 9, "tools": msgspec.Raw(json.dumps(tools).encode())},
            endpoint=Endpoint.MESSAGES,
            model=CLAUDE,
        )
    )
    await answer.close()
    assert bench.github.calls(MESSAGES)[1].body["tools"] == [
        {"name": "a"},
        {"name": "b"},
        {"name": "c"},
    ]
    assert answer.dropped == ("tools.*.custom.eager_input_streaming",)


async def test_unknown_betas_are_left_out_once_and_remembered(bench: Bench) -> None:
    text = "unsupported beta header(s): claude-code-20250219, oauth-2025-04-20"
    bench.github.on(MESSAGES, Reply(400, {"error": {"message": text}}), STREAM)
    betas = "claude-code-20250219,interleaved-thinking-2025-05-14,oauth-2025-04-20,context-1m-2025-08-07"
    for _ in range(2):
        answer = await bench.client.open_stream(
            a_call(
                {**HELLO, "max_tokens": 9},
                endpoint=Endpoint.MESSAGES,
                model=CLAUDE,
                headers={"anthropic-beta": betas},
            )
        )
        await answer.close()
    sent = [each.headers["anthropic-beta"] for each in bench.github.calls(MESSAGES)]
    assert len(sent) == 3
    assert "context-1m" not in sent[0], "a refusal all sources agree on is not tried"
    assert sent[1] == sent[2] == "interleaved-thinking-2025-05-14"
    assert set(answer.dropped) == {
        "anthropic-beta: context-1m-2025-08-07",
        "anthropic-beta: claude-code-20250219",
        "anthropic-beta: oauth-2025-04-20",
    }


async def test_ids_too_long_to_replay_are_left_out_for_all_items_of_that_kind(
    bench: Bench,
) -> None:
    text = (
        "Invalid 'input[1].id': string too long. Expected a string with maximum length 64, but got a "
        "string with length 408 instead."
    )
    bench.github.on(RESPONSES, Reply(400, {"error": {"message": text}}), STREAM)
    items = [
        {"type": "message", "id": "m", "role": "user", "content": "hi"},
        {"type": "function_call", "id": "x" * 408, "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call", "id": "y" * 408, "call_id": "c2", "name": "f", "arguments": "{}"},
    ]
    await bench.send({"input": items}, endpoint=Endpoint.RESPONSES)
    sent = bench.github.calls(RESPONSES)[1].body["input"]
    assert ["id" in each for each in sent] == [True, False, False]
    assert [each.get("call_id") for each in sent] == [None, "c1", "c2"]


@pytest.mark.parametrize(
    "message",
    [
        "messages: text content blocks must be non-empty",
        "Invalid 'tools': array too long. Expected an array with maximum length 128, but got 131.",
        "messages: Extra inputs are not permitted",
        "messages.0.content.0.text: Extra inputs are not permitted",
        "unsupported beta header(s): never-sent-2020-01-01",
    ],
)
async def test_any_other_400_is_passed_on_word_for_word_and_not_sent_again(
    bench: Bench, message: str
) -> None:
    bench.github.on(MESSAGES, Reply(400, {"type": "error", "error": {"message": message}}))
    with pytest.raises(UpstreamRefused) as caught:
        await bench.send({**HELLO, "temperature": 1}, endpoint=Endpoint.MESSAGES, model=CLAUDE)
    assert caught.value.message == message
    assert caught.value.http_status == 400
    assert len(bench.github.calls(MESSAGES)) == 1


async def test_responses_never_stores_and_keeps_a_tiny_limit_locally(bench: Bench) -> None:
    bench.github.on(RESPONSES, STREAM)
    answer = await bench.client.open_stream(
        a_call({"input": "x", "max_output_tokens": 8, "store": True}, endpoint=Endpoint.RESPONSES)
    )
    await answer.close()
    (seen,) = bench.github.calls(RESPONSES)
    assert seen.body["store"] is False
    assert seen.body["max_output_tokens"] == 16
    assert answer.enforced_locally == ("max_output_tokens",)
    assert answer.dropped == ("store", "max_output_tokens (16 instead of 8)")
