"""One count of today in the window and in every command; the same figures after a restart."""

from __future__ import annotations

import asyncio
import json
from functools import partial

import pytest

from desktop.presenters.usage.credits import requests_today
from desktop.presenters.usage.sparkline import sparkline
from desktop.presenters.words import Words
from proxy_core.app.engine import Engine
from proxy_core.cli.usage import lines_of, used_words
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.server.access.guest_tokens import GUEST
from proxy_core.status.own_requests import OWN_CLIENT, PROBE_PATH
from proxy_core.status.status import RequestRecord, RequestState
from proxy_core.status.status_board import StatusBoard
from proxy_core.usage.report_json import report_json, totals_json
from tests.integration.server.conftest import KEY
from tests.integration.usage.conftest import Home
from tests.integration.usage.test_every_number import CHAT, body
from tests.integration.usage.upstream_answers import Figures, step

SMALL = Figures(9, 0, 0, 9, 0, nano_credits=200_000)
"""0.0002 credits."""


async def ask(home: Home, count: int) -> None:
    for _ in range(count):
        await home.script(step("/chat/completions", SMALL))
        response = await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=False))
        assert response.status == 200
    await home.until(lambda: not home.board.current.active)


async def test_the_window_the_status_and_the_usage_command_count_alike(home: Home) -> None:
    await ask(home, 3)
    await home.engine.commands.pause(60.0)
    await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=False))
    await home.until(lambda: home.board.current.today.requests == 4)
    today = home.board.current.today
    status = json.loads((await home.command("status", "--json")).output)
    usage = await home.usage()
    counts = {
        today.requests,
        status["today"]["requests"],
        usage["today"]["requests"],
        usage["days"][-1]["requests"],
    }
    assert counts == {4}
    assert {status["today"]["credits"], usage["today"]["credits"]} == {today.credits}


async def test_small_credits_are_never_shown_as_none(home: Home) -> None:
    await ask(home, 1)
    report = report_json(await home.engine.commands.usage_report())
    today = totals_json(home.board.current.today)
    said = "\n".join(lines_of({**report, "today": today, "server": None}))
    assert "less than 0.001 credits" in said
    assert used_words(today) == "1 request, less than 0.01 credits"


async def test_after_a_restart_the_counts_and_the_chart_are_those_of_before(home: Home) -> None:
    await ask(home, 3)
    before = home.board.current
    await home.engine.close()
    board = StatusBoard()
    engine = Engine(
        find_paths(home.environ), board, environ=home.environ, overrides=Overrides(local_key=KEY)
    )
    read = asyncio.Event()
    tell = partial(asyncio.get_running_loop().call_soon_threadsafe, read.set)  # from any thread
    board.subscribe(lambda now: tell() if now.recent and now.today.requests == 3 else None)
    await engine.open()
    try:
        await asyncio.wait_for(read.wait(), 30)
        now = board.current
        assert now.today == before.today
        assert now.started_lately == before.started_lately
        chart = sparkline(now, before.recent[0].started + 1, Words())
        assert (sum(chart.values), chart.today) == (3, "3 today")
        report = await engine.commands.usage_report()
        assert report.days[-1].totals.requests == 3
    finally:
        await engine.close()


async def test_what_a_key_of_a_tool_is_tested_with_is_not_the_tools_use(home: Home) -> None:
    made = await home.engine.commands.make_client_key("Codex")
    await home.send(
        "POST",
        CHAT,
        {"Authorization": f"Bearer {made.key}", "User-Agent": f"{OWN_CLIENT}/test"},
        json=body(CHAT, "gpt-4o-mini", stream=False),
    )
    (record,) = await home.ended(1)
    assert record.client == OWN_CLIENT
    report = await home.engine.commands.usage_report()
    assert [each.name for each in report.clients] == [OWN_CLIENT]
    await home.engine.commands.pause_client("Codex", 60.0)
    refused = await home.send(
        "POST",
        CHAT,
        {"Authorization": f"Bearer {made.key}", "User-Agent": f"{OWN_CLIENT}/test"},
        json=body(CHAT, "gpt-4o-mini", stream=False),
    )
    assert refused.status == 403, "the tool's own pause holds all the same"


@pytest.mark.parametrize("settings_text", ["[account]\naccept_client_tokens = true\n"])
async def test_today_the_busiest_minute_and_usage_count_the_same_requests(home: Home) -> None:
    """A guest's is listed and counted nowhere; an own test, a refused one and one that runs count."""
    key = (await home.engine.commands.make_client_key("Codex")).key
    own = {"Authorization": f"Bearer {key}", "User-Agent": f"{OWN_CLIENT}/test"}
    guest = {
        "Authorization": f"Bearer {home.simulator.simulation.tokens.issue_github_token('ghu_')}"
    }
    asked = body(CHAT, "gpt-4o-mini", stream=False)
    statuses = [
        (await home.send("POST", CHAT, headers, json=asked)).status
        for headers in (home.headers(), own, guest, {"Authorization": "Bearer wrong"})
    ]
    assert statuses == [200, 200, 200, 401]
    endless = body(CHAT, "gpt-4o-mini", stream=True, words="a story [sim:stall]")
    running = [
        await home.send("POST", CHAT, each, json=endless) for each in (guest, home.headers())
    ]
    for each in running:
        await each.content.readany()
    await home.ended(4)
    await home.until(lambda: len(home.board.current.active) == 2)
    now = home.board.current
    started = now.active[-1].started
    assert [each.client for each in (*now.recent, *now.active)].count(GUEST) == 2, "they are listed"
    assert requests_today(now, started, Words()) == 4
    assert sum(sparkline(now, started, Words()).values) == 4
    report = await home.engine.commands.usage_report()
    assert report.totals.requests == 3, "what runs is taken in when it has ended"
    for each in running:
        each.close()
    await home.until(lambda: not home.board.current.active)
    await home.until(lambda: home.board.current.today.requests == 4)
    assert (await home.engine.commands.usage_report()).totals.requests == 4


async def test_what_a_probe_in_another_process_asked_counts_as_it_does_in_the_ledger(
    home: Home,
) -> None:
    await ask(home, 1)
    (first,) = home.board.current.recent
    probed = RequestRecord(
        "probe_1", OWN_CLIENT, PROBE_PATH, "", first.started, RequestState.DONE, nano_credits=7
    )
    before = home.board.current.today.nano_credits
    home.engine._journal.show([probed])
    now = home.board.current
    assert (now.today.requests, now.today.nano_credits) == (2, before + 7)
    assert sum(sparkline(now, first.started, Words()).values) == 2
