"""The investigation of 11 February 2026: what made Copilot answer 403, sent by a client of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.server.conftest import Proxy

MESSAGES = [{"role": "user", "content": "Repeat exactly the following text and nothing else: fine"}]
TABLE: list[dict[str, Any]] = [
    {},
    {"stream": True},
    {"stream": False},
    {"temperature": 0.7},
    {"temperature": 0.0},
    {"max_tokens": 100},
    {"top_p": 1.0},
    {"top_p": 0.9},
    {"temperature": 0.3, "top_p": 1.0, "max_tokens": 4096},
]


@pytest.mark.parametrize("parameters", TABLE, ids=str)
@pytest.mark.parametrize("model", ["gpt-4o-mini", "claude-sonnet-4.6", "gpt-5.3-codex"])
async def test_every_line_of_the_table_is_answered_200(
    proxy: Proxy, model: str, parameters: dict[str, Any]
) -> None:
    response = await proxy.post(
        "/v1/chat/completions", {"model": model, "messages": MESSAGES, **parameters}
    )
    assert response.status == 200, await response.text()
    assert "fine" in await response.text()
    sent = proxy.simulator.requests[-1].body
    assert sent["stream"] is True


async def test_what_was_left_out_is_named(proxy: Proxy) -> None:
    asked = {"model": "gpt-4o-mini", "messages": MESSAGES, "temperature": 0.7, "top_p": 0.5}
    first = await proxy.post("/v1/chat/completions", asked)
    assert "temperature" in first.headers["x-g-copilot-proxy-dropped"]
    assert "top_p" not in first.headers["x-g-copilot-proxy-dropped"]
    calls = len(proxy.simulator.requests)
    again = await proxy.post("/v1/chat/completions", asked)
    assert "temperature" in again.headers["x-g-copilot-proxy-dropped"]
    assert len(proxy.simulator.requests) == calls + 1, "what was learned is not asked again"
    assert "temperature" in proxy.last_request.dropped


async def test_a_request_that_lost_nothing_has_no_such_header(proxy: Proxy) -> None:
    asked = {"model": "gpt-4o-mini", "messages": MESSAGES, "top_p": 0.5}
    response = await proxy.post("/v1/chat/completions", asked)
    assert "x-g-copilot-proxy-dropped" not in response.headers
    assert "x-g-copilot-proxy-model" not in response.headers


async def test_a_beta_upstream_does_not_take_is_named_and_left_out(proxy: Proxy) -> None:
    response = await proxy.post(
        "/v1/messages?beta=true",
        {"model": "claude-sonnet-4-6", "max_tokens": 50, "messages": MESSAGES},
        anthropic_version="2023-06-01",
        anthropic_beta="claude-code-20250219,context-management-2025-06-27",
    )
    assert response.status == 200
    assert "claude-code-20250219" in response.headers["x-g-copilot-proxy-dropped"]
    sent = proxy.simulator.requests[-1].headers["anthropic-beta"]
    assert sent == "context-management-2025-06-27"


@pytest.mark.parametrize(
    ("path", "body", "initiator"),
    [
        ("/v1/chat/completions", {"messages": MESSAGES}, "user"),
        (
            "/v1/chat/completions",
            {
                "messages": [
                    *MESSAGES,
                    {
                        "role": "assistant",
                        "content": None,
                        "tool_calls": [
                            {
                                "id": "c1",
                                "type": "function",
                                "function": {"name": "f", "arguments": "{}"},
                            }
                        ],
                    },
                    {"role": "tool", "tool_call_id": "c1", "content": "done"},
                ]
            },
            "agent",
        ),
        ("/v1/messages", {"messages": MESSAGES, "max_tokens": 9}, "user"),
        ("/v1/responses", {"input": "hi"}, "user"),
    ],
)
async def test_who_spoke_last_is_told_to_upstream(
    proxy: Proxy, path: str, body: dict[str, Any], initiator: str
) -> None:
    response = await proxy.post(path, {"model": "gpt-4o-mini", **body})
    assert response.status == 200
    assert proxy.simulator.requests[-1].headers["x-initiator"] == initiator


async def test_no_header_of_the_client_s_goes_to_github(proxy: Proxy) -> None:
    await proxy.post(
        "/v1/chat/completions",
        {"model": "gpt-4o-mini", "messages": MESSAGES},
        X_Secret="mine",
        Cookie="session=1",
        x_api_key="something",
    )
    sent = proxy.simulator.requests[-1].headers
    assert not {"x-secret", "cookie", "x-api-key", "origin", "referer"} & set(sent)
    assert "sk-local" not in str(dict(sent))


ODD: dict[str, tuple[str, ...]] = {
    "/v1/chat/completions": (
        "gpt-4.1",
        (
            '"messages": [ {"role" : "user", "content": [{"type":"text","text":"h\\u0069"},'
            '{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=",'
            '"detail":"original"}}]} ]'
        ),
        '"temperature": 0.70',
        '"store":true',
        '"reasoning_effort" :"minimal"',
        '"tools": [{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}]',
    ),
    "/v1/responses": (
        "gpt-5.3-codex",
        '"input": [ {"type":"message","role":"user","id":"msg_1","content":"h\\u0069"} ]',
        '"temperature": 1.0',
        '"max_output_tokens":   1',
        '"service_tier": "flex"',
        '"store": true',
        '"reasoning": {"effort": "minimal", "odd": [ ]}',
        '"tools": [ {"type":"function","name":"f","parameters":{"type":"object"},"odd":1} ]',
    ),
    "/v1/messages": (
        "claude-sonnet-4.6",
        (
            '"messages": [ {"role":"user","content":[{"type":"text","text":"h\\u0069",'
            '"cache_control": {"type":"ephemeral", "scope": "x"}}, {"type":"text","text":" "}]} ]'
        ),
        '"system": [ {"type":"text","text":"  ","cache_control":{"type":"ephemeral","odd":1}} ]',
        '"max_tokens":  2000',
        '"thinking": {"type":"enabled", "budget_tokens": 1024}',
        '"output_config": {"effort" : "xhigh"}',
        (
            '"tools": [ {"name":"f", "strict": true, "defer_loading": true, '
            '"input_schema": {"type":"object"}, "cache_control": {"type":"ephemeral"}} ]'
        ),
        '"service_tier": "auto"',
    ),
}


class TestForwarded:
    """``parameter_policy = "forward"``: what passes through reaches upstream as the client sent it."""

    @pytest.fixture
    def settings_text(self) -> str:
        return '[upstream]\nparameter_policy = "forward"\n'

    @pytest.mark.parametrize("path", ODD)
    @pytest.mark.parametrize("stream", ["true", "false"])
    async def test_a_body_reaches_upstream_byte_for_byte(
        self, proxy: Proxy, path: str, stream: str
    ) -> None:
        model, *members = ODD[path]
        body = ", ".join([f'"model": "{model}"', *members, f'"stream": {stream}'])
        headers = proxy.headers(
            content_type="application/json", anthropic_beta="made-up-2026-01-01"
        )
        response = await proxy.send("POST", path, headers, data=f"{{{body}}}")
        said = await response.text()
        calls = [each for each in proxy.simulator.requests if each.path == path.removeprefix("/v1")]
        calls = calls or [each for each in proxy.simulator.requests if each.path == path]
        assert calls, said
        sent = calls[0]
        for member in members:
            name, value = member.split(":", 1)
            assert f"{name.strip()}:{value.strip()}".encode() in sent.raw
        added = {"stream"} | ({"stream_options"} if "chat" in path else set())
        named = {each.split('"')[1] for each in members}
        assert set(sent.body) == {"model", *named} | added
        assert sent.body["model"] == model
        if path == "/v1/messages":
            assert sent.headers["anthropic-beta"] == "made-up-2026-01-01"

    async def test_what_was_sent_is_not_said_to_be_dropped(self, proxy: Proxy) -> None:
        asked = {
            "model": "claude-sonnet-4.6",
            "max_tokens": 64,
            "messages": [{"role": "user", "content": "Repeat exactly the following text: fine"}],
            "thinking": {"type": "disabled"},
            "output_config": {"effort": "low"},
        }
        response = await proxy.post("/v1/messages", asked)
        assert response.status == 200, await response.text()
        assert "x-g-copilot-proxy-dropped" not in response.headers
        assert proxy.last_request.dropped == ()

    async def test_thinking_we_sealed_is_opened_all_the_same(self, proxy: Proxy) -> None:
        messages = [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "fine", "reasoning_content": "I thought."},
            {"role": "user", "content": "and now?"},
        ]
        asked = {"model": "gpt-4.1", "messages": messages, "temperature": 0.7}
        await (await proxy.post("/v1/chat/completions", asked)).read()
        sent = next(each for each in proxy.simulator.requests if each.path == "/chat/completions")
        assert sent.body["messages"][1]["reasoning_text"] == "I thought."
        assert sent.body["temperature"] == 0.7
