"""Every golden case gives its recorded outputs, however its bytes are cut."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from proxy_core.canonical.sse import Frame
from tests.golden.cases import (
    frames_of,
    request_cases,
    request_outputs,
    stream_cases,
    stream_outputs,
)
from tests.golden.client_dialect_checkers import (
    check_gemini_chunks,
    check_ollama_lines,
    gemini_events,
)
from tests.responses_checkers import check_forwarded_responses
from tests.responses_checkers import check_stream as check_responses_stream
from tests.stream_checkers import check_chat_stream, check_messages_stream

streams = pytest.mark.parametrize("case", stream_cases(), ids=lambda c: f"{c.parent.name}-{c.name}")
requests = pytest.mark.parametrize("case", request_cases(), ids=lambda case: case.name)
LINE_ENDS = [b"\n", b"\r\n"]


def recorded(case: Path, names: list[str]) -> dict[str, bytes]:
    return {name: (case / name).read_bytes() for name in names}


@streams
@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_a_stream_fed_whole(case: Path, line_end: bytes) -> None:
    upstream = (case / "upstream.sse").read_bytes().replace(b"\n", line_end)
    outputs = stream_outputs(case, [upstream])
    assert outputs == recorded(case, list(outputs))


@streams
@pytest.mark.parametrize("line_end", LINE_ENDS)
def test_a_stream_cut_after_every_byte(case: Path, line_end: bytes) -> None:
    upstream = (case / "upstream.sse").read_bytes().replace(b"\n", line_end)
    whole = frames_of([upstream])
    assert frames_of([upstream[i : i + 1] for i in range(len(upstream))]) == whole
    for cut in range(0, len(upstream), 7):
        assert frames_of([upstream[:cut], upstream[cut:]]) == whole


@streams
@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_stream_cut_at_random(case: Path, line_end: bytes, seed: int) -> None:
    upstream = (case / "upstream.sse").read_bytes().replace(b"\n", line_end)
    places = random.Random(seed)
    chunks = []
    while upstream:
        size = places.choice([1, 2, 3, 5, 20, 200])
        chunks.append(upstream[:size])
        upstream = upstream[size:]
    outputs = stream_outputs(case, chunks)
    assert outputs == recorded(case, list(outputs))


@streams
def test_recorded_streams_are_what_the_vendors_describe(case: Path) -> None:
    check_chat_stream(frames(case / "to_openai_chat.sse"))
    check_messages_stream(frames(case / "to_anthropic_messages.sse"), beta_types=True)
    check_responses_stream(frames(case / "to_openai_responses.sse"))
    check_gemini_chunks(gemini_events((case / "to_gemini.sse").read_bytes()))
    check_ollama_lines((case / "to_ollama.ndjson").read_bytes())
    passed = frames(case / "passed.sse")
    if case.parent.name == "openai_responses":
        check_forwarded_responses(passed)
    elif case.parent.name == "anthropic_messages":
        check_messages_stream(passed, beta_types=True, is_ours=False)
    else:
        check_chat_stream(passed, include_usage=_tells_usage(passed))


def _tells_usage(passed: list[Frame]) -> bool:
    """Upstream does not count every answer: then there is nothing to pass on."""
    return any(b'"usage":{' in frame.data for frame in passed)


def frames(path: Path) -> list[Frame]:
    return frames_of([path.read_bytes()])


@streams
def test_every_stream_case_says_what_it_is_for(case: Path) -> None:
    assert len((case / "note.md").read_text(encoding="utf-8").strip()) > 20


@requests
def test_a_request_becomes_its_recorded_bodies(case: Path) -> None:
    outputs = request_outputs(case)
    assert outputs == recorded(case, list(outputs))


@requests
def test_every_request_case_says_what_it_is_for(case: Path) -> None:
    assert len((case / "note.md").read_text(encoding="utf-8").strip()) > 20


def test_there_are_cases() -> None:
    assert len(stream_cases()) >= 15
    assert len(request_cases()) >= 8
