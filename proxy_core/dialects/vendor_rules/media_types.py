"""Corrects media types of inline images by their bytes, whatever the client stated.

Screenshots and clipboards often have the wrong type, and a refused image stays in the history
(1jehuang/jcode#465, anthropics/claude-code#12009): “The image was specified using the image/png
media type, but the image appears to be a image/jpeg image”. ``image/jpg`` is not a media type, but
many programs send it (mealie-recipes/mealie#5897).
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Any

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.shared.data_url import data_url, parse_data_url
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    edit_content,
    edit_items,
)

IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
"""Media types in every vendor's catalogue entries (``vision.supported_media_types``)."""
LEFT_OUT = "[An image was left out: {kind} is not possible with this model.]"
_MISSPELT = {
    "image/jpg": "image/jpeg",
    "image/jpe": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/jfif": "image/jpeg",
    "image/x-jpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/apng": "image/png",
    "image/x-gif": "image/gif",
    "image/x-webp": "image/webp",
}
_HEAD_CHARACTERS = 32
_DATA_URL = re.compile(
    rb'data:(image/?[^;,"]*|[a-z]{3,4})[^,"]{0,80},([A-Za-z0-9+/\\]{0,32})', re.IGNORECASE
)
_SOURCE = re.compile(rb'"(media_type|data)"\s*:\s*"([^"]{0,64})')


def sniff(data: str) -> str | None:
    """Return the media type by the first bytes of base64 ``data``; None if unknown."""
    try:
        head = b64decode(data[:_HEAD_CHARACTERS])
    except ValueError:
        return None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return None


def media_type(stated: str, data: str) -> str:
    """Return the correct media type of an image with ``data``, ``stated`` by the client."""
    found = sniff(data)
    if found is not None:
        return found
    name = stated.partition(";")[0].strip().lower()
    if name and "/" not in name:
        name = f"image/{name}"
    return _MISSPELT.get(name, name)


def fit_media_types(body: OutgoingBody) -> None:
    """Correct the type of every inline image, and replace unsupported ones by text."""
    responses = body.target.endpoint is Endpoint.RESPONSES
    edit_part = _edit_source if body.target.endpoint is Endpoint.MESSAGES else _edit_url

    def edit(part: dict[str, Any]) -> dict[str, Any]:
        edited, lost = edit_part(part)
        if lost is not None:
            word = "input[].content" if responses else "messages[].content"
            body.drop(f"{word} ({lost})")
            kind = "input_text" if responses else "text"
            return {"type": kind, "text": LEFT_OUT.format(kind=lost)}
        # Images may be within a tool's result.
        return edit_content(edited, edit)

    def message(each: dict[str, Any]) -> dict[str, Any]:
        edited = edit_content(each, edit)
        return edit_content(edited, edit, "output") if responses else edited

    name = "input" if responses else "messages"
    items = body.items(name)
    edited = edit_items(items, message)
    if edited is not items:
        body.write(name, edited)


def _edit_source(block: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    source = block.get("source")
    if block.get("type") != "image" or not isinstance(source, dict):
        return block, None
    stated, data = source.get("media_type"), source.get("data")
    if source.get("type") != "base64" or not isinstance(data, str):
        return block, None
    inline = parse_data_url(data) if data[:5].lower() == "data:" else None
    if inline is not None:  # a whole data URL in place of its data
        data = inline[1]
    right = media_type(stated if isinstance(stated, str) else "", data)
    if right not in IMAGE_TYPES:
        return block, right or "an unnamed image type"
    if right == stated and inline is None:
        return block, None
    return {**block, "source": {**source, "media_type": right, "data": data}}, None


def _edit_url(part: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    image = part.get("image_url")
    url = image.get("url") if isinstance(image, dict) else image
    if part.get("type") not in ("image_url", "input_image") or not isinstance(url, str):
        return part, None
    inline = parse_data_url(url) if url[:5].lower() == "data:" else None
    if inline is None:
        return part, None
    stated, data = inline
    right = media_type(stated, data)
    if right not in IMAGE_TYPES:
        return part, right
    if right == stated and url.startswith(f"data:{right};base64,"):
        return part, None
    whole = data_url(right, data)
    return {
        **part,
        "image_url": {**image, "url": whole} if isinstance(image, dict) else whole,
    }, None


def _may_be_wrong(body: OutgoingBody) -> bool:
    if body.target.endpoint is Endpoint.MESSAGES:
        if not body.holds("messages", b'"image"'):
            return False
        text = body.searched("messages")
        return text is None or not _sources_are_right(text)
    name = "input" if body.target.endpoint is Endpoint.RESPONSES else "messages"
    if not body.holds(name, b"data:", b"DATA:", b"Data:"):
        return False
    text = body.searched(name)
    return text is None or not all(
        _is_right(found[1], found[2]) for found in _DATA_URL.finditer(text)
    )


def _is_right(stated: bytes, data: bytes) -> bool:
    name = stated.decode("ascii", "replace")
    return name in IMAGE_TYPES and sniff(data.decode("ascii", "replace")) in (name, None)


def _sources_are_right(text: bytes) -> bool:
    """Compare each stated type with the data next to it, in either order."""
    waiting: tuple[bytes, bytes] | None = None
    for found in _SOURCE.finditer(text):
        if waiting is None or waiting[0] == found[1]:
            waiting = (found[1], found[2])
            continue
        pair = {waiting[0]: waiting[1], found[1]: found[2]}
        waiting = None
        if pair[b"media_type"].startswith((b"application/", b"text/")):
            if sniff(pair[b"data"].decode("ascii", "replace")) is not None:
                return False
            continue
        if pair[b"data"][:5].lower() == b"data:":
            return False
        if not _is_right(pair[b"media_type"], pair[b"data"]):
            return False
    return waiting is None


MEDIA_TYPES = Rule("media types", fit_media_types, _may_be_wrong)
