"""Every reader and parser that meets bytes of others, as a function of bytes that may raise nothing.

What a parser promises to raise is caught here; whatever else comes out of it is a finding.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Limits, Model, Supports
from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Decoder, encode
from proxy_core.config.settings import Settings
from proxy_core.config.settings_reading import read_settings
from proxy_core.dialects.interface import Dialect, WriterContext
from proxy_core.dialects.openai_responses.session.websocket_session import (
    SocketReply,
    SocketSession,
)
from proxy_core.dialects.registry import DIALECTS
from proxy_core.errors import BadRequest, ProxyError, StreamFormatError
from proxy_core.server.calls.relay.transcoding import (
    PassThroughTranscoder,
    Transcoder,
    TranslatingTranscoder,
)
from proxy_core.upstream.calls.error_response import read_failure
from proxy_core.upstream.catalog.parsing import parse_catalog
from proxy_core.upstream.parameters.refusals import read_refusals
from proxy_core.upstream.sign_in.account import parse_account

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
MODEL = Model(
    "able",
    "Able",
    "OpenAI",
    limits=Limits(output=64_000),
    supports=Supports(tool_calls=True, vision=True, structured_outputs=True),
)
Target = Callable[[bytes], None]


def context() -> WriterContext:
    return WriterContext("able", lambda prefix: f"{prefix}0", 1)


def _decode(data: bytes) -> Any:
    with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return msgspec.json.decode(data)
    return None


def frames(data: bytes) -> None:
    """Whole and cut in two come to the same frames."""
    whole, cut = Decoder(), Decoder()
    half = len(data) // 2
    with contextlib.suppress(StreamFormatError):
        expected = whole.feed(data) + whole.close()
        assert cut.feed(data[:half]) + cut.feed(data[half:]) + cut.close() == expected


def _run(transcoder: Transcoder, data: bytes) -> None:
    for at in range(0, len(data), 1000):
        for frame in transcoder.feed(data[at : at + 1000]):
            encode(frame)
    transcoder.close()
    outcome = transcoder.outcome()
    assert outcome.finished != (outcome.error is not None), "a stream ends, or says why it did not"
    assert not transcoder.fail(ProxyError("too late")), "nothing follows the end"


def passed(name: DialectName) -> Target:
    return lambda data: _run(PassThroughTranscoder(DIALECTS[name].pass_through(context())), data)


def translated(source: DialectName, target: DialectName) -> Target:
    def run(data: bytes) -> None:
        reader, writer = DIALECTS[source].reader("able"), DIALECTS[target].writer(context())
        _run(TranslatingTranscoder(reader, writer, client=target), data)

    return run


def whole(name: DialectName) -> Target:
    def run(data: bytes) -> None:
        dialect = DIALECTS[name]
        with contextlib.suppress(StreamFormatError):
            events = dialect.read_whole(data, "able")
            for each in DIALECTS.values():
                with contextlib.suppress(ProxyError):
                    each.write_whole(events, context())

    return run


def request(name: DialectName) -> Target:
    def run(data: bytes) -> None:
        dialect = DIALECTS[name]
        body = _decode(data)
        if not isinstance(body, dict):
            return
        with contextlib.suppress(BadRequest):
            parsed = dialect.parse_request(body)
            for each in DIALECTS.values():
                with contextlib.suppress(BadRequest):
                    each.render_request(parsed, MODEL)
        _pass_request(dialect, data)

    return run


def _pass_request(dialect: Dialect, data: bytes) -> None:
    members = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    with contextlib.suppress(BadRequest):
        dialect.inspect_request(members)
        dialect.pass_through_request(members, MODEL)


def socket(data: bytes) -> None:
    session = SocketSession(lambda prefix: f"{prefix}0")
    for line in data.decode("utf-8", "replace").split("\n"):
        turn = session.receive(line, 1)
        if not isinstance(turn, SocketReply):
            session.fail(ProxyError("enough"))


def settings(data: bytes) -> None:
    with contextlib.suppress(UnicodeDecodeError):
        read_settings(data.decode(), Settings())


def failure(data: bytes) -> None:
    """An error answer of upstream's, and what it says of the request's members."""
    for status in (400, 403, 429, 500):
        read = read_failure(status, {"retry-after": data[:20].decode("latin-1")}, data, 1.0)
        for endpoint in Endpoint:
            read_refusals(read, endpoint)


def catalogue(data: bytes) -> None:
    with contextlib.suppress(ProxyError):
        parse_catalog(_decode(data))


def account(data: bytes) -> None:
    content = _decode(data)
    if isinstance(content, dict):
        parse_account(content)


TARGETS: dict[str, Target] = {
    "frames": frames,
    "socket": socket,
    "settings": settings,
    "failure": failure,
    "catalogue": catalogue,
    "account": account,
    **{f"passed-{name}": passed(name) for name in DIALECTS},
    **{f"whole-{name}": whole(name) for name in DIALECTS},
    **{f"request-{name}": request(name) for name in DIALECTS},
    **{
        f"translated-{source}-{target}": translated(source, target)
        for source in DIALECTS
        for target in DIALECTS
    },
}


def corpus() -> Iterator[bytes]:
    """The golden streams and requests: from here chance has a short way to anything odd."""
    for path in sorted(GOLDEN.rglob("upstream.sse")) + sorted(GOLDEN.rglob("request.json")):
        yield path.read_bytes()
    yield b'[server]\nport = 1\nallowed_hosts = ["a"]\n[upstream]\nmodel_aliases = { a = "b" }\n'
    yield b'{"error":{"message":"x: Extra inputs are not permitted","code":"y","param":"z"}}'
    yield b'{"data":[{"id":"m","capabilities":{"limits":{},"supports":{},"type":"chat"}}]}'
    yield b'{"login":"a","quota_snapshots":{"chat":{"entitlement":1,"remaining":1}}}'
