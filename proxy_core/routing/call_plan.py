"""Plans the upstream call for a client's body: model, endpoint, body. Pure."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, RenderedRequest, Request
from proxy_core.dialects.client_traits import RUNS_SEARCHES
from proxy_core.dialects.interface import Dialect, KeepItem, RequestFacts, StreamReader
from proxy_core.dialects.registry import COMPACTING
from proxy_core.dialects.shared.conversation_repair import settle_turns
from proxy_core.dialects.shared.json_members import decode_fully
from proxy_core.dialects.shared.raw_body import has_illegal_tool_name
from proxy_core.dialects.web_search import unavailable_answer
from proxy_core.routing.client_programs import session_id
from proxy_core.routing.initiator import InitiatorVerdict, decide_initiator
from proxy_core.routing.model_names import resolve_model
from proxy_core.routing.route import Route, plan
from proxy_core.routing.unedited import unedited_members
from proxy_core.routing.upstream_api import UpstreamCall
from proxy_core.routing.web_search_plan import (
    SearchPlan,
    plan_search,
    read_search,
    render_search,
    search_reader,
)

LONGEST_NAME = 100
_decode_name = msgspec.json.Decoder(str).decode
SETTLED_NOTE = "tool calls and results did not pair up; set straight before sending"


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call, ready to send.

    ``dropped`` names members that could not be carried, by the client's names; ``enforced_locally``
    those of them that are limits the proxy enforces. ``members`` is the client's body as received;
    ``request`` its parsed form, if it had to be parsed.
    """

    call: UpstreamCall
    route: Route
    facts: RequestFacts
    client: Dialect
    upstream: Dialect
    dropped: tuple[str, ...]
    enforced_locally: tuple[str, ...]
    members: Mapping[str, Any]
    request: Request | None
    asked_by: InitiatorVerdict
    """A person, or a program on its own, and why."""
    notes: tuple[str, ...] = ()
    """Sentences about repairs made to the conversation."""
    is_search: bool = False
    """A web search run by another model than the client's; its response is converted for the client."""
    keep_item: KeepItem | None = None
    """Stores the response's items, if the client may refer to them (Responses)."""
    own_answer: bytes | None = None
    """A response in upstream's dialect made here, because no model upstream can make it."""

    @property
    def model(self) -> Model:
        return self.call.model

    @property
    def size(self) -> int:
        """Bytes of the client's body."""
        return sum([memoryview(each).nbytes for each in self.members.values()])

    def reader(self) -> StreamReader:
        """Return a reader for the stream of this call."""
        if self.is_search:
            return search_reader(self.upstream, self.model.id)
        return self.upstream.reader(self.model.id)

    def read_whole(self, body: bytes) -> list[StreamEvent]:
        """Return a complete response as the events its stream would have produced."""
        if self.is_search:
            return read_search(self.upstream, body, self.model.id)
        return self.upstream.read_whole(body, self.model.id)

    def parsed(self) -> Request:
        """Return the canonical request. Raises BadRequest."""
        return self.request or self.client.parse_request(decode_fully(dict(self.members)))


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Whom a call is for, and what is told each time it is sent; see ``UpstreamCall``."""

    client: str = ""
    on_attempt: Callable[[], None] = lambda: None


NOBODY = AskedFor()


def model_name(members: Mapping[str, Any]) -> str:
    """Return the model a body asks for, for the request record; empty when it is not a string."""
    value = members.get("model")
    try:
        name = _decode_name(value) if isinstance(value, msgspec.Raw) else value
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return name[:LONGEST_NAME] if isinstance(name, str) else ""


def plan_call(
    members: Mapping[str, Any],
    headers: Mapping[str, str],
    client: Dialect,
    dialects: Mapping[DialectName, Dialect],
    catalogue: Sequence[Model],
    request_id: str,
    aliases: Mapping[str, str] | None = None,
    asked_for: AskedFor = NOBODY,
) -> PlannedCall:
    """Return what to send for a body of raw ``members``.

    ``headers`` are case-insensitive; ``aliases`` are the user's own names of models; ``asked_for``
    goes into the call.

    Raises BadRequest, ModelNotFound or ModelDisabled.
    """
    facts = client.inspect_request(members)
    theirs = {name.lower(): value for name, value in headers.items()}
    client.check_request(members, theirs)
    if facts.asks_compaction and client is dialects.get(client.name):
        client = COMPACTING[client.name]
    model = resolve_model(facts.model, catalogue, aliases)
    search = plan_search(members, client.traits, model, tuple(catalogue))
    if search is not None:
        if search.model is None or not client.traits.runs_searches:
            asked = _plan_search(search, members, headers, client, dialects, model, request_id)
            return replace(
                asked,
                call=replace(asked.call, client=asked_for.client, on_attempt=asked_for.on_attempt),
            )
        # Same dialect, another model: nothing else changes.
        model = search.model
    route = plan(client.name, facts, model, dialects)
    upstream = dialects[route.upstream]
    request = None
    settled = None
    unedited = None
    is_blind = facts.has_images and not model.supports.vision
    if route.translated or facts.needs_repair or is_blind:
        decoded = decode_fully(dict(members))
        if route.translated:
            client.check_translatable(decoded)
        request = client.parse_request(decoded)
        settled = settle_turns(request) if facts.needs_repair else None
        request = settled.request if settled else request
        if not settled and not is_blind and _summarises_unchanged(facts, client, upstream, members):
            rendered = client.pass_through_request(members, model, facts.outline)
        else:
            rendered = upstream.render_request(request, model)
    else:
        rendered = client.pass_through_request(members, model, facts.outline)
        if not facts.asks_compaction:
            unedited = functools.partial(unedited_members, members, rendered.body)
    asked_by = decide_initiator(headers, members, is_user_turn=facts.is_user_turn)
    passed_headers: Mapping[str, str] = {}
    dropped_headers: tuple[str, ...] = ()
    if route.client is route.upstream:
        passed = upstream.pass_through_headers(theirs, model)
        passed_headers, dropped_headers = passed.headers, passed.dropped
    return PlannedCall(
        call=UpstreamCall(
            endpoint=route.endpoint,
            model=model,
            body=rendered.body,
            initiator=asked_by.initiator,
            has_images=facts.has_images and model.supports.vision,
            request_id=request_id,
            headers=passed_headers,
            session_id=session_id(headers),
            client=asked_for.client,
            unedited=unedited,
            on_attempt=asked_for.on_attempt,
        ),
        asked_by=asked_by,
        route=route,
        facts=facts,
        client=client,
        upstream=upstream,
        dropped=(*(settled.notes if settled else ()), *rendered.dropped, *dropped_headers),
        enforced_locally=rendered.enforced_locally,
        members=members,
        request=request,
        notes=(
            *((SETTLED_NOTE,) if settled else ()),
            *((f"web search was run by {model.id}",) if search else ()),
        ),
    )


def _summarises_unchanged(
    facts: RequestFacts, client: Dialect, upstream: Dialect, members: Mapping[str, Any]
) -> bool:
    """Whether a compaction asks with the client's own items: only its answer must be written anew."""
    return (
        facts.asks_compaction
        and upstream.name is client.name
        and not has_illegal_tool_name(members)
    )


