"""Names what an answer holds that its client's dialect cannot say: for the record of the request.

The answer is not failed for it: its text and calls are whole, and the client never asked for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from proxy_core.canonical.events import Done, NativeItem, TextEnd
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.shared.json_members import decode_object

Losable = NativeItem | TextEnd | Done
LOSABLE = (NativeItem, TextEnd, Done)
"""Events of which a dialect may have no form for a part; all others are said by each of them."""


_NOT_MISSED = frozenset(
    {"usage", "system_fingerprint", "service_tier", "input_transformations"} | {"repeated"}
)
"""Members of whole answers that tell nothing of the answer: how it was counted and where it was made."""
_CITE_WEB_PAGES = (DialectName.OPENAI_CHAT, DialectName.OPENAI_RESPONSES)


class AnswerLosses:
    """One per answer that is written in another dialect than it was read in, or in the same anew."""

    def __init__(self, client: DialectName, unread: Callable[[], Iterable[str]] = tuple) -> None:
        """``unread`` returns what the reader had no canonical form for."""
        self._client = client
        self._unread = unread
        self._unsaid: dict[str, None] = {}

    def feed(self, event: Losable) -> None:
        if isinstance(event, NativeItem):
            if event.item.dialect is not self._client:
                self._unsaid[event.item.kind] = None
        elif isinstance(event, TextEnd):
            if event.phase is not None and self._client is not DialectName.OPENAI_RESPONSES:
                self._unsaid["phase"] = None
            if any(not _is_sayable(each, self._client) for each in event.annotations):
                self._unsaid["citations"] = None
        elif event.more is not None and event.more.dialect is not self._client:
            members = decode_object(event.more.data).keys() - _NOT_MISSED
            self._unsaid.update(dict.fromkeys(sorted(members)))

    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._unread(), *self._unsaid)))


def _is_sayable(citation: Opaque, client: DialectName) -> bool:
    """OpenAI's dialects cite web pages; Anthropic's citations carry proofs that only it can make."""
    if citation.dialect is client:
        return True
    return client in _CITE_WEB_PAGES and web_address(citation) is not None


def web_address(citation: Opaque) -> str | None:
    """Return the page that a citation of any dialect names."""
    stated = decode_object(citation.data)
    inner = stated.get("url_citation")
    url = (inner if isinstance(inner, dict) else stated).get("url")
    return url if isinstance(url, str) else None
