"""A prompt as hashes of its parts, from which its content cannot be recovered.

Pure. Hashes are keyed with a secret of this process: otherwise short or well-known texts could be
found by brute force.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

MOST_MESSAGES = 1_000
"""Messages hashed one by one; the rest of a longer conversation is hashed as a whole."""
_DIGEST_BYTES = 8
_CACHE_MARK = re.compile(rb'"cache_control"\s*:\s*(?:null|\{[^{}]*\})\s*,?')
"""Clients move their cache marks from turn to turn without changing what is cached.

Quotes within a text are escaped, so this matches members only.
"""
_MARK_WORD = b'"cache_control"'
_DANGLING_COMMA = re.compile(rb",\s*\}")
_LONG_LIVED = re.compile(rb'"ttl"\s*:\s*"1h"')


class _Item(msgspec.Struct):
    role: str = ""


Item = bytes | msgspec.Raw
"""One value as JSON."""

_role = msgspec.json.Decoder(_Item).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class PromptFingerprint:
    """``messages`` is a hash chain: each hash covers a message and all before it; at least one.

    ``system`` includes leading system messages, in dialects that have no separate member;
    ``system_head`` is its first block. ``long_lived``: the client requested a cache lifetime of an
    hour.
    """

    model: str
    tools: bytes
    system_head: bytes
    system: bytes
    messages: tuple[bytes, ...]
    long_lived: bool = False


def fingerprint(members: Mapping[str, Any], model: str, key: bytes) -> PromptFingerprint:
    """Return the fingerprint of a body as it is sent, in any dialect. Takes about 2 ms for 1 MB.

    ``members`` are its top-level members as ``msgspec.Raw``, or decoded; ``key`` is secret, at most
    64 bytes.
    """
    system = _json(members.get("system", members.get("instructions")))
    conversation = _json(members.get("messages", members.get("input")))
    is_marked = _MARK_WORD in conversation
    leading, messages = _parted(_split(conversation))
    blocks = [*_split(system), *leading]
    return PromptFingerprint(
        model=model,
        tools=_digest(key, _json(members.get("tools"))),
        system_head=_digest(key, blocks[0] if blocks else b""),
        system=_chain(key, blocks)[-1] if blocks else b"",
        messages=_chain(key, messages or [b""], may_be_marked=is_marked),
        long_lived=_LONG_LIVED.search(system) is not None
        or (is_marked and _LONG_LIVED.search(conversation) is not None),
    )


def _parted(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """Split into leading system messages and the rest."""
    for index, item in enumerate(items):
        try:
            role = _role(item).role
        except msgspec.DecodeError:
            role = ""
        if role not in ("system", "developer"):
            return items[:index], items[index:]
    return items, []


def _json(value: Any) -> bytes:
    if value is None:
        return b""
    return bytes(value) if isinstance(value, msgspec.Raw) else msgspec.json.encode(value)


def _split(value: bytes) -> list[Item]:
    """Return the items of a JSON list, uncopied, or the single value."""
    if value.lstrip()[:1] == b"[":
        try:
            return [*_items(value)]
        except msgspec.DecodeError:
            return [value]
    return [value] if value else []


def _chain(key: bytes, items: Sequence[Item], *, may_be_marked: bool = True) -> tuple[bytes, ...]:
    chain: list[bytes] = []
    before = b""
    for item in items[:MOST_MESSAGES]:
        digest = blake2b(before, key=key, digest_size=_DIGEST_BYTES)
        digest.update(_unmarked(item) if may_be_marked else item)
        before = digest.digest()
        chain.append(before)
    if len(items) > MOST_MESSAGES:
        chain.append(_digest(key, b"".join(items[MOST_MESSAGES:]), before))
    return tuple(chain)


def _digest(key: bytes, value: Item, before: bytes = b"") -> bytes:
    digest = blake2b(before, key=key, digest_size=_DIGEST_BYTES)
    digest.update(_unmarked(value))
    return digest.digest()


def _unmarked(value: Item) -> bytes:
    """Return JSON without its cache marks."""
    text = bytes(value)
    unmarked = _CACHE_MARK.sub(b"", text) if _MARK_WORD in text else text
    return text if unmarked is text else _DANGLING_COMMA.sub(b"}", unmarked)
