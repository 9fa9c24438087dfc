"""What ``.ci/run`` tries is the same in each run: ``tests/property/examples.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.property.examples import is_the_same_each_run

ROOT = Path(__file__).resolve().parents[2]
DRAWN = """
import hashlib, importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
from tests.property.examples import choose_profile
choose_profile()
from hypothesis import given, settings, strategies as st
drawn = []
@settings(database=None)
@given(st.lists(st.text() | st.integers(), max_size=5), st.dictionaries(st.text(), st.floats()))
def test(values, more):
    drawn.append(repr((values, more)))
test()
print(settings().max_examples, hashlib.sha256(repr(drawn).encode()).hexdigest())
"""


def drawn(environ: dict[str, str], *modules: str) -> str:
    program = subprocess.run(
        [sys.executable, "-c", DRAWN, *modules],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    return program.stdout


def test_the_same_examples_in_each_process_whatever_was_imported_before() -> None:
    first = drawn({"SAME_EXAMPLES": "1", "PYTHONHASHSEED": "1", "PROPERTY_PROFILE": "bounded"})
    again = drawn(
        {"SAME_EXAMPLES": "1", "PYTHONHASHSEED": "2", "PROPERTY_PROFILE": "bounded"},
        "proxy_core.copilot_facts.betas",
        "proxy_core.config.settings",
    )
    assert first == again
    assert first.startswith("60 ")


def test_others_at_random_in_each_run_without_it_also_on_a_ci_service() -> None:
    environ = {"SAME_EXAMPLES": "", "CI": "true", "PROPERTY_PROFILE": "bounded"}
    assert drawn(environ) != drawn(environ)


@pytest.mark.parametrize(("value", "same"), [("1", True), ("0", False), ("", False)])
def test_the_variable(value: str, same: bool) -> None:
    assert is_the_same_each_run({"SAME_EXAMPLES": value}) is same
    assert not is_the_same_each_run({})
