"""The contexts in which texts are looked up while the app runs are those under which they are stored.

Qt's ``tr`` asks for the class of the object, then for each class it is derived from; what stands in a
mixin, a base class or a function of a view can be asked for where nobody stored it, and stays English.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop.pages.declared import PAGES
from desktop.presenters.words import Words
from desktop.system.translation import translate_in
from desktop.views.theme.theme import Theme
from tests.desktop.surfaces import DIALOGS, opened_dialog
from tests.desktop.walk.prepared import prepared_walks
from tests.desktop.walk.walked_app import WalkedApp
from tests.desktop.walk.walked_service import NEWS
from tests.desktop.walk.walking import WIDTHS, Walk

ROOT = Path(__file__).resolve().parents[3]
MARK = "\u200b"
"""Has no width, so nothing needs other room."""


class AskedTranslator(QTranslator):
    """Translates what is ``known``, and notes for each text nobody knew where it was looked for."""

    def __init__(self, known: frozenset[tuple[str, str]], parent: QApplication) -> None:
        super().__init__(parent)
        self._known = known
        self._asked: tuple[str, list[str]] = ("", [])
        self._missed: dict[str, list[str]] = {}
        self.count = 0

    @property
    def missed(self) -> dict[str, list[str]]:
        """Text -> contexts, from the object's class on."""
        self._settle(found=False)
        return self._missed

    def translate(  # type: ignore[override]  # None is Qt's null string
        self, context: str, text: str, disambiguation: str | None = None, n: int = -1
    ) -> str | None:
        before, contexts = self._asked
        if text != before or context in contexts:
            self._settle(found=False)
            self._asked = (text, [])
        self._asked[1].append(context)
        if (context, text) not in self._known:
            return None  # an empty text would be a translation
        self.count += 1
        self._settle(found=True)
        return f"{text}{MARK}"  # PySide goes on looking where it gets back what it asked for

    def isEmpty(self) -> bool:  # noqa: N802  # Qt's name
        return False

    def _settle(self, *, found: bool) -> None:
        text, contexts = self._asked
        self._asked = ("", [])
        # Qt's own texts are asked for in its own classes alone.
        if text and not found and not all(context.startswith("Q") for context in contexts):
            self._missed[text] = contexts


@pytest.fixture(scope="module")
def known() -> frozenset[tuple[str, str]]:
    """Every context and text that ``packaging/translations.py`` finds in the code."""
    path = ROOT / "packaging" / "translations.py"
    spec = importlib.util.spec_from_file_location("translations_at_run_time", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    messages = module.read_ts(module.ts_path("zh_CN"))
    return frozenset((each.context, each.source) for each in messages)


@contextmanager
def asked(qapp: QApplication, known: frozenset[tuple[str, str]]) -> Iterator[AskedTranslator]:
    translator = AskedTranslator(known, qapp)
    qapp.installTranslator(translator)
    yield translator
    qapp.removeTranslator(translator)
    translator.deleteLater()


def test_pages_tray_and_window_ask_where_the_texts_are(
    qapp: QApplication, theme: Theme, known: frozenset[tuple[str, str]]
) -> None:
    with asked(qapp, known) as translator, prepared_walks(qapp, theme):
        hand = WalkedApp(qapp, theme, Walk.clock)
        for page in PAGES:
            if page.build is not None:
                hand.do(lambda page=page: hand.app.show_page(page.key))
                while hand.service.waiting:
                    hand.do(lambda: hand.service.settle(0, well=True))
        for news in NEWS:
            hand.do(lambda news=news: hand.service.tell(news))
        hand.do(lambda: hand.app.window.resize(WIDTHS[0], 720))
        hand.do(hand.app.tray.refresh)
        hand.close()
        assert translator.missed == {}
        assert translator.count > 500


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_asks_where_the_texts_are(
    name: str, qapp: QApplication, theme: Theme, known: frozenset[tuple[str, str]]
) -> None:
    words = Words()
    words.tr, words.numbered = translate_in("Presenters")
    with asked(qapp, known) as translator, opened_dialog(name, theme, words):
        assert translator.missed == {}
        assert translator.count > 0


class _Known(QWidget):
    def name(self) -> str:
        return self.tr("Copy")


class _Derived(_Known):
    def other(self) -> str:
        return self.tr("Stored nowhere")


def test_a_text_of_a_base_class_is_found_and_one_in_no_context_is_noticed(
    qapp: QApplication, qtbot
) -> None:
    with asked(qapp, frozenset({("_Known", "Copy")})) as translator:
        widget = _Derived()
        qtbot.addWidget(widget)
        assert widget.name() == f"Copy{MARK}"
        assert translator.missed == {}
        widget.other()
        missed = translator.missed
        assert list(missed) == ["Stored nowhere"]
        assert missed["Stored nowhere"][:2] == ["_Derived", "_Known"]
        QPushButton.tr("Qt's own")
        assert list(translator.missed) == ["Stored nowhere"]
