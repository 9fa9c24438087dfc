"""Who is signed in, through every turn."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from proxy_core.config.paths import find_paths
from proxy_core.config.settings import AccountSettings, Settings, TokenStorage
from proxy_core.errors import ErrorKind, ProxyError, SignedOut
from proxy_core.status.sign_in_progress import SignInProgress
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.upstream.assembly import UpstreamServices, build_upstream
from proxy_core.upstream.sign_in.epoch import SignInPending
from proxy_core.upstream.sign_in.github_api import WrongKindOfApp
from proxy_core.upstream.sign_in.keychain import Keychain, KeychainFailed, PasswordStore
from tests.unit.upstream.scripted_github import FakeGitHub, FakeTime, Reply

USER = "/copilot_internal/user"
EXCHANGE = "/copilot_internal/v2/token"
PRO = {"login": "octocat", "copilot_plan": "individual", "access_type_sku": "monthly"}
NO_SEAT = Reply(
    403,
    {
        "message": "Resource not accessible by integration",
        "error_details": {
            "message": "No seat for octocat.",
            "notification_id": "no_copilot_access",
        },
    },
)


class DictStore:
    def __init__(self, kept: dict[tuple[str, str], str]) -> None:
        self.kept = kept

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[(service, username)] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[(service, username)]


class Home:
    """One user's machine: state folder, keychain, GitHub; sides are started and ended on it."""

    def __init__(self, github: FakeGitHub, time: FakeTime, folder: Path) -> None:
        self.github = github
        self.time = time
        self.folder = folder
        self.settings = Settings(account=AccountSettings(token_storage=TokenStorage.FILE))
        self.environ = {
            "G_COPILOT_PROXY_HOME": str(folder),
            "G_COPILOT_PROXY_GITHUB_URL": github.url,
        }
        self.keychain: dict[tuple[str, str], str] | None = None
        self.keychain_error = KeychainFailed("This system offers no keychain.", absent=True)
        self.statuses: list[AccountStatus] = []
        self.reports: list[SignInProgress] = []
        self.sides: list[UpstreamServices] = []
        github.on(USER, Reply(200, PRO))
        github.on(
            "/login/device/code",
            Reply(
                200,
                {
                    "device_code": "d",
                    "user_code": "ABCD-1234",
                    "verification_uri": github.url + "/login/device",
                    "expires_in": 899,
                    "interval": 5,
                },
            ),
        )
        self.approve("ghu_1")

    def approve(self, token: str) -> None:
        self.github.on("/login/oauth/access_token", Reply(200, {"access_token": token}))

    def _backend(self) -> PasswordStore:
        if self.keychain is None:
            raise self.keychain_error
        return DictStore(self.keychain)

    def start(self) -> UpstreamServices:
        side = build_upstream(
            settings=lambda: self.settings,
            paths=find_paths(self.environ),
            environ=self.environ,
            clock=self.time.clock,
            keychain=Keychain(self._backend),
            on_account=self.statuses.append,
        )
        self.sides.append(side)
        return side

    async def sign_in(self, side: UpstreamServices) -> AccountStatus:
        return await side.account.sign_in(self.reports.append)

    @property
    def states(self) -> list[str]:
        return [each.state.value for each in self.reports]


@pytest.fixture
async def home(github: FakeGitHub, time: FakeTime, tmp_path: Path) -> AsyncIterator[Home]:
    made = Home(github, time, tmp_path)
    yield made
    for side in made.sides:
        await side.close()


async def test_a_sign_in_survives_a_restart(home: Home) -> None:
    status = await home.sign_in(home.start())
    assert (status.state, status.login, status.plan) == (AccountState.SIGNED_IN, "octocat", "Pro")
    again = await home.start().account.restore()
    assert (again.state, again.login) == (AccountState.SIGNED_IN, "octocat")
    assert again.token_place is TokenPlace.FILE
    assert "ghu_1" not in repr(home.statuses) + repr(home.reports)


async def test_without_a_sign_in_a_start_says_so_and_calls_are_refused(home: Home) -> None:
    side = home.start()
    status = await side.account.restore()
    assert (status.state, status.problem) == (AccountState.SIGNED_OUT, None)
    with pytest.raises(SignedOut, match="Nobody is signed in"):
        await side.client.models()
    assert home.github.seen == []


async def test_a_locked_keychain_at_start_is_told_as_such_and_asked_until_it_answers(
    home: Home,
) -> None:
    home.settings = Settings()
    home.keychain_error = KeychainFailed("The keychain is locked.")
    home.time.stop()
    side = home.start()
    status = await side.account.restore()
    assert status.state is AccountState.WAITING_FOR_KEYCHAIN
    assert status.problem is not None
    assert "locked" in status.problem.message
    with pytest.raises(SignInPending, match="locked") as caught:
        await side.client.models()
    assert (caught.value.http_status, caught.value.kind) == (503, ErrorKind.SIGN_IN_PENDING)
    home.keychain = {("g-copilot-proxy", side.account.hosts.name): "ghu_1"}
    home.time.go_on()
    status = await side.account.settled(5)
    assert (status.state, status.login) == (AccountState.SIGNED_IN, "octocat")
    assert home.time.slept[0] == 2.0


