"""The sign-in dialog offscreen, driven by its presenter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication

from desktop.presenters.sign_in.sign_in import SignInPresenter
from desktop.presenters.sign_in.sign_in_view import SignInAction
from desktop.presenters.words import Words
from desktop.views.dialogs.sign_in_dialog import SignInDialog
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from tests.desktop.fake_service import NOW, Clock, FakeService
from tests.desktop.screen.seen import accessible_name, colours_in, focusable, picture

PAGE = "https://github.com/login/device"


class Scene:
    """Dialog and presenter together, as the app joins them."""

    def __init__(self, theme: Theme, service: FakeService) -> None:
        self.service = service
        self.monotonic = Clock(0.0)
        self.browser_works = True
        self.dialog = SignInDialog(theme)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.presenter = SignInPresenter(
            service,
            Words(),
            open_page=lambda _: self.browser_works,
            copy=lambda text: QGuiApplication.clipboard().setText(text),
            post=lambda call: call(),
            monotonic=self.monotonic,
            now=Clock(NOW),
            changed=self.dialog.show_view,
        )
        self.dialog.show_view(self.presenter.view)
        self.dialog.acted.connect(self.presenter.act)
        self.dialog.company_address_entered.connect(self.presenter.use_company_address)
        self.dialog.ticked.connect(self.presenter.tick)
        self.dialog.finished.connect(self.presenter.cancel)

    def report(self, state: SignInState, **parts: object) -> None:
        self.service.on_progress(SignInProgress(state, **parts))  # type: ignore[arg-type]
        QApplication.processEvents()

    def code_arrives(self) -> None:
        self.report(
            SignInState.WAITING, user_code="WDJB-MJHT", verification_uri=PAGE, expires_at=NOW + 900
        )


@pytest.fixture
def scene(theme: Theme, service: FakeService, qtbot) -> Iterator[Scene]:
    scene = Scene(theme, service)
    qtbot.addWidget(scene.dialog)
    scene.presenter.begin()
    scene.dialog.open()
    scene.dialog.activateWindow()
    qtbot.waitUntil(scene.dialog.isActiveWindow)
    yield scene
    scene.dialog.reject()


def test_it_shows_the_code_large_selectable_and_copied(scene: Scene) -> None:
    scene.code_arrives()
    dialog = scene.dialog
    assert dialog.windowTitle() == "Sign in to GitHub"
    assert dialog.width() == 480
    assert dialog.code.code.text() == "WDJB-MJHT"
    assert dialog.code.code.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert dialog.code.code.font().pointSizeF() > 2.5 * QApplication.font().pointSizeF()
    assert QGuiApplication.clipboard().text() == "WDJB-MJHT"
    assert dialog.code.copy_button.shows_copied
    assert dialog.waiting.left.text() == "valid for 15:00"
    assert not dialog.address.isVisible()


@pytest.mark.parametrize("scheme", list(Scheme))
def test_it_is_drawn_in_both_schemes(scene: Scene, theme: Theme, scheme: Scheme) -> None:
    theme.choose(scheme)
    scene.code_arrives()
    seen = colours_in(picture(scene.dialog))
    for token in ("window", "surface", "accent", "onAccent", "text"):
        assert theme.colour(token).name() in seen, token


def test_the_primary_button_has_the_focus_and_opens_the_page_by_enter(scene: Scene, qtbot) -> None:
    scene.code_arrives()
    assert accessible_name(QApplication.focusWidget()) == "Open the page again"
    with qtbot.waitSignal(scene.dialog.acted) as acted:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert acted.args == [SignInAction.OPEN_PAGE]


def test_every_control_has_a_name_and_can_be_reached(scene: Scene, qtbot) -> None:
    scene.code_arrives()
    scene.dialog.fold.set_open(True)
    controls = focusable(scene.dialog)
    assert all(accessible_name(each) for each in controls)
    assert {accessible_name(each) for each in controls} == {
        "WDJB-MJHT",
        "Copy the code",
        "Open the page again",
        "My company uses its own GitHub address",
        "GitHub address",
        "Use this address",
        "Cancel",
    }


def test_a_screen_reader_is_told_the_code_and_what_it_is_for(scene: Scene) -> None:
    scene.code_arrives()
    code = QAccessible.queryAccessibleInterface(scene.dialog.code.code)
    assert code.text(QAccessible.Text.Name) == "WDJB-MJHT"
    assert code.text(QAccessible.Text.Description) == "Code to type on GitHub"


def test_the_countdown_ticks(scene: Scene) -> None:
    scene.code_arrives()
    scene.monotonic.advance(28)
    scene.dialog.body.ticks.timeout.emit()
    assert scene.dialog.waiting.left.text() == "valid for 14:32"
    assert scene.dialog.waiting.bar.value() == round(1000 * 872 / 900)


def test_escape_is_the_safe_way_out(scene: Scene, qtbot) -> None:
    scene.code_arrives()
    qtbot.keyClick(scene.dialog, Qt.Key.Key_Escape)
    assert not scene.dialog.isVisible()
    assert scene.service.futures["sign_in"].cancelled()


def test_closing_the_frame_cancels_too(scene: Scene) -> None:
    scene.code_arrives()
    scene.dialog.close()
    assert scene.service.futures["sign_in"].cancelled()


def test_a_browser_that_did_not_open_leaves_the_address_to_copy(scene: Scene, qtbot) -> None:
    scene.browser_works = False
    scene.code_arrives()
    assert scene.dialog.address.isVisible()
    qtbot.mouseClick(scene.dialog.address.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == PAGE


@pytest.mark.parametrize(
    ("state", "heading", "buttons"),
    [
        (SignInState.DENIED, "You declined on GitHub", ["Try again"]),
        (SignInState.EXPIRED, "The code ran out after 15 min", ["New code"]),
        (
            SignInState.NO_PLAN,
            "octocat has no Copilot plan",
            ["Open plans page", "Use another account"],
        ),
        (SignInState.FAILED, "Signing in did not work", ["Try again"]),
        (
            SignInState.NEEDS_STORAGE_CHOICE,
            "Where to keep your sign-in",
            ["Keep it in a file", "Forget it when I quit"],
        ),
    ],
)
def test_every_ending_stands_in_place_of_the_code(
    scene: Scene, state: SignInState, heading: str, buttons: list[str], qtbot
) -> None:
    scene.code_arrives()
    tall = scene.dialog.height()
    scene.report(state, login="octocat")
    dialog = scene.dialog
    assert dialog.isVisible()
    assert dialog.heading.text() == heading
    assert [button.text() for button in dialog.choices] == buttons
    assert not isinstance(QApplication.focusWidget(), QAbstractButton), "no key does anything yet"
    qtbot.keyClick(dialog, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is dialog.choices[0]
    assert not dialog.code.isVisible()
    assert not dialog.waiting.isVisible()
    qtbot.waitUntil(lambda: dialog.height() < tall)
    assert dialog.width() == 480


def test_a_new_code_brings_the_code_back(scene: Scene, qtbot) -> None:
    scene.code_arrives()
    scene.report(SignInState.EXPIRED)
    qtbot.keyClick(scene.dialog.choices[0], Qt.Key.Key_Space)
    scene.report(
        SignInState.WAITING, user_code="AAAA-BBBB", verification_uri=PAGE, expires_at=NOW + 900
    )
    assert scene.dialog.code.isVisible()
    assert scene.dialog.code.code.text() == "AAAA-BBBB"


def test_approval_closes_by_itself(scene: Scene, qtbot) -> None:
    scene.code_arrives()
    with qtbot.waitSignal(scene.dialog.finished, timeout=30_000):
        scene.report(SignInState.APPROVED, login="octocat", plan="individual")
        assert scene.dialog.heading.text() == "Signed in as octocat"
        assert scene.dialog.isVisible(), "long enough to be read"
    assert not scene.service.futures["sign_in"].cancelled()


def test_a_company_address_is_entered_by_keyboard(scene: Scene, qtbot) -> None:
    scene.code_arrives()
    fold, company = scene.dialog.fold, scene.dialog.company
    qtbot.keyClick(fold.line, Qt.Key.Key_Space)
    company.field.setFocus()
    qtbot.keyClicks(company.field, "company")
    qtbot.keyClick(company.field, Qt.Key.Key_Return)
    assert company.problem.text() == "Write it like company.ghe.com. Nothing was sent"
    assert company.problem.isVisible()
    company.field.clear()
    qtbot.keyClicks(company.field, "company.ghe.com")
    qtbot.keyClick(company.field, Qt.Key.Key_Return)
    assert scene.service.called("sign_in")[-1] == ("company.ghe.com",)
    assert not company.problem.isVisible()


@pytest.mark.parametrize("factor", [1.0, 1.4, 2.0])
def test_nothing_is_cut_in_a_larger_font(
    theme: Theme, service: FakeService, qtbot, qapp: QApplication, factor: float
) -> None:
    before = qapp.font()
    larger = qapp.font()
    larger.setPointSizeF(before.pointSizeF() * factor)
    qapp.setFont(larger)
    theme.apply()
    try:
        scene = Scene(theme, service)
        qtbot.addWidget(scene.dialog)
        scene.presenter.begin()
        scene.dialog.open()
        scene.code_arrives()
        fits: Callable[[], bool] = lambda: (  # noqa: E731
            scene.dialog.storage_line.height()
            >= scene.dialog.storage_line.heightForWidth(scene.dialog.storage_line.width())
        )
        qtbot.waitUntil(fits)
        code = scene.dialog.code.code
        assert code.width() >= code.sizeHint().width() - 1
        scene.dialog.reject()
    finally:
        qapp.setFont(before)
        theme.apply()
