"""The tokens of an image, by the vendors' published rules.

The size is read from the image's header; an image given by URL counts as a typical one. Only the
header is decoded.
"""

from __future__ import annotations

from base64 import b64decode
from math import ceil

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import ImagePart

_UNKNOWN_SIZE = (1024, 1024)
_HEADS = (64, 4 * 1024, 128 * 1024)
"""Characters of base64 that are decoded, one after the other, until the size is found; the last is
enough to skip the camera data before a JPEG's."""

_ANTHROPIC_LONG_EDGE = 1568
_ANTHROPIC_PIXELS_PER_TOKEN = 750
_ANTHROPIC_MOST = 1600

_OPENAI_LOW_DETAIL = 85
_OPENAI_TILE = 512
_OPENAI_TOKENS_PER_TILE = 170
_OPENAI_LONG_EDGE = 2048
_OPENAI_SHORT_EDGE = 768

_JPEG = b"\xff\xd8"
_JPEG_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


def image_tokens(image: ImagePart, model: Model) -> int:
    width, height = image_size(image.data or "") or _UNKNOWN_SIZE
    if model.vendor == "Anthropic":
        return _anthropic_tokens(width, height)
    if image.detail == "low":
        return _OPENAI_LOW_DETAIL
    return _openai_tokens(width, height)


def _anthropic_tokens(width: int, height: int) -> int:
    scale = min(1.0, _ANTHROPIC_LONG_EDGE / max(width, height))
    pixels = width * scale * height * scale
    return max(1, min(_ANTHROPIC_MOST, ceil(pixels / _ANTHROPIC_PIXELS_PER_TOKEN)))


def _openai_tokens(width: int, height: int) -> int:
    scale = min(1.0, _OPENAI_LONG_EDGE / max(width, height))
    scale = min(scale, _OPENAI_SHORT_EDGE / min(width, height))
    tiles = ceil(width * scale / _OPENAI_TILE) * ceil(height * scale / _OPENAI_TILE)
    return _OPENAI_LOW_DETAIL + _OPENAI_TOKENS_PER_TILE * tiles


def image_size(data: str) -> tuple[int, int] | None:
    """Return width and height of base64 image data, or None if unknown."""
    for characters in _HEADS:
        head = data[:characters]
        try:
            raw = b64decode(head[: len(head) - len(head) % 4])
        except ValueError:
            return None
        size = _png(raw) or _gif(raw) or _webp(raw) or _jpeg(raw)
        if size is not None:
            return size if min(size) > 0 else None
        if not raw.startswith(_JPEG) or len(head) < characters:
            return None
    return None


def _png(raw: bytes) -> tuple[int, int] | None:
    if not raw.startswith(b"\x89PNG\r\n\x1a\n") or len(raw) < 24:
        return None
    return int.from_bytes(raw[16:20]), int.from_bytes(raw[20:24])


def _gif(raw: bytes) -> tuple[int, int] | None:
    if not raw.startswith((b"GIF87a", b"GIF89a")) or len(raw) < 10:
        return None
    return int.from_bytes(raw[6:8], "little"), int.from_bytes(raw[8:10], "little")


def _webp(raw: bytes) -> tuple[int, int] | None:
    if raw[:4] != b"RIFF" or raw[8:12] != b"WEBP" or len(raw) < 30:
        return None
    form = raw[12:16]
    if form == b"VP8X":
        return int.from_bytes(raw[24:27], "little") + 1, int.from_bytes(raw[27:30], "little") + 1
    if form == b"VP8L":
        bits = int.from_bytes(raw[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = (int.from_bytes(raw[i : i + 2], "little") & 0x3FFF for i in (26, 28))
    return width, height


def _jpeg(raw: bytes) -> tuple[int, int] | None:
    """Walk the segments up to the one that states the frame's size."""
    if not raw.startswith(_JPEG):
        return None
    position = 2
    while position + 9 <= len(raw) and raw[position] == 0xFF:
        marker = raw[position + 1]
        if marker == 0xFF or marker in _JPEG_BARE_MARKERS:
            position += 1 if marker == 0xFF else 2
        elif marker in _JPEG_SIZE_MARKERS:
            height = int.from_bytes(raw[position + 5 : position + 7])
            return int.from_bytes(raw[position + 7 : position + 9]), height
        else:
            position += 2 + int.from_bytes(raw[position + 2 : position + 4])
    return None
