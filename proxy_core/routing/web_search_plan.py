"""Chooses who runs a web search that the requested model cannot: another model, or none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.model import Model
from proxy_core.canonical.request import RenderedRequest, Request
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import ClientTraits, Dialect, StreamReader
from proxy_core.dialects.web_search import (
    SOURCES,
    SearchForMessages,
    asks_for_search,
    search_for_messages,
    searching_model,
)


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """``model`` runs the search; None if no model of the account can."""

    model: Model | None


def plan_search(
    members: Mapping[str, Any], client: ClientTraits, model: Model, catalogue: tuple[Model, ...]
) -> SearchPlan | None:
    """Return who searches; None if the request is not a search or its own model can run it."""
    own = client.search_endpoint
    if own is None or not asks_for_search(members):
        return None
    if model.supports.web_search and model.answers_at(own):
        return None
    return SearchPlan(searching_model(model, catalogue))


def render_search(request: Request, dialect: Dialect, model: Model) -> RenderedRequest:
    """Render a search for ``/responses`` that asks for a list of the results."""
    rendered = dialect.render_request(request, model)
    include = list(dict.fromkeys([*rendered.body.get("include", ()), SOURCES]))
    body = {**rendered.body, "include": include}
    return RenderedRequest(body, rendered.dropped, rendered.enforced_locally)


class MessagesSearchReader:
    """A reader of ``/responses`` that converts its searches to Anthropic's form."""

    def __init__(self, reader: StreamReader) -> None:
        self._reader = reader
        self.unread: dict[str, None] = reader.unread
        self._search = SearchForMessages()

    def feed(self, frame: Frame) -> list[StreamEvent]:
        return self._shaped(self._reader.feed(frame))

    def close(self) -> list[StreamEvent]:
        return self._shaped(self._reader.close())

    def _shaped(self, events: list[StreamEvent]) -> list[StreamEvent]:
        return [shaped for event in events for shaped in self._search.feed(event)]


def search_reader(dialect: Dialect, model_id: str) -> MessagesSearchReader:
    return MessagesSearchReader(dialect.reader(model_id))


def read_search(dialect: Dialect, body: bytes, model_id: str) -> list[StreamEvent]:
    return search_for_messages(dialect.read_whole(body, model_id))


class SyntheticResponse:
    """A response made locally, not upstream; see ``UpstreamAnswer``."""

    content_type = "application/json"
    dropped: tuple[str, ...] = ()
    enforced_locally: tuple[str, ...] = ()
    is_unedited: bool = False
    backend: str = ""
    attempts = 0
    notes: tuple[str, ...] = ()
    has_arrived = True

    def __init__(self, body: bytes) -> None:
        self.headers: Mapping[str, str] = {}
        self._body = body

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body

    async def close(self) -> None:
        """Does nothing: no connection is open."""
