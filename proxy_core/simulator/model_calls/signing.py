"""Keyed digests with one fixed key, so that what one run issued is accepted by the next."""

from __future__ import annotations

import base64
import hashlib
import hmac

_KEY = b"g-copilot-proxy simulator: not a secret, only a checksum with a key"


def digest(purpose: str, *parts: str, size: int = 32) -> bytes:
    """``size`` bytes (at most 64) that depend on the purpose and on every part and its borders."""
    mac = hmac.new(_KEY, purpose.encode(), hashlib.sha512)
    for part in parts:
        data = part.encode("utf-8", "replace")
        mac.update(len(data).to_bytes(8, "big"))
        mac.update(data)
    return mac.digest()[:size]


def hex_digest(purpose: str, *parts: str, size: int = 16) -> str:
    return digest(purpose, *parts, size=size).hex()


def base64_digest(purpose: str, *parts: str, size: int = 48) -> str:
    return base64.b64encode(digest(purpose, *parts, size=size)).decode("ascii")


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())