def _plan_search(
    search: SearchPlan,
    members: Mapping[str, Any],
    headers: Mapping[str, str],
    client: Dialect,
    dialects: Mapping[DialectName, Dialect],
    asked: Model,
    request_id: str,
) -> PlannedCall:
    """Plan a search answered by ``/responses``, or locally if no model can search."""
    facts = client.inspect_request(members)
    request = client.parse_request(decode_fully(dict(members)))
    upstream = dialects[RUNS_SEARCHES]
    route = Route(client.name, upstream.name, Endpoint.RESPONSES, translated=True)
    model = search.model or asked
    rendered = render_search(request, upstream, model) if search.model else RenderedRequest({})
    asked_by = decide_initiator(headers, members, is_user_turn=facts.is_user_turn)
    note = f"web search was run by {model.id}" if search.model else "no model can search the web"
    return PlannedCall(
        call=UpstreamCall(
            endpoint=route.endpoint,
            model=model,
            body=rendered.body,
            initiator=asked_by.initiator,
            has_images=facts.has_images and model.supports.vision,
            request_id=request_id,
            session_id=session_id(headers),
        ),
        asked_by=asked_by,
        route=route,
        facts=facts,
        client=client,
        upstream=upstream,
        dropped=rendered.dropped,
        enforced_locally=rendered.enforced_locally,
        members=members,
        request=request,
        notes=(note,),
        is_search=not client.traits.runs_searches,
        own_answer=None if search.model else unavailable_answer(asked.id),
    )
