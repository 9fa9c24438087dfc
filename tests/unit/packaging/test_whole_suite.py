"""The whole run: a test that failed beside others is tried again by itself."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
FIRST, ALONE = "not alone", "alone"


@pytest.fixture
def suite() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "whole_suite", ROOT / "packaging" / "whole_suite.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Pytest:
    """Answers each run with the next of ``outcomes``: the tests that fail, or another exit status."""

    def __init__(self, record: Path, *outcomes: Sequence[str] | int) -> None:
        self.record = record
        self.outcomes = list(outcomes)
        self.asked: list[str] = []

    def __call__(self, arguments: Sequence[str]) -> int:
        marks = arguments[arguments.index("-m") + 1 :] if "-m" in arguments else arguments[-1:]
        self.asked.append(marks[0])
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, int):
            return outcome
        if outcome:
            self.record.write_text(json.dumps(dict.fromkeys(outcome, True)))
        return 1 if outcome else 0


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "lastfailed"


def test_where_all_pass_each_part_is_run_once(suite: ModuleType, record: Path) -> None:
    run = Pytest(record, [], [])
    assert suite.whole_suite(run, record, 2) == 0
    assert run.asked == [FIRST, ALONE]


def test_the_second_part_reads_only_the_files_that_have_one_of_its_tests(
    suite: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "room").mkdir()
    for name, text in {
        "test_one.py": "pytestmark = pytest.mark.alone\n",
        "room/test_two.py": "@pytest.mark.alone\ndef test_it() -> None: ...\n",
        "room/test_three.py": "def test_left_alone() -> None: ...\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert [Path(each).name for each in suite.files_of_the_alone(tmp_path)] == [
        "test_two.py",
        "test_one.py",
    ]
    found = {Path(each).name for each in suite.files_of_the_alone(suite.TESTS)}
    assert {"test_short_forms.py", "test_window_stays_free.py"} <= found


def test_compiled_code_is_stored_whatever_the_environment_says(suite: ModuleType) -> None:
    given = {"PATH": "/usr/bin", "PYTHONDONTWRITEBYTECODE": "1", "SAME_EXAMPLES": "1"}
    assert suite.environment(given) == {"PATH": "/usr/bin", "SAME_EXAMPLES": "1"}


def test_one_that_passes_three_times_by_itself_is_named_and_the_run_goes_on(
    suite: ModuleType, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Pytest(record, ["t.py::test_a"], [], [], [], [])
    assert suite.whole_suite(run, record, 2) == 0
    assert run.asked == [FIRST, *["t.py::test_a"] * 3, ALONE]
    assert "unsteady: t.py::test_a failed" in capsys.readouterr().err


def test_one_that_fails_again_fails_the_run(
    suite: ModuleType, record: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Pytest(record, ["t.py::test_a"], [], ["t.py::test_a"])
    assert suite.whole_suite(run, record, 2) == 1
    assert "not run because of that" in capsys.readouterr().err


def test_more_than_two_are_not_tried_again(suite: ModuleType, record: Path) -> None:
    run = Pytest(record, ["a", "b", "c"])
    assert suite.whole_suite(run, record, 2) == 1
    assert run.asked == [FIRST]


def test_both_parts_together_may_have_two(suite: ModuleType, record: Path) -> None:
    run = Pytest(record, ["a"], [], [], [], ["b", "c"])
    assert suite.whole_suite(run, record, 2) == 1
    assert run.asked[-1] == ALONE


@pytest.mark.parametrize("status", [2, 3, 4, 5])
def test_an_interruption_or_an_error_of_pytest_is_no_unsteady_test(
    suite: ModuleType, record: Path, status: int
) -> None:
    record.write_text('{"t.py::of_an_earlier_run": true}')
    run = Pytest(record, status)
    assert suite.whole_suite(run, record, 2) == status
    assert run.asked == [FIRST]


def test_a_failure_without_a_name_is_a_failure(suite: ModuleType, record: Path) -> None:
    """As where a worker died."""
    record.write_text('{"t.py::of_an_earlier_run": true}')
    run = Pytest(record, 1)
    assert suite.whole_suite(run, record, 2) == 1
