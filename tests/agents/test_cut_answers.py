"""A chat answer that breaks without a reason: no agent takes it for whole, and none asks for ever.

The connection is cut then (docs/decisions/broken-answers.md); an agent repeats the request, or says that
it failed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.declared import AGENTS, Task
from tests.agents.profile_server import ProfileServer, running_profile_server
from tests.agents.test_agents_finish_a_task import run

ON_CHAT = ("aider-completions", "copilot-cli-completions", "opencode-completions")
MODEL = "gpt-4.1"
CUT = {"fault": "cut", "path": "/chat/completions"}
MOST_REPEATS = 25


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProfileServer]:
    with running_profile_server("strict", tmp_path_factory.mktemp("proxy")) as running:
        yield running


def asked(name: str, server: ProfileServer, folder: Path) -> tuple[int, str, str, int]:
    """Exit code, what was said, the word that should be, and how many requests were made."""
    word = "w" + secrets.token_hex(5)
    work, home = folder / "work", folder / "home"
    work.mkdir()
    home.mkdir()
    note = work / "note.txt"
    note.write_text(f"secret word is: {word}\n")
    prompt = f"Read the file {note} and tell me the secret word that stands in it."
    task = Task(server.url, server.key, MODEL, prompt, note, work, home)
    earlier = len(server.received())
    code, said = run(AGENTS[name], task)
    return code, said, word, len(server.received()) - earlier


@pytest.mark.parametrize("name", ON_CHAT)
def test_one_cut_answer_is_asked_for_again(
    name: str, server: ProfileServer, tmp_path: Path
) -> None:
    server.control("reset", {})
    server.control("script", {"steps": [CUT]})
    code, said, word, requests = asked(name, server, tmp_path)
    assert code == 0, said
    assert f"The secret word is {word}" in said
    assert requests <= MOST_REPEATS


@pytest.mark.parametrize("name", ON_CHAT)
def test_answers_that_are_always_cut_end_in_a_failure_that_is_said(
    name: str, server: ProfileServer, tmp_path: Path
) -> None:
    server.control("reset", {})
    server.control("script", {"steps": [CUT] * 100})
    code, said, word, requests = asked(name, server, tmp_path)
    server.control("reset", {})
    assert f"The secret word is {word}" not in said
    # aider says what failed, and ends with 0 all the same.
    assert code or "APIConnectionError" in said, said
    assert requests <= MOST_REPEATS
