"""The demo at work on a virtual screen, as pictures show it: fonts, tools that ask, the tray's menu."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QColor, QImage

from desktop.views.theme.tokens import TOKENS_FILE, Scheme
from tests.desktop.screen.virtual_screen import PANEL_HEIGHT, VirtualScreen, eventually
from tests.desktop.second_day.month_of_work import write_month

ROOT = Path(__file__).resolve().parents[3]
PORT = 4141
WINDOW = "^g-copilot-proxy$"
TRAY = json.loads(TOKENS_FILE.read_text(encoding="utf-8"))["tray"]["light_or_dark_panel"]
PANELS = {Scheme.LIGHT: "#E9ECEC", Scheme.DARK: "#222222"}
GROUNDS = {Scheme.LIGHT: "#C9D6D8", Scheme.DARK: "#3A4648"}
PREFERRED = {"Sans Serif": "Inter", "sans-serif": "Inter", "monospace": "JetBrains Mono"}
CLAUDE, CODEX = "claude-cli/2.1.329 (external, cli)", "codex_cli_rs/0.169.0"
STORY = "A tool reads the files of a project and keeps them in the prompt of its next request. "
HERE = {
    "claude": "2.1.329 (Claude Code)",
    "codex": "codex-cli 0.169.0",
    "aider": "aider 0.86.2",
    "opencode": "1.18.33",
    "copilot": "1.0.102",
    "cursor": "2.4.0",
}
"""Stand-ins on PATH that say the versions of real agents."""
_COLOURS = 255


def settle() -> None:
    """Let what was asked for be drawn: a picture has no event to wait for."""
    time.sleep(0.7)


@contextmanager
def running_demo(screen: VirtualScreen, scheme: Scheme) -> Iterator[str]:
    """The app in demo mode with its server running; gives the local key."""
    with tempfile.TemporaryDirectory() as home:
        settings = f'[server]\nport = {PORT}\n[desktop]\ntheme = "{scheme.value}"\n'
        (Path(home) / "settings.toml").write_text(settings, encoding="utf-8")
        write_month(Path(home) / "state" / "demo" / "usage.sqlite3")
        # Closing the window for the tray's picture is not the first time: no balloon hides the icon.
        memory = Path(home) / "state" / "window.ini"
        memory.write_text("[window]\ntold_where_it_goes=true\n", encoding="utf-8")
        environ = {
            "G_COPILOT_PROXY_HOME": home,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{programs_in(Path(home))}:{os.environ['PATH']}",
        }
        screen.environ["G_COPILOT_PROXY_HOME"] = home
        with screen.running([sys.executable, "-m", "desktop", "--demo"], environ=environ):
            eventually(is_serving, f"the server on port {PORT}")
            yield (Path(home) / "state" / "local-key").read_text(encoding="utf-8").strip()


def programs_in(home: Path) -> Path:
    """A folder for PATH: the tools of :data:`HERE`, and a browser that opens nothing."""
    folder = home / "bin"
    folder.mkdir()
    for name, version in {**HERE, "xdg-open": ""}.items():
        (folder / name).write_text(f"#!/bin/sh\necho '{version}'\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return folder


@contextmanager
def requests_running(key: str) -> Iterator[None]:
    """Send what three tools might: some done, one refused, two still running."""
    for call in (
        (CLAUDE, "/v1/messages", "claude-haiku-4.5", 400, words(1)),
        (CODEX, "/v1/responses", "gpt-5.3-codex", 2600, words(4)),
        ("aider/0.86", "/v1/chat/completions", "gpt-5.2", 1400, "[sim:402]"),
        (CODEX, "/v1/responses", "gpt-5.3-codex", 2650, words(2)),
        (CLAUDE, "/v1/messages", "claude-sonnet-4.6", 5200, words(5)),
        (CLAUDE, "/v1/messages", "claude-sonnet-4.6", 5260, words(3)),
    ):
        send(key, *call)
    running = [
        threading.Thread(target=send, args=(key, *call), daemon=True)
        for call in (
            (CODEX, "/v1/responses", "gpt-5.3-codex", 2700, words(40)),
            (CLAUDE, "/v1/messages", "claude-sonnet-4.6", 5300, words(40)),
        )
    ]
    for thread in running:
        thread.start()
        time.sleep(0.7)
    time.sleep(2.5)  # busy shows after 0.4 s, the window moves its clocks every second
    yield
    for thread in running:
        thread.join(30)


def send(key: str, agent: str, path: str, model: str, size: int, ask: str) -> None:
    """One request of about ``size`` repetitions of eight words, ending with ``ask``."""
    ask = f"{STORY * (size // 8)} {ask}"
    body: dict[str, object] = {"model": model, "stream": True}
    if path == "/v1/responses":
        body["input"] = ask
    else:
        body["messages"] = [{"role": "user", "content": ask}]
    if path == "/v1/messages":
        body["max_tokens"] = 4096
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "User-Agent": agent,
        "anthropic-version": "2023-06-01",
    }
    try:
        connection.request("POST", path, json.dumps(body), headers)
        connection.getresponse().read()
    finally:
        connection.close()


def words(sentences: int) -> str:
    """Ask the simulator for that many sentences, at the pace of a model."""
    return f"Repeat exactly the following text and nothing else: [sim:slow] {STORY * sentences}"


def is_serving() -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except ConnectionError:
        return False
    finally:
        connection.close()


def menu_of(screen: VirtualScreen, icon: tuple[int, int], ground: str) -> QImage:
    """The panel's end and the menus below it, on ``ground`` in place of the bare screen's black."""
    whole = screen.picture().convertToFormat(QImage.Format.Format_RGB32)
    bare = QColor("black")
    left, right, bottom = icon[0], icon[0], PANEL_HEIGHT
    for y in range(PANEL_HEIGHT, whole.height()):
        drawn = [x for x in range(whole.width()) if whole.pixelColor(x, y) != bare]
        if drawn:
            left, right, bottom = min(left, drawn[0]), max(right, drawn[-1]), y
    picture = whole.copy(left - 16, 0, right - left + 32, bottom + 16)
    for y in range(picture.height()):
        for x in range(picture.width()):
            if picture.pixelColor(x, y) == bare:
                picture.setPixelColor(x, y, QColor(ground))
    return picture


def add_fonts(screen: VirtualScreen) -> None:
    """Prefer fonts as usual desktops have them; where they are not installed nothing changes."""
    rules = "".join(
        f'<match><test name="family"><string>{asked}</string></test><edit name="family" '
        f'mode="prepend" binding="strong"><string>{given}</string></edit></match>'
        for asked, given in PREFERRED.items()
    )
    folder = Path(screen.environ["XDG_CONFIG_HOME"]) / "fontconfig"
    folder.mkdir()
    head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
    text = f"{head}<fontconfig>{rules}</fontconfig>"
    (folder / "fonts.conf").write_text(text, encoding="utf-8")


def first(found: list[str]) -> str | None:
    return found[0] if found else None


def save(image: QImage, path: Path) -> None:
    """With a palette where ImageMagick can make one: a third of the size, and nobody sees it."""
    image.save(str(path))
    convert = shutil.which("convert")
    if convert is not None:
        colours = ["+dither", "-colors", str(_COLOURS), f"PNG8:{path}"]
        subprocess.run([convert, str(path), *colours], check=True)
    print(f"{path.name}: {image.width()} x {image.height()}, {path.stat().st_size // 1024} kB")


def named(name: str, scheme: Scheme, scale: int) -> str:
    """``home.png``, ``home-dark.png``, ``home@2x.png``."""
    dark = "" if scheme is Scheme.LIGHT else "-dark"
    times = "" if scale == 1 else f"@{scale}x"
    return f"{name}{dark}{times}.png"
