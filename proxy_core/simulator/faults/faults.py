"""Trouble on request: ``[sim:...]`` words in the person's last words, or the ``x-sim`` header.

``[sim:500*2]`` limits a fault to the first two calls with the same words, so that a retry can succeed.
"""

from __future__ import annotations

import random
import re
from collections import Counter, deque
from collections.abc import Callable, Sequence
from enum import StrEnum

from proxy_core.simulator.account.account import no_quota
from proxy_core.simulator.faults.coded_refusals import CODED
from proxy_core.simulator.http.refusal import HTML, Refusal, anthropic_invalid, coded, forbidden

_WORD = re.compile(r"\[sim:([a-z0-9_-]+)(?:\*(\d+))?\]")
_HEADER_WORD = re.compile(r"\[?(?:sim:)?([a-z0-9_-]+)(?:\*(\d+))?\]?")


class StreamFault(StrEnum):
    """Faults of an answer that has begun."""

    MIDSTREAM_ERROR = "midstream-error"
    CUT = "cut"
    STALL = "stall"
    SLOW = "slow"
    GARBAGE = "garbage"
    CONTENT_FILTER = "content-filter"
    LEAK = "leak"


CONTEXT = "context"
EXPIRE = "expire"
STALE_LEASE = "stale-lease"
WHOLE_FAULTS = (StreamFault.SLOW, StreamFault.CONTENT_FILTER, StreamFault.LEAK)
"""Those whose answers come to their end."""


def _limited(code: str, message: str, retry_after: int) -> Refusal:
    refusal = coded(429, code, message)
    refusal.headers["retry-after"] = str(retry_after)
    refusal.headers["x-ratelimit-exceeded"] = code
    return refusal


BOUND_THINKING = (
    "messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different "
    "conversation."
)


def old_api_version() -> Refusal:
    return Refusal(466, "the specified API version is no longer supported\n")


REFUSALS: dict[str, Callable[[float], Refusal]] = {
    "429": lambda _: _limited(
        "user_model_rate_limited",
        "Sorry, you've exceeded your rate limit for this model. Please retry after 1 second.",
        1,
    ),
    "429-long": lambda _: _limited(
        "user_weekly_rate_limited",
        "Sorry, you've exceeded your weekly limit. Please retry after 86400 seconds.",
        86400,
    ),
    "403-limit": lambda _: forbidden(),
    "403-terms": lambda _: Refusal(
        403, "Access to this endpoint is forbidden. Please review our Terms of Service."
    ),
    "bound-thinking": lambda _: anthropic_invalid(BOUND_THINKING),
    "500": lambda _: Refusal(500, "internal server error\n"),
    "502-html": lambda _: Refusal(
        502,
        "<html><head><title>502 Bad Gateway</title></head><body>simulated gateway page</body></html>",
        content_type=HTML,
    ),
    "503": lambda _: coded(
        503, "upstream_provider_rate_limit", "The model's provider is busy (simulated)."
    ),
    "402": lambda now: no_quota("quota_exceeded", now),
    "408": lambda _: coded(
        408,
        "user_request_timeout",
        "Timed out reading request body. Try again, or use a smaller request size.",
    ),
    "413": lambda _: coded(413, "", "failed to parse request"),
    "422": lambda _: coded(
        422, "content_filter", "The request was blocked by the content filter (simulated)."
    ),
    # About one item of the input, not about who is asking; refreshing a token does not help.
    "401-item": lambda _: coded(
        401, "invalid_input_item", "input item does not belong to this connection"
    ),
    "466": lambda _: old_api_version(),
    **CODED,
}

KNOWN = (*REFUSALS, CONTEXT, EXPIRE, STALE_LEASE, *(fault.value for fault in StreamFault))
# How often a fault hits calls with the same words when the word itself does not say.
_TIMES_BY_DEFAULT = {"403-limit": 2, EXPIRE: 1, STALE_LEASE: 1}
RANDOM_FAULTS = ("429", "500", "502-html", "503", "403-limit", "midstream-error", "cut", "slow")


class Faults:
    """Remembers how often each fault has hit which words."""

    def __init__(self, rate: float, rng: random.Random, first_calls: Sequence[str] = ()) -> None:
        self._rate = rate
        self._first_calls = deque(first_calls)
        self._random = rng
        self._hits: Counter[tuple[str, str]] = Counter()

    def called_for(self, last_words: str, header: str | None) -> str | None:
        """The fault this call asked for, or None.

        Raises a 400 for an unknown word in the header; unknown words in a text are only text.
        """
        for match in _HEADER_WORD.finditer(header or ""):
            if match.group(1) not in KNOWN:
                raise coded(
                    400,
                    "unknown_simulated_fault",
                    f"x-sim names no known fault: {match.group(1)!r}; known: {', '.join(KNOWN)}",
                )
        wanted: list[tuple[str, str]] = _HEADER_WORD.findall(header or "")
        wanted += _WORD.findall(last_words)
        for name, times in wanted:
            if name not in KNOWN:
                continue
            limit = int(times) if times else _TIMES_BY_DEFAULT.get(name)
            key = (name, f"{header}\n{last_words}")
            self._hits[key] += 1
            if limit is None or self._hits[key] <= limit:
                return name
        return None

    def by_chance(self) -> str | None:
        """A random fault, at the profile's rate, once the calls it lists have been."""
        if self._first_calls:
            return self._first_calls.popleft() or None
        if self._rate and self._random.random() < self._rate:
            return self._random.choice(RANDOM_FAULTS)
        return None
