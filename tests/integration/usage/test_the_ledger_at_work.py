"""The ledger behind a running server: what goes wrong with its file, and what a stop leaves behind."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
import time
from contextlib import closing
from pathlib import Path

import pytest

from proxy_core.config.overrides import Overrides
from proxy_core.errors import ProxyError
from proxy_core.status.status import RequestState
from tests.integration.usage.conftest import KEY, Home
from tests.integration.usage.test_every_number import CHAT, MESSAGES, body
from tests.integration.usage.test_the_users_word import ask
from tests.security.written_files import files_with

LEDGER = Path("state") / "usage.sqlite3"
BILLING_LINE = (
    "x-anthropic-billing-header: cc_version=2.1.177.{version}; cc_entrypoint=cli; cch={hash};"
)


def damaged(folder: Path) -> None:
    (folder / "state").mkdir(mode=0o700)
    (folder / LEDGER).write_bytes(b"SQLite format 3\x00" + b"\xff" * 5_000)


def foreign(folder: Path) -> None:
    (folder / "state").mkdir(mode=0o700)
    with sqlite3.connect(folder / LEDGER) as other:
        other.execute("CREATE TABLE recipes (name)")
    other.close()


def rows(file: Path) -> int:
    """Return how many requests the file of a running server holds."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=30)) as reader:
        return int(reader.execute("SELECT COUNT(*) FROM requests").fetchone()[0])


def a_folder(folder: Path) -> None:
    (folder / LEDGER).mkdir(parents=True)


