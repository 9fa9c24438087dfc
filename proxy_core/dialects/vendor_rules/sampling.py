"""Clamps numbers to a vendor's bounds, and leaves out those that do not go together."""

from __future__ import annotations

from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.output_limit import lowered
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule

SMALLEST_LIMIT = 1
"""Connection tests ask for zero tokens; upstream requires at least one (copilot-protocol.md 13)."""
_LIMITS = ("max_tokens", "max_completion_tokens")
_LOGPROBS = ("logprobs", "top_logprobs")
LEAST_TOP_P_WHILE_THINKING = 0.95
_SAMPLING = ("temperature", "top_p", "top_k")
KIMI_SAMPLING = {"temperature": 1, "top_p": 0.95}
"""The only values Kimi accepts (VS Code's rule, copilot-protocol.md 15.11)."""


def least_output_limit(body: OutgoingBody) -> None:
    for name in _LIMITS:
        wanted = body.read(name) if name in body else None
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


def sampling_with_thinking(body: OutgoingBody) -> None:
    """Leave out what Claude refuses while it thinks: any ``temperature`` but 1, a ``top_p`` below
    0.95, and ``top_k`` (Anthropic's documentation of extended thinking)."""
    thinking = body.read("thinking")
    if not isinstance(thinking, dict) or thinking.get("type") not in ("enabled", "adaptive"):
        return
    temperature, top_p = body.read("temperature"), body.read("top_p")
    for name, is_refused in (
        ("temperature", temperature not in (None, 1)),
        ("top_p", isinstance(top_p, (int, float)) and top_p < LEAST_TOP_P_WHILE_THINKING),
        ("top_k", body.read("top_k") is not None),
    ):
        if is_refused:
            body.remove(name)
            body.drop(f"{name} (not possible while thinking)")


def one_of_two(body: OutgoingBody) -> None:
    """“`temperature` and `top_p` cannot both be specified for this model”: libraries send their
    default ``top_p`` beside the temperature a person chose."""
    if body.read("temperature") is not None and body.read("top_p") is not None:
        body.remove("top_p")
        body.drop("top_p (not possible together with temperature)")


def without_sampling(body: OutgoingBody) -> None:
    """“`temperature` is deprecated for this model” (opus-4.8 and later): the model chooses itself."""
    for name in _SAMPLING:
        if name in body:
            if body.read(name) is not None:
                body.drop(f"{name} (not possible with this model)")
            body.remove(name)


NO_LOGPROBS = Rule(
    "log probabilities",
    no_logprobs,
    lambda body: any(name in body for name in _LOGPROBS),
    members=_LOGPROBS,
)
LEAST_LIMIT = Rule("output limit", least_output_limit, members=_LIMITS)
KIMI_NUMBERS = Rule(
    "sampling",
    kimi_sampling,
    lambda body: any(name in body for name in KIMI_SAMPLING),
    members=tuple(KIMI_SAMPLING),
)
SAMPLING_WITH_THINKING = Rule(
    "sampling while thinking",
    sampling_with_thinking,
    lambda body: "thinking" in body and any(name in body for name in _SAMPLING),
    members=_SAMPLING,
)
ONE_SAMPLING = Rule("temperature without top_p", one_of_two, when_refused=True)
NO_SAMPLING = Rule("sampling left out", without_sampling, when_refused=True)
