"""Whether the prompt cache helped, and why not, from prompt fingerprints and upstream's counts.

Pure: time is a parameter. Memory is bounded: the least recently used conversations are forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from proxy_core.canonical.usage import Usage
from proxy_core.usage.prompt_cache.fingerprint import PromptFingerprint

MOST_SESSIONS = 256
MOST_CONVERSATIONS = 8
"""Per session: a main conversation, its subagents, titles and summaries."""
SMALLEST_CACHED_PROMPT = 1_024
"""No vendor caches shorter prompts; some models need twice or four times as much."""
HIT_SHARE = 0.8
"""Share of the prefix in common with the previous prompt.

Caches work in blocks, and a prompt's last block is never complete.
"""
CACHE_SECONDS = 300.0
LONG_CACHE_SECONDS = 3_600.0


class CacheResult(StrEnum):
    HIT = "hit"
    MISS = "miss"
    """Little or nothing was read from the cache although it could have been."""
    NOT_EXPECTED = "not_expected"
    """Nothing could have been in the cache."""


class MissReason(StrEnum):
    FIRST_REQUEST = "first_request"
    TOO_SHORT = "too_short"
    MODEL_SWITCHED = "model_switched"
    TOOLS_CHANGED = "tools_changed"
    SYSTEM_HEAD_CHANGED = "system_head_changed"
    """The first block of the system prompt changed: a line that differs in every request."""
    SYSTEM_CHANGED = "system_changed"
    PREFIX_EDITED = "prefix_edited"
    """An earlier message was changed."""
    TOO_OLD = "too_old"
    UPSTREAM = "upstream"
    """No cause on this side: another server, or an evicted cache."""


MISS_WORDS: Mapping[MissReason, str] = {
    MissReason.FIRST_REQUEST: "It was the first request of its conversation.",
    MissReason.TOO_SHORT: "The prompt is too short to be cached.",
    MissReason.MODEL_SWITCHED: "The model was switched; each has a cache of its own.",
    MissReason.TOOLS_CHANGED: "The tool's list of tools changed; they stand before everything else.",
    MissReason.SYSTEM_HEAD_CHANGED: "The head of the system prompt changed, and all behind it.",
    MissReason.SYSTEM_CHANGED: "The system prompt changed.",
    MissReason.PREFIX_EDITED: "An earlier message was changed or removed.",
    MissReason.TOO_OLD: "The last request was too long ago; the cache had expired.",
    MissReason.UPSTREAM: "Nothing changed here; GitHub did not use its cache this time.",
}
"""For people."""


class CacheVerdict(Struct, frozen=True):
    """``edited_message`` counts from 1 and goes with ``PREFIX_EDITED``."""

    result: CacheResult
    reason: MissReason | None = None
    edited_message: int | None = None


class SessionHealth(Struct, frozen=True):
    """One client's session. ``last`` is the latest verdict; times are seconds since 1970."""

    client: str
    session: str | None
    requests: int = 0
    prompt_tokens: int = 0
    cache_read_tokens: int = 0
    misses: int = 0
    last: CacheVerdict | None = None
    last_used: float = 0.0

    @property
    def hit_rate(self) -> float | None:
        """The share of all prompt tokens that came from the cache, 0 to 1; None without any."""
        return self.cache_read_tokens / self.prompt_tokens if self.prompt_tokens > 0 else None


class _Sent(Struct, frozen=True):
    prompt: PromptFingerprint
    tokens: int
    at: float


@dataclass(slots=True)
class _Session:
    health: SessionHealth
    conversations: OrderedDict[bytes, _Sent] = field(default_factory=OrderedDict)


