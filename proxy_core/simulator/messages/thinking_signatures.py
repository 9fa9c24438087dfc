"""Signatures of Anthropic thinking blocks: issued with an answer, checked when the block returns.

A signature is salt, the digests of what the block is bound to, and a keyed digest over all of it.
"""

from __future__ import annotations

import base64
import binascii
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members, text_of
from proxy_core.simulator.behaviour.prompt import without_context_blocks
from proxy_core.simulator.model_calls.signing import digest

_SALT_BYTES = 8
_BINDING_BYTES = 8
_DIGEST_BYTES = 64


@dataclass(frozen=True, slots=True)
class BoundTo:
    """Digests of the system prompt and of the words before the block."""

    system: bytes
    history: bytes

    @classmethod
    def of(cls, signature: str) -> BoundTo | None:
        """What a genuine signature is bound to; None for anything that is no signature of ours."""
        raw = _decoded(signature)
        if raw is None:
            return None
        bound = raw[_SALT_BYTES:-_DIGEST_BYTES]
        return cls(bound[:_BINDING_BYTES], bound[_BINDING_BYTES:])


def binding_of(system: Any, messages: Sequence[Mapping[str, Any]]) -> BoundTo:
    """What a block made after ``messages`` is bound to.

    Words, calls and results count; cache marks, thinking, and the blocks an agent puts around a person's
    words do not.
    """
    history: list[str] = []
    for message in messages:
        content = message.get("content")
        history.append(f"{message.get('role')}: {without_context_blocks(text_of(content))}")
        for block in map(members, items(content)):
            if block.get("type") == "tool_use":
                history.append(f"call {block.get('name')} {block.get('id')}")
            elif block.get("type") == "tool_result":
                history.append(f"result {block.get('tool_use_id')} {text_of(block.get('content'))}")
    return BoundTo(
        digest("bound system", text_of(system), size=_BINDING_BYTES),
        digest("bound history", "\n".join(history), size=_BINDING_BYTES),
    )


def signature_for(thinking: str, bound: BoundTo, rng: random.Random) -> str:
    """A signature of the text as shown (empty when thinking is omitted from view), salted."""
    lead = rng.randbytes(_SALT_BYTES) + bound.system + bound.history
    return base64.b64encode(lead + _mac(thinking, lead)).decode("ascii")


def is_genuine(thinking: str, signature: str) -> bool:
    raw = _decoded(signature)
    return raw is not None and raw[-_DIGEST_BYTES:] == _mac(thinking, raw[:-_DIGEST_BYTES])


def _decoded(signature: str) -> bytes | None:
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _SALT_BYTES + 2 * _BINDING_BYTES + _DIGEST_BYTES else None


def _mac(thinking: str, lead: bytes) -> bytes:
    return digest("thinking signature", lead.hex(), thinking, size=_DIGEST_BYTES)
