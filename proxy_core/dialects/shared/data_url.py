"""``data:`` URLs, the way the OpenAI dialects carry images and files inline."""

from __future__ import annotations

import re

_DATA_URL = re.compile(r"data:([^;,]*)((?:;[^;,]*)*);base64,(.*)", re.IGNORECASE | re.DOTALL)


def parse_data_url(url: str) -> tuple[str, str] | None:
    """Return media type and base64 text, or None for any other URL."""
    found = _DATA_URL.fullmatch(url)
    return (found[1].lower() or "text/plain", found[3]) if found else None


def data_url(media_type: str, data: str) -> str:
    return f"data:{media_type};base64,{data}"
