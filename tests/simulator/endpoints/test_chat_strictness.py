"""What /chat/completions refuses, and that each refusal is the real one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.answers import read, tool
from tests.simulator.conftest import Client, StartSimulator

PIXEL = "data:image/png;base64,iVBORw0KGgo="
VISION = {"Copilot_Vision_Request": "true"}


async def with_body(client: Client, headers: dict[str, str] | None = None, **body: Any) -> Any:
    body.setdefault("model", "gpt-4.1")
    body.setdefault("messages", [{"role": "user", "content": "hi"}])
    return await client.post("/chat/completions", body, **(headers or {}))


@pytest.mark.parametrize(
    "members",
    [{"stream": False}, {"temperature": 0.7}, {"temperature": 0.0}, {"max_tokens": 100}],
    ids=str,
)
async def test_the_table_of_the_403_inquiry(client: Client, members: dict[str, Any]) -> None:
    answer = await with_body(client, **members)
    assert (answer.status, answer.text) == (403, "forbidden\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("members", [{}, {"stream": True}, {"top_p": 1.0}, {"top_p": 0.9}], ids=str)
async def test_what_the_inquiry_saw_accepted(client: Client, members: dict[str, Any]) -> None:
    assert (await with_body(client, **members)).status == 200


async def test_a_rate_limit_in_disguise_cannot_be_told_from_a_refused_parameter(
    client: Client,
) -> None:
    refused = await with_body(client, temperature=1)
    limited = await client.chat("[sim:403-limit]")
    assert (refused.status, refused.raw) == (limited.status, limited.raw)
    different = {"date", "x-request-id", "x-github-request-id", "x-copilot-service-request-id"}
    assert {k for k, v in refused.headers.items() if limited.headers.get(k) != v} <= {
        name for name in refused.headers if name.lower() in different
    }


async def test_the_lenient_profile_takes_them_all_but_one_model_wants_the_newer_name(
    start: StartSimulator,
) -> None:
    client = await start(profile="lenient")
    accepted = await with_body(client, stream=False, temperature=0.7, max_tokens=100)
    assert accepted.status == 200
    refused = await with_body(client, model="gpt-5.4", max_tokens=100)
    assert refused.message.startswith("Unsupported parameter: 'max_tokens'")


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"messages": []}, "Invalid 'messages': empty array."),
        ({"messages": [{"role": "robot", "content": "x"}]}, "Invalid value: 'robot'."),
        ({"store": False}, "Unrecognized request argument supplied: store"),
        ({"stream_options": {}}, "The 'stream_options' parameter is only allowed when 'stream'"),
        ({"n": 2}, "Only n = 1 is supported."),
        ({"tool_choice": "required"}, "Invalid value for 'tool_choice'"),
        ({"max_completion_tokens": 99999}, "max_tokens is too large: 99999."),
        ({"max_completion_tokens": 0}, "Invalid 'max_completion_tokens'"),
        ({"response_format": {"type": "json_schema"}}, "Missing required parameter"),
        (
            {"tools": [{"type": "web_search"}]},
            "Invalid value: 'web_search'. Supported values are: 'function'.",
        ),
        (
            {"tools": [tool("chat", "no spaces", {})]},
            "Invalid 'tools[0].function.name': string does not match pattern.",
        ),
        (
            {"tools": [tool("chat", f"t{n}", {}) for n in range(131)]},
            (
                "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an "
                "array with length 131 instead."
            ),
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {}}]}]},
            "type has to be either 'image_url' or 'text'",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_body_with_a_fault_names_it(
    client: Client, members: dict[str, Any], said: str
) -> None:
    answer = await with_body(client, **members)
    assert answer.status == 400
    assert answer.message.startswith(said)


async def test_an_effort_outside_the_models_list_is_refused_with_the_list(client: Client) -> None:
    answer = await with_body(client, model="gpt-5.2", reasoning_effort="minimal")
    assert answer.json()["error"]["code"] == "invalid_reasoning_effort"
    assert answer.message.endswith("supported values: [low medium high xhigh]")
    assert (await with_body(client, reasoning_effort="low")).status == 400


async def test_only_openais_models_know_the_developer_role(client: Client) -> None:
    messages = [{"role": "developer", "content": "be brief"}, {"role": "user", "content": "hi"}]
    assert (await with_body(client, messages=messages)).status == 200
    assert (await with_body(client, messages=messages, model="gemini-2.5-pro")).status == 400


async def test_a_body_that_is_no_json_object_is_a_plain_bad_request(client: Client) -> None:
    for raw in (b"", b"{", b"[]", b"\xff"):
        async with client.session.post(
            f"{client.server.url}/chat/completions", data=raw, headers=client.headers
        ) as response:
            assert (response.status, await response.text()) == (400, "Bad Request\n")


def image(url: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]


async def test_an_image_needs_its_header_and_must_be_inline(client: Client) -> None:
    missing = await with_body(client, messages=image(PIXEL))
    assert "Copilot-Vision-Request" in missing.message
    assert (await with_body(client, VISION, messages=image(PIXEL))).status == 200
    external = await with_body(client, VISION, messages=image("https://example.com/a.png"))
    assert external.message == "external image URLs are not supported"


async def test_an_image_too_large_is_413_and_a_model_without_eyes_says_so(client: Client) -> None:
    large = f"data:image/png;base64,{'A' * 4_300_000}"
    answer = await with_body(client, VISION, messages=image(large))
    assert (answer.status, answer.message) == (413, "failed to parse request")
    blind = await with_body(client, VISION, messages=image(PIXEL), model="grok-code-fast-1")
    assert "does not support image input" in blind.message


def call(name: str = "read_file", call_id: str = "call_1") -> dict[str, Any]:
    function = {"name": name, "arguments": "{}"}
    return {"id": call_id, "type": "function", "function": function}


async def test_calls_and_results_must_pair_up(client: Client) -> None:
    user = {"role": "user", "content": "hi"}
    assistant = {"role": "assistant", "content": None, "tool_calls": [call()]}
    result = {"role": "tool", "tool_call_id": "call_1", "content": "ok"}
    assert (await with_body(client, messages=[user, assistant, result])).status == 200
    unanswered = await with_body(client, messages=[user, assistant, user])
    assert unanswered.message.endswith("did not have response messages: call_1")
    orphan = await with_body(client, messages=[user, result])
    assert "must be a response to a preceeding message" in orphan.message


async def gemini_turn(client: Client, change: dict[str, Any]) -> Any:
    """A Gemini tool loop whose assistant message is replayed with ``change``."""
    tools = [tool("chat", "get_weather", {"city": {"type": "string"}})]
    model = "gemini-3.1-pro-preview"
    said = read("chat", await client.chat("weather in Oslo step by step", model, tools=tools))
    assistant = {
        "role": "assistant",
        "content": "",
        "tool_calls": [call("get_weather", said.call_ids[0])],
        "reasoning_text": said.thinking,
        "reasoning_opaque": said.opaque,
    }
    replayed = {k: v for k, v in (assistant | change).items() if v is not None}
    result = {"role": "tool", "tool_call_id": said.call_ids[0], "content": "snow"}
    user = {"role": "user", "content": "weather in Oslo step by step"}
    return await with_body(client, model=model, tools=tools, messages=[user, replayed, result])


async def test_gemini_wants_both_reasoning_members_back(client: Client) -> None:
    assert (await gemini_turn(client, {})).status == 200
    missing = await gemini_turn(client, {"reasoning_opaque": None})
    assert missing.json()["error"]["code"] == "invalid_request_body"
    assert "missing a thought_signature" in missing.message
    for change in ({"reasoning_text": None}, {"reasoning_text": "other"}):
        altered = await gemini_turn(client, change)
        assert altered.message.endswith("Thought signature is not valid.")


async def test_a_switch_forgives_gemini_clients_that_cannot_replay(start: StartSimulator) -> None:
    client = await start(switches={"requires_gemini_reasoning_replay": False})
    assert (await gemini_turn(client, {"reasoning_opaque": None})).status == 200


async def test_altered_opaque_reasoning_is_refused_for_every_family(client: Client) -> None:
    for model in ("gpt-5.2", "claude-sonnet-4.6"):
        said = read("chat", await client.chat("step by step", model))
        for opaque, status in ((said.opaque, 200), ("A" + said.opaque[1:], 400)):
            messages = [
                {"role": "user", "content": "step by step"},
                {
                    "role": "assistant",
                    "content": said.text,
                    "reasoning_text": said.thinking,
                    "reasoning_opaque": opaque,
                },
                {"role": "user", "content": "thanks"},
            ]
            assert (await with_body(client, model=model, messages=messages)).status == status


async def test_the_families_keep_their_quirks(client: Client) -> None:
    gpt = (await client.chat("hi", stream=True)).events()
    assert gpt[0][1]["choices"] == []
    assert "prompt_filter_results" in gpt[0][1]
    assert gpt[-2][1]["choices"] == []
    assert gpt[-2][1]["copilot_usage"]["total_nano_aiu"] > 0
    claude = [
        data for _, data in (await client.chat("hi", "claude-sonnet-4.6", stream=True)).events()
    ]
    assert all("object" not in chunk for chunk in claude[:-1])
    assert claude[-2]["choices"][0]["finish_reason"] == "stop"
    assert claude[-2]["usage"]["prompt_tokens"] > 0
    gemini = [data for _, data in (await client.chat("hi", "gemini-2.5-pro", stream=True)).events()]
    assert all(chunk["usage"]["total_tokens"] == 0 for chunk in gemini[:-2])
    assert gemini[-2]["usage"]["total_tokens"] > 0


async def test_claude_whole_answers_spread_their_calls_over_choices(client: Client) -> None:
    tools = [tool("chat", "get_weather", {"city": {"type": "string"}})]
    answer = await client.chat("weather in Paris and Rome", "claude-sonnet-4.6", tools=tools)
    choices = answer.json()["choices"]
    assert len(choices) == 3
    assert all("index" not in choice for choice in choices)
    assert {choice["finish_reason"] for choice in choices} == {"tool_calls"}
    assert "tool_calls" not in choices[0]["message"]
