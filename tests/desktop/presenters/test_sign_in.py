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


class Desk:
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
def desk(service: FakeService) -> Desk:
    return Desk(service)


def test_the_code_arrives_is_copied_and_its_page_opens(desk: Desk) -> None:
    desk.presenter.begin()
    assert desk.view.stage is Stage.ASKING
    desk.code_arrives()
    assert desk.view.heading == "Type this code on GitHub"
    assert desk.view.line == "The page is open in your browser, and the code is copied."
    assert desk.view.code == "WDJB-MJHT"
    assert (desk.copied, desk.opened) == (["WDJB-MJHT"], [PAGE])
    assert [each.text for each in desk.view.choices] == ["Open the page again"]
    assert desk.view.address == ""


def test_time_left_counts_on_the_monotonic_clock(desk: Desk) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    assert (desk.view.time_left, desk.view.fraction) == ("valid for 15:00", 1.0)
    desk.wall.advance(-3600)  # somebody sets the clock back
    desk.monotonic.advance(28)
    desk.presenter.tick()
    assert desk.view.time_left == "valid for 14:32"
    assert desk.view.fraction == pytest.approx(872 / 900)
    desk.monotonic.advance(5000)
    desk.presenter.tick()
    assert (desk.view.time_left, desk.view.fraction) == ("valid for 0:00", 0.0)


def test_repeated_reports_of_one_code_open_the_browser_once(desk: Desk) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    desk.code_arrives()
    assert len(desk.opened) == 1
    assert len(desk.copied) == 1


def test_a_browser_that_does_not_open_leaves_the_address_to_copy(desk: Desk) -> None:
    desk.browser_works = False
    desk.presenter.begin()
    desk.code_arrives()
    assert desk.view.address == PAGE
    assert desk.view.line.startswith("Your browser did not open")
    assert [each.text for each in desk.view.choices] == ["Open the page"]
    desk.browser_works = True
    desk.presenter.act(SignInAction.OPEN_PAGE)
    assert desk.view.address == ""
    assert len(desk.opened) == 2


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
def test_only_a_web_page_is_ever_opened(desk: Desk, page: str, opens: bool) -> None:
    desk.presenter.begin()
    desk.code_arrives(page=page)
    assert desk.opened == ([page] if opens else [])
    assert desk.view.address == ("" if opens else page)


def test_approved_says_who_and_closes_by_itself(desk: Desk) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    desk.report(SignInState.APPROVED, login="octocat", plan="individual")
    assert desk.view.stage is Stage.APPROVED
    assert desk.view.heading == "Signed in as octocat"
    assert desk.view.line == "Copilot Pro. This window closes by itself."
    assert (desk.view.shape, desk.view.closes_after) == (Shape.DONE, 1.2)


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
    desk: Desk,
    state: SignInState,
    heading: str,
    actions: list[SignInAction],
    shape: Shape,
) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    desk.report(state, login="octocat")
    assert desk.view.stage is Stage.ENDED
    assert (desk.view.heading, desk.view.shape) == (heading, shape)
    assert desk.view.line
    assert desk.actions() == actions
    assert [each.primary for each in desk.view.choices].count(True) == 1


def test_declining_says_that_nothing_was_stored(desk: Desk) -> None:
    desk.presenter.begin()
    desk.report(SignInState.DENIED)
    assert desk.view.line == "Nothing was stored."


def test_another_failure_is_told_in_its_own_words(desk: Desk) -> None:
    desk.presenter.begin()
    problem = Problem(
        "GitHub does not know this app", "The client id is unknown.", "Check settings."
    )
    desk.report(SignInState.FAILED, problem=problem)
    assert desk.view.heading == "GitHub does not know this app"
    assert desk.view.line == "The client id is unknown. Check settings."
    assert desk.actions() == [SignInAction.NEW_CODE]


def test_offline_keeps_the_code_and_goes_on(desk: Desk) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    desk.report(SignInState.OFFLINE)
    assert desk.view.stage is Stage.WAITING
    assert desk.view.code == "WDJB-MJHT"
    assert desk.view.shape is Shape.ATTENTION
    assert desk.view.waiting.startswith("GitHub does not answer")
    desk.code_arrives()
    assert desk.view.waiting == "Waiting for you to approve"
    assert len(desk.opened) == 1


def test_offline_before_there_is_a_code(desk: Desk) -> None:
    desk.presenter.begin()
    desk.report(SignInState.OFFLINE)
    assert (desk.view.stage, desk.view.heading) == (Stage.ASKING, "GitHub does not answer")


def test_a_new_code_starts_over_and_the_old_attempt_is_not_heard(desk: Desk) -> None:
    desk.presenter.begin()
    desk.code_arrives("AAAA-1111")
    old_report = desk.service.on_progress
    desk.report(SignInState.EXPIRED)
    desk.presenter.act(SignInAction.NEW_CODE)
    assert desk.view.stage is Stage.ASKING
    desk.code_arrives("BBBB-2222")
    old_report(SignInProgress(SignInState.APPROVED, login="somebody"))
    assert desk.view.code == "BBBB-2222"


