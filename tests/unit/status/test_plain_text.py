"""What others wrote stays on its line and leaves the terminal alone."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pytest

from proxy_core.cli import main
from proxy_core.errors import BadRequest
from proxy_core.status.plain_text import for_terminal, one_line


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("gpt-4\nforged", "gpt-4\\nforged"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u2028b\u0085c", "a\\u2028b\\x85c"),
        ("user\u202egnp", "user\\u202egnp"),
        ("\x07\x00\x7f", "\\x07\\x00\\x7f"),
        ("", ""),
        ("Ключ, 模型, 👩‍💻 é", "Ключ, 模型, 👩‍💻 é"),
    ],
)
def test_a_name_with_control_codes_is_one_line_that_shows_them(given: str, shown: str) -> None:
    assert one_line(given) == shown
    assert one_line(one_line(given)) == shown


def test_what_is_printed_keeps_its_lines_and_tabs_only() -> None:
    assert for_terminal("one\n\ttwo\r\x1b]0;title\x07\n") == "one\n\ttwo\\r\\x1b]0;title\\x07\n"


def test_no_command_hands_a_control_code_to_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # Where a demo that happens to run on this machine would be found.
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def command(*_: object) -> int:
        print("gpt-\x1b[2J4\tone")
        raise BadRequest("No model \x1b]0;owned\x07.")

    monkeypatch.setattr(main, "_command", lambda _: command)
    assert main.run(argparse.Namespace(command="models", host=None, port=None), {}) == main.USAGE
    out, err = capsys.readouterr()
    assert out == "gpt-\\x1b[2J4\tone\n"
    assert err == "g-copilot-proxy: No model \\x1b]0;owned\\x07.\n"


def test_a_command_without_a_console_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "_command", lambda _: lambda *_: print("nobody reads this") or 0)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert main.run(argparse.Namespace(command="models", host=None, port=None), {}) == main.DONE
