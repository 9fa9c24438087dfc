"""Looks at every page and dialog at every size:

    python -m tests.desktop.views.sizes.every_size [--pictures FOLDER] [--fonts FOLDER]
        [--pages home] [--widths 720]

Widths the window allows, text at 100, 150 and 200 percent, each font that is installed of those named,
English and Chinese. ``--fonts FOLDER`` brings fonts that are not installed, also one with Chinese
letters; those missing are named. Prints what is cut or has no room, and fails if anything is. With
``--pictures`` each is kept as a picture: look at them beside the design.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from desktop.presenters.settings.client_keys import KeyRow, KeysView
from desktop.presenters.words import Words
from desktop.views.main_window import MainWindow
from desktop.views.pages.settings_page import SettingsPage
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import Language
from tests.desktop.surfaces import BUILT, DIALOGS, FOUND, DemoService, opened_dialog, opened_page
from tests.desktop.views.sizes.room import problems

WIDTHS = (720, 860, 1040, 1280, 2000)
PERCENTS = (100, 150, 200)
FONTS = ("DejaVu Sans", "Inter")
LANGUAGES = {"en": Language.ENGLISH, "zh": Language.CHINESE_SIMPLIFIED}
_MOST_TURNS = 60
MASKED = "sk-local-••••••••3f9a"
NEW_KEY = KeysView(
    rows=(
        KeyRow("", "All tools", MASKED, "just now", "the main key", can_revoke=False),
        KeyRow("k1", "Claude Code", MASKED, "12 min ago", "its key"),
        KeyRow("k2", "A tool with a rather long name", MASKED, "never", "its"),
    ),
    new_key="sk-local-" + "Xy7" * 15,
    new_key_words="The key of Claude Code is shown this once.",
    problem="",
)
"""A new key beside two others: the widest state of Settings, Server."""


def settle() -> None:
    """Let layouts that follow each other's sizes come to rest: each takes a turn of the loop."""
    dispatcher = QAbstractEventDispatcher.instance()
    assert dispatcher is not None
    for _ in range(_MOST_TURNS):
        if not dispatcher.processEvents(QEventLoop.ProcessEventsFlag.AllEvents):
            break


@contextmanager
def text_at(
    percent: int, application: QApplication, theme: Theme, font: str = ""
) -> Iterator[None]:
    before = application.font()
    larger = QFont(font or before.family())
    larger.setPointSizeF(before.pointSizeF() * percent / 100)
    application.setFont(larger)
    theme.apply()
    yield
    application.setFont(before)
    theme.apply()


def states_of(window: MainWindow) -> Iterator[str]:
    """Bring the page into each state that has parts of its own; give the state's name."""
    page = window.current_page.widget
    if not isinstance(page, SettingsPage):
        yield ""
        return
    for button in page.sections.buttons.values():
        button.click()
        if page.keys is not None:
            page.keys.show_view(NEW_KEY)
        settle()
        yield button.text()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--fonts", type=Path)
    parser.add_argument("--pages", default=",".join(BUILT))
    parser.add_argument("--widths", default=",".join(str(width) for width in WIDTHS))
    parsed = parser.parse_args(arguments)
    pages = [key for key in BUILT if key in parsed.pages.split(",")]
    widths = [int(width) for width in parsed.widths.split(",")]
    gc.disable()  # garbage that a thread of the engine collects would take widgets with it
    wrong = 0
    for where, window in _every(pages, widths, parsed.fonts):
        found = problems(window)
        wrong += len(found)
        print("\n".join(f"{where}: {each}" for each in found), end="\n" if found else "")
        if parsed.pictures is not None:
            parsed.pictures.mkdir(parents=True, exist_ok=True)
            window.grab().save(str(parsed.pictures / f"{where.replace(' ', '_')}.png"))
    print(f"{wrong} things are cut or have no room")
    return 1 if wrong else 0


def _every(
    pages: list[str], widths: list[int], more_fonts: Path | None
) -> Iterator[tuple[str, QWidget]]:
    """Yield each page and dialog in each size, font and language, with its name."""
    import desktop.pages.connect
    from desktop.composition import locale_of
    from desktop.system.translation import Translations, translate_in
    from desktop.views.application import Application

    application = Application([])
    theme = Theme(application)
    translations = Translations(application)
    desktop.pages.connect.tools_of_this_computer = lambda: FOUND
    service = DemoService(Path(tempfile.mkdtemp()))
    for file in sorted(more_fonts.iterdir()) if more_fonts is not None else ():
        QFontDatabase.addApplicationFont(str(file))
    fonts = [font for font in FONTS if font in QFontDatabase.families()]
    for missing in set(FONTS) - set(fonts):
        print(f"{missing} is not installed: not looked at")
    if not QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese):
        print("No font has Chinese letters: theirs are boxes")
    for code, language in LANGUAGES.items():
        translations.use(language)
        words = Words(locale=locale_of(translations.locale))
        words.tr, words.numbered = translate_in("Presenters")
        for font in fonts:
            for percent in PERCENTS:
                with text_at(percent, application, theme, font):
                    size = f"{percent} {font} {code}"
                    for key in pages:
                        gc.collect()
                        opened = opened_page(key, application, theme, words, service, (1040, 720))
                        with opened as window:
                            for width in widths:
                                window.resize(width, 720)
                                settle()
                                for state in states_of(window):
                                    yield f"{key} {width} {size} {state}".strip(), window
                    for name in DIALOGS:
                        with opened_dialog(name, theme, words) as dialog:
                            settle()
                            yield f"{name} {size}", dialog
    service.shutdown()


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["QT_API"] = "pyside6"
    sys.exit(main(sys.argv[1:]))
