"""Sign-in, plan, models, port, files and keychain, in words and with a next step."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from proxy_core.canonical.model import Model, Supports
from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import ServerSettings, Settings, TokenStorage
from proxy_core.discovery.server_client import RunningServer
from proxy_core.doctor import account, computer
from proxy_core.doctor.finding import DoctorAction, Finding, FindingState
from proxy_core.doctor.report import report_text, words_to_hide
from proxy_core.errors import Problem
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.upstream.sign_in.account import parse_account
from proxy_core.upstream.sign_in.keychain import KeychainFailed
from proxy_core.upstream.sign_in.token_kinds import TokenUse

SIGNED_IN = AccountStatus(AccountState.SIGNED_IN, "octocat", token_place=TokenPlace.KEYCHAIN)
PRO = {
    "copilot_plan": "individual",
    "token_based_billing": True,
    "quota_snapshots": {"premium_interactions": {"entitlement": 1500, "quota_remaining": 1088}},
}


def test_the_sign_in_names_account_kind_and_place() -> None:
    assert account.sign_in(SIGNED_IN, TokenUse.EXCHANGE).finding == (
        "octocat on github.com, signed in with this app; kept in the keychain."
    )


@pytest.mark.parametrize(
    ("status", "state", "action"),
    [
        (AccountStatus(AccountState.SIGNED_OUT), FindingState.FAILED, DoctorAction.SIGN_IN),
        (AccountStatus(AccountState.EXPIRED), FindingState.FAILED, DoctorAction.SIGN_IN),
        (AccountStatus(AccountState.UNKNOWN), FindingState.UNKNOWN, DoctorAction.NONE),
        (
            AccountStatus(AccountState.SIGNED_IN, problem=Problem("Offline", "GitHub is silent.")),
            FindingState.ATTENTION,
            DoctorAction.NONE,
        ),
    ],
)
def test_every_way_of_not_being_signed_in_has_its_own_answer(
    status: AccountStatus, state: FindingState, action: DoctorAction
) -> None:
    verdict = account.sign_in(status, None)
    assert (verdict.state, verdict.action) == (state, action)


def test_the_plan_is_told_with_its_allowance() -> None:
    assert account.plan(SIGNED_IN, parse_account(PRO)).finding == "Pro, 1,500 credits a month."


def test_a_plan_that_is_used_up_asks_for_attention() -> None:
    used_up = {"premium_interactions": {"entitlement": 1500, "quota_remaining": -3}}
    verdict = account.plan(SIGNED_IN, parse_account(PRO | {"quota_snapshots": used_up}))
    assert verdict.state is FindingState.ATTENTION


def test_no_plan_leads_to_the_plans_page() -> None:
    verdict = account.plan(AccountStatus(AccountState.NO_PLAN), None)
    assert verdict.action is DoctorAction.OPEN_PLANS_PAGE


def test_signed_out_nothing_is_asked_about_plan_and_models() -> None:
    signed_out = AccountStatus(AccountState.SIGNED_OUT)
    assert account.plan(signed_out, None).finding == account.NOT_SIGNED_IN
    assert account.models(signed_out, ()).finding == account.NOT_SIGNED_IN


def test_models_are_counted_with_what_policy_allows() -> None:
    seeing = Model("a", "A", "X", supports=Supports(vision=True))
    off = Model("b", "B", "X", disabled_reason="Off by your organisation")
    assert account.models(SIGNED_IN, (seeing, off)).finding == (
        "1 of 2 can be used; images allowed."
    )
    assert account.models(SIGNED_IN, (off,)).state is FindingState.FAILED


async def owned_by_node(_: int) -> str | None:
    return "node (process 4312)"


async def owned_by_nobody(_: int) -> str | None:
    return None


async def test_our_own_port_and_who_can_reach_it() -> None:
    def ours(host: str, port: int) -> RunningServer:
        return RunningServer(f"http://{host}:{port}", (host, port), answers=True, is_ours=True)

    verdict = await computer.port(Settings(), ours, owned_by_nobody)
    assert verdict.finding == "4141 is ours. Only this computer can reach it."
    everywhere = Settings(server=ServerSettings(host="0.0.0.0"))
    verdict = await computer.port(everywhere, ours, owned_by_nobody)
    assert "Other computers can reach it" in verdict.finding


async def test_a_taken_port_names_its_owner() -> None:
    def silent(host: str, port: int) -> RunningServer:
        return RunningServer(f"http://{host}:{port}", (host, port))

    verdict = await computer.port(Settings(), silent, owned_by_node)
    assert verdict.state is FindingState.FAILED
    assert "node (process 4312)" in verdict.finding
    assert verdict.action is DoctorAction.USE_NEXT_PORT
    assert (await computer.port(Settings(), silent, owned_by_nobody)).state is FindingState.OK
    gone = await computer.port(Settings(), silent, owned_by_nobody, running_port=4141)
    assert gone.state is FindingState.FAILED


@pytest.mark.skipif(os.name != "posix", reason="modes protect files on POSIX only")
def test_a_key_that_others_may_read_is_told(tmp_path: Path) -> None:
    paths = Paths(config=tmp_path, state=tmp_path, log=tmp_path)
    assert computer.files(paths).state is FindingState.OK
    paths.local_key_file.write_text("key")
    paths.local_key_file.chmod(0o644)
    verdict = computer.files(paths)
    assert verdict.state is FindingState.ATTENTION
    assert verdict.next_step == f"Run: chmod 600 {paths.local_key_file}"


@pytest.mark.parametrize("closed", ["/", "/opt", "/srv/data"])
def test_nobody_is_advised_to_open_a_folder_of_the_system(
    closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = Path(closed) / "person" / "state"
    monkeypatch.setattr(computer.os.path, "exists", lambda each: str(each) in (closed, "/"))
    monkeypatch.setattr(computer.os, "access", lambda each, mode: False)
    verdict = computer.files(Paths(config=state, state=state, log=state))
    assert verdict.state is FindingState.FAILED
    assert verdict.finding == f"{state} cannot be made: {Path(closed)} is closed to your account."
    assert verdict.next_step == "Set G_COPILOT_PROXY_HOME to a folder of your own."


def test_a_state_folder_of_another_owner_is_named_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(computer.os, "access", lambda each, mode: False)
    verdict = computer.files(Paths(config=tmp_path, state=tmp_path, log=tmp_path))
    assert verdict.finding == f"{tmp_path} cannot be written."
    assert "G_COPILOT_PROXY_HOME" in verdict.next_step


async def test_the_keychain_s_answer_is_timed() -> None:
    times = iter((10.0, 10.017))

    async def empty() -> None:
        return None

    verdict = await computer.keychain(
        TokenStorage.ASK,
        TokenPlace.KEYCHAIN,
        empty,
        Clock(monotonic=lambda: next(times), wall=lambda: 0.0),
    )
    assert verdict.finding == "The system keychain answers in 17 ms."


async def test_a_keychain_that_fails_matters_only_if_it_is_used() -> None:
    async def locked() -> None:
        raise KeychainFailed("The keychain is locked.")

    used = await computer.keychain(TokenStorage.ASK, TokenPlace.KEYCHAIN, locked, Clock())
    assert used.state is FindingState.ATTENTION
    in_file = await computer.keychain(TokenStorage.ASK, TokenPlace.FILE, locked, Clock())
    assert in_file.state is FindingState.OK
    unused = await computer.keychain(TokenStorage.FILE, TokenPlace.FILE, locked, Clock())
    assert unused.finding == "Not used: your sign-in is kept in a file."


def test_the_report_names_neither_account_nor_home_nor_secrets() -> None:
    status = AccountStatus(AccountState.SIGNED_IN, "octocat", github_host="octo-corp.ghe.com")
    found = Finding(
        "files",
        "Files",
        FindingState.ATTENTION,
        "octocat keeps ghu_0123456789abcdef in /home/mona/.local at octo-corp.ghe.com",
        "Run: chmod 600 /home/mona/key",
    )
    text = report_text(
        [found],
        datetime(2026, 11, 21, 14, 30, tzinfo=UTC),
        words_to_hide(status, Path("/home/mona")),
    )
    for word in ("octocat", "mona", "ghu_", "octo-corp"):
        assert word not in text
    assert "2026-11-21T14:30:00+00:00" in text
    assert "~/.local" in text


def test_a_setting_that_is_ignored_stops_no_request(tmp_path: Path) -> None:
    """The Doctor said that requests do not work, of a line that is ignored."""
    problem = Problem("A setting is not known", "server.porrt is ignored.", "Correct it.")
    verdict = computer.settings_file(problem, tmp_path / "settings.toml")
    assert verdict.state is FindingState.ATTENTION
    assert verdict.action is DoctorAction.OPEN_SETTINGS
