"""What holds for every test."""

from __future__ import annotations

import signal
from collections.abc import Generator

import pytest

from tests.integration.prompt_cache.net import MARKER, judge, received_prompts
from tests.property.examples import choose_profile

WATCHED = ("tests/integration/", "tests/day/", "tests/faults/", "tests/security/")
"""Where the product talks to a simulator of the test's own process."""

choose_profile()


def pytest_configure() -> None:
    # A shell starts background jobs with Ctrl-C ignored, and nohup with the terminal's end; programs
    # that tests start would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """What the product sent upstream kept the prompt cache (``tests/integration/prompt_cache``)."""
    with received_prompts() as received:
        outcome = yield
    if item.nodeid.startswith(WATCHED):
        judge(received, item.get_closest_marker(MARKER))
    return outcome
