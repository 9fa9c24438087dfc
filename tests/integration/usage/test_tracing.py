"""Looking at what requests say, from the client's words to the answer's, and at nothing left behind."""

from __future__ import annotations

import pytest

from proxy_core.errors import BadRequest
from proxy_core.status.request_trace import TracePlace
from tests.integration.usage.conftest import Home
from tests.integration.usage.test_every_number import CHAT, MESSAGES, RESPONSES, body
from tests.security.written_files import files_with

SECRET = "The code word is marzipan"
WAYS = [(CHAT, "gpt-4o-mini"), (MESSAGES, "gpt-4o-mini"), (RESPONSES, "claude-sonnet-4.6")]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_all_four_places_are_there_and_nothing_of_it_anywhere_else(
    home: Home, path: str, model: str, stream: bool
) -> None:
    await home.engine.commands.start_tracing(60)
    assert home.board.current.tracing_until is not None
    answer = await home.post(path, body(path, model, stream=stream, words=SECRET))
    text = await answer.text()
    (record,) = await home.ended(1)
    trace = await home.engine.commands.trace_of(record.request_id)
    assert trace is not None
    assert [each.place for each in trace.parts] == list(TracePlace)
    for place in (TracePlace.CLIENT_REQUEST, TracePlace.UPSTREAM_REQUEST):
        part = trace.part(place)
        assert part is not None
        assert SECRET in part.text
    last = trace.part(TracePlace.CLIENT_ANSWER)
    assert last is not None
    assert last.text.strip() == text.strip()
    assert "marzipan" not in repr(home.board.current)
    await home.engine.close()
    assert await home.engine.commands.trace_of(record.request_id) is None
    assert not files_with(home.folder, "marzipan")


async def test_without_being_told_nothing_is_kept(home: Home) -> None:
    await (await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=True))).text()
    (record,) = await home.ended(1)
    assert await home.engine.commands.trace_of(record.request_id) is None
    assert home.board.current.tracing_until is None


@pytest.mark.parametrize("seconds", [0, -1, 4_000, float("nan"), float("inf")])
async def test_tracing_without_an_end_is_refused(home: Home, seconds: float) -> None:
    with pytest.raises(BadRequest):
        await home.engine.commands.start_tracing(seconds)
