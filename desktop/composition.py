"""Builds the app from its parts: Qt, theme, service, views. The only module that imports all of them."""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
from datetime import date
from pathlib import Path

import qasync
from PySide6.QtCore import QDate, QDateTime, QLocale, QSettings
from PySide6.QtWidgets import QMessageBox

from desktop.connected_tools import ConnectedTools
from desktop.desktop_app import DesktopApp
from desktop.presenters.notices.crash_notice import CrashNotice
from desktop.presenters.settings.about import About
from desktop.presenters.words import Locale, Words
from desktop.system.browser import open_page
from desktop.system.crash_report import CrashWatch
from desktop.system.garbage_collection import GarbageCollection
from desktop.system.motion_preference import prefers_reduced_motion
from desktop.system.quit_signals import QuitSignals
from desktop.system.single_instance import SingleInstance, instance_name
from desktop.system.start_at_login import login_entry
from desktop.system.taskbar_theme import taskbar_is_light
from desktop.system.translation import Translations, translate_in
from desktop.views.application import Application
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme
from desktop.views.tray.tray_artwork import app_icon
from proxy_core.app.service import Overrides, ProxyService
from proxy_core.config.paths import APP_NAME, HOME_VARIABLE, find_paths
from proxy_core.config.settings import Language
from proxy_core.doctor.report import program_line
from proxy_core.errors import ProxyError
from proxy_core.status.logging import set_up_logging

ENGINE_HANGS = 3


def run_app(
    *,
    demo: bool,
    shows_window: bool = False,
    host: str | None = None,
    port: int | None = None,
) -> int:
    """Run the tray app until the user quits; return the process's exit code.

    ``host`` and ``port``: the server's for this run alone, in place of the settings.
    """
    overrides = Overrides(host=host, port=port)
    application = Application(sys.argv[:1])
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName(APP_NAME)
    application.setDesktopFileName(APP_NAME)
    application.setWindowIcon(app_icon())
    application.setQuitOnLastWindowClosed(False)
    theme = Theme(application, reduced_motion=prefers_reduced_motion(os.environ, Path.home()))
    application.font_changed.connect(theme.on_application_font_changed)
    translations = Translations(application)
    next_start: bool | None = demo
    code = 0
    while next_start is not None and code == 0:
        code, next_start = _run_once(
            application,
            theme,
            translations,
            demo=next_start,
            shows_window=shows_window,
            overrides=overrides,
        )
    if code == ENGINE_HANGS:
        # The interpreter would wait forever for the thread of a hanging engine.
        sys.stdout.flush()
        os._exit(1)
    return code


def _run_once(
    application: Application,
    theme: Theme,
    translations: Translations,
    *,
    demo: bool,
    shows_window: bool,
    overrides: Overrides,
) -> tuple[int, bool | None]:
    """Run with the user's account or as the demo; return the exit code and how to start again."""
    paths = find_paths()
    instance = SingleInstance(instance_name(paths.config, demo=demo))
    try:
        is_first = instance.claim()
    except OSError as error:
        print(f"g-copilot-proxy: {error}.", file=sys.stderr, flush=True)
        return 1, None
    if not is_first:
        print("g-copilot-proxy runs already; its window was opened.")
        return 0, None
    # A demo removes its files, unless its folder was named explicitly.
    keeps_files = not demo or HOME_VARIABLE in os.environ
    set_up_logging(paths if keeps_files else None, screen=sys.stderr)
    memory = None
    watch = CrashWatch(paths.state / "crash", Path.home())
    left = watch.begin() if keeps_files else None
    if keeps_files:
        memory = QSettings(str(paths.state / "window.ini"), QSettings.Format.IniFormat)
    try:
        service = ProxyService(paths, demo=demo, overrides=overrides)
        service.boot()
    except ProxyError as error:
        instance.release()
        watch.end()
        return _cannot_start(error, translations), None

    garbage = GarbageCollection(application)
    words = Words()
    words.tr, words.numbered = translate_in("Presenters")

    def use_language(language: Language) -> bool:
        changed = translations.use(language)
        words.locale = locale_of(translations.locale)
        return changed

    async def main() -> tuple[int, bool | None]:
        watch.watch_loop(asyncio.get_running_loop())
        use_language(service.settings.desktop.language)
        crash = None
        if left is not None:
            crash = CrashNotice(words, left.text, left.at, ended=left.ended, forget=watch.forget)
        app = DesktopApp(
            service,
            theme,
            words,
            open_page=open_page,
            taskbar_is_light=taskbar_is_light,
            memory=memory,
            use_language=use_language,
            crash=crash,
            login=None if demo else login_entry(os.environ, Path.home()),
            tools=ConnectedTools(service, paths, words),
            about=About(program_line(), paths.config, paths.log if keeps_files else None),
        )
        signals = QuitSignals(app.ask_to_quit)
        application.quit_asked.connect(app.ask_to_quit)
        app.ending.connect(instance.stop_listening)
        instance.show_requested.connect(app.show_window)
        instance.quit_requested.connect(app.ask_to_quit)
        if shows_window:
            app.show_window()
        try:
            code = await app.run()
        finally:
            application.quit_asked.disconnect(app.ask_to_quit)
            signals.restore()
            instance.stop_listening()
        return (ENGINE_HANGS if code else 0), app.next_start

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        code, next_start = runner.run(main())
    application.processEvents()  # delete marked objects before Qt ends
    garbage.stop()
    watch.end()
    if next_start is None:
        # The next instance may run, and ``quit`` report success, once this process ends.
        atexit.register(instance.release)
    else:
        instance.release()
    return code, next_start


def _cannot_start(error: ProxyError, translations: Translations) -> int:
    """Show the error in a dialog: a start from an icon has no terminal."""
    print(f"g-copilot-proxy: {error.message}", file=sys.stderr, flush=True)
    translations.use(Language.SYSTEM)  # the settings may be what cannot be read
    words = Words()
    words.tr, words.numbered = translate_in("Presenters")
    title, sentence = words.failed(error)
    box = QMessageBox(QMessageBox.Icon.Critical, APP_NAME, literal(title))
    box.setInformativeText(literal(sentence))
    box.exec()  # our event loop does not run yet
    return 1


def locale_of(locale: QLocale) -> Locale:
    def at(seconds: float) -> QDateTime:
        return QDateTime.fromSecsSinceEpoch(int(seconds))

    def qt_date(day: date) -> QDate:
        return QDate(day.year, day.month, day.day)

    month_first = locale.language() == QLocale.Language.Chinese
    day_format = "M'月'd'日'" if month_first else "d MMM"
    weekday_format = f"{day_format} ddd" if month_first else f"ddd {day_format}"
    return Locale(
        integer=locale.toString,
        decimal=lambda value: locale.toString(value, "f", 1),
        time_of_day=lambda seconds: at(seconds).toString("HH:mm:ss"),
        two_decimals=lambda value: locale.toString(value, "f", 2),
        hours_and_minutes=lambda seconds: at(seconds).toString("HH:mm"),
        day=lambda seconds: locale.toString(at(seconds).date(), day_format),
        calendar_day=lambda day: locale.toString(qt_date(day), day_format),
        weekday=lambda day: locale.toString(qt_date(day), weekday_format),
        month=lambda day: locale.standaloneMonthName(day.month),
    )
