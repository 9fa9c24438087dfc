"""Real tools, connected by our own command and back: ``python -m tests.agents.connected [TOOL ...]``.

Each in a home of its own, with settings a person may have had. It must use the proxy, finish a task that
needs a tool, and find its settings as they were. ``--write`` puts the table into docs/clients.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.agents.connected_tools import CONNECTED_TOOLS, ConnectedTool

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/clients.md"
BEGIN, END = "<!-- made by tests.agents.connected -->", "<!-- end -->"
RUN_SECONDS = 180
_KEPT = ("PATH", "LANG", "LC_ALL", "TERM", "SystemRoot", "TEMP", "TMP", "APPDATA", "LOCALAPPDATA")


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    environ: dict[str, str]

    def command(self, home: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Run one of our commands for a person whose home is ``home``; return its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "desktop", *arguments, "--json"],
            cwd=ROOT,
            env=self.environ | of_a_person(home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        if not done.stdout:
            raise RuntimeError(done.stderr)
        answer: dict[str, Any] = json.loads(done.stdout)
        return done.returncode, answer

    def activity(self) -> list[dict[str, Any]]:
        key = subprocess.run(
            [sys.executable, "-m", "desktop", "key"],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        asked = urllib.request.Request(
            f"{self.url}/v1/activity", headers={"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(asked, timeout=10) as answer:
            recent: list[dict[str, Any]] = json.load(answer)["recent"]
            return recent


@dataclass(frozen=True, slots=True)
class Outcome:
    """``problem`` is empty where all of it was as promised."""

    tool: ConnectedTool
    model: str
    version: str
    requests: int = 0
    problem: str = ""


def of_a_person(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "USERPROFILE": str(home), "SHELL": "/bin/bash"}


@contextmanager
def running_server(folder: Path) -> Iterator[Server]:
    """The demo, as a user starts it, on any free port and with a home of its own."""
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environ |= {"G_COPILOT_PROXY_HOME": str(folder / "proxy")}
    environ |= {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    with (
        (folder / "serve.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "desktop", "serve", "--demo", "--port", "0"],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line.startswith("Listening on "):
                raise RuntimeError((folder / "serve.log").read_text())
            yield Server(line.removeprefix("Listening on ").strip(), environ)
        finally:
            process.terminate()
            process.wait(timeout=20)


def install(tool: ConnectedTool) -> Path:
    """Return the program; it is installed first where it is missing."""
    if not tool.installed.exists():
        print(f"installing {tool.package} {tool.version} ...", flush=True)
        tool.folder.mkdir(parents=True, exist_ok=True)
        if tool.python:
            venv.create(tool.folder, with_pip=True)
            pip = tool.installed.with_name("pip")
            command = [str(pip), "install", "--quiet", f"{tool.package}=={tool.version}"]
        else:
            npm = shutil.which("npm")
            if npm is None:
                raise RuntimeError("npm is missing: install Node.js first")
            flags = ["--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
            command = [npm, "install", *flags, "--prefix", str(tool.folder)]
            command.append(f"{tool.package}@{tool.version}")
        subprocess.run(command, check=True)
    return tool.installed


def try_tool(tool: ConnectedTool, model: str, server: Server, folder: Path) -> Outcome:
    """Connect, run, disconnect; whatever was not as promised is the outcome's problem."""
    program = install(tool)
    home, work = folder / "home", folder / "work"
    for each in (home, work):
        each.mkdir(parents=True)
    for name, text in tool.existing.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    word = "w" + secrets.token_hex(5)
    note = work / "note.txt"
    note.write_text(f"secret word is: {word}\n")
    prompt = f"Read the file {note} and tell me the secret word that stands in it."

    code, done = server.command(home, "connect", tool.app_id, "--model", model)
    if code:
        return Outcome(tool, model, tool.version, problem=f"connect: {done}")
    written = [Path(each) for each in done["written"]]
    ours = {path: path.read_bytes() for path in written}
    seen = {each["request_id"] for each in server.activity()}
    said = run(tool, program, prompt, note, home, work)
    made = [each for each in server.activity() if each["request_id"] not in seen]
    touched = [path for path in written if path.read_bytes() != ours[path]]
    code, undone = server.command(home, "disconnect", tool.app_id)

    problem = ""
    if f"The secret word is {word}" not in " ".join(said.split()):
        problem = f"the word is missing in: {said[-2000:]}"
    elif not made:
        problem = "it did not use the proxy"
    elif not any(each["client"] == tool_name(tool) for each in made):
        problem = f"its requests bear another name: {made[0]['client']}"
    elif code:
        problem = f"disconnect: {undone}"
    problem = problem or left_behind(tool, home, written, touched)
    return Outcome(tool, model, tool.version, len(made), problem)


