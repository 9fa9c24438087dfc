"""What the app asks of pages that are open. Their modules are loaded with them, not at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.presenters.pages import PageKey
from desktop.views.main_window import MainWindow

if TYPE_CHECKING:
    from desktop.pages.connect import Connect
    from desktop.presenters.doctor.doctor import DoctorMark
    from desktop.presenters.settings.setting_words import Section


def connect_page(window: MainWindow) -> Connect | None:
    from desktop.pages.connect import Connect

    page = window.page(PageKey.CONNECT)
    return page if isinstance(page, Connect) else None


def show_settings_section(window: MainWindow, section: Section) -> None:
    """Does nothing while the page was never opened."""
    from desktop.pages.settings import SettingsJoined

    page = window.page(PageKey.SETTINGS)
    if isinstance(page, SettingsJoined):
        page.show_section(section)


def doctor_mark(window: MainWindow) -> DoctorMark | None:
    page = window.page(PageKey.DOCTOR)
    if page is None:
        return None
    from desktop.pages.doctor import Doctor

    return page.mark if isinstance(page, Doctor) else None
