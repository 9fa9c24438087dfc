"""With ``usage.keep_ledger`` off no page says that anything is stored, and those it concerns say so."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QApplication

from desktop.pages.declared import PAGES
from desktop.presenters.pages import PageKey
from desktop.views.pages.settings_page import SettingsPage
from desktop.views.theme.theme import Theme
from tests.desktop.perceivable import said_texts
from tests.desktop.walk.prepared import prepared_walks
from tests.desktop.walk.walked_app import WalkedApp
from tests.desktop.walk.walked_service import NEWS
from tests.desktop.walk.walking import Walk

CLAIMS = re.compile(r"\b(kept|stored) (for|until|\d+ days)\b", re.IGNORECASE)


def test_no_page_says_that_requests_are_stored(qapp: QApplication, theme: Theme) -> None:
    said: dict[PageKey, set[str]] = {}
    with prepared_walks(qapp, theme):
        hand = WalkedApp(qapp, theme, Walk.clock)
        hand.do(lambda: hand.service._change_setting("usage.keep_ledger", False))
        for news in NEWS:
            hand.do(lambda news=news: hand.service.tell(news))
        for page in PAGES:
            if page.build is None:
                continue
            hand.do(lambda page=page: hand.app.show_page(page.key))
            while hand.service.waiting:
                hand.do(lambda: hand.service.settle(0, well=True))
            widget = hand.app.window.current_page.widget
            said[page.key] = set()
            sections = widget.sections.buttons if isinstance(widget, SettingsPage) else {"": None}
            for button in sections.values():
                if button is not None:
                    hand.do(button.click)
                said[page.key] |= {text for _, text in said_texts(widget)}
        hand.close()
        assert hand.wrong == []
    texts = {text for page in said.values() for text in page}
    assert [text for text in texts if CLAIMS.search(text)] == []
    assert any("Nothing is kept after you quit." in text for text in said[PageKey.ACTIVITY])
    assert "The history is switched off" in said[PageKey.USAGE]
    assert "Reset to on: Keep a history of usage" in said[PageKey.SETTINGS]
