"""What people are told to type names no model that GitHub may retire: names come from the live list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.connection import Connection
from proxy_core.clients.instructions import instructions
from proxy_core.clients.shells import Shell

ROOT = Path(__file__).resolve().parents[3]
MODEL_NAME = re.compile(
    r"\b(?:gpt-\d[\w.]*(?:-[a-z]+)*|o[1-9](?:-mini)?|claude-(?:[a-z]+-)?\d[\w.-]*|gemini-\d[\w.-]*|"
    r"grok-[\w.-]*\d[\w.-]*|kimi-[\w.-]*\d[\w.-]*)\b",
    re.IGNORECASE,
)
HISTORY = {"copilot-protocol.md", "simulator.md", "vendor-surface.md"}
"""Its tables say what was seen when: names are dates there."""
RECORD = "<!-- made by tests."
"""What begins so is a table of what was run: with which model is part of the result."""
EXAMPLE = re.compile(r"\bexamples?\b|/v1/(?:messages|responses|chat)|on `/", re.IGNORECASE)
"""A paragraph that shows a request on its way, or says that it is an example."""


def paragraphs(path: Path) -> list[str]:
    return re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))


def test_the_pattern_knows_names_and_leaves_families_alone() -> None:
    for name in ("gpt-4.1", "gpt-5.3-codex", "claude-opus-4.7", "o3-mini", "gemini-2.5-pro"):
        assert MODEL_NAME.fullmatch(name)
    for word in ("claude-code", "gpt-", "gemini-cli", "grok-build"):
        assert not MODEL_NAME.search(word)


def test_readme_names_no_model() -> None:
    found = MODEL_NAME.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found == []


@pytest.mark.parametrize(
    "path",
    [each for each in sorted((ROOT / "docs").glob("*.md")) if each.name not in HISTORY],
    ids=lambda path: path.name,
)
def test_a_document_names_a_model_only_in_an_example(path: Path) -> None:
    for each in paragraphs(path):
        if each.startswith(RECORD):
            continue
        assert EXAMPLE.search(each) or not MODEL_NAME.search(each), each


@pytest.mark.parametrize("tool", TOOLS.values(), ids=lambda tool: tool.app_id)
@pytest.mark.parametrize("shell", list(Shell))
def test_printed_steps_name_the_given_model_and_no_other(tool: object, shell: Shell) -> None:
    connection = Connection("http://127.0.0.1:4141", "sk-local-key", "chosen", "small")
    chosen = next(each for each in TOOLS.values() if each is tool)
    for step in instructions(chosen, connection, shell):
        assert not MODEL_NAME.search(f"{step.text} {step.label} {step.content}")
    assert not MODEL_NAME.search(f"{chosen.caution} {chosen.refusal}")
