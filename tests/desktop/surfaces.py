"""Every window, page and dialog there is, opened over the real demo.

Pages come from the app's own list, so a new one is here by itself. Dialogs need words to show: each is
named in ``DIALOGS`` with how to build it, and a test fails for one that is not.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from operator import methodcaller
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

import desktop.views
from desktop.pages.context import PageContext
from desktop.pages.declared import PAGES, page_places
from desktop.presenters.frame import FramePresenter
from desktop.presenters.notices.approvals import ApprovalPresenter
from desktop.presenters.pages import PageKey
from desktop.presenters.settings.about import About
from desktop.presenters.sign_in.first_run import FirstRunAction, FirstRunPresenter
from desktop.presenters.sign_in.sign_in_view import SignInViews
from desktop.presenters.words import Words
from desktop.system.start_at_login import DesktopFileEntry
from desktop.views.dialogs.approval_dialog import ApprovalDialog
from desktop.views.dialogs.closing_dialog import ClosingDialog
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.dialogs.first_run_dialog import FirstRunDialog
from desktop.views.dialogs.report_dialog import ReportDialog
from desktop.views.dialogs.sign_in_dialog import SignInDialog
from desktop.views.dialogs.terms_dialog import TermsDialog
from desktop.views.main_window import MainWindow
from desktop.views.theme.theme import Theme
from desktop.views.tray.tray_artwork import app_icon
from proxy_core.app.service import ProxyService
from proxy_core.clients.discovery import FoundTool
from proxy_core.config.paths import find_paths
from proxy_core.status.status import AccountState, AccountStatus
from tests.desktop.fake_service import NOW, FakeService
from tests.desktop.presenters.test_approvals import waiting

FOUND = (
    FoundTool("claude-code", "2.1.329", "/usr/bin/claude"),
    FoundTool("codex", "0.169.0", "/usr/bin/codex"),
    FoundTool("cursor", "2.4", "/usr/bin/cursor"),
)
ABOUT = About(
    "g-copilot-proxy 0.1.0, Python 3.11.7, Linux 6.1 x86_64",
    Path("/home/mona/.config/g-copilot-proxy"),
    Path("/home/mona/.local/state/g-copilot-proxy/log"),
)
SETTLED_SECONDS = 6.0
"""Longest wait for a page to have what it asked for; a page that asks for ever is walked as it is."""

Build = Callable[[Theme, Words, QWidget], QDialog]
BUILT = tuple(each.key for each in PAGES if each.build is not None)


def sign_in_waiting(theme: Theme, words: Words, parent: QWidget) -> QDialog:
    dialog = SignInDialog(theme)
    dialog.show_view(_waiting(words))
    return dialog


def sign_in_ended(theme: Theme, words: Words, parent: QWidget) -> QDialog:
    dialog = SignInDialog(theme)
    texts = (words.tr("Signing in did not work"), words.tr("Nothing was stored."))
    dialog.show_view(SignInViews(FakeService(), words).failed(*texts))
    return dialog


def first_run(steps: int) -> Build:
    def build(theme: Theme, words: Words, parent: QWidget) -> QDialog:
        service = FakeService()
        service.change(account=AccountStatus(AccountState.SIGNED_OUT))
        login = DesktopFileEntry(Path("/nonexistent"), ("/usr/bin/g-copilot-proxy",))
        presenter = FirstRunPresenter(service, words, login)
        presenter.tools_found(FOUND)
        for _ in range(steps):
            presenter.act(FirstRunAction.NEXT)
        dialog = FirstRunDialog(theme)
        dialog.sign_in.show_view(_waiting(words))
        dialog.show_view(presenter.view())
        return dialog

    return build


def confirm(theme: Theme, words: Words, parent: QWidget) -> QDialog:
    return ConfirmDialog(
        theme,
        words.tr("Sign out"),
        words.tr("Sign out"),
        words.tr("Your key and tools are kept. Signing in again takes about a minute."),
        keep=words.tr("Cancel"),
        do=words.tr("Sign out"),
        parent=parent,
    )


def terms(theme: Theme, words: Words, parent: QWidget) -> QDialog:
    sentence = words.tr("The sign-in worked. Copilot answers once the account has a plan.")
    return TermsDialog(theme, "claude-opus-4.7", sentence, parent)


def report(theme: Theme, words: Words, parent: QWidget) -> QDialog:
    return ReportDialog(theme, words.tr("Delete it"), words.tr("Look at the report"), "one\ntwo\n")


def approval(theme: Theme, words: Words, parent: QWidget) -> QDialog:
    service = FakeService()
    service.change(approvals=(waiting("r1"), waiting("r2")))
    seconds = iter((0.0, 0.0, 1.0, 1.0))
    presenter = ApprovalPresenter(service, words, now=lambda: NOW, monotonic=lambda: next(seconds))
    dialog = ApprovalDialog(theme)
    for _ in range(2):  # Send is off for the first moment
        view = presenter.view()
        assert view is not None
        dialog.show_view(view)
    return dialog


def closing(theme: Theme, words: Words, parent: QWidget) -> QDialog:
    return ClosingDialog(theme, parent, serves=True)


DIALOGS: Mapping[str, tuple[type[QDialog], Build]] = {
    "sign-in, waiting": (SignInDialog, sign_in_waiting),
    "sign-in, ended": (SignInDialog, sign_in_ended),
    "first run, what this is": (FirstRunDialog, first_run(0)),
    "first run, sign in": (FirstRunDialog, first_run(1)),
    "first run, connect": (FirstRunDialog, first_run(2)),
    "confirm": (ConfirmDialog, confirm),
    "closing": (ClosingDialog, closing),
    "terms": (TermsDialog, terms),
    "report": (ReportDialog, report),
    "approval": (ApprovalDialog, approval),
}


def dialog_classes() -> set[type[QDialog]]:
    """Every dialog the app's views define, but for what they are built on."""
    for module in pkgutil.walk_packages(desktop.views.__path__, "desktop.views."):
        importlib.import_module(module.name)
    found: set[type[QDialog]] = set()
    waiting = list(QDialog.__subclasses__())
    while waiting:
        each = waiting.pop()
        waiting += each.__subclasses__()
        if each.__module__.startswith("desktop.views") and not each.__subclasses__():
            found.add(each)
    return found


