"""Claude Code through 200 turns with thinking in one process, every few of them with a tool."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.agents.declared import AGENTS, Start, Task, claude_code, clean_environment
from tests.agents.profile_server import ProfileServer
from tests.integration.prompt_cache.checker import SentPrompt

MODEL = "claude-opus-5-5"
STREAMS = ("--input-format", "stream-json", "--output-format", "stream-json", "--verbose")
TOOL_EVERY = 4
"""Turns: the others are only talk."""


@dataclass
class Figures:
    """``refused`` says of each request that was not answered at once why it was not."""

    model: str
    wanted: int
    turns: int = 0
    requests: int = 0
    tool_calls: int = 0
    signatures: int = 0
    refused: list[str] = field(default_factory=list)
    repeated: int = 0
    seen: set[object] = field(default_factory=set)

    def shown(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "turns answered": self.turns,
            "requests upstream": self.requests,
            "tool calls": self.tool_calls,
            "signed thoughts in the last request": self.signatures,
            "requests refused": len(self.refused),
            "requests sent twice": self.repeated,
        }

    def problems(self) -> list[str]:
        found = [f"refused: {words}" for words in self.refused]
        if self.repeated:
            found.append(f"{self.repeated} requests were sent twice")
        if self.turns < self.wanted:
            found.append(f"only {self.turns} of {self.wanted} turns were answered")
        if self.signatures < self.wanted:
            found.append(f"only {self.signatures} signed thoughts came back")
        return found


def run(server: ProfileServer, place: Path, model: str, turns: int) -> Figures:
    """Ask one question after the other, each when the one before is answered."""
    folder, home = place / "work", place / "home"
    folder.mkdir()
    home.mkdir()
    found = AGENTS["claude-code"].find()
    assert found is not None, "python3 packaging/bootstrap.py agents claude-code"
    note = folder / "note.txt"
    note.write_text("The weather is fine.\n", encoding="utf-8")
    task = Task(server.url, server.key, model, "", note, folder, home)
    start = claude_code(task)
    figures = Figures(model, turns)
    warm_up(found, start, task)
    earlier = len(server.received())
    figures.seen |= {record["request_id"] for record in server.activity()}
    with (
        (place / "claude.log").open("wb") as log,
        subprocess.Popen(
            [str(found), "-p", *STREAMS, *start.arguments[2:]],
            cwd=folder,
            env=clean_environment(task) | start.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        for turn in range(1, turns + 1):
            process.stdin.write(asked(question(turn, note)))
            process.stdin.flush()
            if not answered(process.stdout, figures):
                break
            look_at_records(figures, server)
            if turn % 20 == 0:
                print(f"turn {turn}", flush=True)
        process.stdin.close()
        process.wait(timeout=60)
    look_at_records(figures, server)
    count(figures, server.received()[earlier:])
    return figures


def warm_up(program: Path, start: Start, task: Task) -> None:
    """One question in a session of its own: which betas this account refuses is learned by it."""
    subprocess.run(
        [str(program), "-p", *STREAMS, *start.arguments[2:]],
        cwd=task.folder,
        env=clean_environment(task) | start.environment,
        input=asked("Say hello.").encode(),
        capture_output=True,
        timeout=120,
        check=True,
    )


def asked(words: str) -> str:
    """A line of Claude Code's input."""
    message = {"role": "user", "content": words}
    return json.dumps({"type": "user", "message": message}) + "\n"


def question(turn: int, note: Path) -> str:
    if turn % TOOL_EVERY == 0:
        return f"Turn {turn}: read the file {note} and tell me what stands in it."
    return f"Turn {turn}: think step by step about the number {turn * turn}."


def answered(lines: Any, figures: Figures) -> bool:
    """Read what Claude Code says until the turn is over; whether it ended well."""
    for line in lines:
        event = json.loads(line)
        if event.get("type") == "assistant":
            kinds = [block.get("type") for block in event["message"]["content"]]
            figures.tool_calls += kinds.count("tool_use")
        if event.get("type") == "result":
            if event.get("is_error"):
                figures.refused.append(str(event.get("result"))[:500])
                return False
            figures.turns += 1
            return True
    return False


def look_at_records(figures: Figures, server: ProfileServer) -> None:
    """Every request is answered at its first attempt, and nothing of it is refused."""
    for record in server.activity():
        if record["request_id"] in figures.seen:
            continue
        figures.seen.add(record["request_id"])
        if record["http_status"] != 200 or record["attempts"] != 1:
            figures.refused.append(f"{record['http_status']} {record['error']} {record['notes']}")


def count(figures: Figures, sent: Sequence[SentPrompt]) -> None:
    """Read from upstream's side what the session cost."""
    figures.requests = len(sent)
    figures.signatures = sum(item.count(b'"signature"') for item in sent[-1].items) if sent else 0
    figures.repeated = len(sent) - len({(each.model, each.items) for each in sent})
