"""The running app: passes the status to the views and the user's actions to the presenters.

Its coroutines run on Qt's loop through qasync and only await the engine. No dialog or menu is ever
``exec()``-ed: a nested loop inside a coroutine wakes tasks that then cannot run again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any

from PySide6.QtCore import QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from desktop.connected_tools import ConnectedTools
from desktop.dialogs import first_run
from desktop.dialogs.approval_prompts import ApprovalPrompts
from desktop.dialogs.closing import SETTING as CLOSING_SETTING
from desktop.dialogs.closing import WindowClosing
from desktop.dialogs.crash_report import show_crash_report
from desktop.dialogs.first_run import FirstRun
from desktop.dialogs.interruption import Interruption
from desktop.dialogs.sign_in import SignInWindow
from desktop.opened_pages import connect_page, doctor_mark, show_settings_section
from desktop.pages.context import PageContext
from desktop.pages.declared import is_built, load_all, page_places
from desktop.presenters.actions import Action
from desktop.presenters.doctor.doctor import DoctorMark
from desktop.presenters.doctor.own_findings import TRAY_HELP_PAGE
from desktop.presenters.frame import FramePresenter
from desktop.presenters.home.server_control import ServerControl
from desktop.presenters.home.server_state import anthropic_base_url, openai_base_url
from desktop.presenters.notices.approvals import ApprovalPresenter
from desktop.presenters.notices.crash_notice import CrashNotice
from desktop.presenters.notices.notifications import NotificationPresenter
from desktop.presenters.pages import OPENS, PageKey
from desktop.presenters.settings.about import About
from desktop.presenters.settings.setting_words import Section
from desktop.presenters.sign_in.first_run import FirstRunEnd
from desktop.presenters.sign_in.sign_in import PLANS_PAGE
from desktop.presenters.tray import TrayPresenter
from desktop.presenters.words import Words
from desktop.running_service import RunningService
from desktop.server_actions import ServerActions
from desktop.system.memory import give_memory_back_soon
from desktop.system.start_at_login import LoginEntry
from desktop.system.status_feed import StatusFeed
from desktop.views.dialogs.closing_dialog import ClosingDialog
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.dialogs.first_run_dialog import FirstRunDialog
from desktop.views.dialogs.sign_in_dialog import SignInDialog
from desktop.views.main_window import MainWindow
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme
from desktop.views.tray.tray_artwork import app_icon
from desktop.views.tray.tray_icon import TrayIcon
from desktop.window_replacement import built_in_turns, take_place
from proxy_core.config.settings import Language
from proxy_core.config.settings import Theme as ThemeSetting
from proxy_core.status.status import AccountState

_log = logging.getLogger("g_copilot_proxy.desktop")

WEB_PAGES = {
    Action.OPEN_BILLING_PAGE: "https://github.com/settings/billing",
    Action.OPEN_PLANS_PAGE: PLANS_PAGE,
    Action.SHOW_TRAY_HELP: TRAY_HELP_PAGE,
}
CLOCK_MILLISECONDS = 1000
"""Interval at which a visible window updates its clocks while requests run, whose seconds it shows."""
SLOW_CLOCK_MILLISECONDS = 4000
"""The same with minutes alone in sight ("up 3 h 12 min"); news of the status come at once."""
PAGE_SECONDS = 0.15
"""Pause between loading pages that were not opened yet, each in an event of its own."""
_NEEDS_WINDOW = (AccountState.SIGNED_OUT, AccountState.EXPIRED, AccountState.NO_PLAN)


class DesktopApp(QObject):
    """Built when the service accepts commands. ``run`` returns when the user quits.

    ``use_language`` sets Qt's language and returns whether it changed.
    """

    ending = Signal()
    """The app begins to end; nothing brings it back."""

    def __init__(
        self,
        service: RunningService,
        theme: Theme,
        words: Words,
        *,
        open_page: Callable[[str], bool],
        taskbar_is_light: Callable[[], bool],
        memory: QSettings | None,
        crash: CrashNotice | None = None,
        login: LoginEntry | None = None,
        tools: ConnectedTools | None = None,
        about: About | None = None,
        use_language: Callable[[Language], bool] = lambda _: False,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._theme = theme
        self._words = words
        self._open_page = open_page
        self._quit = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._has_greeted = False
        self._is_prepared = False
        self._loads_pages = False
        self._first_run: FirstRun | None = None
        self._next_start: bool | None = None
        self._use_language = use_language
        use_language(service.settings.desktop.language)
        self._follow_theme_setting()
        self._control = ServerControl(service, words, self._refresh)
        self._server_actions = ServerActions(self._control, self._spawn)
        self._crash = crash or CrashNotice(words)
        self._login = login
        self._tools = tools
        self._about = about
        self._frame = FramePresenter(
            service,
            words,
            time.time,
            lambda: self._control.notice,
            lambda: self._crash.notice or (tools.unfinished.notice if tools else None),
            self._doctor_mark,
        )
        self._tray_presenter = TrayPresenter(
            service,
            words,
            time.monotonic,
            time.time,
            frozenset(key for key in PageKey if is_built(key)),
        )
        self._notifications = NotificationPresenter(service, words)
        self.approvals = ApprovalPrompts(
            theme,
            ApprovalPresenter(service, words, now=time.time, monotonic=time.monotonic),
            self._spawn,
            self,
        )
        self._interruption = Interruption(
            service,
            theme,
            words,
            lambda: self.window,
            lambda: self.window.show_state_again(),
            self,
        )
        self._closing = WindowClosing(
            service,
            theme,
            words,
            memory,
            lambda: self.tray,
            lambda: self.window,
            lambda choice: self._spawn(self._control.change(CLOSING_SETTING, choice)),
            lambda: self.act(Action.QUIT),
            self,
        )
        self._sign_in = SignInWindow(
            service,
            theme,
            words,
            window=lambda: self.window,
            open_page=open_page,
            copy=self._copy,
            on_closed=self._refresh,
            parent=self,
        )
        self._memory = memory
        self._context = self._page_context(memory)
        self.window = self._build_window()
        self.tray = TrayIcon(
            self._tray_presenter.view, taskbar_is_light=taskbar_is_light, parent=self
        )
        self._feed = StatusFeed(service.subscribe, self)
        self._busy_timer = QTimer(self)
        self._busy_timer.setSingleShot(True)
        self._clock_timer = QTimer(self)
        self._clock_timer.setInterval(CLOCK_MILLISECONDS)
        self._connect()

    @property
    def sign_in_dialog(self) -> SignInDialog | None:
        return self._sign_in.dialog

    @property
    def question(self) -> ConfirmDialog | None:
        """The open question whether running requests may be cut off."""
        return self._interruption.dialog

    @property
    def closing_dialog(self) -> ClosingDialog | None:
        return self._closing.dialog

    @property
    def first_run_dialog(self) -> FirstRunDialog | None:
        return None if self._first_run is None else self._first_run.dialog

    @property
    def next_start(self) -> bool | None:
        """Whether to start again after quitting: True as the demo, False with the user's account."""
        return self._next_start

    def ask_to_quit(self) -> None:
        self._quit.set()
        self.ending.emit()

    def show_window(self) -> None:
        self.window.show_frame(self._frame.view())
        self.window.bring_to_front()

    def show_page(self, key: PageKey) -> None:
        """Open the window at a page; at the last one if it has no such page."""
        self.window.show_page(key)
        self.show_window()

    async def run(self) -> int:
        """Return the exit code: 0 if everything ended in time."""
        self.tray.start()
        self._refresh()
        # Each in a separate iteration of the loop: together they would block the thread's events.
        await asyncio.sleep(0)
        self.window.begin_preparing()
        await asyncio.sleep(0)
        self.window.prepare()
        self._is_prepared = True
        give_memory_back_soon()
        await asyncio.sleep(0)
        self._refresh()
        if self._tools is not None:
            self._spawn(self._tools.unfinished.look())
        if not self.tray.is_available:  # as on GNOME: then there is only the window
            self.show_window()
        await self._quit.wait()
        return await self._take_down()

    def act(self, action: Action) -> None:
        """Carry out the action of a menu, button or key."""
        if action in OPENS:
            self.show_page(OPENS[action])
            return
        if self._server_actions.carry_out(action):
            return
        if action in WEB_PAGES:
            self._open_page(WEB_PAGES[action])
            return
        match action:
            case Action.OPEN_WINDOW:
                self.show_window()
            case Action.OPEN_ABOUT:
                self._show_about()
            case Action.STOP:
                self._interruption.before_stopping(lambda: self._spawn(self._control.stop()))
            case Action.SIGN_IN:
                self._sign_in.open()
            case Action.SHOW_CRASH_REPORT:
                show_crash_report(self._crash, self._theme, self.window, self._forget_crash_report)
            case Action.FORGET_CRASH_REPORT:
                self._forget_crash_report()
            case Action.REPAIR_TOOLS if self._tools is not None:
                self._spawn(self._tools.repair())
            case Action.SHOW_APPROVAL:
                self.approvals.bring_to_front()
            case Action.DISMISS_NOTICE:
                self._frame.dismiss_notice()
                self._refresh_window()
            case Action.COPY_OPENAI_URL:
                self._copy(openai_base_url(self._service.status, self._service.settings))
            case Action.COPY_ANTHROPIC_URL:
                self._copy(anthropic_base_url(self._service.status, self._service.settings))
            case Action.COPY_LOCAL_KEY:
                self._copy(self._service.local_key)
            case Action.LEAVE_DEMO:
                self._interruption.before_leaving_demo(lambda: self._start_again(demo=False))
            case Action.QUIT:
                self._closing.close()  # what closing does need not be answered any more
                self._interruption.before_quitting(self.ask_to_quit)

    def _show_about(self) -> None:
        self.show_page(PageKey.SETTINGS)
        show_settings_section(self.window, Section.ABOUT)

    def _forget_crash_report(self) -> None:
        self._crash.forget()
        self._refresh()

    def _open_first_run(self) -> None:
        self._first_run = FirstRun(self._context, self._sign_in.make_presenter, self)
        self._first_run.ended.connect(self._on_first_run_ended)
        self._first_run.open()

    def _on_first_run_ended(self, end: str, app_id: str) -> None:
        self._first_run = None
        match FirstRunEnd(end):
            case FirstRunEnd.DEMO:
                self._start_again(demo=True)
            case FirstRunEnd.CONNECT:
                self.show_page(PageKey.CONNECT)
                if (connect := connect_page(self.window)) is not None:
                    connect.offer(app_id)
            case FirstRunEnd.HOME:
                self.show_page(PageKey.HOME)
        self._refresh()

    def _start_again(self, *, demo: bool) -> None:
        self._next_start = demo
        self.ask_to_quit()

    def _connect(self) -> None:
        self._feed.changed.connect(self._refresh)
        self._busy_timer.timeout.connect(self._refresh)
        self._clock_timer.timeout.connect(self._refresh_window)
        self.tray.chosen.connect(self._on_chosen)
        self.tray.activated.connect(self.show_window)
        self.tray.availability_changed.connect(self._follow_what_is_shown)

    def _build_window(self) -> MainWindow:
        window = MainWindow(self._theme, app_icon(), page_places(self._context), self._memory)
        window.chosen.connect(self._on_chosen)
        window.shown.connect(self._on_window_shown)
        window.closed.connect(self._on_window_closed)
        window.may_close = self._closing.may_close
        return window

    def _follow_language_setting(self) -> None:
        """Rebuild the window after a change of language."""
        if self._use_language(self._service.settings.desktop.language):
            self._spawn(self._replace_window())

    async def _replace_window(self) -> None:
        window = await built_in_turns(self._build_window, self.window.current_key)
        self._sign_in.close()
        before = self.window
        take_place(window, before)
        self.window = window
        if before.isVisible():
            self.show_window()
        before.hide()
        before.deleteLater()

    def _refresh(self) -> None:
        """Bring tray and window up to date with the newest status."""
        self._follow_theme_setting()
        self._follow_language_setting()
        self.tray.refresh()
        again = self._tray_presenter.next_change
        if again is not None and self.tray.is_available:
            self._busy_timer.start(round(again * 1000) + 10)
        self._refresh_window()
        self.approvals.refresh()
        self._notify()
        self._greet()
        if self._tools is not None and self._tools.should_begin():
            self._spawn(self._tools.begin())
        if self._control.should_start(self._service.status):
            self._spawn(self._control.start())

    def _page_context(self, memory: QSettings | None) -> PageContext:
        return PageContext(
            service=self._service,
            theme=self._theme,
            words=self._words,
            now=time.time,
            monotonic=time.monotonic,
            act=self.act,
            spawn=self._spawn,
            post=asyncio.get_running_loop().call_soon_threadsafe,
            refresh=lambda: self._refresh_window(),
            copy=self._copy,
            toast=lambda toast: self.window.show_toast(toast),
            memory=memory,
            has_page=is_built,
            use_model=self._use_model,
            login=self._login,
            connect_tools=None if self._tools is None else self._tools.changes,
            open_page=self._open_page,
            about=self._about,
            tray_is_available=lambda: self.tray.is_available,
        )

    def _refresh_window(self) -> None:
        if self.window.isVisible() and not self.window.isMinimized():
            self.window.show_frame(self._frame.view())
            self.window.current_page.refresh()
            self._set_clock()
        else:
            self._clock_timer.stop()

    def _set_clock(self) -> None:
        counts = bool(self._service.status.active)
        interval = CLOCK_MILLISECONDS if counts else SLOW_CLOCK_MILLISECONDS
        if interval != self._clock_timer.interval():
            self._clock_timer.setInterval(interval)

    def _notify(self) -> None:
        """Show system notifications; not while our window is active, whose banner shows the same."""
        for each in self._notifications.take_new():
            if not self.window.isActiveWindow():
                self.tray.notify(each)

    def _greet(self) -> None:
        """Once the account is known: open the window if it is needed, or if this is the demo."""
        status = self._service.status
        is_known = status.account.state is not AccountState.UNKNOWN
        if self._has_greeted or not is_known or not self._is_prepared:
            return
        self._has_greeted = True
        asyncio.get_running_loop().call_soon(self._open_greeting)

    def _open_greeting(self) -> None:
        status = self._service.status
        if self._quit.is_set():
            return
        if first_run.is_wanted(self._memory, demo=status.demo):
            self._open_first_run()
        elif status.demo or status.account.state in _NEEDS_WINDOW:
            self.show_window()

    def _doctor_mark(self) -> DoctorMark | None:
        return doctor_mark(self.window)

    def _use_model(self, model_id: str) -> None:
        self.show_page(PageKey.CONNECT)
        if (connect := connect_page(self.window)) is not None:
            connect.use_model(model_id)

    def _follow_theme_setting(self) -> None:
        chosen = self._service.settings.desktop.theme
        self._theme.choose(None if chosen is ThemeSetting.SYSTEM else Scheme(chosen.value))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def _on_chosen(self, action: str) -> None:
        self.act(Action(action))

    def _follow_what_is_shown(self) -> None:
        """Have no snapshots of requests made for a closed window on a desktop without a tray."""
        self._feed.follow_requests(self.window.isVisible() or self.tray.is_available)

    def _on_window_shown(self) -> None:
        self._clock_timer.start()
        self._follow_what_is_shown()
        self._refresh_window()
        if not self._loads_pages:
            self._loads_pages = True
            self._spawn(load_all(PAGE_SECONDS))

    def _on_window_closed(self) -> None:
        self._clock_timer.stop()
        self._follow_what_is_shown()
        self._closing.on_closed()

    def _spawn(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        # The loop keeps only weak references to its tasks.
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    def _on_task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a command of the window failed", exc_info=error)
        if not self._quit.is_set():
            self._refresh()

    async def _take_down(self) -> int:
        self._busy_timer.stop()
        self._clock_timer.stop()
        self.tray.stop()
        if self._first_run is not None:
            self._first_run.abandon()
        self.approvals.close()
        self._interruption.close()
        self._closing.end()
        self._sign_in.close()
        self.window.hide()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._feed.close()
        if self._tools is not None:
            await asyncio.to_thread(self._tools.end)
        # The engine closes streams and its database; the window's thread stays free meanwhile.
        is_down = await asyncio.to_thread(self._service.shutdown)
        if not is_down:
            _log.error("the proxy did not stop in time")
        self.window.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.window.deleteLater()
        self.tray.menu.deleteLater()
        return 0 if is_down else 1
