"""Limits a request's images: the newest stay, older ones become text.

Copilot's own editor sends at most 20 to Anthropic and 10 to Gemini (copilot-protocol.md 15.11).
"""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    VendorFamily,
    edit_content,
    edit_items,
)

MOST_IMAGES = {VendorFamily.ANTHROPIC: 20, VendorFamily.GOOGLE: 10}
STEP = 5
"""Images are removed in steps of this size, because each change of the history invalidates the
cached prompt.
"""
LEFT_OUT = "[An earlier image was left out: this model takes {most} at most.]"


def limit_images(body: OutgoingBody) -> None:
    most = MOST_IMAGES[body.target.family]
    messages = body.items("messages")
    count = sum(_count(each) for each in messages)
    if count <= most:
        return
    surplus = min(-(-(count - most) // STEP) * STEP, count - 1)
    left = surplus

    def edit(part: dict[str, Any]) -> dict[str, Any]:
        nonlocal left
        if not _is_image(part):
            return edit_content(part, edit)
        if left == 0:
            return part
        left -= 1
        notice = {"type": "text", "text": LEFT_OUT.format(most=most)}
        return (
            {**notice, "cache_control": part["cache_control"]}
            if "cache_control" in part
            else notice
        )

    body.write("messages", edit_items(messages, lambda each: edit_content(each, edit)))
    body.drop(f"messages[].content ({surplus} images: more than this model takes)")


def _is_image(part: object) -> bool:
    return isinstance(part, dict) and part.get("type") in ("image", "image_url")


def _count(holder: object) -> int:
    content = holder.get("content") if isinstance(holder, dict) else None
    parts = content if isinstance(content, list) else []
    return sum(1 if _is_image(part) else _count(part) for part in parts)


def _may_be_many(body: OutgoingBody) -> bool:
    text = body.searched("messages")
    if text is None:
        return True
    word = b'"image"' if body.target.endpoint is Endpoint.MESSAGES else b'"image_url"'
    return text.count(word) > MOST_IMAGES[body.target.family]


IMAGE_LIMIT = Rule("number of images", limit_images, _may_be_many)
