"""What holds for every test."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    # A shell starts background jobs with Ctrl-C ignored, and nohup with the terminal's end; programs
    # that tests start would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
