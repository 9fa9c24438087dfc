"""What a picture is by its first bytes, and what it was called."""

from __future__ import annotations

import base64
import binascii
from typing import Any

KNOWN_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_LEADS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
# Enough base64 for the longest of the leads and WebP's twelve bytes.
_LOOKED_AT = 24


def type_by_bytes(encoded: Any) -> str | None:
    """The media type of base64 ``encoded``; None when its bytes begin like no picture we know."""
    if not isinstance(encoded, str):
        return None
    try:
        head = base64.b64decode(encoded[:_LOOKED_AT] + "=" * (-len(encoded[:_LOOKED_AT]) % 4))
    except (binascii.Error, ValueError):
        return None
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for lead, kind in _LEADS if head.startswith(lead)), None)


def problem_of_picture(media_type: Any, encoded: Any) -> tuple[str, str] | None:
    """Anthropic's complaint as (end of the path, sentence); None when name and bytes agree.

    Bytes that begin like no known picture pass: whether they can be decoded is not looked at.
    """
    if media_type not in KNOWN_TYPES:
        known = ", ".join(f"'{each}'" for each in KNOWN_TYPES[:-1])
        return "media_type", f"Input should be {known} or '{KNOWN_TYPES[-1]}'"
    found = type_by_bytes(encoded)
    if found is None or found == media_type:
        return None
    return "", (
        f"The image was specified using the {media_type} media type, but the image appears to be a "
        f"{found} image"
    )
