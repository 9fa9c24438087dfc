"""An error of upstream's on its way to the client: body, headers, status."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.dialects.registry import DIALECTS
from proxy_core.server.http.responses import error_answer
from proxy_core.upstream.calls.error_mapping import to_error
from proxy_core.upstream.calls.error_response import read_failure

THEIRS = {"type": "overloaded_error", "message": "busy", "details": {"queue": 3}}


def answered(client: DialectName, status: int, body: dict[str, Any], **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    failure = read_failure(status, sent, json.dumps(body).encode(), 0.0)
    return error_answer(to_error(failure), DIALECTS[client], "req_1")


def test_an_error_body_of_the_clients_own_dialect_passes_unmodified() -> None:
    body = {"type": "error", "error": THEIRS, "request_id": "req_theirs"}
    answer = answered(DialectName.ANTHROPIC_MESSAGES, 529, body)
    assert json.loads(answer.body) == body
    foreign = answered(DialectName.OPENAI_CHAT, 529, body)
    assert json.loads(foreign.body)["error"]["message"] == "busy"
    assert "details" not in json.loads(foreign.body)["error"]


def test_what_agents_act_upon_is_said_in_their_vendors_words() -> None:
    error = {
        "type": "invalid_request_error",
        "message": "prompt token count of 9 exceeds the limit of 8",
    }
    body = {"type": "error", "error": error}
    answer = answered(DialectName.ANTHROPIC_MESSAGES, 400, body)
    assert "prompt is too long: 9 tokens > 8" in json.loads(answer.body)["error"]["message"]


@pytest.mark.parametrize("client", list(DIALECTS))
def test_upstreams_headers_about_repeats_pass_verbatim(client: DialectName) -> None:
    body = {"error": {"message": "slow", "code": "rate_limited"}}
    answer = answered(client, 429, body, retry_after="61", x_should_retry="false")
    assert answer.headers["retry-after"] == "61"
    assert answer.headers["x-should-retry"] == "false"
