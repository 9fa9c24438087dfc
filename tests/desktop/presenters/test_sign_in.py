"""Signing in, from asking for a code to each ending; plain Python, no Qt."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop.presenters.shapes import Shape
from desktop.presenters.sign_in.sign_in import PLANS_PAGE, SignInPresenter
from desktop.presenters.sign_in.sign_in_view import SignInAction, SignInView, Stage
from desktop.presenters.words import Words
from proxy_core.config.settings import AccountSettings, Settings, TokenStorage
from proxy_core.errors import BadRequest, Problem, UpstreamBroke
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountStatus
from tests.desktop.fake_service import NOW, SIGNED_IN, Clock, FakeService

PAGE = "https://github.com/login/device"


class Harness:
    """The presenter with everything around it: browser, clipboard, clocks."""

    def __init__(self, service: FakeService) -> None:
        self.service = service
        self.wall, self.monotonic = Clock(NOW), Clock(500.0)
        self.opened: list[str] = []
        self.copied: list[str] = []
        self.views: list[SignInView] = []
        self.browser_works = True
        self.presenter = SignInPresenter(
            service,
            Words(),
            open_page=self.open_page,
            copy=self.copied.append,
            post=lambda call: call(),
            monotonic=self.monotonic,
            now=self.wall,
            changed=self.views.append,
        )

    @property
    def view(self) -> SignInView:
        return self.presenter.view

    def open_page(self, url: str) -> bool:
        self.opened.append(url)
        return self.browser_works

    def report(self, state: SignInState, **parts: object) -> None:
        self.service.on_progress(SignInProgress(state, **parts))  # type: ignore[arg-type]

    def code_arrives(self, code: str = "WDJB-MJHT", page: str = PAGE) -> None:
        self.report(
            SignInState.WAITING, user_code=code, verification_uri=page, expires_at=self.wall() + 900
        )

    def actions(self) -> list[SignInAction]:
        return [each.action for each in self.view.choices]


@pytest.fixture
def harness(service: FakeService) -> Harness:
    return Harness(service)


def test_the_code_arrives_is_copied_and_its_page_opens(harness: Harness) -> None:
    harness.presenter.begin()
    assert harness.view.stage is Stage.ASKING
    harness.code_arrives()
    assert harness.view.heading == "Type this code on GitHub"
    assert harness.view.line == "The page is open in your browser, and the code is copied."
    assert harness.view.code == "WDJB-MJHT"
    assert (harness.copied, harness.opened) == (["WDJB-MJHT"], [PAGE])
    assert [each.text for each in harness.view.choices] == ["Open the page again"]
    assert harness.view.address == ""


def test_time_left_counts_on_the_monotonic_clock(harness: Harness) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    assert (harness.view.time_left, harness.view.fraction) == ("valid for 15:00", 1.0)
    harness.wall.advance(-3600)  # somebody sets the clock back
    harness.monotonic.advance(28)
    harness.presenter.tick()
    assert harness.view.time_left == "valid for 14:32"
    assert harness.view.fraction == pytest.approx(872 / 900)
    harness.monotonic.advance(5000)
    harness.presenter.tick()
    assert (harness.view.time_left, harness.view.fraction) == ("valid for 0:00", 0.0)


def test_repeated_reports_of_one_code_open_the_browser_once(harness: Harness) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    harness.code_arrives()
    assert len(harness.opened) == 1
    assert len(harness.copied) == 1


def test_a_browser_that_does_not_open_leaves_the_address_to_copy(harness: Harness) -> None:
    harness.browser_works = False
    harness.presenter.begin()
    harness.code_arrives()
    assert harness.view.address == PAGE
    assert harness.view.line.startswith("Your browser did not open")
    assert [each.text for each in harness.view.choices] == ["Open the page"]
    harness.browser_works = True
    harness.presenter.act(SignInAction.OPEN_PAGE)
    assert harness.view.address == ""
    assert len(harness.opened) == 2


@pytest.mark.parametrize(
    ("page", "opens"),
    [
        (PAGE, True),
        ("http://127.0.0.1:9000/login/device", True),
        ("http://github.com/login/device", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("smb://server/share", False),
        ("https://[broken", False),
    ],
)
def test_only_a_web_page_is_ever_opened(harness: Harness, page: str, opens: bool) -> None:
    harness.presenter.begin()
    harness.code_arrives(page=page)
    assert harness.opened == ([page] if opens else [])
    assert harness.view.address == ("" if opens else page)


def test_approved_says_who_and_closes_by_itself(harness: Harness) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    harness.report(SignInState.APPROVED, login="octocat", plan="individual")
    assert harness.view.stage is Stage.APPROVED
    assert harness.view.heading == "Signed in as octocat"
    assert harness.view.line == "Copilot Pro. This window closes by itself."
    assert (harness.view.shape, harness.view.closes_after) == (Shape.DONE, 1.2)


@pytest.mark.parametrize(
    ("state", "heading", "actions", "shape"),
    [
        (
            SignInState.DENIED,
            "You declined on GitHub",
            [SignInAction.NEW_CODE],
            Shape.CANCELLED,
        ),
        (
            SignInState.EXPIRED,
            "The code ran out after 15 min",
            [SignInAction.NEW_CODE],
            Shape.ATTENTION,
        ),
        (
            SignInState.NO_PLAN,
            "octocat has no Copilot plan",
            [SignInAction.OPEN_PLANS_PAGE, SignInAction.NEW_CODE],
            Shape.ATTENTION,
        ),
    ],
)
def test_every_ending_is_a_sentence_with_a_next_step(
    harness: Harness,
    state: SignInState,
    heading: str,
    actions: list[SignInAction],
    shape: Shape,
) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    harness.report(state, login="octocat")
    assert harness.view.stage is Stage.ENDED
    assert (harness.view.heading, harness.view.shape) == (heading, shape)
    assert harness.view.line
    assert harness.actions() == actions
    assert [each.primary for each in harness.view.choices].count(True) == 1


def test_declining_says_that_nothing_was_stored(harness: Harness) -> None:
    harness.presenter.begin()
    harness.report(SignInState.DENIED)
    assert harness.view.line == "Nothing was stored."


def test_another_failure_is_told_in_its_own_words(harness: Harness) -> None:
    harness.presenter.begin()
    problem = Problem(
        "GitHub does not know this app", "The client id is unknown.", "Check settings."
    )
    harness.report(SignInState.FAILED, problem=problem)
    assert harness.view.heading == "GitHub does not know this app"
    assert harness.view.line == "The client id is unknown. Check settings."
    assert harness.actions() == [SignInAction.NEW_CODE]


def test_offline_keeps_the_code_and_goes_on(harness: Harness) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    harness.report(SignInState.OFFLINE)
    assert harness.view.stage is Stage.WAITING
    assert harness.view.code == "WDJB-MJHT"
    assert harness.view.shape is Shape.ATTENTION
    assert harness.view.waiting.startswith("GitHub does not answer")
    harness.code_arrives()
    assert harness.view.waiting == "Waiting for you to approve"
    assert len(harness.opened) == 1


def test_offline_before_there_is_a_code(harness: Harness) -> None:
    harness.presenter.begin()
    harness.report(SignInState.OFFLINE)
    assert (harness.view.stage, harness.view.heading) == (Stage.ASKING, "GitHub does not answer")


def test_a_new_code_starts_over_and_the_old_attempt_is_ignored(harness: Harness) -> None:
    harness.presenter.begin()
    harness.code_arrives("AAAA-1111")
    old_report = harness.service.on_progress
    harness.report(SignInState.EXPIRED)
    harness.presenter.act(SignInAction.NEW_CODE)
    assert harness.view.stage is Stage.ASKING
    harness.code_arrives("BBBB-2222")
    old_report(SignInProgress(SignInState.APPROVED, login="somebody"))
    assert harness.view.code == "BBBB-2222"


def test_cancel_gives_up_the_attempt(harness: Harness) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    harness.presenter.cancel()
    assert harness.service.futures["sign_in"].cancelled()
    count = len(harness.views)
    harness.report(SignInState.APPROVED, login="octocat")
    assert len(harness.views) == count


def test_closing_after_approval_does_not_take_it_back(harness: Harness) -> None:
    harness.presenter.begin()
    harness.report(SignInState.APPROVED, login="octocat")
    harness.presenter.cancel()
    assert not harness.service.futures["sign_in"].cancelled()


def test_without_a_keychain_the_user_chooses_once(harness: Harness) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    problem = Problem("No keychain", "The keychain is locked.")
    harness.report(SignInState.NEEDS_STORAGE_CHOICE, login="octocat", problem=problem)
    assert harness.view.stage is Stage.STORAGE
    assert harness.view.line == "The keychain is locked."
    assert harness.actions() == [SignInAction.KEEP_IN_FILE, SignInAction.KEEP_IN_MEMORY]
    harness.service.futures["sign_in"].set_result(SIGNED_IN)
    assert harness.view.stage is Stage.STORAGE, "the end of the attempt does not skip the question"
    harness.presenter.act(SignInAction.KEEP_IN_FILE)
    assert harness.service.called("choose_token_storage") == [(TokenStorage.FILE,)]
    harness.service.futures["choose_token_storage"].set_result(None)
    assert harness.view.heading == "Signed in as octocat"


def test_a_choice_that_cannot_be_kept_is_asked_again_with_the_reason(harness: Harness) -> None:
    harness.presenter.begin()
    harness.report(SignInState.NEEDS_STORAGE_CHOICE)
    harness.presenter.act(SignInAction.KEEP_IN_FILE)
    refusal = BadRequest("The disk is full.")
    harness.service.futures["choose_token_storage"].set_exception(refusal)
    assert harness.view.stage is Stage.STORAGE
    assert harness.view.line == "The disk is full."
    assert SignInAction.KEEP_IN_MEMORY in harness.actions()


def test_a_future_that_fails_without_a_report_is_told(harness: Harness) -> None:
    harness.presenter.begin()
    error = UpstreamBroke("No answer in 30 s.", title="GitHub does not answer")
    harness.service.futures["sign_in"].set_exception(error)
    assert (harness.view.heading, harness.view.line) == (
        "GitHub does not answer",
        "No answer in 30 s.",
    )


def test_a_future_that_succeeds_without_a_report_is_success(harness: Harness) -> None:
    harness.presenter.begin()
    harness.service.futures["sign_in"].set_result(AccountStatus(login="octocat", plan="business"))
    assert harness.view.heading == "Signed in as octocat"


def test_a_refusal_on_the_spot_is_told(harness: Harness) -> None:
    harness.service.refusal = BadRequest("One sign-in runs already.", title="Busy")
    harness.presenter.begin()
    assert harness.view.heading == "Busy"


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("company.ghe.com", "company.ghe.com"),
        ("  https://Company.GHE.com/login?x=1 ", "company.ghe.com"),
        ("company.ghe.com:443", "company.ghe.com"),
    ],
)
def test_a_company_address_starts_over_there(harness: Harness, typed: str, host: str) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    first = harness.service.futures["sign_in"]
    harness.presenter.use_company_address(typed)
    assert first.cancelled()
    assert harness.service.called("sign_in") == [(None,), (host,)]
    harness.report(SignInState.EXPIRED)
    harness.presenter.act(SignInAction.NEW_CODE)
    assert harness.service.called("sign_in")[-1] == (host,), "a new code asks the same host"


@pytest.mark.parametrize(
    "typed", ["", "company", "a b.com", "https://", "-..com", "ex\u0430mple.com", "[::1"]
)
def test_what_is_no_address_is_refused_in_place_and_the_code_stays(
    harness: Harness, typed: str
) -> None:
    harness.presenter.begin()
    harness.code_arrives()
    harness.presenter.use_company_address(typed)
    harness.monotonic.advance(1)
    harness.presenter.tick()
    assert harness.view.company_address_problem, "it stays while the clock goes on"
    assert harness.view.code == "WDJB-MJHT"
    assert len(harness.service.called("sign_in")) == 1


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (lambda s: None, "in your system's keychain, nowhere else"),
        (lambda s: s.change(demo=True), "This is the demo"),
        (
            lambda s: setattr(
                s, "settings", Settings(account=AccountSettings(token_storage=TokenStorage.FILE))
            ),
            "in a file only your user account can read",
        ),
        (
            lambda s: setattr(
                s, "settings", Settings(account=AccountSettings(token_storage=TokenStorage.MEMORY))
            ),
            "in memory until you quit",
        ),
    ],
)
def test_it_says_where_the_sign_in_is_kept(
    service: FakeService, prepare: Callable[[FakeService], object], words: str
) -> None:
    prepare(service)
    harness = Harness(service)
    harness.presenter.begin()
    assert words in harness.view.storage_line


def test_an_address_that_cannot_be_used_is_said_where_it_was_typed_and_the_old_one_goes_on(
    harness: Harness,
) -> None:
    harness.presenter.begin()
    harness.presenter.use_company_address("git.example.org")
    refusal = BadRequest("Use your company's address that ends in .ghe.com.")
    harness.service.futures["sign_in"].set_exception(refusal)
    assert harness.service.called("sign_in") == [(None,), ("git.example.org",), (None,)]
    harness.code_arrives()
    assert harness.view.stage is Stage.WAITING
    assert harness.view.company_address_problem == refusal.message


def test_the_plans_page_opens_in_the_browser(harness: Harness) -> None:
    harness.presenter.begin()
    harness.report(SignInState.NO_PLAN, login="octocat")
    harness.presenter.act(SignInAction.OPEN_PLANS_PAGE)
    assert harness.opened == [PLANS_PAGE]
