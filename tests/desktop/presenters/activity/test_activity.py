"""What the Activity page says; plain data, no Qt."""

from __future__ import annotations

import math

import pytest

from desktop.presenters.activity.activity import ALL_TOOLS, ActivityPresenter, ResultFilter
from desktop.presenters.activity.request_details import RequestDetails
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Locale, Words
from proxy_core.config.settings import Settings, UsageSettings
from proxy_core.errors import ProxyError
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import (
    ClientPause,
    ParameterRefusal,
    RequestRecord,
    RequestState,
)
from proxy_core.status.totals import Totals
from tests.desktop.fake_service import NOW, Clock, FakeService, record

CODEX = {
    "client": "Codex",
    "model": "gpt-5.3-codex",
    "model_asked": "gpt-5.3-codex",
    "path": "POST /v1/responses",
    "upstream_endpoint": "/responses",
}


@pytest.fixture
def page(service: FakeService, clock: Clock) -> ActivityPresenter:
    locale = Locale(day=lambda at: "21 Nov" if at < NOW + 1 else "28 Nov")
    return ActivityPresenter(service, Words(locale=locale), now=clock, changed=lambda: None)


def shown(page: ActivityPresenter, service: FakeService, request: RequestRecord) -> RequestDetails:
    running = request.state in (RequestState.WAITING, RequestState.STREAMING)
    service.change(active=(request,) if running else (), recent=() if running else (request,))
    page.choose(request.request_id)
    details = page.view().details
    assert details is not None
    return details


def facts_of(details: RequestDetails) -> dict[str, str]:
    return {fact.label: fact.value for fact in details.facts}


def test_a_request_keeps_its_place_when_it_ends(
    page: ActivityPresenter, service: FakeService
) -> None:
    first = record(1, started=NOW - 7, state=RequestState.STREAMING, duration=None)
    second = record(2, started=NOW - 4, state=RequestState.STREAMING, duration=None)
    service.change(active=(first, second), recent=(record(3),))
    assert [row.request_id for row in page.view().rows] == ["r2", "r1", "r3"]
    ended = record(1, started=NOW - 7, duration=7.0)
    service.change(active=(second,), recent=(ended, record(3)))
    assert [row.request_id for row in page.view().rows] == ["r2", "r1", "r3"]
    assert page.view().running == "1 running"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (ResultFilter.ANY, 5),
        (ResultFilter.RUNNING, 1),
        (ResultFilter.DONE, 2),
        (ResultFilter.SENT_AGAIN, 1),
        (ResultFilter.FAILED, 1),
        (ResultFilter.CANCELLED, 1),
    ],
)
def test_filters_by_result(
    page: ActivityPresenter, service: FakeService, result: ResultFilter, expected: int
) -> None:
    service.change(
        active=(record(1, state=RequestState.WAITING, duration=None),),
        recent=(
            record(2),
            record(3, attempts=2),
            record(4, state=RequestState.FAILED, error="quota"),
            record(5, state=RequestState.CANCELLED),
        ),
    )
    page.show_result(result)
    assert len(page.view().rows) == expected


