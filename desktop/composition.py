"""Builds the app from its parts: Qt, theme, service, views. The only module that knows them all."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path

import qasync
from proxy_core.service import ProxyService
from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QSettings

from desktop.desktop_app import DesktopApp
from desktop.presenters.words import Locale, Words
from desktop.system.browser import open_page
from desktop.system.motion_preference import prefers_reduced_motion
from desktop.system.quit_signals import QuitSignals
from desktop.system.single_instance import SingleInstance, instance_name
from desktop.system.taskbar_theme import taskbar_is_light
from desktop.views.application import Application
from desktop.views.theme.theme import Theme
from desktop.views.tray_artwork import app_icon
from proxy_core.paths import APP_NAME, find_paths


def run_app(*, demo: bool) -> int:
    """Run the tray app until the user quits; return the process's exit code."""
    application = Application(sys.argv[:1])
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName(APP_NAME)
    application.setDesktopFileName(APP_NAME)
    application.setWindowIcon(app_icon())
    application.setQuitOnLastWindowClosed(False)
    paths = find_paths()
    instance = SingleInstance(instance_name(paths.config, demo=demo))
    if not instance.claim():
        print("g-copilot-proxy runs already; its window was opened.")
        return 0
    theme = Theme(application, reduced_motion=prefers_reduced_motion(os.environ, Path.home()))
    application.font_changed.connect(theme.on_application_font_changed)
    service = ProxyService(paths, demo=demo)
    service.boot()
    memory = None
    if not demo:
        memory = QSettings(str(paths.state / "window.ini"), QSettings.Format.IniFormat)

    async def main() -> int:
        app = DesktopApp(
            service,
            theme,
            Words(partial(QCoreApplication.translate, "Presenters"), locale_of_the_user()),
            open_page=open_page,
            taskbar_is_light=taskbar_is_light,
            memory=memory,
        )
        signals = QuitSignals(app.ask_to_quit)
        application.quit_asked.connect(app.ask_to_quit)
        instance.show_requested.connect(app.show_window)
        try:
            return await app.run()
        finally:
            signals.restore()
            instance.release()

    with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner:
        code = runner.run(main())
    application.processEvents()  # what was marked for deletion goes while Qt still stands
    return code


def locale_of_the_user() -> Locale:
    locale = QLocale()
    return Locale(
        integer=locale.toString,
        decimal=lambda value: locale.toString(value, "f", 1),
        time_of_day=lambda seconds: QDateTime.fromSecsSinceEpoch(int(seconds)).toString("HH:mm:ss"),
    )
