"""What the window costs, and what it does to streams: ``python -m tests.benchmarks --window``; Linux.

The app runs offscreen: it paints as on a screen, into memory. Streams are paced; a chunk's lateness is
counted from its stream's own pace, its quickest chunk being in time, so that no clock is shared.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks import upstream
from tests.benchmarks.load import KEY, KINDS, body_of, chunk_lateness, request_of
from tests.benchmarks.measuring import ROOT, started, wait_for
from tests.benchmarks.windowed_app import HIDDEN, SWITCH
from tests.integration.free_ports import free_port

REPAINTS = 60
SETTLED_SECONDS = 15.0
"""After which a caret stands still (10 s) and what loads behind the first paint is there."""
READY_SECONDS = 60.0
_TICK = 1e-9


@dataclass(frozen=True, slots=True)
class WindowSize:
    rounds: int
    streams: int
    idle_seconds: float


SHORT = WindowSize(rounds=3, streams=200, idle_seconds=20.0)
LONG = WindowSize(rounds=7, streams=200, idle_seconds=60.0)


@dataclass(frozen=True, slots=True)
class WindowFigure:
    name: str
    unit: str
    value: float
    aim: str


class MeasuredApp:
    def __init__(self, process: subprocess.Popen[str], began: float, home: Path) -> None:
        self._process = process
        self._began = began
        self._home = home

    def says(self, name: str) -> object:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{") and name in (found := json.loads(line)):
                return found[name]
        raise RuntimeError(f"the app ended without saying {name}")

    def seconds_to_window(self) -> float:
        painted = self.says("painted")
        assert isinstance(painted, float)
        return painted - self._began

    def cpu_seconds(self) -> float:
        """CPU of all threads, to the nanosecond, unlike the ticks of ``stat``."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in tasks) * _TICK

    def megabytes(self) -> float:
        """Resident memory, with the pages of libraries that other programs share."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        resident = next(line for line in lines if line.startswith("VmRSS"))
        return int(resident.split()[1]) / 1024

    def own_megabytes(self) -> float:
        """Resident memory, where a page shared with other processes counts for its part (Pss)."""
        lines = Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines()
        own = next(line for line in lines if line.startswith("Pss:"))
        return int(own.split()[1]) / 1024

    @property
    def key(self) -> str:
        return (self._home / "state" / "local-key").read_text(encoding="utf-8").strip()


def measure_window(home: Path, size: WindowSize) -> Iterator[WindowFigure]:
    port = free_port()
    with started("tests.benchmarks.upstream", str(port), port=port):
        environ = _environ(f"http://127.0.0.1:{port}")
        yield from _streams(home, environ, size)
        with _app(home / "switch", free_port(), environ, SWITCH) as app:
            yield WindowFigure(
                "exec to the first painted window", "s", app.seconds_to_window(), "1"
            )
            taken = app.says("switched")
        assert isinstance(taken, dict)
        again = [each for times in taken.values() for each in times[1:]]
        first = [times[0] for times in taken.values()]
        yield WindowFigure("another page, CPU, median", "ms", median(again), "50")
        yield WindowFigure("a page opened first, CPU, longest", "ms", max(first), "50")
        for page in ("activity", "home", HIDDEN):
            with _app(home / page, free_port(), environ, page) as app:
                time.sleep(SETTLED_SECONDS)
                before = app.cpu_seconds()
                time.sleep(size.idle_seconds)
                share = 100 * (app.cpu_seconds() - before) / size.idle_seconds
                yield WindowFigure(f"idle, {page}: CPU of one core", "%", share, "0.2")
                yield WindowFigure(
                    f"idle, {page}: memory of its own", "MB", app.own_megabytes(), "110"
                )
                yield WindowFigure(f"idle, {page}: resident memory", "MB", app.megabytes(), "110")


def _streams(home: Path, environ: dict[str, str], size: WindowSize) -> Iterator[WindowFigure]:
    """Chunks of paced streams, headless and with the window repainting, in turns."""
    found: dict[str, list[tuple[float, float]]] = {"headless": [], "window": []}
    for number in range(size.rounds):
        turns = ["headless", "window"] if number % 2 == 0 else ["window", "headless"]
        for turn in turns:
            port = free_port()
            folder = home / f"{turn}{number}"
            if turn == "window":
                with _app(folder, port, environ, "activity", str(REPAINTS)) as app:
                    app.seconds_to_window()
                    found[turn].append(_lateness(port, app.key, size.streams))
            else:
                arguments = ("serve", "--port", str(port), "--key", KEY)
                own = {**environ, "G_COPILOT_PROXY_HOME": str(folder)}
                with started("desktop", *arguments, port=port, env=own):
                    found[turn].append(_lateness(port, KEY, size.streams))
    for place, name, aim in ((0, "p50", ""), (1, "p99", "")):
        for turn, rounds in found.items():
            value = 1e3 * median(each[place] for each in rounds)
            yield WindowFigure(f"chunk lateness {name}, {turn}", "ms", value, aim)
    pairs = zip(found["window"], found["headless"], strict=True)
    ratio = median(window[1] / headless[1] for window, headless in pairs)
    yield WindowFigure("chunk lateness p99, window to headless", "times", ratio, "3")


def _lateness(port: int, key: str, streams: int) -> tuple[float, float]:
    """Return p50 and p99 in seconds."""
    chat = KINDS[0]
    chunks, pause = upstream.SLOW
    model = upstream.name(chunks, pause, chat.upstream)
    request = request_of(chat.ours, body_of(chat.speaks, model, 1000), key)
    late = asyncio.run(chunk_lateness(port, request, streams, pause / 1000))
    cuts = quantiles(late, n=100)
    return cuts[49], cuts[98]


@contextlib.contextmanager
def _app(home: Path, port: int, environ: dict[str, str], *arguments: str) -> Iterator[MeasuredApp]:
    """The app, signed in and serving at ``port``."""
    (home / "state").mkdir(parents=True)
    (home / "settings.toml").write_text(f"[server]\nport = {port}\n", encoding="utf-8")
    (home / "state" / "window.ini").write_text("[first_run]\ndone=true\n", encoding="utf-8")
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.windowed_app", *arguments],
        cwd=ROOT,
        env={**os.environ, **environ, "G_COPILOT_PROXY_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            wait_for(port, process)
            yield MeasuredApp(process, began, home)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _environ(url: str) -> dict[str, str]:
    return {
        "G_COPILOT_PROXY_GITHUB_URL": url,
        "G_COPILOT_PROXY_GITHUB_API_URL": url,
        "G_COPILOT_PROXY_API_URL": url,
        "COPILOT_GITHUB_TOKEN": "ghu_benchmark000000000000000000000000000",
        "QT_QPA_PLATFORM": "offscreen",
    }
