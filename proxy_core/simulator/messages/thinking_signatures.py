"""Signatures of Anthropic thinking blocks: issued with an answer, checked when the block returns."""

from __future__ import annotations

import base64
import binascii
import random

from proxy_core.simulator.model_calls.signing import digest

_SALT_BYTES = 8
_DIGEST_BYTES = 64


def signature_for(thinking: str, rng: random.Random) -> str:
    """A signature of the text as shown (empty when thinking is omitted from view), salted."""
    salt = rng.randbytes(_SALT_BYTES)
    return base64.b64encode(salt + _mac(thinking, salt)).decode("ascii")


def is_genuine(thinking: str, signature: str) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return False
    salt, mac = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
    return mac == _mac(thinking, salt)


def _mac(thinking: str, salt: bytes) -> bytes:
    return digest("thinking signature", salt.hex(), thinking, size=_DIGEST_BYTES)
