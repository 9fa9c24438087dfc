"""What must be shown: rows of Copilot's error catalogue, numbered complaints of users elsewhere.

``test_nothing_is_missing`` compares this with the tests that are there, and with the notes it was taken
from where they lie beside the repository.
"""

from __future__ import annotations

from collections.abc import Mapping

ERROR_ROWS: Mapping[int, tuple[str, ...]] = {
    1: ("model_not_supported", "model_not_available_for_integrator", "unsupported_api_for_model"),
    2: ("invalid_request_body", "invalid_reasoning_effort", "unsupported_value"),
    3: ("model_max_prompt_tokens_exceeded", "invalid_request_body", "context_length_exceeded"),
    4: ("previous_response_not_found", "invalid_encrypted_content", "off_topic"),
    5: ("unauthorized",),
    6: (
        "quota_exceeded",
        "free_quota_exceeded",
        "overage_limit_reached",
        "billing_not_configured",
    ),
    7: ("forbidden", "expired_token", "invalid_token", "token_expired"),
    8: ("terms",),
    9: ("404",),
    10: ("user_request_timeout",),
    11: ("413",),
    12: ("content_filter", "cyber_policy"),
    13: ("424", "499"),
    14: (
        "rate_limited",
        "user_model_rate_limited",
        "user_global_rate_limited",
        "user_weekly_rate_limited",
        "integration_rate_limited",
        "agent_mode_limit_exceeded",
        "model_overloaded",
        "extension_blocked",
    ),
    15: ("466",),
    16: ("500", "502"),
    17: ("upstream_provider_rate_limit",),
}
"""Row of the catalogue (from its top) and what stands in it."""

AFTER_THE_ROWS = (18, 19, 20)
"""A 400 with the code of a limit; the words of the five-hour limit; another client's endless loop."""

COST_AND_QUOTA = range(37, 50)
ACCOUNT_AND_LIMITS = range(50, 60)
NETWORK_AND_STREAMING = range(60, 67)
CASES = (*COST_AND_QUOTA, *ACCOUNT_AND_LIMITS, *NETWORK_AND_STREAMING)
