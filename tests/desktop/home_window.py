"""The main window with the Home page alone, over a scripted service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSettings

from desktop.presenters.frame import FramePresenter, FrameView
from desktop.presenters.home.home import HomePresenter, HomeView
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.views.main_window import MainWindow
from desktop.views.pages.home_page import HomePage
from desktop.views.pages.page import Page, PagePlace
from desktop.views.theme.theme import Theme
from desktop.views.tray.tray_artwork import app_icon
from tests.desktop.fake_service import Clock, FakeService


@dataclass(frozen=True)
class Shown:
    """What frame and page say at one moment."""

    frame: FrameView
    home: HomeView


def shown(service: FakeService, clock: Clock, **parts: object) -> Shown:
    service.change(**parts)
    words = Words()
    return Shown(
        FramePresenter(service, words, clock).view(), HomePresenter(service, words, clock).view()
    )


class _Home(Page):
    def __init__(self, view: HomePage) -> None:
        super().__init__(view)
        self.first_focus = view.first_focus  # type: ignore[method-assign]  # the view's own answer


class HomeWindow(MainWindow):
    def __init__(self, theme: Theme, memory: Path | None = None) -> None:
        self.home = HomePage(theme)
        place = PagePlace(PageKey.HOME, "Home", "home", "Ctrl+1", lambda: _Home(self.home))
        kept = QSettings(str(memory), QSettings.Format.IniFormat) if memory else None
        super().__init__(theme, app_icon(), (place,), kept)
        self.home.chosen.connect(self.chosen)

    def show_view(self, view: Shown) -> None:
        self.show_frame(view.frame)
        self.home.show_view(view.home)
