"""The demo as a person walks it: sign out, sign in on the simulated GitHub page, say no, say yes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import qasync

from desktop.desktop_app import DesktopApp
from desktop.pages.home import Home
from desktop.presenters.actions import Action
from desktop.presenters.pages import PageKey
from desktop.presenters.sign_in.sign_in_view import SignInAction
from desktop.presenters.words import Words
from desktop.views.dialogs.sign_in_dialog import SignInDialog
from desktop.views.pages.home_page import HomePage
from desktop.views.theme.theme import Theme
from proxy_core.app.service import ProxyService
from proxy_core.config.paths import find_paths
from proxy_core.status.status import AccountState, TokenPlace

Scene = Callable[[DesktopApp, ProxyService, list[str]], Coroutine[Any, Any, None]]


async def until(look: Callable[[], object]) -> None:
    while not look():  # noqa: ASYNC110  # widgets have no event to await
        await asyncio.sleep(0.02)


def decide(page: str, code: str, decision: str) -> None:
    """Type the code on the page and press a button, as the browser would."""
    form = urlencode({"user_code": code, "decision": decision}).encode()
    with urlopen(Request(page, form), timeout=60) as answer:  # loopback
        assert answer.status == 200
        answer.read()


@pytest.fixture
def walk(qapp, theme: Theme, tmp_path: Path) -> Callable[[Scene], int]:
    """Run a scene in the demo app over the real service."""
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}
    (tmp_path / "settings.toml").write_text(
        "[server]\nport = 0\n\n[desktop]\nstart_server = false\n"
    )

    def run(scene: Scene) -> int:
        service = ProxyService(find_paths(environ), demo=True, environ=environ)
        service.boot()
        pages: list[str] = []

        async def main() -> int:
            app = DesktopApp(
                service,
                theme,
                Words(),
                open_page=lambda url: not pages.append(url),
                taskbar_is_light=lambda: False,
                memory=None,
            )
            app.tray._is_available = lambda: True
            running = asyncio.ensure_future(app.run())
            try:
                await until(lambda: service.status.account.state is AccountState.SIGNED_IN)
                await scene(app, service, pages)
            finally:
                app.ask_to_quit()
            return await running

        try:
            with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
                return runner.run(asyncio.wait_for(main(), 40))
        finally:
            service.shutdown()

    return run


def home(app: DesktopApp) -> HomePage:
    page = app.window.page(PageKey.HOME)
    assert isinstance(page, Home)
    return page.view


async def open_dialog(app: DesktopApp) -> SignInDialog:
    app.act(Action.SIGN_IN)
    dialog = app.sign_in_dialog
    assert dialog is not None
    await until(lambda: dialog.code.code.text())
    return dialog


def test_sign_out_and_in_again_as_the_simulated_page_says_yes(
    walk: Callable[[Scene], int],
) -> None:
    async def scene(app: DesktopApp, service: ProxyService, pages: list[str]) -> None:
        app.show_window()
        await until(lambda: home(app).account.title.text() == "octocat")
        app.act(Action.SIGN_OUT)
        await until(lambda: home(app).account.title.text() == "No account")
        assert not home(app).state.switch.isEnabled()
        dialog = await open_dialog(app)
        assert pages[0].startswith("http://127.0.0.1:")
        assert "This is the demo" in dialog.storage_line.text()
        await asyncio.to_thread(decide, pages[0], dialog.code.code.text(), "authorize")
        await until(lambda: dialog.heading.text() == "Signed in as octocat")
        await until(lambda: app.sign_in_dialog is None)
        await until(lambda: home(app).account.title.text() == "octocat")
        assert service.status.account.token_place is TokenPlace.MEMORY
        assert home(app).state.switch.isEnabled()

    assert walk(scene) == 0


def test_saying_no_on_the_page_ends_in_place_and_a_new_code_works(
    walk: Callable[[Scene], int],
) -> None:
    async def scene(app: DesktopApp, service: ProxyService, pages: list[str]) -> None:
        dialog = await open_dialog(app)
        first = dialog.code.code.text()
        await asyncio.to_thread(decide, pages[0], first, "deny")
        await until(lambda: dialog.heading.text() == "You declined on GitHub")
        dialog.acted.emit(SignInAction.NEW_CODE)
        await until(lambda: dialog.code.code.text() not in ("", first))
        await asyncio.to_thread(decide, pages[-1], dialog.code.code.text(), "authorize")
        await until(lambda: dialog.heading.text() == "Signed in as octocat")

    assert walk(scene) == 0


def test_cancelling_leaves_the_account_as_it_was(walk: Callable[[Scene], int]) -> None:
    async def scene(app: DesktopApp, service: ProxyService, pages: list[str]) -> None:
        dialog = await open_dialog(app)
        dialog.reject()
        await until(lambda: app.sign_in_dialog is None)
        assert service.status.account.state is AccountState.SIGNED_IN

    assert walk(scene) == 0
