"""A large body leaves in pieces, and is the same to the byte as one put together."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest
from multidict import CIMultiDict

from proxy_core.config.settings import UpstreamSettings
from proxy_core.upstream.transport.body_pieces import (
    LARGE_BYTES,
    WRITE_BYTES,
    BodyPieces,
    json_pieces,
)
from proxy_core.upstream.transport.request_handler import OutboundRequest
from proxy_core.upstream.transport.transport import Transport
from tests.unit.upstream.scripted_github import FakeGitHub, FakeTime, Reply


@pytest.fixture
async def transport(time: FakeTime) -> AsyncIterator[Transport]:
    made = Transport(UpstreamSettings, clock=time.clock, proxy=lambda _: None)
    yield made
    await made.close()


LARGE = msgspec.Raw(msgspec.json.encode(["\u00fc" * LARGE_BYTES, {"b": None}]))


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"model": "m", "messages": msgspec.Raw(b'[ "as it came" ]')},
        {"messages": LARGE},
        {"model": "m", "messages": LARGE, 'odd "name"\u00fc': [1.5, None, True]},
        {"messages": LARGE, "input": LARGE},
        {"model": "m", "messages": [LARGE, {"role": "user"}], "stream": True},
    ],
)
def test_pieces_put_together_are_what_one_encoding_gives(members: dict[str, object]) -> None:
    pieces = json_pieces(members)
    assert bytes(pieces) == msgspec.json.encode(members)
    assert len(pieces) == len(bytes(pieces))
    assert b"".join(pieces.writes()) == bytes(pieces)


def test_a_large_value_is_not_copied() -> None:
    writes = list(json_pieces({"model": "m", "messages": LARGE}).writes())
    assert memoryview(writes[1]).obj is memoryview(LARGE).obj


def test_no_write_is_longer_than_keeps_others_waiting() -> None:
    body = BodyPieces((b"a" * (2 * WRITE_BYTES + 1), b"b"))
    assert [len(each) for each in body.writes()] == [WRITE_BYTES, WRITE_BYTES, 1, 1]
    assert b"".join(body.writes(WRITE_BYTES + 5)) == b"a" * (WRITE_BYTES + 5)


async def test_a_body_in_pieces_arrives_whole(transport: Transport, github: FakeGitHub) -> None:
    github.on("/x", Reply(200, b"ok"))
    body = json_pieces({"model": "m", "messages": LARGE})
    request = OutboundRequest("POST", github.url + "/x", CIMultiDict(), pieces=body)
    assert await (await transport.send(request)).read(10) == b"ok"
    assert github.seen[-1].body == msgspec.json.decode(bytes(body))
    assert github.seen[-1].headers["content-length"] == str(len(body))
    assert "transfer-encoding" not in github.seen[-1].headers