def test_filters_by_tool_and_words_and_says_when_nothing_is_left(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(recent=(record(1), record(2, **CODEX, dropped=("temperature",))))
    assert page.view().tools == ("Claude Code", "Codex")
    page.show_tool("Codex")
    assert [row.tool for row in page.view().rows] == ["Codex"]
    page.show_tool(ALL_TOOLS)
    page.search("temperature")
    assert [row.request_id for row in page.view().rows] == ["r2"]
    page.search("nothing like it")
    view = page.view()
    assert (view.rows, view.heading, view.can_clear) == ((), "Nothing matches", True)
    page.clear()
    assert len(page.view().rows) == 2


def test_without_any_request_the_page_is_empty(page: ActivityPresenter) -> None:
    view = page.view()
    assert (view.heading, view.can_clear) == ("No requests yet", False)


def test_a_request_sent_again_says_its_route_and_what_was_learned(
    page: ActivityPresenter, service: FakeService
) -> None:
    refusal = ParameterRefusal("gpt-5.3-codex", "/responses", "temperature", NOW, NOW + 1e6, "no")
    other = ParameterRefusal("gpt-4.1", "/chat/completions", "top_p", NOW, NOW + 1e6, "no")
    service.change(parameter_refusals=(refusal, other))
    details = shown(
        page,
        service,
        record(attempts=2, dropped=("temperature",), first_byte=3.9, backend="pi_ai", **CODEX),
    )
    assert (details.heading, details.shape) == ("Done after sending again", Shape.ATTENTION)
    assert details.line.startswith("Codex, today ")
    facts = facts_of(details)
    assert facts["Route"] == "Responses → Responses, unchanged"
    assert facts["Backend"] == "pi_ai"
    assert facts["Dropped"] == "temperature"
    assert facts["Learned"] == "“temperature” was refused by this model; left out until 28 Nov."
    assert [fact.refusal for fact in details.facts if fact.refusal] == [refusal]


def test_a_translated_request_names_both_interfaces_and_both_models(
    page: ActivityPresenter, service: FakeService
) -> None:
    details = shown(
        page,
        service,
        record(
            path="POST /v1/messages",
            model_asked="sonnet",
            upstream_endpoint="/chat/completions",
            translated=True,
        ),
    )
    facts = facts_of(details)
    assert facts["Route"] == "Messages → Chat, translated"
    assert facts["Asked for"] == "sonnet"


def test_time_is_told_apart_as_far_as_it_is_known(
    page: ActivityPresenter, service: FakeService
) -> None:
    details = shown(page, service, record(duration=12.0, first_byte=6.0, approval_seconds=4.0))
    assert [(part.label, part.figure) for part in details.time_parts] == [
        ("Waiting for you", "4.0 s"),
        ("First word", "2.0 s"),
        ("Streaming", "6.0 s"),
    ]
    assert details.time == "12.0 s"
    assert details.sentence == "Waiting for you 4.0 s, First word 2.0 s, Streaming 6.0 s"
    again = shown(page, service, record(duration=12.0, first_byte=6.0, attempts=2))
    assert [part.label for part in again.time_parts] == ["First word, in 2 tries", "Streaming"]
    unknown = shown(page, service, record(duration=None))
    assert (unknown.time, unknown.time_parts) == ("–", ())


def test_before_the_first_word_the_time_says_who_is_waited_for(
    page: ActivityPresenter, service: FakeService
) -> None:
    began = {"started": NOW - 9.0, "duration": None, "state": RequestState.WAITING}
    asked = shown(page, service, record(waits_for_approval=True, **began))
    assert asked.sentence == "Waiting for you 9.0 s"
    sent = shown(page, service, record(approval_seconds=4.0, **began))
    assert sent.sentence == "Waiting for you 4.0 s, Waiting for GitHub 5.0 s"
    failed = shown(page, service, record(duration=9.0, state=RequestState.FAILED, error="timeout"))
    assert failed.sentence == "No answer 9.0 s"
    assert shown(page, service, record(duration=9.0)).sentence == "Whole answer 9.0 s"


def test_tokens_and_credits_say_what_the_cache_did(
    page: ActivityPresenter, service: FakeService
) -> None:
    details = shown(
        page,
        service,
        record(
            saved_nano_credits=2_000_000_000,
            cache_write_tokens=300,
            cache_miss="tools_changed",
            estimated=True,
        ),
    )
    assert [(each.label, each.figure) for each in details.amounts] == [
        ("New input", "7,500"),
        ("From cache", "76,400"),
        ("Written to cache", "300"),
        ("Output", "1,240"),
    ]
    assert details.credits == "7.0"
    assert "GitHub sent no bill" in details.credit_note
    assert "saved 2.0 credits" in details.credit_note
    assert "list of tools changed" in facts_of(details)["Cache"]


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        ("rate_limit", "Refused: GitHub asked to wait"),
        ("quota", "Refused: no credits left for it"),
        ("something new", "Failed"),
    ],
)
def test_failures_have_a_heading_in_words(
    page: ActivityPresenter, service: FakeService, error: str, heading: str
) -> None:
    details = shown(page, service, record(state=RequestState.FAILED, error=error, http_status=429))
    assert (details.heading, details.shape) == (heading, Shape.FAILED)
    assert facts_of(details)["Answered"] == "status 429"


def test_a_running_request_can_be_cancelled_and_counts(
    page: ActivityPresenter, service: FakeService, clock: Clock
) -> None:
    asked = record(
        state=RequestState.WAITING, duration=None, started=NOW - 5, waits_for_approval=True
    )
    details = shown(page, service, asked)
    assert (details.heading, details.can_cancel, details.credits) == (
        "Waits for your answer",
        True,
        "…",
    )
    clock.advance(5)
    view = page.view().details
    assert view is not None
    assert view.time == "10.0 s"
    assert not shown(page, service, record()).can_cancel


async def test_the_key_that_cancels_asks_once(
    page: ActivityPresenter, service: FakeService
) -> None:
    assert page.asks_before_cancelling
    service.answer("cancel_request", result=True)
    await page.cancel("r1")
    assert service.called("cancel_request") == [("r1",)]
    assert not page.asks_before_cancelling


