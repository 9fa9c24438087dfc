"""What the details say of content: whether there is any, whose, and that it goes. No Qt."""

from __future__ import annotations

import pytest

from desktop.presenters.activity.activity import ActivityPresenter
from desktop.presenters.activity.traces import MOST_SHOWN, TraceView
from desktop.presenters.words import Words
from proxy_core.errors import ProxyError
from proxy_core.status.request_trace import RequestTrace, TracePart, TracePlace
from proxy_core.status.status import RequestState
from tests.desktop.fake_service import NOW, Clock, FakeService, record

ASKED = TracePlace.CLIENT_REQUEST


@pytest.fixture
def page(service: FakeService, clock: Clock) -> ActivityPresenter:
    service.change(recent=(record(1), record(2)))
    page = ActivityPresenter(service, Words(), now=clock, changed=lambda: None)
    page.choose("r1")
    return page


def trace(text: str, request_id: str = "r1", size: int | None = None) -> RequestTrace:
    whole = len(text) if size is None else size
    part = TracePart(ASKED, text, whole, is_cut=whole > len(text))
    return RequestTrace(request_id, NOW, (part,))


def shown(page: ActivityPresenter) -> TraceView:
    found = page.view().trace
    assert found is not None
    return found


async def read(page: ActivityPresenter, service: FakeService, found: RequestTrace | None) -> None:
    service.answer("trace_of", result=found)
    await page.read_trace()


async def test_off_it_offers_to_trace_and_says_what_that_keeps(
    page: ActivityPresenter, service: FakeService
) -> None:
    off = shown(page)
    assert off.sentence == "Prompts and answers are not stored."
    assert (off.is_content, off.parts, off.offer) == (False, (), "Trace for 15 minutes")
    assert "In memory only, never in a file or log" in off.offer_line
    service.answer("start_tracing")
    await page.start_tracing()
    assert service.called("start_tracing") == [(900.0,)]
    service.change(tracing_until=NOW + 900)
    on = shown(page)
    assert (on.offer, on.is_content) == ("", False)
    assert on.sentence == "This request is not traced: its prompt and answer are not stored."


async def test_a_traced_request_is_read_once_and_shown_as_text(
    page: ActivityPresenter, service: FakeService
) -> None:
    assert not page.wants_trace
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 1500, tracing_until=NOW + 900)
    assert [row.traced for row in page.view().rows] == ["Traced", ""]
    assert page.view().rows[0].sentence.endswith("Traced")
    assert page.wants_trace
    await read(page, service, trace('{"model":"m","n":[1]}'))
    assert not page.wants_trace
    view = shown(page)
    (part,) = view.parts
    assert view.is_content
    assert "in memory only until" in view.sentence
    assert part.title == "What the tool asked, 21 bytes"
    assert part.shown == '{\n  "model": "m",\n  "n": [\n    1\n  ]\n}'
    assert (part.copied, part.note) == (part.shown, "")


async def test_another_request_shows_nothing_of_it_and_it_is_let_go(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 600)
    await read(page, service, trace("secret"))
    assert shown(page).parts
    page.choose("r2")
    assert shown(page).parts == ()
    page.choose("r1")
    assert shown(page).parts == (), "it is read again, not kept aside"
    assert page.wants_trace


async def test_what_is_forgotten_is_gone_from_the_screen_too(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 600)
    await read(page, service, trace("secret"))
    assert shown(page).offer == "Trace for 15 minutes again"
    assert "What was traced before goes at once." in shown(page).offer_line
    service.change(traced=frozenset(), traces_until=None)
    gone = shown(page)
    assert (gone.parts, gone.is_content) == ((), False)


async def test_a_running_request_is_read_again_and_once_more_when_it_ends(
    page: ActivityPresenter, service: FakeService, clock: Clock
) -> None:
    running = record(1, state=RequestState.STREAMING, duration=None)
    service.change(active=(running,), recent=(), traced=frozenset({"r1"}), traces_until=NOW + 600)
    await read(page, service, trace("data: a"))
    assert not page.wants_trace
    clock.advance(1.0)
    assert page.wants_trace
    await read(page, service, trace("data: a data: b"))
    service.change(active=(), recent=(record(1),))
    assert page.wants_trace
    await read(page, service, trace("data: a data: b data: c"))
    clock.advance(100)
    assert not page.wants_trace
    assert shown(page).parts[0].copied == "data: a data: b data: c"


async def test_a_long_body_shows_its_beginning_and_copies_all(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 600)
    text = "x" * (MOST_SHOWN + 1)
    await read(page, service, trace(text, size=2 * len(text)))
    (part,) = shown(page).parts
    assert (len(part.shown), part.copied) == (MOST_SHOWN, text)
    assert part.note.startswith("Only the first 19.5 kB were kept.")
    assert part.note.endswith("Copy takes all that was kept.")


async def test_a_stream_or_a_broken_body_is_shown_as_it_was(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 600)
    for text in ("data: {}\n\n", '{"a":', "[1,]"):
        page.choose("r2")
        page.view()
        page.choose("r1")
        await read(page, service, trace(text))
        assert shown(page).parts[0].shown == text


async def test_a_trace_that_cannot_be_read_is_said_and_not_asked_for_again(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 600)
    service.answer("trace_of", ProxyError("The engine is gone."))
    await page.read_trace()
    failure = page.view().failure
    assert failure is not None
    assert failure.line == "The engine is gone."
    assert not page.wants_trace


async def test_the_report_never_carries_content(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(traced=frozenset({"r1"}), traces_until=NOW + 600)
    await read(page, service, trace("a word nobody else may see"))
    assert "a word nobody" in shown(page).parts[0].copied
    assert "a word nobody" not in page.report()
