"""The vendors' recorded streams give every client the same answer, however their bytes are cut.

The recordings lie beside the repository where it is developed; elsewhere these tests are skipped.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from proxy_core.canonical.events import Done
from proxy_core.canonical.request import DialectName
from proxy_core.canonical.sse import Frame
from tests.golden.cases import SPOKEN, events_of, frames_of, passed, translated, whole
from tests.responses_checkers import check_stream as check_responses_stream
from tests.stream_checkers import check_chat_stream, check_messages_stream

BESIDE = Path(__file__).resolve().parents[2].parent / "shared"
CHAT, MESSAGES, RESPONSES = SPOKEN
RECORDINGS = [
    *((CHAT, path) for path in sorted(BESIDE.glob("golden/openai/*.bin"))),
    *((MESSAGES, path) for path in sorted(BESIDE.glob("golden/anthropic/*.txt"))),
    *((CHAT, path) for path in sorted(BESIDE.glob("reference/copilot-examples/chat_*.sse"))),
    *(
        (MESSAGES, path)
        for path in sorted(BESIDE.glob("reference/copilot-examples/messages_*.sse"))
    ),
    *(
        (RESPONSES, path)
        for path in sorted(BESIDE.glob("reference/copilot-examples/responses_*.sse"))
    ),
]
pytestmark = pytest.mark.skipif(not RECORDINGS, reason="no recordings beside the repository")
recorded = pytest.mark.parametrize(
    ("name", "path"), RECORDINGS, ids=[path.stem[:24] for _, path in RECORDINGS]
)
line_ends = pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])


def bytes_of(path: Path, line_end: bytes) -> bytes:
    return path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", line_end)


def answers(name: DialectName, chunks: list[bytes]) -> list[bytes]:
    told = [passed(name, chunks)]
    for client in SPOKEN:
        told += [translated(name, client, chunks), whole(name, client, chunks)]
    return told


@recorded
@line_ends
@pytest.mark.parametrize("seed", range(3))
def test_a_recording_cut_at_random(
    name: DialectName, path: Path, line_end: bytes, seed: int
) -> None:
    rest = bytes_of(path, line_end)
    places = random.Random(seed)
    chunks = []
    while rest:
        size = places.choice([1, 2, 3, 5, 20, 200])
        chunks.append(rest[:size])
        rest = rest[size:]
    assert answers(name, chunks) == answers(name, [bytes_of(path, b"\n")])


@recorded
@line_ends
def test_a_recording_cut_after_every_byte(name: DialectName, path: Path, line_end: bytes) -> None:
    recording = bytes_of(path, line_end)
    expected = frames_of([recording])
    assert frames_of([recording[i : i + 1] for i in range(len(recording))]) == expected
    step = max(1, len(recording) // 500)  # Each frame of a long recording is like the others.
    for cut in range(0, len(recording), step):
        assert frames_of([recording[:cut], recording[cut:]]) == expected


@recorded
def test_a_recording_reaches_every_client_as_the_vendors_describe(
    name: DialectName, path: Path
) -> None:
    chunks = [path.read_bytes()]

    def frames(client: DialectName) -> list[Frame]:
        return frames_of([translated(name, client, chunks)])

    finished = isinstance(events_of(name, chunks)[-1], Done)
    assert (check_chat_stream(frames(CHAT))["error"] is None) == finished
    messages = check_messages_stream(frames(MESSAGES), beta_types=True)
    assert (messages["error"] is None) == finished
    assert (check_responses_stream(frames(RESPONSES))["status"] != "failed") == finished
