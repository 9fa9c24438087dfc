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
