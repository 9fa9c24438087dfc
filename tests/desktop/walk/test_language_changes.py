"""Another language is chosen on every page with live data, and over every dialog the app opens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from shiboken6 import isValid

from desktop.pages.declared import PAGES
from desktop.presenters.actions import Action
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import Language
from tests.desktop.presenters.test_approvals import waiting
from tests.desktop.walk.prepared import prepared_walks
from tests.desktop.walk.walked_app import WalkedApp, dialogs_left
from tests.desktop.walk.walking import Walk

LANGUAGES = (Language.CHINESE_SIMPLIFIED, Language.ENGLISH)


@pytest.fixture
def hand(qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch) -> Iterator[WalkedApp]:
    with prepared_walks(qapp, theme):
        hand = WalkedApp(qapp, theme, Walk.clock)
        for news in ("signed in", "the server runs", "requests run", "a quota"):
            hand.do(lambda news=news: hand.service.tell(news))
        yield hand
        hand.close()
        assert hand.wrong == []
    assert dialogs_left() == []


def answer_all(hand: WalkedApp) -> None:
    while hand.service.waiting:
        hand.do(lambda: hand.service.settle(0, well=True))


def change_to(hand: WalkedApp, language: Language) -> None:
    hand.do(lambda: hand.service._change_setting("desktop.language", language))


def test_on_every_page_with_live_data(hand: WalkedApp) -> None:
    languages = itertools.cycle(LANGUAGES)
    for page in PAGES:
        if page.build is None:
            continue
        hand.do(lambda page=page: hand.app.show_page(page.key))
        answer_all(hand)
        before = hand.app.window
        change_to(hand, next(languages))
        assert hand.app.window is not before
        assert hand.app.window.current_key == page.key
        for news in ("requests ended", "requests run"):
            hand.do(lambda news=news: hand.service.tell(news))
        answer_all(hand)
        assert hand.wrong == [], page.key


def ask_to_stop(hand: WalkedApp) -> None:
    hand.app.act(Action.STOP)


def sign_in(hand: WalkedApp) -> None:
    hand.app.act(Action.SIGN_IN)


def ask_for_approval(hand: WalkedApp) -> None:
    hand.service.publish(approvals=(waiting("r1"), waiting("r2")))


def ask_what_closing_does(hand: WalkedApp) -> None:
    hand.app.tray._available = False
    hand.app.window.close()


OPENED: dict[str, Callable[[WalkedApp], None]] = {
    "stopping": ask_to_stop,
    "sign-in": sign_in,
    "approval": ask_for_approval,
    "closing": ask_what_closing_does,
    "first run": lambda hand: hand.app._open_first_run(),
}


def opened_dialogs() -> list[QDialog]:
    return [
        each
        for each in QApplication.topLevelWidgets()
        if isinstance(each, QDialog) and each.isVisible()
    ]


def test_while_a_dialog_is_open(hand: WalkedApp) -> None:
    """What was open is closed or goes on; it can be opened again, and nothing of it is left behind."""
    for (name, open_it), language in itertools.product(OPENED.items(), LANGUAGES):
        hand.do(lambda open_it=open_it: open_it(hand))
        assert len(opened_dialogs()) == 1, name
        change_to(hand, language)
        for dialog in opened_dialogs():
            assert isValid(dialog)
            hand.do(dialog.reject)
        answer_all(hand)
        hand.do(lambda: hand.service.publish(approvals=()))
        hand.do(hand.app.show_window)
        assert hand.wrong == [], name
