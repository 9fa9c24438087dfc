"""Before the SDK is needed: whose requests are taken, what travels on, and a clear word without it."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest

from proxy_core.integrations.model_traffic import forwarded, proxy_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://api.githubcopilot.com/chat/completions", "/v1/chat/completions"),
        ("https://api.githubcopilot.com/responses", "/v1/responses"),
        ("https://api.githubcopilot.com/v1/messages", "/v1/messages"),
        ("https://api.githubcopilot.com/v1/messages?beta=true", "/v1/messages?beta=true"),
        ("https://api.githubcopilot.com/models", "/v1/models"),
        ("wss://api.githubcopilot.com/responses", "/v1/responses"),
        ("https://api.openai.com/v1/responses/compact", "/v1/responses/compact"),
        ("https://api.example.com/api/v1/chat/completions", "/v1/chat/completions"),
        ("http://localhost:11434/openai/v1/responses", "/v1/responses"),
        (
            "https://x.openai.azure.com/openai/deployments/mine/chat/completions?api-version=1",
            "/v1/chat/completions?api-version=1",
        ),
        ("https://api.githubcopilot.com/v1/chat/completions/", "/v1/chat/completions"),
    ],
)
def test_a_model_s_request_goes_to_the_proxy_wherever_it_was_meant_to_go(
    url: str, path: str
) -> None:
    assert proxy_path(url) == path


@pytest.mark.parametrize(
    "url",
    [
        "https://api.githubcopilot.com/models/session",
        "https://api.githubcopilot.com/auto",
        "https://api.githubcopilot.com/mcp/readonly",
        "https://api.github.com/copilot_internal/user",
        "https://api.github.com/copilot_internal/models",
        "https://telemetry.example.com/telemetry",
        "https://api.githubcopilot.com/",
        "https://api.githubcopilot.com",
    ],
)
def test_what_asks_no_model_goes_where_the_runtime_sends_it(url: str) -> None:
    assert proxy_path(url) is None


def test_keys_for_others_and_headers_of_one_connection_do_not_travel_on() -> None:
    stays = [("X-Initiator", "agent"), ("anthropic-beta", "a"), ("anthropic-beta", "b")]
    goes = [
        *(("Authorization", "Bearer theirs"), ("X-Api-Key", "theirs"), ("Api-Key", "theirs")),
        *(("Host", "h"), ("Connection", "close"), ("Content-Length", "3"), ("TE", "trailers")),
        *(("Transfer-Encoding", "chunked"), ("Keep-Alive", "5"), ("Upgrade", "websocket")),
        *(("Proxy-Connection", "close"), ("Trailer", "x"), ("Accept-Encoding", "br")),
    ]
    assert list(forwarded([stays[0], *goes, *stays[1:]])) == stays


@pytest.mark.parametrize("missing", ["copilot", "httpx", "websockets"])
def test_without_the_optional_packages_the_next_step_is_told(
    monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for each in ("copilot", "httpx", "websockets"):
        there = ModuleType(each)
        monkeypatch.setitem(sys.modules, each, None if each == missing else there)
    monkeypatch.delitem(sys.modules, "proxy_core.integrations.copilot_sdk", raising=False)
    with pytest.raises(ImportError, match=r"pip install 'g-copilot-proxy\[copilot-sdk\]'"):
        importlib.import_module("proxy_core.integrations.copilot_sdk")
