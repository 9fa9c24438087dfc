"""A request in the library's words: what it can say is said, anything else is grafted in."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy_core.canonical.model import Endpoint
from proxy_core.config.settings import BackendName, UpstreamSettings
from proxy_core.errors import BadRequest
from proxy_core.upstream.backends.choice import backend_for
from proxy_core.upstream.backends.pi_ai.context.job import Outbound, endpoint_of, job_line

URL = "https://api.githubcopilot.com"
HEADERS = {"Authorization": "Bearer tid=1", "Editor-Version": "vscode/1"}
MARK = "pi0"


def job(endpoint: Endpoint, **body: Any) -> dict[str, Any]:
    raw = msgspec.json.encode({"model": "m", **body})
    line = job_line(7, Outbound(endpoint, URL + endpoint, HEADERS, raw), MARK)
    assert line.endswith(b"\n")
    made: dict[str, Any] = msgspec.json.decode(line)
    return made


def test_a_chat_conversation_is_said_in_the_library_s_messages() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1.0}'}}
    made = job(
        Endpoint.CHAT_COMPLETIONS,
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "1"},
        ],
        top_p=0.5,
    )
    assert made["context"] == {
        "systemPrompt": "Be brief.",
        "messages": [
            {"role": "user", "content": "hi"},
            {
                "role": "assistant",
                "content": [
                    {"type": "toolCall", "id": "c1", "name": "f", "arguments": f"{MARK}v:0"}
                ],
            },
            {
                "role": "toolResult",
                "toolCallId": "c1",
                "toolName": "",
                "content": [{"type": "text", "text": "1"}],
                "isError": False,
            },
        ],
    }
    assert made["developer"]
    assert made["raws"][0] == '"{\\"a\\": 1.0}"', "the arguments as the model wrote them"
    assert [name for name, raw in made["members"] if raw < 0] == ["messages"]
    assert not made["hasGrafts"]


@pytest.mark.parametrize(
    "turn",
    [
        {"role": "user", "content": "hi", "name": "eve"},
        {"role": "user", "content": " "},
        {"role": "system", "content": "in the middle"},
        {"role": "assistant", "content": "x", "reasoning_opaque": "abc"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y"}}]},
    ],
)
def test_what_the_library_would_change_is_grafted_as_it_stands(turn: dict[str, Any]) -> None:
    first = {"role": "user", "content": "hello"}
    made = job(Endpoint.CHAT_COMPLETIONS, messages=[first, turn])
    assert made["hasGrafts"]
    assert msgspec.json.encode(turn).decode() in made["raws"]


def test_a_call_without_its_result_is_grafted_because_the_library_would_answer_it() -> None:
    use = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    turns = [
        {"role": "assistant", "content": [use]},
        {"role": "user", "content": "never mind"},
    ]
    said = job(Endpoint.MESSAGES, messages=turns)["context"]["messages"]
    assert said[0]["content"][0]["text"].startswith(f"{MARK}g:")


def test_results_beside_a_text_stay_one_turn_and_every_call_counts_as_answered() -> None:
    uses = [{"type": "tool_use", "id": each, "name": "f", "input": {}} for each in ("t1", "t2")]
    results = [
        {"type": "tool_result", "tool_use_id": each, "content": "x"} for each in ("t1", "t2")
    ]
    turns = [
        {"role": "assistant", "content": uses},
        {"role": "user", "content": [*results, {"type": "text", "text": "go on"}]},
    ]
    said = job(Endpoint.MESSAGES, messages=turns)["context"]["messages"]
    assert [each["toolCallId"] for each in said[1:]] == ["t1", "t2"]
    assert said[1]["content"][0]["text"].startswith(f"{MARK}g:")
    assert said[2]["content"][0]["text"] == f"{MARK}d", "only the library needs to see it"


def test_the_items_of_one_turn_are_one_message_of_the_library() -> None:
    items = [
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "1"},
        {"type": "function_call_output", "call_id": "c2", "output": "2"},
    ]
    said = job(Endpoint.RESPONSES, input=items)["context"]["messages"]
    assert [each["type"] for each in said[0]["content"]] == ["thinking", "toolCall", "toolCall"]
    assert msgspec.json.decode(said[0]["content"][0]["thinkingSignature"]) == items[0]
    assert [each["role"] for each in said] == ["assistant", "toolResult", "toolResult"]


@pytest.mark.parametrize(
    ("endpoint", "members", "named"),
    [
        (Endpoint.CHAT_COMPLETIONS, {"n": 2}, "several answers"),
        (Endpoint.CHAT_COMPLETIONS, {"logprobs": True}, "logprobs"),
        (Endpoint.MESSAGES, {"tools": [{"type": "web_search_20250305"}]}, "web_search"),
        (Endpoint.RESPONSES, {"tools": [{"type": "custom", "name": "x"}]}, "custom"),
    ],
)
def test_what_would_come_back_incomplete_is_refused_by_name(
    endpoint: Endpoint, members: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadRequest, match=named) as caught:
        job(endpoint, **members)
    assert caught.value.code == "unsupported_by_backend"


NAMES = ("type", "role", "content", "id", "tool_calls", "tool_use_id", "call_id", "input", "source")
WORDS = (
    "assistant",
    "user",
    "tool",
    "tool_use",
    "tool_result",
    "function_call",
    "image",
    "x|y",
    "",
)
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(WORDS)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), LEAVES, max_size=4)
VALUES = LEAVES | OBJECTS | st.lists(LEAVES | OBJECTS, max_size=3)


@given(
    endpoint=st.sampled_from([Endpoint.CHAT_COMPLETIONS, Endpoint.RESPONSES, Endpoint.MESSAGES]),
    turns=st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES), max_size=4),
    tools=VALUES,
)
def test_what_no_vendor_knows_goes_to_upstream_which_says_what_is_wrong_with_it(
    endpoint: Endpoint, turns: list[dict[str, Any]], tools: Any
) -> None:
    name = "input" if endpoint is Endpoint.RESPONSES else "messages"
    made = job(endpoint, **{name: turns})
    assert len(made["members"]) == 2
    with contextlib.suppress(BadRequest):
        job(endpoint, **{name: turns, "tools": tools})


def test_only_conversations_have_a_backend_of_their_own() -> None:
    settings = UpstreamSettings(
        backend=BackendName.PI_AI, model_backends={"gpt-4.1": BackendName.COPILOT}
    )
    assert backend_for(settings, "gpt-5", "/responses") is BackendName.PI_AI
    assert backend_for(settings, "gpt-4.1", "/responses") is BackendName.COPILOT
    assert backend_for(settings, "gpt-5", "/embeddings") is BackendName.COPILOT
    assert backend_for(settings, "gpt-5", "/v1/messages/count_tokens") is BackendName.COPILOT
    with pytest.raises(BadRequest):
        endpoint_of(f"{URL}/embeddings")