@pytest.fixture(params=[damaged, foreign, a_folder], ids=lambda each: each.__name__)
def prepared(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    request.param(tmp_path)
    return tmp_path


class TestATroubledFile:
    async def test_requests_are_served_counted_and_the_user_is_told_once(
        self, home: Home, request: pytest.FixtureRequest
    ) -> None:
        kind = request.node.callspec.params["prepared"].__name__
        for _ in range(3):
            assert (await ask(home))[0] == 200
        await home.ended(3)
        await home.until(lambda: bool(home.board.current.notices))
        assert home.board.current.today.requests == 3
        assert home.board.current.today.nano_credits > 0
        (notice,) = home.board.current.notices
        assert notice.code == "ledger_trouble"
        if kind == "damaged":
            assert home.board.current.ledger_problem is None
            assert (await home.usage())["totals"]["requests"] == 3
            assert list((home.folder / "state").glob("usage-damaged-*"))
            return
        assert home.board.current.ledger_problem is not None
        assert home.board.current.ledger_problem.title == notice.title
        if kind == "foreign":
            with sqlite3.connect(home.folder / LEDGER) as other:
                assert other.execute("SELECT COUNT(*) FROM recipes").fetchone() == (0,)
            other.close()

    async def test_budgets_hold_all_the_same(self, home: Home) -> None:
        await home.engine.commands.change_settings("budget.daily_credits", 0.01)
        await home.engine.commands.change_settings("budget.action", "stop")
        words = "word " * 40_000
        response = await home.post(CHAT, body(CHAT, "gpt-4o-mini", stream=False, words=words))
        assert response.status == 429
        assert home.model_calls == 0

    async def test_the_program_ends_in_time(self, home: Home) -> None:
        assert (await ask(home))[0] == 200
        began = time.monotonic()
        await home.engine.close()
        assert time.monotonic() - began < 20


class TestAGoodFile:
    @pytest.fixture
    def prepared(self, tmp_path: Path) -> Path:
        return tmp_path

    async def test_it_is_the_user_s_alone_and_holds_no_content(self, home: Home) -> None:
        words = "The code word is marzipan"
        asked = body(CHAT, "gpt-4o-mini", stream=True, words=words)
        assert "marzipan" in await (await home.post(CHAT, asked)).text()
        await home.ended(1)
        await home.engine.close()
        assert not files_with(home.folder / "state", "marzipan")
        assert stat.S_IMODE((home.folder / LEDGER).stat().st_mode) == 0o600

    async def test_nothing_is_kept_where_the_user_wants_nothing_kept(self, home: Home) -> None:
        await home.engine.commands.change_settings("usage.keep_ledger", False)
        assert (await ask(home))[0] == 200
        await home.ended(1)
        assert (await home.engine.commands.usage_report()).totals.requests == 0
        assert home.board.current.today.requests == 1, "the running day is shown all the same"
        await home.engine.commands.change_settings("usage.keep_ledger", True)
        assert (await ask(home))[0] == 200
        await home.until(lambda: home.board.current.today.requests == 2)
        assert (await home.engine.commands.usage_report()).totals.requests == 1

    async def test_the_history_can_be_forgotten(self, home: Home) -> None:
        for _ in range(3):
            await ask(home)
        await home.ended(3)
        assert await home.engine.commands.forget_usage() == 3
        assert (await home.engine.commands.usage_report()).totals.requests == 0
        assert home.board.current.today.requests == 0
        await ask(home)
        assert (await home.engine.commands.usage_report()).totals.requests == 1

    async def test_an_export_that_cannot_be_written_leaves_the_old_file(self, home: Home) -> None:
        await ask(home)
        await home.ended(1)
        with pytest.raises(OSError, match="missing"):
            await home.engine.commands.export_usage(home.folder / "missing" / "x.csv")
        with pytest.raises(ProxyError, match="after the last"):
            today = (await home.engine.commands.usage_report()).last
            await home.engine.commands.export_usage(
                home.folder / "x.csv", today, today.replace(year=today.year - 1)
            )
        assert not list(home.folder.glob("*.part"))

    async def test_what_a_killed_program_spent_counts_at_the_next_start(
        self, home: Home, tmp_path: Path
    ) -> None:
        await ask(home)
        await home.ended(1)
        spent = home.board.current.today.nano_credits
        await home.engine.close()
        (tmp_path / "state" / "budget.json").unlink()
        process = await home.command("usage", "--json")
        assert json.loads(process.output)["totals"]["requests"] == 1
        second = home.engine.__class__(
            home.engine._paths,
            home.board,
            environ=home.environ,
            overrides=Overrides(local_key=KEY),
        )
        home.board.change(lambda status: type(status)())
        await second.open()
        try:
            await home.until(lambda: home.board.current.today.requests == 1)
            assert home.board.current.today.nano_credits == spent
            assert home.board.current.budget is not None
            assert home.board.current.budget.day_spent == spent
            assert home.board.current.budget.month_spent == spent
        finally:
            await second.close()

    async def test_a_process_that_is_killed_loses_nothing_it_had_a_moment_for(
        self, home: Home
    ) -> None:
        await home.engine.close()
        process, url = await home.serve()
        for _ in range(3):
            response = await home.http.post(
                url + CHAT, json=body(CHAT, "gpt-4o-mini", stream=False), headers=home.headers()
            )
            assert response.status == 200
            await response.read()
        await home.until(lambda: rows(home.folder / LEDGER) == 3)
        process.kill()
        await process.communicate()
        report = await home.usage()
        assert (report["totals"]["requests"], report["server"]) == (3, None)
        assert report["totals"]["credits"] > 0

    async def test_a_process_that_is_told_to_end_loses_nothing_at_all(self, home: Home) -> None:
        await home.engine.close()
        process, url = await home.serve()
        response = await home.http.post(
            url + CHAT, json=body(CHAT, "gpt-4o-mini", stream=False), headers=home.headers()
        )
        await response.read()
        process.terminate()
        _, errors = await process.communicate()
        assert (process.returncode, errors) == (0, b"")
        assert (await home.usage())["totals"]["requests"] == 1

    @pytest.mark.parametrize("drain_seconds", [0.3])
    async def test_an_answer_that_a_stop_cuts_off_is_recorded(self, home: Home) -> None:
        words = "[sim:stall] one hundred numbered lines"
        response = await home.post(
            MESSAGES, body(MESSAGES, "claude-sonnet-4.6", stream=True, words=words)
        )
        await response.content.readany()
        began = time.monotonic()
        await home.engine.close()
        assert time.monotonic() - began < 20
        assert "stopped before the answer was complete" in await response.text()
        totals = (await home.usage())["totals"]
        assert (totals["requests"], totals["failed"]) == (1, 1)

    async def test_refused_requests_are_counted_and_cost_nothing(self, home: Home) -> None:
        wrong = await home.post(CHAT, {"model": "no-such-model", "messages": []})
        assert wrong.status in (400, 404)
        totals = (await home.usage())["totals"]
        assert (totals["requests"], totals["failed"], totals["credits"]) == (1, 1, 0)
        assert totals["unpriced_requests"] == 0


class TestTheRotatingLine:
    @pytest.fixture
    def prepared(self, tmp_path: Path) -> Path:
        return tmp_path

    async def turn(self, home: Home, number: int) -> None:
        line = BILLING_LINE.format(version=f"0{number}c", hash=f"{number}6ee5")
        system = [
            {"type": "text", "text": line},
            {
                "type": "text",
                "text": "You are an agent. " * 600,
                "cache_control": {"type": "ephemeral"},
            },
        ]
        asked = {
            "model": "claude-sonnet-4.6",
            "max_tokens": 500,
            "stream": True,
            "system": system,
            "messages": [{"role": "user", "content": "Yes?"}],
        }
        response = await home.post(MESSAGES, asked, User_Agent="claude-cli/2.1.177")
        assert response.status == 200
        await response.text()
        await home.ended(number)

    def heads(self, home: Home) -> list[str]:
        calls = [each for each in home.simulator.requests if each.path == "/v1/messages"]
        return [each.body["system"][0]["text"] for each in calls]  # type: ignore[index, call-overload]

    async def test_it_is_held_still_so_that_the_cache_is_read(self, home: Home) -> None:
        for number in (1, 2):
            await self.turn(home, number)
        first, second = self.heads(home)
        assert first == second == BILLING_LINE.format(version="000", hash="00000")
        assert home.board.current.recent[0].cache_read_tokens > 1_000
        assert home.board.current.recent[0].cache_miss is None

    async def test_left_alone_it_costs_the_whole_prompt_and_the_reason_is_known(
        self, home: Home
    ) -> None:
        await home.engine.commands.change_settings("usage.stabilise_system_prompt", False)
        for number in (1, 2):
            await self.turn(home, number)
        first, second = self.heads(home)
        assert first != second
        record = home.board.current.recent[0]
        assert record.cache_miss == "system_head_changed"
        report = await home.usage()
        reasons = {each["reason"]: each["requests"] for each in report["cache_misses"]}
        assert reasons["system_head_changed"] == 1


class TestTheDay:
    @pytest.fixture
    def prepared(self, tmp_path: Path) -> Path:
        return tmp_path

    async def test_records_show_what_each_request_cost(self, home: Home) -> None:
        await ask(home)
        (record,) = await home.ended(1)
        assert record.state is RequestState.DONE
        assert (record.nano_credits or 0) > 0
        assert (record.estimated, record.cache_miss) == (False, "first_request")
        assert home.board.current.today.requests == 1
        assert home.board.current.today.nano_credits == record.nano_credits
        activity = await (await home.get("/v1/activity")).json()
        assert activity["recent"][0]["nano_credits"] == record.nano_credits

    async def test_quotas_follow_the_headers_of_each_answer(self, home: Home) -> None:
        await asyncio.gather(*(ask(home) for _ in range(3)))
        quotas = {each.name: each for each in home.board.current.quotas}
        assert quotas["premium_interactions"].source == "response"
        assert quotas["premium_interactions"].read_at == pytest.approx(time.time(), abs=30)
        assert {"session", "weekly"} <= set(quotas)
        await home.engine.commands.sign_out()
        assert home.board.current.quotas == ()
