"""What the Activity page shows of the ledger beyond the newest requests; plain data, no Qt."""

from __future__ import annotations

import asyncio

import pytest

from desktop.presenters.activity.activity import ActivityPresenter, ResultFilter
from desktop.presenters.activity.older_requests import MOST_FALLEN, PAGE
from desktop.presenters.words import Locale, Words
from proxy_core.errors import ProxyError
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import (
    RECENT_REQUESTS,
    RequestState,
)
from proxy_core.usage.ledger.search import ANY_REQUEST, Outcome
from tests.desktop.fake_service import NOW, Clock, FakeService, record


@pytest.fixture
def page(service: FakeService, clock: Clock) -> ActivityPresenter:
    locale = Locale(day=lambda at: "21 Nov" if at < NOW + 1 else "28 Nov")
    return ActivityPresenter(service, Words(locale=locale), now=clock, changed=lambda: None)


async def test_a_list_that_is_cut_says_so_and_goes_on_from_the_ledger(
    service: FakeService, page: ActivityPresenter
) -> None:
    service.change(recent=tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS)))
    assert page.view().older_text == "Show older than these 200"
    service.answer("requests_before", result=(record(900, client="aider", started=NOW - 900),))
    await page.read_older()
    assert service.called("requests_before") == [(NOW - RECENT_REQUESTS + 1, PAGE, ANY_REQUEST)]
    view = page.view()
    assert (len(view.rows), view.older_text) == (RECENT_REQUESTS + 1, "")
    assert "aider" in view.tools, "the filters know them too"


async def test_a_filter_looks_through_older_requests_by_itself_and_page_after_page(
    service: FakeService, page: ActivityPresenter
) -> None:
    service.change(recent=tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS)))
    page.search("Kept FAILED")
    page.show_tool("aider")
    page.show_result(ResultFilter.FAILED)
    assert page.wants_older
    failed = {"client": "aider", "state": RequestState.FAILED}
    found = tuple(record(900 + n, started=NOW - 900 - n, **failed) for n in range(PAGE))
    service.answer("requests_before", result=found)
    await page.read_older()
    (started, count, search) = service.called("requests_before")[-1]
    assert (started, count) == (NOW - RECENT_REQUESTS + 1, PAGE)
    assert (search.client, search.outcome) == ("aider", Outcome.FAILED)
    assert [(each.text, each.outcomes) for each in search.words] == [
        ("kept", frozenset()),
        ("failed", frozenset({Outcome.FAILED})),
    ]
    assert not page.wants_older, "once for each search"
    assert len(page.view().rows) == PAGE
    assert page.view().older_text == "Look through older ones"
    page.choose("r950")
    assert page.view().details is not None
    service.answer("requests_before", result=())
    await page.read_older()
    assert service.called("requests_before")[-1][0] == found[-1].started
    assert page.view().older_text == "", "the ledger has no more"
    page.clear()
    assert len(page.view().rows) == RECENT_REQUESTS, "what was found belongs to its search"
    assert not page.wants_older


async def test_nothing_is_looked_through_where_all_requests_are_shown(
    service: FakeService, page: ActivityPresenter
) -> None:
    service.change(recent=(record(1), record(2)))
    page.search("nowhere")
    assert not page.wants_older
    assert page.view().heading == "Nothing matches"


async def test_a_search_that_failed_is_not_repeated_by_itself(
    service: FakeService, page: ActivityPresenter
) -> None:
    service.change(recent=tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS)))
    page.search("x")
    service.answer("requests_before", ProxyError("The usage record cannot be read."))
    await page.read_older()
    assert not page.wants_older
    assert page.view().failure is not None


async def test_a_page_that_is_asked_for_twice_is_read_once(
    service: FakeService, page: ActivityPresenter
) -> None:
    service.change(recent=tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS)))
    older = tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS, RECENT_REQUESTS + 5))
    reading = [asyncio.ensure_future(page.read_older()) for _ in range(2)]
    await asyncio.sleep(0)
    assert len(service.called("requests_before")) == 1
    service.futures["requests_before"].set_result(older)
    await asyncio.gather(*reading)
    assert len(page.view().rows) == RECENT_REQUESTS + 5


async def test_requests_that_come_while_a_page_is_read_leave_no_gap(
    service: FakeService, page: ActivityPresenter
) -> None:
    newest = [record(n, started=NOW - n) for n in range(RECENT_REQUESTS)]
    older = tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS, RECENT_REQUESTS + 5))
    service.change(recent=tuple(newest))
    page.view()
    reading = asyncio.ensure_future(page.read_older())
    await asyncio.sleep(0)
    service.change(recent=(record(999, started=NOW + 1), *newest[:-1]))
    page.view()
    service.futures["requests_before"].set_result(older)
    await reading
    assert len(page.view().rows) == 1 + RECENT_REQUESTS + 5
    reading = asyncio.ensure_future(page.read_older())
    await asyncio.sleep(0)
    service.change(recent=tuple(record(5_000 + n, started=NOW + 99 + n) for n in range(200)))
    page.view()
    service.futures["requests_before"].set_result(older)
    await reading
    assert len(page.view().rows) == 200, "the page does not follow what is shown now"


async def test_an_app_that_is_left_open_holds_a_bounded_number_of_requests(
    service: FakeService, page: ActivityPresenter
) -> None:
    recent = tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS))
    service.change(recent=recent)
    page.view()
    service.answer("requests_before", result=(record(900, started=NOW - 900),))
    await page.read_older()
    for number in range(1, 25):
        came = [record(1_000 * number + n, started=NOW + 1_000 * number - n) for n in range(199)]
        recent = (*came, recent[0])
        service.change(recent=recent)
        view = page.view()
    assert len(view.rows) == RECENT_REQUESTS + MOST_FALLEN
    assert view.older_text, "the others can be read again"


async def test_what_falls_out_of_the_newest_stays_in_the_list_without_a_gap(
    service: FakeService, page: ActivityPresenter
) -> None:
    newest = [record(n, started=NOW - n) for n in range(RECENT_REQUESTS)]
    service.change(recent=tuple(newest))
    page.view()
    older = tuple(record(n, started=NOW - n) for n in range(RECENT_REQUESTS, RECENT_REQUESTS + 5))
    service.answer("requests_before", result=older)
    await page.read_older()
    fresh = [record(1_000 + n, started=NOW + n) for n in range(50)]
    service.change(recent=(*reversed(fresh), *newest[:150]))
    assert len(page.view().rows) == 50 + RECENT_REQUESTS + 5
    service.change(recent=tuple(record(5_000 + n, started=NOW + 99 + n) for n in range(200)))
    assert len(page.view().rows) == 200, "what lies between is not known: it is read anew"
    assert page.view().older_text


async def test_tools_of_the_ledger_can_be_filtered_by(
    service: FakeService, page: ActivityPresenter
) -> None:
    service.change(recent=(record(1),))
    service.answer("recorded_clients", result=("", "Codex", OWN_CLIENT))
    await page.read_tools()
    view = page.view()
    assert view.tools == ("Claude Code", "Codex")
    assert [each.tool for each in view.pauses] == ["Claude Code"]