class CacheHealth:
    """Stores the last prompt's fingerprint of each conversation. Belongs to one thread."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[tuple[str, str | None], _Session] = OrderedDict()

    def sessions(self) -> tuple[SessionHealth, ...]:
        """Most recently used first."""
        return tuple(each.health for each in reversed(self._sessions.values()))

    def observe(
        self,
        client: str,
        session: str | None,
        prompt: PromptFingerprint,
        usage: Usage,
        at: float,
    ) -> CacheVerdict:
        """Add one finished request; return the cache's result and, for a miss, the first reason.

        ``session`` is the id the client gave its conversation, or None; ``at`` is when the request
        was sent. Call it only with usage counted by upstream.
        """
        found = self._session(client, session)
        before = _counterpart(found.conversations, prompt)
        verdict = _verdict(before, prompt, usage, at)
        key = prompt.messages[0]
        found.conversations[key] = _Sent(prompt, usage.prompt_tokens, at)
        found.conversations.move_to_end(key)
        while len(found.conversations) > MOST_CONVERSATIONS:
            found.conversations.popitem(last=False)
        health = found.health
        found.health = replace(
            health,
            requests=health.requests + 1,
            prompt_tokens=health.prompt_tokens + usage.prompt_tokens,
            cache_read_tokens=health.cache_read_tokens + usage.cache_read_tokens,
            misses=health.misses + (verdict.result is CacheResult.MISS),
            last=verdict,
            last_used=at,
        )
        return verdict

    def _session(self, client: str, session: str | None) -> _Session:
        key = (client, session)
        found = self._sessions.get(key)
        if found is None:
            found = self._sessions[key] = _Session(SessionHealth(client, session))
        self._sessions.move_to_end(key)
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return found


def _counterpart(
    conversations: OrderedDict[bytes, _Sent], prompt: PromptFingerprint
) -> _Sent | None:
    """Return the previous prompt of the same conversation.

    That is the one with the same beginning. A later turn with an unknown beginning was edited
    there, if a shorter one with the same tools was sent before; otherwise it is a new conversation.
    """
    same = conversations.get(prompt.messages[0])
    if same is not None or len(prompt.messages) == 1:
        return same
    for each in reversed(conversations.values()):
        known = each.prompt
        if known.tools == prompt.tools and 1 < len(known.messages) <= len(prompt.messages):
            return each
    return None


def _verdict(
    before: _Sent | None, prompt: PromptFingerprint, usage: Usage, at: float
) -> CacheVerdict:
    if before is None:
        if usage.cache_read_tokens > 0:
            return CacheVerdict(CacheResult.HIT)  # tools and system prompt of another conversation
        return CacheVerdict(CacheResult.NOT_EXPECTED, MissReason.FIRST_REQUEST)
    in_common = min(before.tokens, usage.prompt_tokens)
    if in_common > 0 and usage.cache_read_tokens >= HIT_SHARE * in_common:
        return CacheVerdict(CacheResult.HIT)
    if in_common < SMALLEST_CACHED_PROMPT:
        return CacheVerdict(CacheResult.NOT_EXPECTED, MissReason.TOO_SHORT)
    edited = _first_edited(before.prompt, prompt)
    reason = _reason(before, prompt, at, edited)
    return CacheVerdict(
        CacheResult.MISS, reason, edited if reason is MissReason.PREFIX_EDITED else None
    )


def _reason(before: _Sent, prompt: PromptFingerprint, at: float, edited: int | None) -> MissReason:
    """Return the first difference, in caching order: model, tools, system, messages."""
    known = before.prompt
    lifetime = LONG_CACHE_SECONDS if known.long_lived else CACHE_SECONDS
    differences = (
        (known.model != prompt.model, MissReason.MODEL_SWITCHED),
        (known.tools != prompt.tools, MissReason.TOOLS_CHANGED),
        (known.system_head != prompt.system_head, MissReason.SYSTEM_HEAD_CHANGED),
        (known.system != prompt.system, MissReason.SYSTEM_CHANGED),
        (edited is not None, MissReason.PREFIX_EDITED),
        (at - before.at > lifetime, MissReason.TOO_OLD),
    )
    return next((reason for differs, reason in differences if differs), MissReason.UPSTREAM)


def _first_edited(known: PromptFingerprint, prompt: PromptFingerprint) -> int | None:
    """Return the first changed message, counted from 1; None for a continuation."""
    for index, (old, new) in enumerate(zip(known.messages, prompt.messages, strict=False), 1):
        if old != new:
            return index
    return None
