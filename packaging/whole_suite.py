"""Run every test: side by side, then those that need the machine for themselves.

A test that fails in the whole run is run again by itself, three times, in a new process. One that fails
there fails the run. One that passes each time is unsteady: the run names it at its end and goes on,
for what nobody changed must not keep back what somebody did. More than two at once are never called
unsteady (``docs/decisions/unsteady-tests.md``).

Standard library and pytest's own record of what failed; run by the Python of ``.venv``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORD = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
"""The names of the tests that failed in the last run: pytest's cache plug-in writes it."""

MOST_WORKERS = 4
"""Test processes side by side: each starts servers, screens and browsers of its own."""

MOST_UNSTEADY = 2
TIMES_AGAIN = 3

PASSED, TESTS_FAILED = 0, 1
"""Exit statuses of pytest; the others are an interruption, an error of its own or wrong usage."""

TESTS = ROOT / "tests"
ALONE = "mark.alone"
"""How a test file says that something in it needs the machine for itself."""

NO_COMPILED_CODE = "PYTHONDONTWRITEBYTECODE"

Run = Callable[[Sequence[str]], int]
"""Runs pytest with arguments and returns its exit status."""


def whole_suite(run: Run, record: Path, workers: int) -> int:
    """Run both parts and return the exit status of the first that failed, or ``PASSED``."""
    unsteady: list[str] = []
    parts = (
        ("-n", str(workers), "--dist", "worksteal", "-m", "not alone"),
        ("-m", "alone", *files_of_the_alone(TESTS)),
    )
    for number, part in enumerate(parts):
        code = run_part(run, record, part, unsteady)
        if code:
            if number == 0:
                _say(
                    "not run because of that: the tests that need the machine for themselves "
                    "(python3 packaging/bootstrap.py test -m alone)."
                )
            return code
    for name in unsteady:
        _say(f"unsteady: {name} failed in the whole run and passed {TIMES_AGAIN} times by itself.")
    return PASSED


def files_of_the_alone(tests: Path) -> list[str]:
    """Return the test files with that mark: to collect all the others again takes half a minute."""
    return sorted(
        str(file) for file in tests.rglob("test_*.py") if ALONE in file.read_text(encoding="utf-8")
    )


def run_part(run: Run, record: Path, part: Sequence[str], unsteady: list[str]) -> int:
    """Run one part, add what was unsteady in it to ``unsteady``, and return its exit status."""
    record.unlink(missing_ok=True)
    code = run(part)
    failed = _failed(record)
    if code != TESTS_FAILED or not 0 < len(failed) <= MOST_UNSTEADY - len(unsteady):
        return code
    for _ in range(TIMES_AGAIN):
        if again := run(failed):
            return again
    unsteady += failed
    return PASSED


def _failed(record: Path) -> list[str]:
    try:
        return sorted(json.loads(record.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return []


def _say(sentence: str) -> None:
    print(f"bootstrap: {sentence}", file=sys.stderr, flush=True)


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the tests run in: hundreds of them start the program, which is compiled once.

    Where Python may store no compiled code, each start costs twice as much, and each test process
    rewrites all 800 test files for itself.
    """
    return {name: value for name, value in environ.items() if name != NO_COMPILED_CODE}


def _pytest(arguments: Sequence[str]) -> int:
    return subprocess.call(
        [sys.executable, "-m", "pytest", *arguments], cwd=ROOT, env=environment(os.environ)
    )


if __name__ == "__main__":
    sys.exit(whole_suite(_pytest, RECORD, min(os.cpu_count() or 1, MOST_WORKERS)))
