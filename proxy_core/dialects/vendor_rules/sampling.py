"""Clamps numbers to a vendor's bounds."""

from __future__ import annotations

from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.output_limit import lowered
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule

SMALLEST_LIMIT = 1
"""Connection tests ask for zero tokens; upstream requires at least one (copilot-protocol.md 13)."""
_LIMITS = ("max_tokens", "max_completion_tokens")
_LOGPROBS = ("logprobs", "top_logprobs")
KIMI_SAMPLING = {"temperature": 1, "top_p": 0.95}
"""The only values Kimi accepts (VS Code's rule, copilot-protocol.md 15.11)."""


def least_output_limit(body: OutgoingBody) -> None:
    for name in _LIMITS:
        wanted = body.read(name)
        if type(wanted) is int and wanted == 0:
            body.write(name, SMALLEST_LIMIT)
            word = client_field_name(body.target.client, "max_output_tokens")
            body.drop(lowered(word, SMALLEST_LIMIT, wanted))


def kimi_sampling(body: OutgoingBody) -> None:
    for name, value in KIMI_SAMPLING.items():
        wanted = body.read(name)
        if isinstance(wanted, (int, float)) and not isinstance(wanted, bool) and wanted != value:
            body.write(name, value)
            body.drop(f"{name} ({value} instead of {wanted})")


def no_logprobs(body: OutgoingBody) -> None:
    """Claude has no log probabilities; on chat upstream ignores the members silently."""
    for name in _LOGPROBS:
        if body.read(name):
            body.drop(name)
        body.remove(name)


NO_LOGPROBS = Rule(
    "log probabilities", no_logprobs, lambda body: any(name in body for name in _LOGPROBS)
)
LEAST_LIMIT = Rule(
    "output limit",
    least_output_limit,
    lambda body: any(body.holds(n, b"0") or body.read(n) == 0 for n in _LIMITS),
)
KIMI_NUMBERS = Rule(
    "sampling", kimi_sampling, lambda body: any(name in body for name in KIMI_SAMPLING)
)
