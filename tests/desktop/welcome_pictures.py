"""Pictures of the first run and of Connect, also in Chinese, at one and at two pixels for a point.

    python -m tests.desktop.welcome_pictures [FOLDER]

The first run is the real app's, over an empty home and without a keychain; Connect is the demo's, with
stand-ins on PATH that say the versions of real agents.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QGuiApplication

from desktop.views.theme.tokens import Scheme
from tests.desktop.screenshots import PANELS, ROOT, WINDOW, add_fonts, first, save, settle
from tests.desktop.virtual_screen import VirtualScreen, eventually, free_port, missing_programs

SCALES = (1, 2)
HERE = {
    "claude": "2.1.329 (Claude Code)",
    "codex": "codex-cli 0.169.0",
    "aider": "aider 0.86.2",
    "opencode": "1.18.33",
    "copilot": "1.0.102",
    "cursor": "2.4.0",
}


@dataclass(frozen=True, slots=True)
class WelcomePicture:
    """``title`` is the window's; ``keys`` bring it to what is shown after it is drawn."""

    name: str
    title: str
    demo: bool
    language: str = "en"
    keys: tuple[str, ...] = ()


WELCOME_PICTURES = (
    WelcomePicture("first-run", "^Welcome$", demo=False),
    WelcomePicture("first-run-zh", "^欢迎$", demo=False, language="zh_CN"),
    WelcomePicture("connect", WINDOW, demo=True, keys=("ctrl+5",)),
    WelcomePicture("connect-zh", WINDOW, demo=True, language="zh_CN", keys=("ctrl+5",)),
)


def main(arguments: list[str]) -> int:
    missing = missing_programs()
    if missing:
        print(f"These programs are missing: {', '.join(missing)}", file=sys.stderr)
        return 1
    folder = Path(arguments[0]) if arguments else Path("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # ours; the app gets the virtual screen
    _application = QGuiApplication([])
    for scheme in Scheme:
        for scale in SCALES:
            take_welcome_pictures(folder, scheme, scale)
    return 0


def take_welcome_pictures(folder: Path, scheme: Scheme, scale: int) -> None:
    suffix = "" if scheme is Scheme.LIGHT else "-dark"
    suffix += "" if scale == 1 else f"@{scale}x"
    size = (1280 * scale, 860 * scale)
    with VirtualScreen(*size, panel_colour=PANELS[scheme]) as screen:
        add_fonts(screen)
        screen.environ["QT_SCALE_FACTOR"] = str(scale)
        for each in WELCOME_PICTURES:
            with running_app(screen, scheme, each):
                window = eventually(lambda: first(screen.windows(each.title)), each.title)  # noqa: B023
                settle()
                screen.key(*each.keys)
                settle()
                time.sleep(2.0 if each.demo else 0.0)  # the stand-ins are asked for their versions
                save(screen.picture_of(window), folder / f"{each.name}{suffix}.png")


@contextmanager
def running_app(screen: VirtualScreen, scheme: Scheme, picture: WelcomePicture) -> Iterator[None]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        settings = f"[server]\nport = {free_port()}\n[desktop]\n"
        settings += f'theme = "{scheme.value}"\nlanguage = "{picture.language}"\n'
        (Path(home) / "settings.toml").write_text(settings, encoding="utf-8")
        programs = Path(home) / "bin"
        programs.mkdir()
        for name, version in HERE.items():
            (programs / name).write_text(f"#!/bin/sh\necho '{version}'\n", encoding="utf-8")
            (programs / name).chmod(0o755)
        environ = {
            "G_COPILOT_PROXY_HOME": home,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        command = [sys.executable, "-m", "desktop", *(["--demo"] if picture.demo else [])]
        with screen.running(command, environ=environ):
            yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
