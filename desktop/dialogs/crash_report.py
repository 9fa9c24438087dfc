"""Shows the report of a crash before this start; the user may delete it."""

from __future__ import annotations

from collections.abc import Callable

from desktop.presenters.notices.crash_notice import CrashNotice
from desktop.views.dialogs.report_dialog import ReportDialog
from desktop.views.main_window import MainWindow
from desktop.views.theme.theme import Theme


def show_crash_report(
    crash: CrashNotice, theme: Theme, window: MainWindow, delete: Callable[[], None]
) -> None:
    notice = crash.notice
    if notice is None:
        return
    dialog = ReportDialog(theme, notice.title, notice.line, crash.text, window)
    dialog.delete_asked.connect(delete)
    dialog.open()
