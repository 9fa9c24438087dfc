"""Usage in words and figures: every number with its source, bars that add up, honest gaps. No Qt."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from desktop.presenters.actions import Action
from desktop.presenters.notices.notices import Severity
from desktop.presenters.usage.usage import UsagePresenter, UsageView
from desktop.presenters.usage.usage_chart import (
    OTHER,
    axis_labels,
    axis_steps,
    make_chart,
    series_of,
)
from desktop.presenters.usage.usage_shares import client_rows
from desktop.presenters.words import Words
from proxy_core.config.settings import BudgetSettings, Settings, UsageSettings
from proxy_core.errors import BadRequest, Problem, ProxyError
from proxy_core.status.totals import Totals
from proxy_core.usage.ledger.queries import DayUsage, Share
from proxy_core.usage.quota.forecast import Forecast, Outlook
from proxy_core.usage.quota.quota import Billing
from proxy_core.usage.report import UsageReport
from tests.desktop.fake_service import NOW, Clock, FakeService
from tests.desktop.presenters.usage_reports import (
    BUDGET,
    CREDIT,
    QUOTA,
    TODAY,
    empty_report,
    make_report,
    totals,
)

WORDS = Words()


class Reading:
    def __init__(self, service: FakeService, clock: Clock) -> None:
        self.service = service
        self.clock = clock
        self.presenter = UsagePresenter(service, WORDS, now=clock, changed=lambda: None)

    async def of(self, report: UsageReport, wish: object = None) -> UsageView:
        running = asyncio.ensure_future(wish or self.presenter.read())  # type: ignore[arg-type]
        await asyncio.sleep(0)
        self.service.futures["usage_report"].set_result(report)
        await running
        return self.presenter.view()

    async def failing(self, error: ProxyError) -> UsageView:
        running = asyncio.ensure_future(self.presenter.read())
        await asyncio.sleep(0)
        self.service.futures["usage_report"].set_exception(error)
        await running
        return self.presenter.view()


@pytest.fixture
def reading(service: FakeService, clock: Clock) -> Reading:
    service.change(quotas=(QUOTA,), budget=BUDGET)
    service.settings = Settings(budget=BudgetSettings(daily_credits=60))
    return Reading(service, clock)


def figures(view: UsageView) -> dict[str, tuple[str, str]]:
    return {each.label: (each.value, each.line) for each in view.figures}


async def test_the_month_has_github_s_figure_its_age_and_a_forecast(reading: Reading) -> None:
    view = await reading.of(make_report())
    assert view.source == "from GitHub, read 4 min ago"
    told = figures(view)
    assert told["Credits"] == ("412.6", "of 1,500, resets 1 Dec")
    assert told["Forecast"] == ("about 600", "by 1 Dec, within the plan")
    assert told["Cache hits"][0] == "87 %"
    assert told["Tokens"][1].endswith("out")
    assert "counted here" in view.figures[0].detail
    assert view.budget_line == "Your own budget: today 31.0 of 60 credits"


async def test_the_range_asks_for_its_own_days(reading: Reading) -> None:
    await reading.of(make_report())
    assert reading.service.called("usage_report")[-1] == (TODAY.replace(day=1), TODAY, None)
    week = TODAY - timedelta(days=6)
    view = await reading.of(make_report(week), reading.presenter.choose_range("week"))
    assert reading.service.called("usage_report")[-1] == (week, TODAY, None)
    assert view.chosen_range == "week"
    assert figures(view)["Credits"][1] == "counted here", "GitHub tells only the month"
    await reading.of(make_report(), reading.presenter.choose_range("quarter"))
    first, last, _ = reading.service.called("usage_report")[-1]
    assert (last - first).days == 89


async def test_one_tool_alone(reading: Reading) -> None:
    view = await reading.of(make_report())
    assert view.tools == (
        ("", "All tools"),
        ("=aider", "aider"),
        ("=Claude Code", "Claude Code"),
        ("=Codex", "Codex"),
    )
    of_codex = make_report(client="Codex")
    view = await reading.of(of_codex, reading.presenter.choose_tool("=Codex"))
    assert reading.service.called("usage_report")[-1][2] == "Codex"
    assert view.chosen_tool == "=Codex"
    assert len(view.tools) == 4, "the others can still be chosen"
    assert view.chart is not None
    assert view.chart.budget is None, "the budget is for all tools"
    assert not any(bar.is_forecast for bar in view.chart.bars)
    assert "outside" not in {row.key for row in view.clients}


async def test_what_github_counted_beyond_us_is_named(reading: Reading) -> None:
    view = await reading.of(make_report())
    outside = view.clients[-1]
    counted = make_report().totals.credits
    assert (outside.name, outside.middle) == ("Outside this app", "–")
    assert float(outside.credits) == pytest.approx(412.6 - counted, abs=0.1)
    largest = max(float(row.credits) for row in view.clients[:-1])
    assert (outside.share is None) == (float(outside.credits) > largest)
    much = replace(QUOTA, used=10_000.0)
    reading.service.change(quotas=(much,))
    assert reading.presenter.view().clients[-1].share is None, (
        "no bar as long as the largest tool's"
    )
    less = replace(QUOTA, used=1.0)
    reading.service.change(quotas=(less,))
    assert "outside" not in {row.key for row in reading.presenter.view().clients}


async def test_tables_hold_the_numbers_of_the_bars(reading: Reading) -> None:
    view = await reading.of(make_report())
    assert view.chart is not None
    drawn = sum(sum(bar.parts) for bar in view.chart.bars if not bar.is_forecast)
    of_tools = sum(float(row.credits) for row in view.clients if row.key != "outside")
    assert drawn == pytest.approx(of_tools, abs=0.2)
    assert [row.name for row in view.models][:2] == ["claude-sonnet-4.6", "gpt-5.3-codex"]
    assert view.models[0].middle == "91 %"
    assert view.models[0].share == 1
    tokens = {row.name: row.token for row in view.clients}
    assert tokens["Claude Code"] == view.chart.series[0].token


async def test_why_the_cache_did_not_help(reading: Reading) -> None:
    view = await reading.of(make_report())
    assert view.misses[0].reason == "It was the first request of its conversation."
    assert view.misses[0].count == "14"


async def test_nothing_used_yet(reading: Reading) -> None:
    reading.service.change(quotas=())
    view = await reading.of(empty_report())
    assert view.chart is not None
    assert view.chart.empty_words == "Figures start with the first request."
    assert view.chart.steps == (0.0, 20.0, 40.0, 60.0, 80.0), "the budget still has its place"
    assert figures(view)["Forecast"] == ("–", "no pace known yet")
    assert figures(view)["Cache hits"][0] == "–"
    assert (view.models, view.misses) == ((), ())
    assert not view.can_export


async def test_github_silent_since(reading: Reading) -> None:
    view = await reading.of(make_report())
    reading.clock.advance(3600)
    assert reading.presenter.view().source.startswith("GitHub did not answer since ")
    assert view.chart is not None, "the own count stays"


@pytest.mark.parametrize(
    ("forecast", "expected"),
    [
        (
            Forecast(Outlook.RUNS_OUT, 80.0, 2100.0, date(2026, 11, 27)),
            ("until 27 Nov", "then the allowance is used up"),
        ),
        (Forecast(Outlook.OVER, 80.0), ("used up", "until 1 Dec")),
        (
            Forecast(Outlook.NO_LIMIT, 80.0, 1234.0),
            ("about 1,200", "by 1 Dec, no limit known"),
        ),
        (Forecast(Outlook.NO_LIMIT, 80.0), ("–", "GitHub does not say when it resets")),
    ],
)
async def test_every_outlook_has_its_words(
    reading: Reading, forecast: Forecast, expected: tuple[str, str]
) -> None:
    assert figures(await reading.of(make_report(forecast=forecast)))["Forecast"] == expected


async def test_other_billings_count_other_things(reading: Reading) -> None:
    view = await reading.of(make_report(billing=Billing.PREMIUM_REQUESTS))
    assert view.figures[0].label == "Premium requests"
    assert view.chart is not None
    assert not any(bar.is_forecast for bar in view.chart.bars), "the bars count credits"
    assert "outside" not in {row.key for row in view.clients}


async def test_estimates_are_named(reading: Reading) -> None:
    reading.service.change(quotas=())
    used = dataclasses.replace(totals(10, 3), estimated_nano_credits=4 * CREDIT)
    view = await reading.of(make_report(totals=used))
    assert figures(view)["Credits"] == ("10.0", "counted here, 4.0 estimated")


async def test_waiting_is_said_only_when_it_takes_long(reading: Reading) -> None:
    running = asyncio.ensure_future(reading.presenter.read())
    await asyncio.sleep(0)
    assert not reading.presenter.view().is_loading
    reading.clock.advance(0.4)
    assert reading.presenter.view().is_loading
    reading.service.futures["usage_report"].set_result(make_report())
    await running
    assert not reading.presenter.view().is_loading


async def test_a_failure_keeps_the_old_figures_with_their_time(reading: Reading) -> None:
    view = await reading.failing(BadRequest("The history cannot be read."))
    assert view.notice is not None
    assert view.notice.severity is Severity.FAILURE
    assert "Requests are not affected." in view.notice.line
    assert [each.action for each in view.notice.choices] == [
        Action.READ_AGAIN,
        Action.OPEN_DOCTOR,
    ]
    await reading.of(make_report())
    view = await reading.failing(BadRequest("The history cannot be read."))
    assert view.chart is not None
    assert view.notice is not None
    assert "You see the figures of " in view.notice.line
    assert (await reading.of(make_report())).notice is None


async def test_trouble_of_the_ledger_and_a_history_switched_off(reading: Reading) -> None:
    await reading.of(make_report())
    reading.service.settings = Settings(usage=UsageSettings(keep_ledger=False))
    notice = reading.presenter.view().notice
    assert notice is not None
    assert notice.choices[0].action is Action.OPEN_SETTINGS
    reading.service.change(ledger_problem=Problem("The disk is full", "Requests wait in memory."))
    notice = reading.presenter.view().notice
    assert notice is not None
    assert notice.title == "The disk is full"


async def test_a_newer_wish_overtakes_an_older_answer(reading: Reading) -> None:
    slow = asyncio.ensure_future(reading.presenter.read())
    await asyncio.sleep(0)
    first = reading.service.futures["usage_report"]
    week = make_report(TODAY - timedelta(days=6))
    await reading.of(week, reading.presenter.choose_range("week"))
    first.set_result(make_report())
    await slow
    view = reading.presenter.view()
    assert view.chart is not None
    assert len(view.chart.bars) == 7


async def test_news_are_read_but_not_with_every_token(reading: Reading) -> None:
    await reading.of(make_report())
    assert not reading.presenter.needs_reading()
    reading.service.change(today=totals(1, 1))
    assert not reading.presenter.needs_reading(), "not so soon"
    reading.clock.advance(3)
    assert reading.presenter.needs_reading()
    await reading.of(make_report())
    reading.clock.advance(24 * 3600)
    assert reading.presenter.needs_reading(), "another day has begun"


async def test_the_table_is_written_for_the_range(reading: Reading, tmp_path: Path) -> None:
    reading.service.answer("export_usage", result=118)
    path = tmp_path / "usage.csv"
    count = await reading.presenter.export(path)
    assert reading.service.called("export_usage") == [(path, TODAY.replace(day=1), TODAY)]
    assert reading.presenter.exported(count, path) == "118 requests written to usage.csv"
    assert reading.presenter.exported(1, path) == "1 request written to usage.csv"
    assert reading.presenter.file_name == "copilot-usage-2026-11-01-to-2026-11-18.csv"


@pytest.mark.parametrize(
    ("highest", "top", "count"),
    [
        (0, 4, 4),
        (0.31, 0.4, 4),
        (3.9, 5, 5),
        (31.4, 40, 4),
        (60, 80, 4),
        (100, 200, 4),
        (9_999, 20_000, 4),
    ],
)
def test_the_axis_has_round_steps_with_a_little_room(
    highest: float, top: float, count: int
) -> None:
    steps = axis_steps(highest)
    assert steps[0] == 0
    assert steps[-1] == pytest.approx(top)
    assert len(steps) == count + 1
    assert steps[-1] >= highest


def test_four_series_at_most_and_the_rest_together() -> None:
    shares = tuple(Share(f"tool {n}", totals(10 - n, 1)) for n in range(6))
    series = series_of(shares, WORDS)
    assert [each.key for each in series] == ["tool 0", "tool 1", "tool 2", OTHER]
    assert len({each.token for each in series}) == 4
    day = DayUsage(TODAY, sum((each.totals for each in shares), Totals()), shares)
    chart = make_chart((day,), shares, TODAY, WORDS, heading="Credits")
    assert chart.bars[0].parts == pytest.approx((10, 9, 8, 7 + 6 + 5))
    assert chart.bars[0].rows[-1][1:] == ("Other", "18.0")
    assert [each.key for each in series_of(shares[:4], WORDS)][-1] == "tool 3"


def test_a_day_is_one_sentence() -> None:
    chart = make_chart(
        make_report().days, make_report().clients, TODAY, WORDS, heading="Credits by day"
    )
    today = chart.bars[-1]
    assert today.sentence == "Wed 18 Nov, 31.0 credits: Claude Code 20.5, Codex 7.4, aider 3.1"
    assert chart.summary.startswith("Credits by day: ")
    assert chart.summary.endswith("highest 31.0 on Wed 18 Nov")


def test_labels_of_a_month_a_week_and_a_quarter() -> None:
    month = [date(2026, 11, 1) + timedelta(days=each) for each in range(30)]
    labels = axis_labels(month, TODAY, WORDS)
    shown = {day.day: text for day, text in zip(month, labels, strict=True) if text}
    assert shown == {
        1: "1 Nov",
        5: "5",
        10: "10",
        15: "15",
        18: "Today",
        25: "25",
        30: "30 Nov",
    }
    week = [TODAY - timedelta(days=each) for each in range(6, -1, -1)]
    assert axis_labels(week, TODAY, WORDS)[-1] == "Today"
    assert all(axis_labels(week, TODAY, WORDS))
    quarter = [TODAY - timedelta(days=each) for each in range(89, -1, -1)]
    assert 4 <= sum(bool(each) for each in axis_labels(quarter, TODAY, WORDS)) <= 8


def test_the_clock_of_the_tests_is_a_day_in_november() -> None:
    assert (TODAY.year, TODAY.month, TODAY.day) == (2026, 11, 18), NOW


def test_a_tools_sentence_tells_a_persons_requests_from_an_agents() -> None:
    share = Share("Codex", Totals(requests=9, asked_by_user=2, asked_by_agent=7))
    older = Share("aider", Totals(requests=4))
    rows = client_rows(make_report(clients=(share, older)), None, WORDS)
    assert rows[0].sentence.endswith("9 requests, 2 of them told to GitHub as yours")
    assert rows[1].sentence.endswith("4 requests"), "counted before it was written down"


@pytest.mark.parametrize("highest", [0.001, 0.004, 0.02, 0.06, 0.3, 2.4, 17, 412.6])
def test_no_label_of_the_axis_repeats(highest: float) -> None:
    day = DayUsage(date(2026, 11, 20), totals(highest, 1), ())
    chart = make_chart([day], [Share("aider", totals(highest, 1))], day.day, Words(), heading="")
    labels = chart.step_words
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("today", [date(2026, 11, 2), date(2026, 11, 16), date(2027, 2, 27)])
@pytest.mark.parametrize("ahead", range(45))
def test_no_day_stands_twice_below_the_chart(today: date, ahead: int) -> None:
    first = today.replace(day=1)
    last = today + timedelta(days=ahead)
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    labels = [each for each in axis_labels(days, today, WORDS) if each]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(("used", "shown"), [(0.0002, "<0.01"), (0.02, "0.02"), (0.3, "0.3")])
async def test_what_was_used_is_never_shown_as_zero(
    reading: Reading, used: float, shown: str
) -> None:
    reading.service.change(quotas=())
    share = Share("aider", totals(used, 1))
    report = make_report(
        days=(DayUsage(TODAY, share.totals, (share,)),), clients=(share,), models=(share,)
    )
    view = await reading.of(replace(report, totals=share.totals, quotas=()))
    assert view.chart is not None
    texts = [
        view.figures[0].value,
        view.chart.bars[0].rows[0][-1],
        view.models[0].credits,
        view.clients[0].credits,
        WORDS.credits(round(used * CREDIT)),
        WORDS.plain_number(used),
    ]
    assert set(texts) == {shown}
