"""Makes the pictures of the README from the running app, in demo mode on a virtual screen.

    python -m tests.desktop.screenshots [FOLDER]
    python -m tests.desktop.screenshots --pages FOLDER

The second form pictures every page and the question before sending, light and dark, at one and two
device pixels for each of ours, to be looked at beside the design.

Nothing is drawn by hand: the app serves, requests under the names of three programs go through it, and
a mouse opens the menu. Needs the programs named in ``virtual_screen.py``; with the Debian packages
fonts-inter and fonts-jetbrains-mono the pictures look as on a usual desktop, without them they are in
DejaVu.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QColor, QGuiApplication, QImage

from desktop.pages.declared import PAGES, is_built
from desktop.presenters.pages import PageKey
from desktop.views.theme.tokens import TOKENS_FILE, Scheme
from tests.desktop.virtual_screen import PANEL_HEIGHT, VirtualScreen, eventually, missing_programs

ROOT = Path(__file__).resolve().parents[2]
PORT = 4141
WINDOW, DIALOG = "^g-copilot-proxy$", "^Sign in to GitHub$"
TRAY = json.loads(TOKENS_FILE.read_text(encoding="utf-8"))["tray"]["light_or_dark_panel"]
PANELS = {Scheme.LIGHT: "#E9ECEC", Scheme.DARK: "#222222"}
GROUNDS = {Scheme.LIGHT: "#C9D6D8", Scheme.DARK: "#3A4648"}
PREFERRED = {"Sans Serif": "Inter", "sans-serif": "Inter", "monospace": "JetBrains Mono"}
CLAUDE, CODEX = "claude-cli/2.1.329 (external, cli)", "codex_cli_rs/0.169.0"
PROMPT = "^Ask before sending$"
STEPS = {
    # To the search, over filters and buttons to the table, down to a row.
    PageKey.MODELS: ("ctrl+f", *["Tab"] * 3, *["Down"] * 8, "Return", "Return"),
    PageKey.ACTIVITY: ("ctrl+f", *["Tab"] * 4, *["Down"] * 4),
}
STORY = "A tool reads the files of a project and keeps them in the prompt of its next request. "


def main(arguments: list[str]) -> int:
    missing = missing_programs()
    if missing:
        print(f"These programs are missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    of_pages = arguments[:1] == ["--pages"]
    named = arguments[1:] if of_pages else arguments
    folder = Path(named[0]) if named else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # ours; the app gets the virtual screen
    _application = QGuiApplication([])
    for scheme in Scheme:
        if not of_pages:
            take_pictures(folder, scheme)
            continue
        for scale in (1, 2):
            picture_pages(folder, scheme, scale)
    return 0


def picture_pages(folder: Path, scheme: Scheme, scale: int) -> None:
    """Every page with a key of its own, the Doctor from the tray, and a request that waits."""
    suffix = f"-{scheme.value}-{scale}x"
    with VirtualScreen(1280 * scale, 860 * scale, panel_colour=PANELS[scheme]) as screen:
        add_fonts(screen)
        screen.environ["QT_SCALE_FACTOR"] = str(scale)
        with running_demo(screen, scheme) as key, requests_running(key):
            window = eventually(lambda: first(screen.windows(WINDOW)), "the window")
            icon = eventually(lambda: screen.place_of(TRAY["busy"]), "the icon")

            def take(name: str) -> None:
                settle()
                save(screen.picture_of(window), folder / f"{name}{suffix}.png")

            take("home")
            for page in PAGES:
                if page.build is None or page.key is PageKey.HOME or not page.keys:
                    continue
                screen.key(page.keys.lower().replace(",", "comma"))
                settle()
                for name in STEPS.get(page.key, ()):
                    screen.key(name)
                settle()
                take(page.key)
            if is_built(PageKey.DOCTOR):
                screen.click(*icon, button=3)
                settle()
                screen.key("Up", "Up", "Return")  # Quit, Doctor
                take(PageKey.DOCTOR)
            ask_before_sending(screen)
            asking = threading.Thread(
                target=send,
                args=(key, CLAUDE, "/v1/messages", "claude-sonnet-4.6", 5000, "Go on."),
                daemon=True,
            )
            asking.start()
            prompt = eventually(lambda: first(screen.windows(PROMPT)), "the question")
            time.sleep(1)  # Send is off for a moment
            save(screen.picture_of(prompt), folder / f"approval{suffix}.png")
            screen.close(prompt)
            asking.join(30)


def ask_before_sending(screen: VirtualScreen) -> None:
    """Edit the settings as a person might; the app follows the file."""
    file = Path(screen.environ["G_COPILOT_PROXY_HOME"]) / "settings.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(f"{text}[budget]\nask_before_sending = true\n", encoding="utf-8")
    time.sleep(3)  # the file is looked at now and then


def take_pictures(folder: Path, scheme: Scheme) -> None:
    suffix = "" if scheme is Scheme.LIGHT else "-dark"
    with VirtualScreen(1280, 860, panel_colour=PANELS[scheme]) as screen:
        add_fonts(screen)
        with running_demo(screen, scheme) as key, requests_running(key):
            window = eventually(lambda: first(screen.windows(WINDOW)), "the window")
            save(screen.picture_of(window), folder / f"window{suffix}.png")
            screen.key("ctrl+w")
            icon = eventually(lambda: screen.place_of(TRAY["busy"]), "the icon")
            screen.click(*icon, button=3)
            # State, account, credits, the last request's two lines, Stop, Pause, Account, Copy.
            settle()
            screen.key(*["Down"] * 9, "Right")
            settle()
            save(menu_of(screen, icon, GROUNDS[scheme]), folder / f"tray-menu{suffix}.png")
            screen.key("Escape", "Escape")
            screen.click(*icon, button=3)
            settle()
            screen.key(*["Down"] * 8, "Right", "Down", "Return")  # Account, Use another account
            dialog = eventually(lambda: first(screen.windows(DIALOG)), "the dialog")
            settle()
            save(screen.picture_of(dialog), folder / f"sign-in{suffix}.png")


def settle() -> None:
    """Let what was asked for be drawn: a picture has no event to wait for."""
    time.sleep(0.7)


@contextmanager
def running_demo(screen: VirtualScreen, scheme: Scheme) -> Iterator[str]:
    """The app in demo mode with its server running; gives the local key."""
    with tempfile.TemporaryDirectory() as home:
        settings = f'[server]\nport = {PORT}\n[desktop]\ntheme = "{scheme.value}"\n'
        (Path(home) / "settings.toml").write_text(settings, encoding="utf-8")
        browser = Path(home) / "xdg-open"  # nothing must really open
        browser.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        browser.chmod(0o755)
        environ = {
            "G_COPILOT_PROXY_HOME": home,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{home}:{os.environ['PATH']}",
        }
        screen.environ["G_COPILOT_PROXY_HOME"] = home
        with screen.running([sys.executable, "-m", "desktop", "--demo"], environ=environ):
            eventually(is_serving, f"the server on port {PORT}")
            yield (Path(home) / "state" / "local-key").read_text(encoding="utf-8").strip()


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
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
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
    image.save(str(path))
    print(f"{path.name}: {image.width()} x {image.height()}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
