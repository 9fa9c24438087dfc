"""A tool's session: a process for each turn, or one process for all of them."""

from __future__ import annotations

import json
import shlex
import subprocess
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.agents.connected.proxy import of_a_person
from tests.agents.connected.tool import AnyTool, ConnectedLibrary, ConnectedTool, Turn

TURN_SECONDS = 180
_READS_ITS_START_FILE = "shopt -s expand_aliases; . ~/.bashrc; exec "


class Session:
    """``home`` and ``work`` are the person's; ``ask`` returns all the tool printed."""

    def __init__(self, tool: AnyTool, home: Path, work: Path) -> None:
        self._tool = tool
        self._home = home
        self._work = work
        self._environ = of_a_person(home) | dict(tool.environment)
        self._process: subprocess.Popen[str] | None = None

    def ask(self, turn: Turn) -> str:
        if isinstance(self._tool, ConnectedTool):
            return self._ran(self._tool.command(replace(turn, home=self._home)))
        return self._answered(self._tool, turn)

    def _started_by(self, command: list[str]) -> list[str]:
        """Where settings are variables, a person's shell sets them."""
        if not self._tool.shell:
            return command
        return ["/bin/bash", "-c", _READS_ITS_START_FILE + shlex.join(command)]

    def _ran(self, command: list[str]) -> str:
        try:
            done = subprocess.run(
                self._started_by(command),
                cwd=self._work,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=TURN_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return f"no end within {TURN_SECONDS} s: {error.stdout!r} {error.stderr!r}"
        return done.stdout + done.stderr

    def _answered(self, library: ConnectedLibrary, turn: Turn) -> str:
        if self._process is None:
            self._process = subprocess.Popen(
                self._started_by(library.command()),
                cwd=self._work,
                env=self._environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        too_long = threading.Timer(TURN_SECONDS, process.kill)
        too_long.start()
        image = None if turn.image is None else str(turn.image)
        asked = {"prompt": turn.prompt, "model": turn.model, "image": image}
        said: list[str] = []
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                answer = _answer_in(line)
                if answer is not None:
                    return answer
                said.append(line)
        except BrokenPipeError:
            pass
        finally:
            too_long.cancel()
        self._process = None
        return "the program ended: " + "".join(said)

    def close(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.wait(timeout=20)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process = None


def _answer_in(line: str) -> str | None:
    """The answer a program gives on a line, as ``{"answer": ...}``; None where the line is another."""
    if not line.startswith('{"answer":'):
        return None
    answer: dict[str, Any] = json.loads(line)
    return str(answer["answer"])
