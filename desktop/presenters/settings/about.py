"""About this app: its version, and the folders a person may want to look into."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop.presenters.settings.setting_words import Section, SettingWords
from desktop.presenters.words import Words, breakable

VERSION, LOG_FOLDER, SETTINGS_FOLDER = "about", "log_folder", "settings_folder"
ROWS = (VERSION, LOG_FOLDER, SETTINGS_FOLDER)


@dataclass(frozen=True, slots=True)
class About:
    """``program`` is the line that reports begin with: name and version, then what it runs on.

    ``log`` None: no log is written.
    """

    program: str
    settings: Path
    log: Path | None

    def folder_of(self, row: str) -> Path | None:
        return {SETTINGS_FOLDER: self.settings, LOG_FOLDER: self.log}.get(row)


def about_words(about: About, words: Words) -> dict[str, SettingWords]:
    """Return the rows' words, in their order."""
    tr, at = words.tr, Section.ABOUT
    program, _, system = about.program.partition(", ")
    rows = {
        VERSION: SettingWords(
            at,
            program,
            tr("{system}. Free software under the MIT licence; not affiliated with GitHub.").format(
                system=system
            ),
            tr("version release licence"),
        ),
        SETTINGS_FOLDER: SettingWords(
            at,
            tr("Settings folder"),
            breakable(str(about.settings)),
            tr("file toml configuration open"),
        ),
    }
    if about.log is not None:
        rows[LOG_FOLDER] = SettingWords(
            at, tr("Log folder"), breakable(str(about.log)), tr("logging trace error open")
        )
    return rows


def about_button(row: str, words: Words) -> str:
    return words.tr("Copy details") if row == VERSION else words.tr("Open folder")