async def test_pauses_are_offered_by_tool_and_told_until_when(
    page: ActivityPresenter, service: FakeService, clock: Clock
) -> None:
    service.change(
        recent=(record(1), record(2, **CODEX)),
        client_pauses=(ClientPause("Codex", None), ClientPause("aider", NOW - 5)),
    )
    view = page.view()
    assert [(each.text, each.is_paused) for each in view.pauses] == [
        ("Pause Claude Code", False),
        ("Resume Codex", True),
    ]
    assert view.paused_line == "Codex is paused until you resume it"
    page.choose("r2")
    details = page.view().details
    assert details is not None
    assert details.tool_is_paused
    service.answer("resume_client")
    await page.resume("Codex")
    assert service.called("resume_client") == [("Codex",)]
    service.change(client_pauses=(ClientPause("Codex", math.inf),))
    assert page.view().paused_line == "Codex is paused until you resume it"


async def test_a_refused_command_is_said_on_the_page_and_the_next_clears_it(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.answer("pause_client", ProxyError("It could not be paused.", title="Not paused"))
    await page.pause("Codex")
    failure = page.view().failure
    assert failure is not None
    assert (failure.title, failure.line) == ("Not paused", "It could not be paused.")
    service.answer("pause_client")
    await page.pause("Codex", 60.0)
    assert page.view().failure is None
    assert service.called("pause_client") == [("Codex", None), ("Codex", 60.0)]


async def test_what_was_learned_can_be_forgotten(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.answer("forget_refusal", result=True)
    await page.forget(ParameterRefusal("m", "/responses", "temperature", NOW, NOW + 1, ""))
    assert service.called("forget_refusal") == [("m", "/responses", "temperature")]


def test_the_report_holds_counts_and_names_only(
    page: ActivityPresenter, service: FakeService
) -> None:
    assert page.report() == ""
    shown(page, service, record(first_byte=1.0, **CODEX))
    report = page.report()
    assert "Request: r1" in report
    assert "Path: POST /v1/responses" in report
    assert "From cache: 76,400" in report
    assert all(": " in line for line in report.splitlines())


def test_the_foot_says_todays_figures_and_how_long_they_are_kept(
    page: ActivityPresenter, service: FakeService
) -> None:
    service.change(today=Totals(requests=23, nano_credits=31_400_000_000))
    expected = "23 requests today, 31.4 credits. Kept for 400 days, counts only."
    assert page.view().today_line == expected
    service.change(today=Totals(requests=1))
    service.settings = Settings(usage=UsageSettings(keep_ledger=False))
    assert page.view().today_line == (
        "1 request today, 0.0 credits. Nothing is kept after you quit."
    )


async def test_tracing_is_in_sight_until_it_ends_and_can_be_stopped(
    page: ActivityPresenter, service: FakeService, clock: Clock
) -> None:
    assert page.view().tracing_line == ""
    service.change(tracing_until=NOW + 600)
    assert page.view().tracing_line.startswith("Tracing: prompts and answers are kept until ")
    service.answer("stop_tracing")
    await page.stop_tracing()
    assert service.called("stop_tracing") == [()]
    clock.advance(600)
    assert page.view().tracing_line == ""


@pytest.mark.parametrize(
    ("initiator", "why", "said"),
    [
        ("user", "", "yours"),
        ("agent", "", "an agent's"),
        (
            "agent",
            "Codex's request kind is compaction",
            "an agent's: Codex's request kind is compaction",
        ),
        ("", "", None),
    ],
)
def test_details_tell_for_whom_github_counts_the_request(
    page: ActivityPresenter, service: FakeService, initiator: str, why: str, said: str | None
) -> None:
    request = record(1, initiator=initiator, initiator_reason=why)
    assert facts_of(shown(page, service, request)).get("Counted by GitHub as") == said


def test_what_the_app_asks_itself_is_no_tool(service: FakeService, page: ActivityPresenter) -> None:
    service.change(recent=(record(1, client=OWN_CLIENT), record(2)))
    view = page.view()
    assert view.tools == ("Claude Code",)
    assert [each.tool for each in view.pauses] == ["Claude Code"]
    assert view.rows[0].tool == "This app"


def test_a_request_of_another_day_shows_its_day(
    service: FakeService, page: ActivityPresenter
) -> None:
    service.change(recent=(record(1, started=NOW + 3600), record(2, started=NOW - 3600)))
    later, today = (row.time for row in page.view().rows)
    assert later == "28 Nov"
    assert ":" in today
