"""Which language the app speaks, and Qt's translators for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from desktop.presenters.words import Translate, TranslateNumber, numbered_in_english
from proxy_core.config.settings import Language

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "translations"
NAME = "g-copilot-proxy"


def locale_for(language: Language) -> QLocale:
    """The chosen language's, or the system's own; English where a system names none."""
    if language is not Language.SYSTEM:
        return QLocale(language.value)
    system = QLocale.system()
    if system.language() == QLocale.Language.C:
        return QLocale(QLocale.Language.English, QLocale.Country.UnitedStates)
    return system


class Translations:
    """Keeps the translators in force; ``use`` changes them while the app runs."""

    def __init__(self, application: QCoreApplication) -> None:
        self._application = application
        self._installed: list[QTranslator] = []
        self._language: Language | None = None
        self.locale = QLocale(QLocale.Language.English)

    def use(self, language: Language) -> bool:
        """Use ``language`` from now on; return whether it changed."""
        if language is self._language:
            return False
        self._language = language
        for translator in self._installed:
            self._application.removeTranslator(translator)
            translator.deleteLater()
        self._installed = []
        self.locale = locale_for(language)
        # Qt's own translations first: later installed ones take precedence.
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in (("qtbase", qt_folder), (NAME, str(FOLDER))):
            translator = QTranslator(self._application)
            if translator.load(self.locale, name, "_", folder):
                self._application.installTranslator(translator)
                self._installed.append(translator)
            else:  # there is none for the language: texts are in English
                translator.deleteLater()
        return True


def translate_in(context: str) -> tuple[Translate, TranslateNumber]:
    """Return how texts of one context are translated, plain and with a number."""

    def translate(text: str) -> str:
        return QCoreApplication.translate(context, text)

    def translate_number(text: str, number: int) -> str:
        translated = QCoreApplication.translate(context, text, None, number)
        untranslated = translated == text.replace("%n", str(number))
        return numbered_in_english(text, number) if untranslated else translated

    return translate, translate_number
