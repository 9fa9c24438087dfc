"""Every code of the service's error catalogue, each by its own name as a fault word.

``[sim:user_global_rate_limited]`` and so on. Where only the code is on record the sentence says that it
is simulated; retry-after comes as seconds or as an HTTP date, as it was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import formatdate

from proxy_core.simulator.http.refusal import Refusal, coded

Make = Callable[[float], Refusal]


def _plain(
    status: int, code: str, message: str, retry_after: int | None = None, **more: str
) -> Make:
    def make(now: float) -> Refusal:
        del now
        refusal = coded(status, code, message, **more)
        if retry_after is not None:
            refusal.headers["retry-after"] = str(retry_after)
        if status == 429:
            refusal.headers["x-ratelimit-exceeded"] = code
        return refusal

    return make


def _until_midnight(code: str, message: str) -> Make:
    """402 with the HTTP date form of retry-after."""

    def make(now: float) -> Refusal:
        refusal = coded(402, code, message)
        refusal.headers["retry-after"] = formatdate((now // 86400 + 1) * 86400, usegmt=True)
        return refusal

    return make


def _stale(code: str) -> Make:
    return _plain(403, code, "The token is no longer good (simulated).")


CODED: Mapping[str, Make] = {
    "model_not_supported": _plain(
        400,
        "model_not_supported",
        "The requested model is not supported.",
        param="model",
        type="invalid_request_error",
    ),
    "invalid_request_body": _plain(
        400, "invalid_request_body", "The request body is not valid (simulated)."
    ),
    "previous_response_not_found": _plain(
        400,
        "previous_response_not_found",
        "Previous response with id 'resp_simulated' not found.",
        param="previous_response_id",
    ),
    "invalid_encrypted_content": _plain(
        400,
        "invalid_encrypted_content",
        "Encrypted content item_id did not match the target item id",
    ),
    "off_topic": _plain(400, "off_topic", "The conversation left the subject (simulated)."),
    "400-rate_limited": _plain(400, "rate_limited", "Too many requests (simulated)."),
    "free_quota_exceeded": _until_midnight(
        "free_quota_exceeded", "You have used up your free chats (simulated)."
    ),
    "overage_limit_reached": _plain(
        402, "overage_limit_reached", "Your spending limit is reached (simulated).", 3600
    ),
    "billing_not_configured": _plain(
        402, "billing_not_configured", "Billing is not configured (simulated)."
    ),
    "402-organisation": _plain(
        402, "quota_exceeded", "Your organization's budget is spent (simulated)."
    ),
    "expired_token": _stale("expired_token"),
    "invalid_token": _stale("invalid_token"),
    "token_expired": _stale("token_expired"),
    "403-gateway": lambda _: Refusal(403, "forbidden\n", from_gateway=True),
    "404": lambda _: Refusal(404, "404 page not found\n"),
    "cyber_policy": _plain(422, "cyber_policy", "Refused by the cyber policy (simulated)."),
    "424": _plain(424, "failed_dependency", "A dependency failed (simulated)."),
    "499": _plain(499, "client_closed_request", "The client closed the request (simulated)."),
    "rate_limited": _plain(429, "rate_limited", "Too many requests (simulated).", 1),
    # Without a header: the wait stands in the text alone.
    "rate-words": lambda _: Refusal(429, "too many requests. Please retry after 2 seconds.\n"),
    "user_model_rate_limited": _plain(
        429, "user_model_rate_limited", "You reached this model's limit (simulated).", 45
    ),
    "user_global_rate_limited": _plain(
        429,
        "user_global_rate_limited:pro",
        "Sorry, you've exceeded your 5 hour session limits. Please retry after 2733 seconds.",
    ),
    "user_weekly_rate_limited": _plain(
        429, "user_weekly_rate_limited", "You reached your weekly limit (simulated).", 180_000
    ),
    # No time is named: hours all the same.
    "weekly-unnamed": _plain(
        429, "user_weekly_rate_limited", "You reached your weekly limit (simulated)."
    ),
    "integration_rate_limited": _plain(
        429, "integration_rate_limited", "This integration is limited (simulated)."
    ),
    "agent_mode_limit_exceeded": _plain(
        429, "agent_mode_limit_exceeded", "The agent mode limit is reached (simulated)."
    ),
    "model_overloaded": _plain(429, "model_overloaded", "The model is overloaded (simulated)."),
    "extension_blocked": _plain(429, "extension_blocked", "This extension is blocked (simulated)."),
    "vision_disabled": _plain(
        400, "invalid_request_body", "vision is not enabled for this organization"
    ),
}
