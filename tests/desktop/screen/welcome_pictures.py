"""Pictures of the first run, and of it and Connect in Chinese where a font has it.

The first run is the real app's, over an empty home and without a keychain; Connect is the demo's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from desktop.views.theme.tokens import Scheme
from tests.desktop.screen.pictured_app import (
    PANELS,
    ROOT,
    WINDOW,
    add_fonts,
    first,
    named,
    programs_in,
    save,
    settle,
)
from tests.desktop.screen.virtual_screen import VirtualScreen, eventually
from tests.integration.free_ports import free_port


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
    WelcomePicture("connect-zh", WINDOW, demo=True, language="zh_CN", keys=("ctrl+5",)),
)


def take_welcome_pictures(folder: Path, scheme: Scheme, scale: int) -> None:
    size = (1280 * scale, 860 * scale)
    with VirtualScreen(*size, panel_colour=PANELS[scheme]) as screen:
        add_fonts(screen)
        screen.environ["QT_SCALE_FACTOR"] = str(scale)
        for each in WELCOME_PICTURES:
            if each.language == "zh_CN" and not has_chinese_font():
                print(f"{each.name}: left out, no font here has Chinese")
                continue
            with running_app(screen, scheme, each):
                window = eventually(lambda: first(screen.windows(each.title)), each.title)  # noqa: B023
                settle()
                screen.key(*each.keys)
                settle()
                time.sleep(2.0 if each.demo else 0.0)  # the stand-ins are asked for their versions
                save(screen.picture_of(window), folder / named(each.name, scheme, scale))


def has_chinese_font() -> bool:
    found = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, check=True)
    return bool(found.stdout.strip())


@contextmanager
def running_app(screen: VirtualScreen, scheme: Scheme, picture: WelcomePicture) -> Iterator[None]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        settings = f"[server]\nport = {free_port()}\n[desktop]\n"
        settings += f'theme = "{scheme.value}"\nlanguage = "{picture.language}"\n'
        (Path(home) / "settings.toml").write_text(settings, encoding="utf-8")
        environ = {
            "G_COPILOT_PROXY_HOME": home,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{programs_in(Path(home))}:{os.environ['PATH']}",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        }
        command = [sys.executable, "-m", "desktop", *(["--demo"] if picture.demo else [])]
        with screen.running(command, environ=environ):
            yield