def test_cancel_gives_up_the_attempt(desk: Desk) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    desk.presenter.cancel()
    assert desk.service.futures["sign_in"].cancelled()
    count = len(desk.views)
    desk.report(SignInState.APPROVED, login="octocat")
    assert len(desk.views) == count


def test_closing_after_approval_does_not_take_it_back(desk: Desk) -> None:
    desk.presenter.begin()
    desk.report(SignInState.APPROVED, login="octocat")
    desk.presenter.cancel()
    assert not desk.service.futures["sign_in"].cancelled()


def test_without_a_keychain_the_user_chooses_once(desk: Desk) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    problem = Problem("No keychain", "The keychain is locked.")
    desk.report(SignInState.NEEDS_STORAGE_CHOICE, login="octocat", problem=problem)
    assert desk.view.stage is Stage.STORAGE
    assert desk.view.line == "The keychain is locked."
    assert desk.actions() == [SignInAction.KEEP_IN_FILE, SignInAction.KEEP_IN_MEMORY]
    desk.service.futures["sign_in"].set_result(SIGNED_IN)
    assert desk.view.stage is Stage.STORAGE, "the end of the attempt does not skip the question"
    desk.presenter.act(SignInAction.KEEP_IN_FILE)
    assert desk.service.called("choose_token_storage") == [(TokenStorage.FILE,)]
    desk.service.futures["choose_token_storage"].set_result(None)
    assert desk.view.heading == "Signed in as octocat"


def test_a_choice_that_cannot_be_kept_is_asked_again_with_the_reason(desk: Desk) -> None:
    desk.presenter.begin()
    desk.report(SignInState.NEEDS_STORAGE_CHOICE)
    desk.presenter.act(SignInAction.KEEP_IN_FILE)
    refusal = BadRequest("The disk is full.")
    desk.service.futures["choose_token_storage"].set_exception(refusal)
    assert desk.view.stage is Stage.STORAGE
    assert desk.view.line == "The disk is full."
    assert SignInAction.KEEP_IN_MEMORY in desk.actions()


def test_a_future_that_fails_without_a_report_is_told(desk: Desk) -> None:
    desk.presenter.begin()
    error = UpstreamBroke("No answer in 30 s.", title="GitHub does not answer")
    desk.service.futures["sign_in"].set_exception(error)
    assert (desk.view.heading, desk.view.line) == ("GitHub does not answer", "No answer in 30 s.")


def test_a_future_that_succeeds_without_a_report_is_success(desk: Desk) -> None:
    desk.presenter.begin()
    desk.service.futures["sign_in"].set_result(AccountStatus(login="octocat", plan="business"))
    assert desk.view.heading == "Signed in as octocat"


def test_a_refusal_on_the_spot_is_told(desk: Desk) -> None:
    desk.service.refusal = BadRequest("One sign-in runs already.", title="Busy")
    desk.presenter.begin()
    assert desk.view.heading == "Busy"


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("company.ghe.com", "company.ghe.com"),
        ("  https://Company.GHE.com/login?x=1 ", "company.ghe.com"),
        ("company.ghe.com:443", "company.ghe.com"),
    ],
)
def test_a_company_address_starts_over_there(desk: Desk, typed: str, host: str) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    first = desk.service.futures["sign_in"]
    desk.presenter.use_company_address(typed)
    assert first.cancelled()
    assert desk.service.called("sign_in") == [(None,), (host,)]
    desk.report(SignInState.EXPIRED)
    desk.presenter.act(SignInAction.NEW_CODE)
    assert desk.service.called("sign_in")[-1] == (host,), "a new code asks the same host"


@pytest.mark.parametrize(
    "typed", ["", "company", "a b.com", "https://", "-..com", "ex\u0430mple.com", "[::1"]
)
def test_what_is_no_address_is_refused_in_place_and_the_code_stays(desk: Desk, typed: str) -> None:
    desk.presenter.begin()
    desk.code_arrives()
    desk.presenter.use_company_address(typed)
    desk.monotonic.advance(1)
    desk.presenter.tick()
    assert desk.view.company_address_problem, "it stays while the clock goes on"
    assert desk.view.code == "WDJB-MJHT"
    assert len(desk.service.called("sign_in")) == 1


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
    desk = Desk(service)
    desk.presenter.begin()
    assert words in desk.view.storage_line


def test_an_address_that_cannot_be_used_is_said_where_it_was_typed_and_the_old_one_goes_on(
    desk: Desk,
) -> None:
    desk.presenter.begin()
    desk.presenter.use_company_address("git.example.org")
    refusal = BadRequest("Use your company's address that ends in .ghe.com.")
    desk.service.futures["sign_in"].set_exception(refusal)
    assert desk.service.called("sign_in") == [(None,), ("git.example.org",), (None,)]
    desk.code_arrives()
    assert desk.view.stage is Stage.WAITING
    assert desk.view.company_address_problem == refusal.message


def test_the_plans_page_opens_in_the_browser(desk: Desk) -> None:
    desk.presenter.begin()
    desk.report(SignInState.NO_PLAN, login="octocat")
    desk.presenter.act(SignInAction.OPEN_PLANS_PAGE)
    assert desk.opened == [PLANS_PAGE]
