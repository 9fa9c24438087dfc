"""Shared by the tests of the whole app."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
import qasync

from desktop.desktop_app import DesktopApp
from desktop.presenters.words import Words
from desktop.views.theme.theme import Theme
from tests.desktop.app.scenes import Scene
from tests.desktop.fake_service import FakeService


@pytest.fixture
def play(qapp, theme: Theme, service: FakeService) -> Iterator[Callable[..., int]]:
    """Run a scene beside the app on Qt's loop; return the app's exit code."""
    opened: list[str] = []

    def play(scene: Scene, *, tray_is_there: bool = True) -> int:
        async def main() -> int:
            before = asyncio.all_tasks()
            app = DesktopApp(
                service,
                theme,
                Words(),
                open_page=lambda url: not opened.append(url),
                taskbar_is_light=lambda: False,
                memory=None,
            )
            app.tray._is_available = lambda: tray_is_there
            running = asyncio.ensure_future(app.run())
            try:
                await scene(app)
            finally:
                app.ask_to_quit()
            code = await running
            assert asyncio.all_tasks() == before, "no task is left when the app has ended"
            return code

        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
            return runner.run(asyncio.wait_for(main(), 60))

    play.opened = opened  # type: ignore[attr-defined]  # for the scenes to read
    yield play
