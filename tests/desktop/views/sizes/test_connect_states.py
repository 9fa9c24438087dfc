"""The Connect page after a change: nothing is cut in the narrowest window with large text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from desktop.presenters.connect.tool_changes import ToolChanges
from desktop.presenters.words import Words
from desktop.system.translation import Translations, translate_in
from desktop.views.pages.connect_page import ConnectPage
from desktop.views.theme.theme import Theme
from proxy_core.config.settings import Language
from proxy_core.errors import UpstreamRefused
from tests.desktop.fake_service import FakeService
from tests.desktop.presenters.connect_scene import ConnectScene
from tests.desktop.views.sizes.every_size import LANGUAGES, settle, text_at
from tests.desktop.views.sizes.room import problems

NARROWEST = 656
"""Pixels that a window of 720 leaves to a page beside the sidebar's icons."""


def connected(scene: ConnectScene) -> None:
    asyncio.run(scene.presenter.connect())


def changed_by_hand(scene: ConnectScene) -> None:
    connected(scene)
    written = scene.settings.read_text()
    scene.settings.write_text(written.replace("claude-haiku-4.5", "claude-opus-4.7"))
    scene.look_now()


def left_as_it_was_changed(scene: ConnectScene) -> None:
    changed_by_hand(scene)
    asyncio.run(scene.presenter.disconnect())


def restored(scene: ConnectScene) -> None:
    connected(scene)
    asyncio.run(scene.presenter.disconnect())


def not_to_be_undone(scene: ConnectScene) -> None:
    connected(scene)
    scene.settings.write_text("{ broken")
    asyncio.run(scene.presenter.disconnect())


def asked_in_vain(scene: ConnectScene) -> None:
    connected(scene)

    async def refused(*_: object) -> None:
        raise UpstreamRefused("Nobody answers at http://127.0.0.1:4141/v1.", title="No server")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ToolChanges, "ask", refused)
        asyncio.run(scene.presenter.test())


STATES: Mapping[str, Callable[[ConnectScene], None]] = {
    each.__name__: each
    for each in (
        *(connected, changed_by_hand, left_as_it_was_changed, restored),
        *(not_to_be_undone, asked_in_vain),
    )
}


@pytest.mark.parametrize(("language", "percent"), [("en", 100), ("en", 200), ("zh", 200)])
def test_nothing_is_cut_whatever_happened_to_the_tools_settings(
    qapp: QApplication,
    theme: Theme,
    service: FakeService,
    tmp_path: Path,
    language: str,
    percent: int,
) -> None:
    translations, words = Translations(qapp), Words()
    words.tr, words.numbered = translate_in("Presenters")
    translations.use(LANGUAGES[language])
    wrong = {}
    try:
        with text_at(percent, qapp, theme):
            for name, happens in STATES.items():
                (tmp_path / name).mkdir()
                scene = ConnectScene(tmp_path / name, service, words)
                scene.look_now()
                happens(scene)
                wrong[name] = cut(theme, scene)
    finally:
        translations.use(Language.ENGLISH)
    assert wrong == {name: [] for name in STATES}


def cut(theme: Theme, scene: ConnectScene) -> list[str]:
    """What is cut when the page is shown once, as news of a change are."""
    host = QWidget()
    column = QVBoxLayout(host)
    column.setContentsMargins(0, 0, 0, 0)
    page = ConnectPage(theme, host)
    column.addWidget(page)
    theme.dress(host)
    host.resize(NARROWEST, 700)
    page.show_view(scene.presenter.view())
    host.show()
    settle()
    found = problems(host)
    host.close()
    host.deleteLater()
    settle()
    return found
