"""Pictures of every page, and of what comes up above them, while tools ask and answers stream."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from PySide6.QtGui import QImage

from desktop.pages.declared import PAGES, DeclaredPage
from desktop.presenters.pages import PageKey
from desktop.views.theme.tokens import Scheme
from tests.desktop.screen.pictured_app import (
    CLAUDE,
    GROUNDS,
    PANELS,
    TRAY,
    WINDOW,
    add_fonts,
    first,
    menu_of,
    named,
    requests_running,
    running_demo,
    save,
    send,
    settle,
)
from tests.desktop.screen.virtual_screen import VirtualScreen, eventually

DIALOG, PROMPT = "^Sign in to GitHub$", "^Ask before sending$"
STEPS = {
    # To the search, over filters and buttons to the table, down to a row.
    PageKey.MODELS: ("ctrl+f", *["Tab"] * 3, *["Down"] * 8, "Return", "Return"),
    # From the search to the sections, one down.
    PageKey.SETTINGS: ("ctrl+f", "Tab", "Down", "space"),
    PageKey.ACTIVITY: ("ctrl+f", *["Tab"] * 4, *["Down"] * 4),
}
WAITS = {PageKey.DOCTOR: 3.0, PageKey.CONNECT: 2.0}
"""Seconds until the doctor has looked at everything, and until all tools said their versions."""
SHOWN_WHILE_BUSY = (PageKey.HOME, PageKey.ACTIVITY)
"""First: two requests run for some seconds only."""
_CLICKS = 4
_MENU_SECONDS = 30.0
TO_DOCTOR = ("Up", "Up", "Up", "Return")
# State, account, credits, what runs, the last request's two lines, Stop, Pause, Account, Copy.
TO_ADDRESSES = (*["Down"] * 10, "Right")
TO_OTHER_ACCOUNT = (*["Down"] * 9, "Right", "Down", "Return")


def take_page_pictures(folder: Path, scheme: Scheme, scale: int) -> None:
    with VirtualScreen(1280 * scale, 860 * scale, panel_colour=PANELS[scheme]) as screen:
        add_fonts(screen)
        screen.environ["QT_SCALE_FACTOR"] = str(scale)
        with running_demo(screen, scheme) as key, requests_running(key):
            window = eventually(lambda: first(screen.windows(WINDOW)), "the window")
            icon = eventually(lambda: screen.place_of(TRAY["busy"]), "the icon")

            def keep(picture: QImage, name: str) -> None:
                save(picture, folder / named(name, scheme, scale))

            for page in sorted(PAGES, key=lambda each: each.key not in SHOWN_WHILE_BUSY):
                open_page(screen, icon, page)
                keep(screen.picture_of(window), page.key)
                if page.key == SHOWN_WHILE_BUSY[-1]:
                    keep(tray_menu_picture(screen, icon, scheme), "tray-menu")
            screen.key("ctrl+1")
            keep(sign_in_picture(screen, icon), "sign-in")
            keep(question_picture(screen, key), "approval")


def open_page(screen: VirtualScreen, icon: tuple[int, int], page: DeclaredPage) -> None:
    if page.keys:
        screen.key(page.keys.lower().replace(",", "comma"))
    else:
        open_menu(screen, icon)
        screen.key(*TO_DOCTOR)
    settle()
    screen.key(*STEPS.get(page.key, ()))
    settle()
    time.sleep(WAITS.get(page.key, 0))


def open_menu(screen: VirtualScreen, icon: tuple[int, int]) -> None:
    """Click until it opens: the first click may only close a balloon of the tray."""
    for _ in range(_CLICKS):
        screen.click(*icon, button=3)
        with contextlib.suppress(AssertionError):
            eventually(lambda: screen.open_menus() or None, "the menu", _MENU_SECONDS)
            return
    raise AssertionError("no menu opened")


def tray_menu_picture(screen: VirtualScreen, icon: tuple[int, int], scheme: Scheme) -> QImage:
    """Over the bare screen: the window is closed for it and opened again."""
    screen.key("ctrl+w")
    eventually(lambda: not screen.windows(WINDOW), "the window to close")
    open_menu(screen, icon)
    screen.key(*TO_ADDRESSES)
    settle()
    picture = menu_of(screen, icon, GROUNDS[scheme])
    screen.key("Escape", "Escape")
    screen.click(*icon)
    eventually(lambda: first(screen.windows(WINDOW)), "the window again")
    settle()
    return picture


def sign_in_picture(screen: VirtualScreen, icon: tuple[int, int]) -> QImage:
    open_menu(screen, icon)
    screen.key(*TO_OTHER_ACCOUNT)
    dialog = eventually(lambda: first(screen.windows(DIALOG)), "the dialog")
    settle()
    picture = screen.picture_of(dialog)
    screen.close(dialog)
    return picture


def question_picture(screen: VirtualScreen, key: str) -> QImage:
    ask_before_sending(screen)
    asking = threading.Thread(
        target=send,
        args=(key, CLAUDE, "/v1/messages", "claude-sonnet-4.6", 5000, "Go on."),
        daemon=True,
    )
    asking.start()
    prompt = eventually(lambda: first(screen.windows(PROMPT)), "the question")
    time.sleep(1)  # Send is off for a moment
    picture = screen.picture_of(prompt)
    screen.close(prompt)
    asking.join(30)
    return picture


def ask_before_sending(screen: VirtualScreen) -> None:
    """Edit the settings as a person might; the app follows the file."""
    file = Path(screen.environ["G_COPILOT_PROXY_HOME"]) / "settings.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}[budget]\nask_before_sending = true\n", encoding="utf-8")
    time.sleep(3)  # the file is looked at now and then
