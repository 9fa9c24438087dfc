"""The golden cases: what each folder holds and how its outputs come about.

``<dialect>/<case>/upstream.sse`` is what upstream sent in that dialect. From it come, for clients of
every dialect, the stream (``to_<dialect>.sse`` or ``.ndjson``), the whole answer
(``to_<dialect>.json``), and the stream passed through to a client of the same dialect (``passed.sse``).

``requests/<dialect>-<case>/request.json`` is what a client of the dialect asked. From it come the
bodies for every upstream with what had to be left out (``to_<dialect>.json``), and the body passed
through (``passed.json``).

``python -m tests.golden.regenerate`` writes the outputs anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import msgspec

from proxy_core.canonical.events import StreamEvent
from proxy_core.canonical.model import Limits, Model, Supports
from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.canonical.sse import Decoder, Frame, encode
from proxy_core.dialects.interface import EVENT_STREAM, Dialect, WriterContext
from proxy_core.dialects.optional_dialects import OPTIONAL_DIALECTS, surface
from proxy_core.dialects.registry import dialect
from proxy_core.dialects.vendor_rules import Target, fit_request
from proxy_core.errors import ProxyError
from tests.unit.sent_request import as_sent

HERE = Path(__file__).parent
SPOKEN = (
    DialectName.OPENAI_CHAT,
    DialectName.ANTHROPIC_MESSAGES,
    DialectName.OPENAI_RESPONSES,
)
CLIENTS = (*SPOKEN, *OPTIONAL_DIALECTS)
"""Every dialect that a client may speak."""
MODEL = Model(
    "claude-sonnet-4.6",
    "Claude Sonnet 4.6",
    "Anthropic",
    limits=Limits(output=64_000),
    supports=Supports(
        tool_calls=True,
        parallel_tool_calls=True,
        vision=True,
        structured_outputs=True,
        adaptive_thinking=True,
        min_thinking_budget=1024,
        max_thinking_budget=32_000,
        reasoning_efforts=("low", "medium", "high", "max"),
    ),
)

Feed = Callable[[Frame], list[Frame]]


def client_dialect(name: DialectName) -> Dialect:
    return dialect(name) if name in SPOKEN else surface(name).dialect


def stream_file(client: DialectName) -> str:
    """The name of a client's stream."""
    is_events = client_dialect(client).traits.stream_type == EVENT_STREAM
    return f"to_{client}.{'sse' if is_events else 'ndjson'}"


def stream_cases() -> list[Path]:
    return [path.parent for name in SPOKEN for path in sorted(HERE.glob(f"{name}/*/upstream.sse"))]


def request_cases(clients: Collection[DialectName] = CLIENTS) -> list[Path]:
    found = (path.parent for path in sorted(HERE.glob("requests/*/request.json")))
    return [case for case in found if client_of(case) in clients]


def client_of(case: Path) -> DialectName:
    return DialectName(case.name.split("-")[0])


SHOWS_THOUGHTS = {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}}
"""Google's clients see thoughts only if they ask."""


def context(client: DialectName | None = None) -> WriterContext:
    numbers: Counter[str] = Counter()

    def make_id(prefix: str) -> str:
        numbers[prefix] += 1
        return f"{prefix}{numbers[prefix]:04d}"

    return WriterContext(
        "told-model",
        make_id,
        1_795_248_000,
        input_tokens_estimate=17,
        members=SHOWS_THOUGHTS if client is DialectName.GEMINI else None,
        request_id="req_0001" if client in OPTIONAL_DIALECTS else None,
    )


def frames_of(chunks: Iterator[bytes] | list[bytes]) -> list[Frame]:
    decoder = Decoder()
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    return frames + decoder.close()


def translated(upstream: DialectName, client: DialectName, chunks: list[bytes]) -> bytes:
    events = events_of(upstream, chunks)
    writer = client_dialect(client).writer(context(client))
    frames = [frame for event in events for frame in writer.feed(event)] + writer.close()
    return b"".join(encode(frame) for frame in frames)


def events_of(upstream: DialectName, chunks: list[bytes]) -> list[StreamEvent]:
    reader = dialect(upstream).reader(MODEL.id)
    events = [event for frame in frames_of(chunks) for event in reader.feed(frame)]
    return events + reader.close()


def whole(upstream: DialectName, client: DialectName, chunks: list[bytes]) -> bytes:
    events = events_of(upstream, chunks)
    try:
        answer = client_dialect(client).write_whole(events, context(client))
    except ProxyError as error:
        status = client_dialect(client).error_status(error)
        answer = {"status": status, "body": client_dialect(client).write_error(error, "req_0001")}
    return pretty(json.loads(msgspec.json.encode(answer)))


def passed(upstream: DialectName, chunks: list[bytes]) -> bytes:
    passing = dialect(upstream).pass_through(context())
    frames = [out for frame in frames_of(chunks) for out in passing.feed(frame)] + passing.close()
    return b"".join(encode(frame) for frame in frames)


def stream_outputs(case: Path, chunks: list[bytes] | None = None) -> dict[str, bytes]:
    """Return every output file of a stream case; ``chunks`` is another cut of its upstream bytes."""
    upstream = DialectName(case.parent.name)
    chunks = [(case / "upstream.sse").read_bytes()] if chunks is None else chunks
    outputs = {"passed.sse": passed(upstream, chunks)}
    for client in CLIENTS:
        outputs[stream_file(client)] = translated(upstream, client, chunks)
        outputs[f"to_{client}.json"] = whole(upstream, client, chunks)
    return outputs


def _passed(name: DialectName, raw: dict[str, msgspec.Raw]) -> RenderedRequest:
    """The body as it leaves for upstream."""
    spoken = dialect(name)
    edited = fitted(spoken.pass_through_request(raw, MODEL), name, name)
    sent = as_sent(spoken.endpoint, edited, MODEL)
    return RenderedRequest(sent.body, sent.dropped, sent.enforced_locally)


def request_outputs(case: Path) -> dict[str, bytes]:
    name = client_of(case)
    text = (case / "request.json").read_bytes()
    raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode(text)
    outputs = {"passed.json": rendered(lambda: _passed(name, raw))} if name in SPOKEN else {}
    for target in SPOKEN:

        def translate(target: DialectName = target) -> RenderedRequest:
            request = client_dialect(name).parse_request(msgspec.json.decode(text))
            return fitted(dialect(target).render_request(request, MODEL), target, name)

        outputs[f"to_{target}.json"] = rendered(translate)
    return outputs


def fitted(request: RenderedRequest, upstream: DialectName, client: DialectName) -> RenderedRequest:
    """Return the body as it leaves: fitted to the vendor that will read it."""
    target = Target(MODEL, dialect(upstream).endpoint, client)
    result = fit_request(request.body, target)
    dropped = tuple(dict.fromkeys((*request.dropped, *result.dropped)))
    return RenderedRequest(dict(result.body), dropped, request.enforced_locally)


def rendered(render: Callable[[], RenderedRequest]) -> bytes:
    try:
        request = render()
    except ProxyError as error:
        return pretty({"refused": error.message, "param": error.param})
    body = json.loads(msgspec.json.encode(request.body))
    return pretty({"dropped": list(request.dropped), "body": body})


def pretty(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
