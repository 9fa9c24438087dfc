"""A crash leaves a report without content; the next start offers it once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication

from desktop.presenters.actions import Action
from desktop.presenters.notices.crash_notice import CrashNotice
from desktop.presenters.words import Locale, Words
from desktop.system.crash_report import MOST_ERRORS, CrashWatch
from desktop.views.dialogs.report_dialog import ReportDialog
from desktop.views.theme.theme import Theme

ROOT = Path(__file__).resolve().parents[2]
SECRET = "the prompt that nobody may see"


def watched(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """Run ``body`` in a process of its own that watches for crashes."""
    code = (
        "import os, sys, threading, faulthandler\nfrom pathlib import Path\n"
        "from desktop.system.crash_report import CrashWatch\n"
        f"watch = CrashWatch(Path({str(folder)!r}), Path({str(ROOT)!r}))\nwatch.begin()\n"
        + textwrap.dedent(body)
    )
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture
def watch(tmp_path: Path):
    watch = CrashWatch(tmp_path / "crash", Path.home(), lambda: 0.0)
    yield watch
    watch.end()


def test_a_fault_in_a_library_leaves_the_stacks(tmp_path: Path, watch: CrashWatch) -> None:
    died = watched(
        tmp_path / "crash",
        f"""
        def in_the_window(prompt):
            faulthandler._sigsegv()
        in_the_window({SECRET!r})
        """,
    )
    assert died.returncode != 0
    report = watch.begin()
    assert report is not None
    assert report.ended
    assert "in_the_window" in report.text
    assert "g-copilot-proxy" in report.text
    assert SECRET not in report.text
    assert str(ROOT) not in report.text, "the home folder is not shown"


def test_the_report_is_offered_until_it_is_put_away(tmp_path: Path, watch: CrashWatch) -> None:
    watched(tmp_path / "crash", "faulthandler._sigsegv()")
    assert watch.begin() is not None
    watch.end()
    assert watch.begin() is not None, "it was not looked at yet"
    watch.forget()
    watch.end()
    assert watch.begin() is None


def test_an_exception_nobody_caught_is_kept_without_its_message(
    tmp_path: Path, watch: CrashWatch
) -> None:
    watched(
        tmp_path / "crash",
        f"""
        def in_a_thread():
            raise ValueError({SECRET!r})
        thread = threading.Thread(target=in_a_thread, name="reader")
        thread.start()
        thread.join()
        raise KeyError({SECRET!r})
        """,
    )
    report = watch.begin()
    assert report is not None
    assert not report.ended
    for word in ("ValueError", "KeyError", "in_a_thread", "reader", "window"):
        assert word in report.text
    assert SECRET not in report.text


def test_neither_an_ordinary_end_nor_a_killed_process_is_a_crash(
    tmp_path: Path, watch: CrashWatch
) -> None:
    watched(tmp_path / "crash", "watch.end()")
    watched(tmp_path / "crash", "os.kill(os.getpid(), 9)")
    assert watch.begin() is None
    watch.end()
    assert list((tmp_path / "crash").iterdir()) == []


async def test_the_loop_s_loose_ends_are_kept_too(tmp_path: Path, watch: CrashWatch) -> None:
    watch.begin()
    loop = asyncio.get_running_loop()
    watch.watch_loop(loop)
    loop.call_exception_handler({"message": "lost", "exception": ValueError(SECRET)})
    loop.set_exception_handler(None)
    text = (tmp_path / "crash" / "errors.txt").read_text()
    assert "ValueError" in text
    assert SECRET not in text


def test_an_error_that_comes_back_does_not_fill_the_disk(tmp_path: Path, watch: CrashWatch) -> None:
    watch.begin()
    for number in range(MOST_ERRORS + 5):
        sys.excepthook(ValueError, ValueError(str(number)), None)
    text = (tmp_path / "crash" / "errors.txt").read_text()
    assert text.count("ValueError") == MOST_ERRORS


def test_a_folder_that_cannot_be_written_costs_only_the_reports(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    watch = CrashWatch(tmp_path / "file" / "crash", Path.home())
    assert watch.begin() is None
    sys.excepthook(ValueError, ValueError(), None)
    watch.end()


def test_the_hooks_are_given_back(watch: CrashWatch) -> None:
    before = (sys.excepthook, threading.excepthook)
    watch.begin()
    assert sys.excepthook is not before[0]
    watch.end()
    assert (sys.excepthook, threading.excepthook) == before


def test_the_notice_says_when_and_goes_when_the_report_is_deleted() -> None:
    forgotten: list[bool] = []
    words = Words(locale=Locale(hours_and_minutes=lambda _: "09:40"))
    crash = CrashNotice(words, "report", 1.0, forget=lambda: forgotten.append(True))
    assert crash.notice is not None
    assert crash.notice.title == "The app closed unexpectedly at 09:40"
    assert [each.action for each in crash.notice.choices] == [
        Action.SHOW_CRASH_REPORT,
        Action.FORGET_CRASH_REPORT,
    ]
    failed = CrashNotice(words, "report", 1.0, ended=False)
    assert failed.notice is not None
    assert failed.notice.title == "Something failed inside the app at 09:40"
    crash.forget()
    assert crash.notice is None
    assert forgotten == [True]
    assert CrashNotice(words).notice is None


def test_the_report_can_be_read_copied_and_deleted(theme: Theme, qtbot) -> None:
    dialog = ReportDialog(theme, "It closed", "Without content.", "line 1\nline 2")
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "line 1\nline 2"
    with qtbot.waitSignal(dialog.delete_asked):
        dialog.delete.click()
