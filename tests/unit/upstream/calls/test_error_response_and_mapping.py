"""From an error answer to the error a client gets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.errors import Actor, ErrorKind, SignedOut
from proxy_core.upstream.calls.error_mapping import to_error
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse, read_failure

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z
EXAMPLES = Path(__file__).parents[5] / "shared/reference/copilot-examples/errors.json"


def read(status: int, body: Any, headers: dict[str, str] | None = None) -> UpstreamErrorResponse:
    content = body if isinstance(body, bytes) else json.dumps(body).encode() + b"\n"
    return read_failure(status, headers or {}, content, NOW)


@pytest.mark.parametrize(
    ("status", "body", "cause", "kind", "http_status"),
    [
        (
            400,
            {"error": {"message": "m", "code": "model_not_supported"}},
            ErrorCause.MODEL,
            ErrorKind.MODEL_NOT_FOUND,
            404,
        ),
        (
            400,
            {"error": {"message": "m", "code": "model_not_available_for_integrator"}},
            ErrorCause.MODEL,
            ErrorKind.MODEL_NOT_FOUND,
            404,
        ),
        (
            400,
            {"error": {"message": "m", "code": "unsupported_api_for_model"}},
            ErrorCause.WRONG_ENDPOINT,
            ErrorKind.INVALID_REQUEST,
            400,
        ),
        (
            400,
            {"error": {"message": "x", "code": "invalid_reasoning_effort"}},
            ErrorCause.BAD_REQUEST,
            ErrorKind.INVALID_REQUEST,
            400,
        ),
        (
            400,
            {"error": {"message": "prompt token count of 150001 exceeds the limit of 128000"}},
            ErrorCause.CONTEXT_OVERFLOW,
            ErrorKind.CONTEXT_OVERFLOW,
            400,
        ),
        (
            400,
            {
                "type": "error",
                "error": {
                    "type": "invalid_request_error",
                    "message": "prompt is too long: 5 tokens > 4 maximum",
                },
            },
            ErrorCause.CONTEXT_OVERFLOW,
            ErrorKind.CONTEXT_OVERFLOW,
            400,
        ),
        (
            400,
            {
                "error": {
                    "message": "Your input exceeds the context window of this model.",
                    "code": "invalid_request_body",
                }
            },
            ErrorCause.CONTEXT_OVERFLOW,
            ErrorKind.CONTEXT_OVERFLOW,
            400,
        ),
        (
            400,
            {"error": {"message": "m", "code": "rate_limited"}},
            ErrorCause.RATE_LIMIT,
            ErrorKind.RATE_LIMIT,
            429,
        ),
        (
            400,
            b"bad request: missing Editor-Version header for IDE auth\n",
            ErrorCause.IDENTITY,
            ErrorKind.UPSTREAM,
            502,
        ),
        (400, b"Bad Request\n", ErrorCause.BAD_REQUEST, ErrorKind.INVALID_REQUEST, 400),
        (401, b"unauthorized: token expired\n", ErrorCause.STALE_TOKEN, ErrorKind.SIGNED_OUT, 401),
        (
            401,
            {"message": "Bad credentials", "status": "401"},
            ErrorCause.STALE_TOKEN,
            ErrorKind.SIGNED_OUT,
            401,
        ),
        (
            402,
            {"error": {"message": "m", "code": "free_quota_exceeded"}},
            ErrorCause.QUOTA,
            ErrorKind.QUOTA,
            402,
        ),
        (402, b"", ErrorCause.QUOTA, ErrorKind.QUOTA, 402),
        (403, b"forbidden\n", ErrorCause.OPAQUE_FORBIDDEN, ErrorKind.PERMISSION, 403),
        (403, b"", ErrorCause.OPAQUE_FORBIDDEN, ErrorKind.PERMISSION, 403),
        (
            403,
            {"error": {"message": "Forbidden", "code": "forbidden"}},
            ErrorCause.OPAQUE_FORBIDDEN,
            ErrorKind.PERMISSION,
            403,
        ),
        (
            403,
            {"error": {"message": "m", "code": "token_expired"}},
            ErrorCause.STALE_TOKEN,
            ErrorKind.SIGNED_OUT,
            401,
        ),
        (
            403,
            {"message": "API rate limit exceeded for user ID 1."},
            ErrorCause.RATE_LIMIT,
            ErrorKind.RATE_LIMIT,
            429,
        ),
        (
            403,
            {"message": "Resource not accessible by integration"},
            ErrorCause.PERMISSION,
            ErrorKind.PERMISSION,
            403,
        ),
        (
            403,
            b"Access to this endpoint is forbidden. Please review our Terms of Service.",
            ErrorCause.ABUSE,
            ErrorKind.PERMISSION,
            403,
        ),
        (404, b"404 page not found\n", ErrorCause.NOT_FOUND, ErrorKind.NOT_FOUND, 404),
        (
            408,
            {"error": {"message": "m", "code": "user_request_timeout"}},
            ErrorCause.REQUEST_TIMEOUT,
            ErrorKind.TIMEOUT,
            408,
        ),
        (
            413,
            {"error": {"message": "failed to parse request", "code": ""}},
            ErrorCause.TOO_LARGE,
            ErrorKind.TOO_LARGE,
            413,
        ),
        (
            422,
            {"error": {"message": "m", "code": "content_filter"}},
            ErrorCause.CONTENT_FILTER,
            ErrorKind.CONTENT_FILTER,
            400,
        ),
        (424, b"", ErrorCause.DEPENDENCY, ErrorKind.UPSTREAM, 502),
        (429, b"too many requests\n", ErrorCause.RATE_LIMIT, ErrorKind.RATE_LIMIT, 429),
        (
            429,
            {"error": {"message": "m", "code": "model_overloaded"}},
            ErrorCause.OVERLOADED,
            ErrorKind.OVERLOADED,
            429,
        ),
        (
            466,
            b"the specified API version is no longer supported\n",
            ErrorCause.CLIENT_TOO_OLD,
            ErrorKind.UPSTREAM,
            502,
        ),
        (
            499,
            {"error": {"message": "m", "code": "client_closed_request"}},
            ErrorCause.DEPENDENCY,
            ErrorKind.UPSTREAM,
            502,
        ),
        (500, b"internal server error\n", ErrorCause.TRANSIENT, ErrorKind.UPSTREAM, 502),
        (502, b"<html><body>gateway</body></html>", ErrorCause.TRANSIENT, ErrorKind.UPSTREAM, 502),
        (
            503,
            {"error": {"message": "m", "code": "upstream_provider_rate_limit"}},
            ErrorCause.OVERLOADED,
            ErrorKind.OVERLOADED,
            503,
        ),
        (302, b"", ErrorCause.DEPENDENCY, ErrorKind.UPSTREAM, 502),
    ],
)
def test_every_row_of_the_catalogue(
    status: int, body: Any, cause: ErrorCause, kind: ErrorKind, http_status: int
) -> None:
    failure = read(status, body)
    error = to_error(failure)
    assert failure.cause is cause
    assert error.kind is kind
    assert error.http_status == http_status
    assert error.title
    assert error.message
    if http_status == 429:
        assert error.retry_after is not None


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ({"error": {"message": " m ", "code": "c", "param": "p"}}, "m", "c"),
        ({"type": "error", "error": {"type": "t", "message": "m"}}, "m", None),
        ({"message": "m", "documentation_url": "u"}, "m", None),
        ({"error": "slow_down", "error_description": "m"}, "m", "slow_down"),
        ({"error": "m"}, "m", "m"),
        ({"error": {"message": "m", "code": 42}}, "m", "42"),
        ({"error_details": {"message": "m"}, "reason": "c", "message": "x"}, "m", "c"),
        (b"plain\n", "plain", None),
        (b"{broken", "{broken", None),
        (b"\xff\xfe", "��", None),
        (b"[1]", "[1]", None),
        ({"odd": 1}, '{"odd": 1}', None),
        (
            b"<html><head><title> 502\n Bad </title></head>",
            "A gateway in front of GitHub answered with a web page: 502 Bad",
            None,
        ),
        ({"error": {"message": None, "code": "c"}}, "GitHub answered 400 without a reason.", "c"),
    ],
)
def test_upstreams_own_words_come_through(body: Any, message: str, code: str | None) -> None:
    failure = read(400, body)
    assert failure.message == message
    assert failure.code == code


def test_a_deeply_nested_or_huge_body_is_only_text() -> None:
    assert read(400, b'{"error":' * 5000).message
    assert len(read(500, b"x" * 100_000).message) == 4000


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "2733"}, "m", 2733),
        ({"Retry-After": "1.5"}, "m", 1.5),
        ({"retry-after": "Sat, 21 Nov 2026 09:10:00 GMT"}, "m", 600),
        ({"retry-after": "Fri, 20 Nov 2026 09:10:00 GMT"}, "m", 0),
        ({"retry-after": "soon"}, "m", None),
        ({"retry-after": "nan"}, "m", None),
        ({"retry-after": "inf"}, "m", 62 * 86400),
        ({"retry-after": "-5"}, "m", 0),
        ({}, "Sorry, exceeded. Please retry after 2733 seconds.", 2733),
        ({}, "Please try again in 20ms.", 0.02),
        ({}, "Please try again in 500 milliseconds.", 0.5),
        ({}, "Please try again in 6m0s.", 360),
        ({}, "Please try again in 1m30.5s.", 90.5),
        ({}, "Try again in 1h30m.", 5400),
        ({}, "Try again in 5 minutes.", 300),
        ({}, "Try again in 2 days.", 2 * 86400),
        ({}, "Try again in 3 more tries.", 3),
        ({}, "try again in 5 minutes", 300),
        ({}, "Please try again in 2h", 7200),
        ({}, "m", None),
    ],
)
def test_when_to_come_back_is_read_from_header_or_text(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    assert read(429, {"error": {"message": message}}, headers).retry_after == seconds


def test_a_spent_month_says_who_must_act() -> None:
    own = to_error(read(402, {"error": {"message": "You have no quota", "code": "quota_exceeded"}}))
    theirs = to_error(
        read(
            402,
            {"error": {"message": "Your organization's budget is spent", "code": "quota_exceeded"}},
        )
    )
    assert (own.actor, own.message) == (Actor.USER, "You have no quota")
    assert theirs.actor is Actor.ORGANISATION
    assert theirs.title == "Your organisation's budget stopped this"


def test_an_advice_is_added_only_where_upstream_says_nothing_useful() -> None:
    assert to_error(read(403, b"forbidden\n")).message.startswith(
        "forbidden. GitHub gave no reason."
    )
    assert "model_api_version" in to_error(read(466, b"no longer supported\n")).message
    assert to_error(read(400, {"error": {"message": "exact."}})).message == "exact."


def test_a_dead_token_is_a_sign_in_matter() -> None:
    error = to_error(read(401, b"unauthorized: token expired\n"))
    assert isinstance(error, SignedOut)
    assert error.message == "unauthorized: token expired"


def recorded() -> list[Any]:
    if not EXAMPLES.exists():
        return []
    entries: list[Any] = json.loads(EXAMPLES.read_text())["errors"]
    return entries


@pytest.mark.skipif(
    not EXAMPLES.exists(), reason="the recorded errors are not beside the repository"
)
def test_every_recorded_error_keeps_its_words_and_has_a_title() -> None:
    for entry in recorded():
        body = entry["body"]
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        failure = read_failure(entry["status"], entry.get("headers", {}), content, NOW)
        error = to_error(failure)
        said = body if isinstance(body, str) else body["error"]["message"]
        if isinstance(body, str) and body.startswith("{"):
            said = json.loads(body)["error"]["message"]
        if not said.startswith("<"):
            assert error.message.startswith(said.strip().rstrip(".")), entry
        assert error.title, entry
        assert 400 <= error.http_status < 600, entry
        if error.http_status == 429:
            assert error.retry_after is not None, entry
