"""The server's address is changed while it serves; what cannot be had must not cost what is there."""

from __future__ import annotations

import pytest

from proxy_core.errors import BadRequest, ProxyError
from proxy_core.server.http.listener import CannotListen
from proxy_core.status.status import ServerState
from tests.integration.usage.conftest import Home

CHAT = "/v1/chat/completions"
STORY = {
    "model": "gpt-4.1",
    "messages": [{"role": "user", "content": "a story [sim:slow]"}],
    "stream": True,
}


class TestWithoutAKey:
    @pytest.fixture
    def settings_text(self) -> str:
        return "require_key = false\n"

    async def test_an_address_that_needs_a_key_is_refused_before_anything_ends(
        self, home: Home
    ) -> None:
        answer = await home.post(CHAT, STORY)
        serving = home.engine._switch._server
        with pytest.raises(BadRequest, match="must be required"):
            await home.engine.commands.change_settings("server.host", "0.0.0.0")
        assert home.engine._switch._server is serving, "it was never stopped"
        assert "data: [DONE]" in await answer.text()
        assert home.board.current.settings_problem is None, "nothing has changed"
        assert (await home.get("/v1/models")).status == 200


async def test_a_server_that_can_go_neither_there_nor_back_is_shown_as_failed(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from proxy_core.server.local_server import LocalServer

    async def nowhere(self: LocalServer, host: str, port: int) -> None:
        raise CannotListen(f"Cannot listen on {host}.", code="cannot_listen")

    with monkeypatch.context() as patched:
        patched.setattr(LocalServer, "start", nowhere)
        with pytest.raises(ProxyError, match="Cannot listen"):
            await home.engine.commands.change_settings("server.host", "::1")
    shown = home.board.current.server
    assert shown.state is ServerState.FAILED
    assert shown.problem is not None
    await home.engine.commands.change_settings("server.host", None)
    await home.engine.commands.start()
    assert home.board.current.server.state is ServerState.RUNNING
    assert (await home.get("/v1/models")).status == 200
