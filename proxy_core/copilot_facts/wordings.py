"""Upstream's sentences for causes that no error code identifies, and how to read them safely.

A refusal may quote what the client wrote. Only words outside quotation marks are upstream's own;
:func:`own_words` returns those, and every reader of a sentence reads nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.certainty import Certainty

_QUOTED = (
    re.compile(r"(?s)(?<!\w)'.*'(?!\w)"),
    re.compile(r'(?s)".*"'),
    re.compile(r"(?s)“.*”"),
    re.compile(r"(?s)`.*`"),
)
"""From the first mark to the last one: quoted text may contain quotation marks."""
_OPEN_QUOTE = re.compile(r"""(?s)(?<!\w)['"“`].*""")
"""A message cut off in the middle of a quotation."""


def own_words(message: str) -> str:
    """Return ``message`` without what it quotes."""
    for quoted in _QUOTED:
        message = quoted.sub(" ", message)
    return _OPEN_QUOTE.sub(" ", message)


@dataclass(frozen=True, slots=True)
class Wording:
    """A text that means ``cause`` in an answer of ``status`` (None: of any error status)."""

    cause: ErrorCause
    status: int | None
    pattern: re.Pattern[str]
    certainty: Certainty
    source: str


def _wording(
    cause: ErrorCause,
    status: int | None,
    pattern: str,
    source: str,
    certainty: Certainty = Certainty.CONFIRMED,
) -> Wording:
    return Wording(cause, status, re.compile(pattern, re.IGNORECASE), certainty, source)


WORDINGS = (
    _wording(
        ErrorCause.ABUSE,
        403,
        r"access to this endpoint is forbidden|terms of service",
        "copilot-protocol.md 10.2",
    ),
    _wording(
        ErrorCause.IDENTITY,
        400,
        r"missing editor-version|editor-version header|integration-id",
        "copilot-protocol.md 3.1",
    ),
    _wording(
        ErrorCause.RATE_LIMIT,
        403,
        r"rate.?limit|too many requests|retry after \d|abuse detection",
        "copilot-protocol.md 10.2, 2.3",
    ),
    _wording(
        ErrorCause.STALE_TOKEN,
        403,
        r"\bunauthori[sz]ed\b|bad credentials|token (?:is |has )?expired",
        "copilot-protocol.md 10.2",
    ),
    _wording(
        ErrorCause.CONTENT_FILTER,
        422,
        r"content.?filter|content management policy|responsible ai",
        "copilot-protocol.md 10.2",
    ),
    _wording(
        ErrorCause.BAD_REQUEST,
        401,
        r"\bitem\b[\s\S]*\b(?:belong|connection)",
        "copilot-protocol.md 6.2: a 401 about an input item of another connection; the token is fine",
        Certainty.ONE_SOURCE,
    ),
)


@dataclass(frozen=True, slots=True)
class OverflowWording:
    """A vendor's sentence for a prompt that is too long.

    ``phrase`` is what clients match; ``numbers`` finds its two numbers, if any.
    """

    phrase: str
    source: str
    numbers: re.Pattern[str] | None = None
    certainty: Certainty = Certainty.CONFIRMED


ANTHROPIC_OVERFLOW = OverflowWording(
    "prompt is too long",
    "Anthropic's Messages API; Claude Code compacts by it (anthropics/claude-code#57296)",
    re.compile(r"prompt is too long: (?P<tokens>\d+) tokens > (?P<limit>\d+) maximum"),
)
CHAT_OVERFLOW = OverflowWording(
    "prompt token count of",
    "copilot-protocol.md 10.2 (/chat/completions)",
    re.compile(r"prompt token count of (?P<tokens>\d+) exceeds the limit of (?P<limit>\d+)"),
)
RESPONSES_OVERFLOW = OverflowWording(
    "exceeds the context window", "copilot-protocol.md 10.2 (/responses); Codex compacts by it"
)
OPENAI_OVERFLOW = OverflowWording(
    "maximum context length",
    "OpenAI's chat API; several agents compact by it",
    re.compile(r"maximum context length is (?P<limit>\d+) tokens\D+(?P<tokens>\d+) tokens"),
)
OVERFLOW_WORDINGS = (CHAT_OVERFLOW, ANTHROPIC_OVERFLOW, RESPONSES_OVERFLOW, OPENAI_OVERFLOW)

_SAYS_NOTHING = re.compile(r"(?i)\W*(?:403)?\W*(?:forbidden|access denied)?\W*")
SESSION_TOKEN_WORD = "session-token"  # noqa: S105 - a header's name
"""In a refusal of an automatic choice's token (copilot-protocol.md 4.5)."""


def says_overflow(message: str) -> bool:
    """Whether upstream says in its own words that the prompt is too long."""
    text = own_words(message).lower()
    return any(each.phrase in text for each in OVERFLOW_WORDINGS)


def overflow_numbers(message: str) -> tuple[int, int] | None:
    """Return the prompt's tokens and the maximum, or None if the message does not state them."""
    text = own_words(message)
    for each in OVERFLOW_WORDINGS:
        found = each.numbers.search(text) if each.numbers is not None else None
        if found:
            return int(found["tokens"]), int(found["limit"])
    return None


def says_nothing(message: str) -> bool:
    """Whether the text of a 403 gives no reason."""
    return _SAYS_NOTHING.fullmatch(message) is not None


def cause_of_wording(status: int, message: str) -> ErrorCause | None:
    """Return the cause that upstream's wording with ``status`` means; None if unknown."""
    if status == 400 and says_overflow(message):
        return ErrorCause.CONTEXT_OVERFLOW
    text = own_words(message)
    for each in WORDINGS:
        if each.status in (None, status) and each.pattern.search(text):
            return each.cause
    return None