def tool_name(tool: ConnectedTool) -> str:
    from proxy_core.clients.catalogue import TOOLS

    return TOOLS[tool.app_id].name


def run(tool: ConnectedTool, program: Path, prompt: str, note: Path, home: Path, work: Path) -> str:
    """Return all the tool printed, started as a person would from their shell."""
    environ = {name: os.environ[name] for name in _KEPT if name in os.environ}
    environ |= of_a_person(home) | tool.environment
    command = [str(program), *tool.arguments(prompt, note)]
    if tool.shell:
        line = f"shopt -s expand_aliases; . ~/.bashrc; exec {shlex.join(command)}"
        command = ["/bin/bash", "-c", line]
    try:
        done = subprocess.run(
            command,
            cwd=work,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=RUN_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        return f"no end within {RUN_SECONDS} s: {error.stdout!r} {error.stderr!r}"
    return done.stdout + done.stderr


def left_behind(tool: ConnectedTool, home: Path, written: list[Path], touched: list[Path]) -> str:
    """Say what is not as it was. What the tool itself wrote into a file meanwhile stays in it."""
    for path in written:
        name = str(path.relative_to(home))
        before = tool.existing.get(name)
        if path in touched:
            if (
                path.exists()
                and b"127.0.0.1:" in path.read_bytes()
                and "127.0.0.1" not in (before or "")
            ):
                return f"{name} still has our address"
            continue
        after = path.read_bytes() if path.exists() else None
        if after != (None if before is None else before.encode()):
            return f"{name} is not what it was: {after!r}"
    return ""


def table(outcomes: list[Outcome]) -> str:
    lines = [
        "| Tool | Version | Passed through | Translated | What it lacks |",
        "|---|---|---|---|---|",
    ]
    for app_id in dict.fromkeys(each.tool.app_id for each in outcomes):
        mine = [each for each in outcomes if each.tool.app_id == app_id]
        cells = ["failed" if each.problem else f"works, {each.requests} requests" for each in mine]
        cells += ["not tried"] * (2 - len(cells))
        if len(cells) > 2:  # it speaks the API that the model has, whichever that is
            failed = any(each.problem for each in mine)
            cells = ["failed" if failed else f"works in {len(mine)} APIs", "not needed"]
        tool = mine[0].tool
        name = tool_name(tool)
        lines.append(f"| {name} | {tool.version} | {cells[0]} | {cells[1]} | {tool.lacks} |")
    return "\n".join(lines)


def write_table(text: str) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    DOCUMENT.write_text(
        pattern.sub(lambda _: f"{BEGIN}\n{text}\n{END}", document), encoding="utf-8"
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agents.connected")
    parser.add_argument("tools", nargs="*", metavar="TOOL")
    parser.add_argument("--write", action="store_true", help="put the table into docs/clients.md")
    parser.add_argument("--one-model", action="store_true", help="only the model passed through")
    parsed = parser.parse_args(arguments)
    unknown = [each for each in parsed.tools if each not in CONNECTED_TOOLS]
    if unknown:
        parser.error(f"no such tool: {unknown[0]}; there are {', '.join(CONNECTED_TOOLS)}")
    chosen = parsed.tools or list(CONNECTED_TOOLS)
    outcomes: list[Outcome] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with running_server(folder) as server:
            for app_id in chosen:
                tool = CONNECTED_TOOLS[app_id]
                for model in tool.models[: 1 if parsed.one_model else None]:
                    outcome = try_tool(tool, model, server, folder / f"{app_id}-{model}")
                    outcomes.append(outcome)
                    said = outcome.problem or f"works, {outcome.requests} requests"
                    print(f"{app_id} {tool.version} on {model}: {said}", flush=True)
    text = table(outcomes)
    print(text)
    if parsed.write:
        write_table(text)
    return 1 if any(each.problem for each in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