async def test_an_unusable_token_in_the_environment_is_shown(home: Home) -> None:
    home.environ["COPILOT_GITHUB_TOKEN"] = "ghp_classic"
    status = await home.start().account.restore()
    assert status.problem is not None
    assert "github_pat_" in status.problem.message
    assert home.github.seen == [], "it was sent nowhere"


@pytest.mark.parametrize(
    ("path", "reply", "login"),
    [
        (EXCHANGE, NO_SEAT, "octocat"),
        (USER, NO_SEAT, None),
        (USER, Reply(200, {"login": "octocat", "chat_enabled": False}), "octocat"),
    ],
)
async def test_an_account_without_copilot_is_signed_in_and_told(
    home: Home, path: str, reply: Reply, login: str | None
) -> None:
    home.github.on(path, reply)
    status = await home.sign_in(home.start())
    assert home.states == ["waiting", "no_plan"]
    assert (status.state, status.login) == (AccountState.NO_PLAN, login)
    assert status.problem is not None
    assert status.problem.code == "no_plan"
    assert home.reports[-1].problem == status.problem


async def test_a_plan_that_was_bought_meanwhile_is_noticed(home: Home) -> None:
    home.github.on(USER, Reply(200, {"login": "octocat", "chat_enabled": False}))
    side = home.start()
    await home.sign_in(side)
    home.github.on(USER, Reply(200, PRO))
    status = await side.account.refresh_account()
    assert (status.state, status.problem) == (AccountState.SIGNED_IN, None)


async def test_a_sign_in_of_the_wrong_kind_of_app_stores_nothing(home: Home) -> None:
    home.github.on(EXCHANGE, Reply(404, {"message": "Not Found"}))
    with pytest.raises(WrongKindOfApp):
        await home.sign_in(home.start())
    assert home.states == ["waiting", "failed"]
    assert (await home.start().account.restore()).state is AccountState.SIGNED_OUT


@pytest.mark.parametrize("reply", [Reply(cut_after=0), Reply(502, b"busy"), Reply(404, b"no")])
async def test_an_approval_is_kept_even_if_github_then_falls_silent(
    home: Home, reply: Reply
) -> None:
    home.github.on(USER, reply)
    home.github.on(EXCHANGE, Reply(502, b"busy"))
    status = await home.sign_in(home.start())
    assert home.states == ["waiting", "approved"]
    assert (status.state, status.login) == (AccountState.SIGNED_IN, None)


async def test_a_start_without_network_stays_signed_in(home: Home) -> None:
    await home.sign_in(home.start())
    home.github.on(USER, Reply(cut_after=0))
    status = await home.start().account.restore()
    assert status.state is AccountState.SIGNED_IN
    assert status.problem is not None


async def test_a_token_of_one_github_is_never_shown_to_another(home: Home) -> None:
    del home.environ["G_COPILOT_PROXY_GITHUB_URL"]
    home.environ["COPILOT_GITHUB_TOKEN"] = "gho_1"
    home.environ["G_COPILOT_PROXY_GITHUB_API_URL"] = home.github.url
    side = home.start()
    await side.account.restore()
    calls = len(home.github.seen)
    await side.account.change_host("octo.ghe.com")
    with pytest.raises(
        SignedOut,
        match=r"signed in to github\.com, but the settings now name octo",
    ):
        await side.client.models()
    assert len(home.github.seen) == calls


async def test_signing_out_forgets_token_account_and_models(home: Home) -> None:
    side = home.start()
    await home.sign_in(side)
    await side.client.models()
    status = await side.sign_out()
    assert status.state is AccountState.SIGNED_OUT
    assert status.token_place is TokenPlace.NOWHERE
    assert side.account.account is None
    with pytest.raises(SignedOut):
        await side.client.models()
    assert sorted(each.name for each in (home.folder / "state").iterdir()) == [
        ".sign-in.json.lock",
        "sign-in.json",
    ]
    assert "ghu_1" not in (home.folder / "state" / "sign-in.json").read_text()


async def test_a_token_that_is_there_already_can_be_used(home: Home) -> None:
    home.settings = Settings(account=AccountSettings(token_storage=TokenStorage.MEMORY))
    status = await home.start().account.use_token("ghu_2")
    assert (status.login, status.token_place) == ("octocat", TokenPlace.MEMORY)
    with pytest.raises(ProxyError):
        await home.start().account.use_token("ghp_2")


async def test_a_session_github_ended_is_shown_until_signing_in_again(home: Home) -> None:
    side = home.start()
    await home.sign_in(side)
    bad: dict[str, Any] = {"message": "Bad credentials"}
    home.github.on(USER, Reply(401, bad))
    assert (await side.account.refresh_account()).state is AccountState.EXPIRED
    home.github.on(USER, Reply(200, PRO))
    home.approve("ghu_2")
    assert (await home.sign_in(side)).state is AccountState.SIGNED_IN
    assert side.account.github_token() == "ghu_2"
