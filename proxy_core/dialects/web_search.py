"""Recognises web searches a model cannot run, and converts their response to Anthropic's form.

A request that offers only the vendor's web search, or forces it, is a search: Claude Code's
WebSearch tool sends one. Another model of the account may run it on ``/responses``. A search
offered among other tools is left to the dialects, which drop it and name it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from proxy_core.canonical.events import Done, Error, NativeItem, StreamEvent, TextDelta, TextEnd
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.dialects.shared.raw_body import raw_bytes
from proxy_core.dialects.shared.tool_names import wire_call_id

WEB_SEARCH = "web_search"
SOURCES = "web_search_call.action.sources"
"""The ``include`` entry that makes ``/responses`` list all results, not only cited ones."""

SEARCH_ID_PREFIX = "srvtoolu_proxied_"
"""Prefix of ids of searches run by another model, which Anthropic's models do not accept."""

UNAVAILABLE = (
    "Web search is not available: no model of this GitHub Copilot account offers it. Answer without "
    "it, or use another tool to read the web."
)
_FIRST_RESULT_INDEX = 1_000_000
"""Larger than any index of a reader, for the added blocks."""


def asks_for_search(body: Mapping[str, Any]) -> bool:
    """True if the web search is the only tool or the forced one.

    Values may be ``msgspec.Raw``.
    """
    if b'"web_search' not in raw_bytes(body, "tools"):
        return False
    tools = decode_raw(body, "tools")
    if not isinstance(tools, list):
        return False
    kinds = [tool.get("type") if isinstance(tool, dict) else None for tool in tools]
    searches = [isinstance(kind, str) and kind.startswith(WEB_SEARCH) for kind in kinds]
    choice = decode_raw(body, "tool_choice")
    if not any(searches) or choice == "none":
        return False
    if not isinstance(choice, dict):
        return all(searches)
    if choice.get("type") == "none":
        return False
    named = str(choice.get("name") or choice.get("type"))
    return all(searches) or named.startswith(WEB_SEARCH)


def searching_model(model: Model, catalogue: Sequence[Model]) -> Model | None:
    """Return a model that runs searches on ``/responses``: the requested one, else any other."""
    for each in (model, *catalogue):
        can = each.supports.web_search and each.answers_at(Endpoint.RESPONSES)
        if can and each.disabled_reason is None:
            return each
    return None


def unavailable_answer(model_id: str) -> bytes:
    """Return a whole ``/responses`` response which says that no model can search."""
    text = {"type": "output_text", "text": UNAVAILABLE, "annotations": []}
    action = {"type": "search", "query": ""}
    call = {"type": "web_search_call", "id": "ws_unavailable", "status": "failed", "action": action}
    message = {"type": "message", "id": "msg_unavailable", "role": "assistant", "content": [text]}
    return msgspec.json.encode(
        {
            "id": "resp_unavailable",
            "object": "response",
            "status": "completed",
            "model": model_id,
            "output": [call, {**message, "status": "completed"}],
        }
    )


class SearchForMessages:
    """Converts the events of a search on ``/responses`` to those of Anthropic's own search.

    The results are known only at the end, but their block precedes the text: everything after the
    first search is held back until then.
    """

    def __init__(self) -> None:
        self._searches: list[dict[str, Any]] = []
        self._held: list[StreamEvent] = []
        self._texts: dict[int, list[str]] = {}

    def feed(self, event: StreamEvent) -> list[StreamEvent]:
        if isinstance(event, NativeItem) and event.item.kind == "web_search_call":
            self._searches.append(msgspec.json.decode(event.item.data))
            return []
        if isinstance(event, TextDelta):
            self._texts.setdefault(event.index, []).append(event.text)
        if isinstance(event, (Done, Error)):
            return [*self._release(), event]
        if self._searches:
            self._held.append(event)
            return []
        return [event]

    def _release(self) -> list[StreamEvent]:
        cited = [
            annotation
            for event in self._held
            if isinstance(event, TextEnd)
            for annotation in _url_citations(event)
        ]
        blocks: list[dict[str, Any]] = []
        for number, search in enumerate(self._searches):
            is_last = number == len(self._searches) - 1
            blocks += _search_blocks(search, cited if is_last else [])
        self._searches = []
        held, self._held = self._held, []
        natives = [
            NativeItem(
                _FIRST_RESULT_INDEX + number,
                Opaque(
                    DialectName.ANTHROPIC_MESSAGES,
                    block["type"],
                    msgspec.json.encode(block).decode(),
                ),
            )
            for number, block in enumerate(blocks)
        ]
        return [*natives, *(self._cited(event) for event in held)]

    def _cited(self, event: StreamEvent) -> StreamEvent:
        if not isinstance(event, TextEnd):
            return event
        text = "".join(self._texts.get(event.index, ()))
        citations = tuple(_location(each, text) for each in _url_citations(event))
        return replace(event, annotations=(*event.annotations, *citations))


def search_for_messages(events: Iterable[StreamEvent]) -> list[StreamEvent]:
    """Return a whole response's events as :class:`SearchForMessages` would."""
    search = SearchForMessages()
    return [shaped for event in events for shaped in search.feed(event)]


def is_proxied_search(block: Mapping[str, Any]) -> bool:
    """True for a block of a search run by another model."""
    ident = block.get("id") or block.get("tool_use_id")
    return isinstance(ident, str) and ident.startswith(SEARCH_ID_PREFIX)


def _search_blocks(search: dict[str, Any], cited: list[dict[str, Any]]) -> list[dict[str, Any]]:
    action = search.get("action")
    action = action if isinstance(action, dict) else {}
    ident = SEARCH_ID_PREFIX + wire_call_id(str(search.get("id") or "search"), 40)
    queries = action.get("queries")
    query = action.get("query") or (queries[0] if isinstance(queries, list) and queries else "")
    use = {
        "type": "server_tool_use",
        "id": ident,
        "name": WEB_SEARCH,
        "input": {"query": str(query)},
    }
    content: object = {"type": "web_search_tool_result_error", "error_code": "unavailable"}
    if search.get("status") != "failed":
        content = _results(action.get("sources"), cited)
    return [use, {"type": "web_search_tool_result", "tool_use_id": ident, "content": content}]


def _results(sources: object, cited: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for source in (*cited, *(sources if isinstance(sources, list) else ())):
        url = source.get("url") if isinstance(source, dict) else None
        if isinstance(url, str) and url not in found:
            found[url] = {
                "type": "web_search_result",
                "url": url,
                "title": str(source.get("title") or url),
                "encrypted_content": "",
                "page_age": None,
            }
    return list(found.values())


def _url_citations(event: TextEnd) -> list[dict[str, Any]]:
    return [
        msgspec.json.decode(each.data)
        for each in event.annotations
        if each.dialect is DialectName.OPENAI_RESPONSES and each.kind == "url_citation"
    ]


def _location(citation: dict[str, Any], text: str) -> Opaque:
    start, end = citation.get("start_index"), citation.get("end_index")
    has_span = isinstance(start, int) and isinstance(end, int)
    location = {
        "type": "web_search_result_location",
        "url": str(citation.get("url", "")),
        "title": citation.get("title"),
        "encrypted_index": "",
        "cited_text": text[start:end] if has_span else "",
    }
    data = msgspec.json.encode(location).decode()
    return Opaque(DialectName.ANTHROPIC_MESSAGES, "citation", data)
