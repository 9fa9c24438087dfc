"""Renders citations of any dialect as this dialect's annotations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.request import DialectName, Opaque


def render_citations(citations: Iterable[Opaque], text: str) -> list[dict[str, Any]]:
    """Return the annotations of a text; a citation without a URL cannot be expressed."""
    rendered = []
    for citation in citations:
        annotation = _render(citation, text)
        if annotation is not None:
            rendered.append(annotation)
    return rendered


def _render(citation: Opaque, text: str) -> dict[str, Any] | None:
    try:
        stated = msgspec.json.decode(citation.data, type=dict[str, Any])
    except msgspec.DecodeError:
        return None
    if citation.dialect is DialectName.OPENAI_RESPONSES:
        return stated
    if citation.dialect is DialectName.OPENAI_CHAT:
        inner = stated.get("url_citation")
        return {"type": "url_citation", **inner} if isinstance(inner, dict) else None
    url = stated.get("url")
    if not isinstance(url, str):
        return None
    # Anthropic cites for a whole text block, which is a whole message here.
    return {
        "type": "url_citation",
        "url": url,
        "title": str(stated.get("title") or ""),
        "start_index": 0,
        "end_index": len(text),
    }