class DemoService:
    """The demo, booted, started, and used once. A command it does not have yet stays open."""

    def __init__(self, folder: Path) -> None:
        environ = {"G_COPILOT_PROXY_HOME": str(folder)}
        settings = "[server]\nport = 0\n[desktop]\nlanguage = 'en'\n"
        (folder / "settings.toml").write_text(settings, encoding="utf-8")
        self._service = ProxyService(find_paths(environ), demo=True, environ=environ)
        self._service.boot()
        end = time.monotonic() + 60
        while self.status.account.state is not AccountState.SIGNED_IN:
            assert time.monotonic() < end, "the demo signs in by itself"
            time.sleep(0.02)
        self._service.submit(lambda commands: commands.start()).result(90)
        for model in ("gpt-4.1", "claude-sonnet-4.6"):
            self._service.submit(methodcaller("try_model", model, "Say hello")).result(90)

    def __getattr__(self, name: str) -> Any:
        if hasattr(self._service, name):
            return getattr(self._service, name)
        return lambda *_, **__: Future()

    def shutdown(self) -> None:
        assert self._service.shutdown(60)


@contextmanager
def opened_page(
    key: PageKey,
    qapp: QApplication,
    theme: Theme,
    words: Words,
    service: Any,
    size: tuple[int, int],
) -> Iterator[MainWindow]:
    """Give the window at a page that has what it asked for.

    The block runs outside the loop: pressing keys in a coroutine would nest Qt's loop in it, and tasks
    that wake then never run again.
    """
    opened: list[_Opened] = []

    async def open_it() -> None:
        opened.append(_Opened(theme, words, service))
        opened[0].window.resize(*size)
        await opened[0].show(key)

    async def close_it() -> None:
        await opened[0].close()

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
        runner.run(asyncio.wait_for(open_it(), 60))
        window = opened[0].window
        window.activateWindow()
        window.current_page.refresh()
        for _ in range(3):
            QApplication.processEvents()
        try:
            yield window
        finally:
            runner.run(asyncio.wait_for(close_it(), 60))
            destroy(window)


class _Opened:
    def __init__(self, theme: Theme, words: Words, service: Any) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        context = PageContext(
            service=service,
            theme=theme,
            words=words,
            now=time.time,
            monotonic=time.monotonic,
            act=lambda _: None,
            spawn=self._spawn,
            post=asyncio.get_running_loop().call_soon_threadsafe,
            refresh=lambda: self.window.current_page.refresh(),
            copy=lambda _: None,
            toast=lambda toast: self.window.show_toast(toast),
            memory=None,
            about=ABOUT,
        )
        self.window = MainWindow(theme, app_icon(), page_places(context))
        self.window.show_frame(FramePresenter(service, words, time.time).view())

    async def show(self, key: PageKey) -> None:
        self.window.show()
        self.window.show_page(key)
        await asyncio.sleep(0)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SETTLED_SECONDS)

    async def close(self) -> None:
        self.window.hide()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            await coroutine
            self.window.current_page.refresh()

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # a key of the walk pressed something; nobody waits for it
            coroutine.close()
            return
        task = loop.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextmanager
def opened_dialog(name: str, theme: Theme, words: Words) -> Iterator[QDialog]:
    parent = QWidget()
    dialog = DIALOGS[name][1](theme, words, parent)
    owned = dialog.parentWidget() is parent
    dialog.open()
    dialog.activateWindow()
    for _ in range(4):  # a dialog fits itself to its words in the next turns of the loop
        QApplication.processEvents()
    try:
        yield dialog
    finally:
        if isValid(dialog):  # some are deleted when they close
            dialog.close()
        if not owned and isValid(dialog):
            destroy(dialog)
        destroy(parent)


def destroy(widget: QWidget) -> None:
    widget.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


def _waiting(words: Words) -> Any:
    return SignInViews(FakeService(), words).waiting(
        "WDJB-MJHT",
        "https://github.com/login/device",
        left=872,
        lifetime=900,
        browser_opened=True,
        offline=False,
    )
