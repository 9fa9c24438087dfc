"""Codex, whose prompt grows by a long question and a long thought in every turn."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.agents.declared import AGENTS, Task, clean_environment, codex
from tests.agents.profile_server import ProfileServer

MODEL = "gpt-5.3-codex"
QUESTION_TOKENS = 18_000
THOUGHT_TOKENS = 6_000
"""A third of a question: counted twice, it would bring compaction forward by a quarter."""
CHARACTERS_PER_TOKEN = 4
TURN_SECONDS = 120
COMPACTION_SHARE = 0.9
"""Of the window: where Codex itself begins to compact."""
MOST_TURNS = 60


@dataclass
class Figures:
    """``prompts`` are upstream's counts, one a turn; ``compacted_at`` what was in the window then."""

    model: str
    window: int
    tokens: int
    prompts: list[int] = field(default_factory=list)
    compacted_at: list[int] = field(default_factory=list)
    processed: int = 0

    def shown(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "window Codex was told": self.window,
            "turns": len(self.prompts),
            "longest prompt": max(self.prompts, default=0),
            "tokens said in the session": self.processed,
            "compacted at": [f"{at} ({at / self.window:.0%})" for at in self.compacted_at]
            or "never",
        }

    def problems(self) -> list[str]:
        early = [at for at in self.compacted_at if at < COMPACTION_SHARE * self.window]
        found = [f"compacted at {at} of {self.window} tokens" for at in early]
        if self.processed < self.tokens:
            found.append(f"only {self.processed} of {self.tokens} tokens were said")
        return found


def run(
    server: ProfileServer, place: Path, model: str, tokens: int, *, websockets: bool
) -> Figures:
    """Let Codex go on until so many tokens were said in its session."""
    folder, home = place / "work", place / "home"
    folder.mkdir()
    home.mkdir()
    found = AGENTS["codex"].find()
    assert found is not None, "python3 packaging/bootstrap.py agents codex"
    task = Task(server.url, server.key, model, "-", folder / "note.txt", folder, home)
    start = codex(websockets=websockets)(task)
    catalogue = home / "models.json"
    catalogue.write_bytes(model_list(server))
    settings = home / ".codex/config.toml"
    settings.write_text(f'model_catalog_json = "{catalogue}"\n' + settings.read_text())
    figures = Figures(model, window_of(catalogue, model), tokens)
    while figures.processed < tokens and len(figures.prompts) < MOST_TURNS:
        turn = len(figures.prompts) + 1
        thought = words(f"thought {turn}", THOUGHT_TOKENS)
        step = {"say": {"text": f"Answer {turn}.", "thinking": thought}, "path": "/responses"}
        server.control("script", {"steps": [step]})
        resume = ["resume", "--last"] if turn > 1 else []
        said = subprocess.run(
            [str(found), *start.arguments[:-1], *resume, "-"],
            cwd=folder,
            env=clean_environment(task) | start.environment,
            input=words(f"question {turn}", QUESTION_TOKENS),
            capture_output=True,
            text=True,
            timeout=TURN_SECONDS,
            check=False,
        )
        assert said.returncode == 0, said.stderr[-3000:]
        count(figures, home / ".codex")
        print(
            f"turn {turn}: prompt {figures.prompts[-1]}, compacted {figures.compacted_at}",
            flush=True,
        )
    return figures


def words(name: str, tokens: int) -> str:
    """A text of so many of the simulator's tokens, that nobody has said before."""
    line = f"This is a line of {name}, and there are many more like it.\n"
    length = tokens * CHARACTERS_PER_TOKEN
    return (line * (length // len(line) + 1))[:length]


def model_list(server: ProfileServer) -> bytes:
    request = urllib.request.Request(
        f"{server.url}/v1/models?client_version={AGENTS['codex'].version}",
        headers={"Authorization": f"Bearer {server.key}"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        listed: bytes = answer.read()
    return listed


def window_of(catalogue: Path, model: str) -> int:
    listed = json.loads(catalogue.read_bytes())["models"]
    (window,) = (each["context_window"] for each in listed if each["slug"] == model)
    return int(window)


def count(figures: Figures, home: Path) -> None:
    """Read the figures out of what Codex itself wrote down of its session."""
    (written,) = sorted(home.glob("sessions/**/*.jsonl"))
    figures.prompts, figures.compacted_at, figures.processed = [], [], 0
    last = 0
    for event in events_in(written):
        payload = event.get("payload") or {}
        if event.get("type") == "compacted":
            figures.compacted_at.append(last)
            last = 0
        usage = (payload.get("info") or {}).get("last_token_usage")
        if payload.get("type") == "token_count" and usage:
            grown = usage["input_tokens"] + usage["output_tokens"]
            if usage["input_tokens"] != last:
                figures.prompts.append(usage["input_tokens"])
                figures.processed += max(0, grown - last)
                last = grown


def events_in(written: Path) -> Iterator[dict[str, Any]]:
    for line in written.read_text("utf-8").splitlines():
        event = json.loads(line)
        if isinstance(event, dict):
            yield event
