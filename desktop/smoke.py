"""``--smoke``: whether the app's installation is whole, window included.

Set ``QT_QPA_PLATFORM=offscreen`` where there is no screen. The parts without a window are checked by
``proxy_core.app.smoke``.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import qasync
from PySide6.QtCore import QCoreApplication, QLibraryInfo, QSize
from PySide6.QtGui import QImageReader

from desktop.desktop_app import DesktopApp
from desktop.presenters.words import Words
from desktop.system.taskbar_theme import taskbar_is_light
from desktop.system.translation import Translations
from desktop.views.application import Application
from desktop.views.theme.icons import ICONS_FOLDER, render_svg
from desktop.views.theme.theme import Theme
from proxy_core.app.smoke import Check, DemoServer, SmokeFailed, checks_without_window, report
from proxy_core.config.settings import Language

_PLATFORM_PLUGINS = {
    "linux": ("qxcb", "qwayland", "qoffscreen"),
    "darwin": ("qcocoa",),
    "win32": ("qwindows",),
}
"""In the names of the files that let Qt draw on the systems people have."""

_CONTEXT, _TEXT = "Presenters", "Quit"
"""A text of the tray's menu that every translation says in words of its own."""


def smoke(environ: Mapping[str, str]) -> int:
    """Run the app in the demo with its window open, check every part; return 0, or 1 if one failed."""
    application = Application(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    with (
        DemoServer(environ) as server,
        asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(application)) as runner,
    ):
        return runner.run(_run(application, server, environ))


async def _run(application: Application, server: DemoServer, environ: Mapping[str, str]) -> int:
    app = DesktopApp(
        server.service,
        Theme(application),
        Words(),
        open_page=lambda _: False,
        taskbar_is_light=taskbar_is_light,
        memory=None,
    )
    running = asyncio.create_task(app.run())
    app.show_window()
    translations = Translations(application)
    checks: tuple[tuple[str, Check], ...] = (
        ("window", lambda: _window(app)),
        ("SVG", _svg),
        ("translations", lambda: _translation(translations)),
        ("platforms", _platforms),
        *checks_without_window(server, environ),
    )
    try:
        # Each blocks the window's thread, which has nothing else to do: the server has its own.
        code = report(checks)
    finally:
        app.ask_to_quit()
        ended = await running
    return max(code, ended)


def _window(app: DesktopApp) -> str:
    """Raises SmokeFailed for a window that is not there or empty."""
    picture = app.window.grab().toImage()
    colours = {picture.pixel(x, picture.height() // 2) for x in range(picture.width())}
    if not app.window.isVisible() or len(colours) < 2:
        raise SmokeFailed("the window shows nothing")
    return f"{picture.width()}x{picture.height()}"


def _svg() -> str:
    """Raises SmokeFailed, or FileNotFoundError for a drawing that is missing or cannot be read."""
    if b"svg" not in {bytes(each.data()) for each in QImageReader.supportedImageFormats()}:
        raise SmokeFailed("Qt's plugin for SVG images is missing")
    drawings = sorted(ICONS_FOLDER.rglob("*.svg"))
    for each in drawings:
        picture = render_svg(each, QSize(16, 16)).toImage()
        points = ((x, y) for x in range(picture.width()) for y in range(picture.height()))
        if not any(picture.pixelColor(x, y).alpha() for x, y in points):
            raise SmokeFailed(f"{each.name} is drawn as nothing")
    if not drawings:
        raise SmokeFailed(f"no drawings in {ICONS_FOLDER}")
    return f"{len(drawings)} drawings"


def _translation(translations: Translations) -> str:
    """Raises SmokeFailed when a language of the settings has no texts."""
    found: list[str] = []
    for language in (each for each in Language if each is not Language.SYSTEM):
        translations.use(language)
        if (
            language is not Language.ENGLISH
            and QCoreApplication.translate(_CONTEXT, _TEXT) == _TEXT
        ):
            raise SmokeFailed(f"no texts in {language.value}")
        found.append(language.value)
    translations.use(Language.ENGLISH)
    return ", ".join(found)


def _platforms() -> str:
    """Raises SmokeFailed when a platform plugin was left out."""
    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.PluginsPath)) / "platforms"
    names = [each.name for each in folder.iterdir()]
    wanted = _PLATFORM_PLUGINS.get(sys.platform, ())
    missing = [each for each in wanted if not any(each in name for name in names)]
    if missing:
        raise SmokeFailed(f"{folder} is without {', '.join(missing)}")
    return ", ".join(wanted)
