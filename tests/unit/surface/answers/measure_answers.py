"""Sends an example of an answer's name through the product and tells what became of it for each client.

Upstream's answer with the name is compared with the same answer without it, as it reaches a client of
the same dialect and of the two others.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec

from proxy_core.dialects.interface import StreamOutcome
from proxy_core.dialects.registry import dialect
from proxy_core.errors import ProxyError
from proxy_core.server.calls.relay.relay_stream import WholeAnswer
from proxy_core.server.calls.relay.transcoding import PassThroughTranscoder, TranslatingTranscoder
from tests.golden.cases import MODEL, context
from tests.unit.surface.answers.scenes import Event, stream
from tests.unit.surface.answers.sdk_answers import OBJECTS
from tests.unit.surface.measure import DIALECTS, Fate
from tests.unit.surface.sdk_surface import Named

WHOLE = ("messages member", "chat member", "responses member")
"""Areas of members of a whole answer; the other ones are looked at in a stream."""

FRAMES = frozenset(
    {f"content_block_{each}" for each in ("start", "delta", "stop")}
    | {f"message_{each}" for each in ("start", "delta", "stop")}
    | {f"response.{each}" for each in ("created", "queued", "in_progress", "completed")}
    | {f"response.output_item.{each}" for each in ("added", "done")}
    | {"response.content_part.added"}
)
"""Events that every stream is made of: the golden cases show what becomes of them."""
OUR_WORK = frozenset(
    {
        "id",
        "model",
        "created",
        "created_at",
        "object",
        "role",
        "type",
        "status",
        "usage.total_tokens",
    }
    | {"choices.index", "choices.delta.role", "choices.message.role", "output", "stop_sequence"}
    | {"incomplete_details", "incomplete_details.reason", "tools"}
)
"""Members that the proxy states itself: ids in the client's form, its model name, sums, echoes."""


def answer_fates(named: Named) -> dict[str, Fate]:
    """Return what becomes of a name for a client of each dialect."""
    source = named.area.split()[0]
    return {client: _fate(source, client, named) for client in DIALECTS}


def _fate(source: str, client: str, named: Named) -> Fate:
    if named.name in FRAMES or (named.area in OBJECTS and named.name in OUR_WORK):
        return Fate.PASSED if source == client and named.name in FRAMES else Fate.TRANSLATED
    with_it, without = stream(named, is_there=True), stream(named, is_there=False)
    plain = _sent(source, client, named, without)
    try:
        told = _sent(source, client, named, with_it)
    except ProxyError:
        return Fate.TRANSLATED  # an answer that failed is an error in the client's dialect
    if set(told[1].left_out) - set(plain[1].left_out):
        return Fate.TOLD
    if source == client and _stands_in(named, with_it, told[0]):
        return Fate.PASSED
    if _without_ids(told[0]) != _without_ids(plain[0]):
        return Fate.TRANSLATED
    went_with_its_block = named.area == "messages delta" and bool(plain[1].left_out)
    return Fate.TOLD if went_with_its_block else Fate.LOST


def _sent(
    source: str, client: str, named: Named, events: Iterable[Event]
) -> tuple[Any, StreamOutcome]:
    """Return what the client reads, and what the record of the request is told."""
    data = b"".join(_encoded(each) for each in events)
    upstream, theirs = dialect(DIALECTS[source]), dialect(DIALECTS[client])
    if named.area in WHOLE:
        whole = WholeAnswer(upstream.reader(MODEL.id), None, client=theirs.name)
        asyncio.run(whole.collect(_chunks(data)))
        return theirs.write_whole(whole.events, context()), whole.outcome()
    if source == client:
        passing = PassThroughTranscoder(theirs.pass_through(context()))
        frames = passing.feed(data) + passing.close()
        return [_decoded(each.data) for each in frames], passing.outcome()
    writing = TranslatingTranscoder(
        upstream.reader(MODEL.id), theirs.writer(context()), client=theirs.name
    )
    frames = writing.feed(data) + writing.close()
    return [_decoded(each.data) for each in frames], writing.outcome()


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _encoded(event: Event) -> bytes:
    return b"data: " + msgspec.json.encode(event) + b"\n\n"


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        return data


def _stands_in(named: Named, events: Iterable[Event], told: Any) -> bool:
    if named.area in WHOLE or named.area == "chat chunk":
        return _has_path(told, named.name.split("."), named.example)
    return _holds(told, named.example)


def _has_path(value: Any, path: list[str], wanted: Any) -> bool:
    if isinstance(value, list):
        return any(_has_path(each, path, wanted) for each in value)
    if not isinstance(value, dict) or path[0] not in value:
        return False
    if len(path) == 1:
        return _covers(value[path[0]], wanted)
    return _has_path(value[path[0]], path[1:], wanted)


def _holds(value: Any, wanted: Any) -> bool:
    if _covers(value, wanted):
        return True
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds(each, wanted) for each in below)


def _covers(value: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there; more may stand beside it, and ids are the proxy's."""
    if isinstance(wanted, dict) and isinstance(value, dict):
        return all(
            name in _OURS or (name in value and _covers(value[name], each))
            for name, each in wanted.items()
        )
    if isinstance(wanted, list) and isinstance(value, list):
        return len(value) >= len(wanted) and all(map(_covers, value, wanted))
    return bool(value == wanted)


_OURS = ("id", "item_id", "model", "sequence_number", "response", "status")


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: _without_ids(e) for n, e in value.items() if n not in ("id", "sequence_number")}
    return [_without_ids(each) for each in value] if isinstance(value, list) else value
