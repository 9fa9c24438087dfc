"""A model whose terms nobody accepted: refused with the way out, accepted in a terminal, then served.

The server and the command are two processes that share a folder.
"""

from __future__ import annotations

import pytest

from proxy_core.upstream import upkeep
from tests.integration.usage.conftest import Home
from tests.integration.usage.test_every_number import CHAT, MESSAGES, RESPONSES, body

MODEL = "claude-fable-5"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server looks for what commands changed every ten seconds; a test need not wait for that."""
    monkeypatch.setattr(upkeep, "INTERVAL_SECONDS", 0.1)


def policies(home: Home) -> list[object]:
    path = f"/models/{MODEL}/policy"
    return [each.body for each in home.simulator.requests if each.path == path]


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
async def test_terms_are_accepted_in_a_terminal_and_the_running_server_knows(
    home: Home, path: str
) -> None:
    asked = body(path, MODEL, stream=True)
    refused = await home.post(path, asked)
    assert refused.status in (400, 403, 404)
    assert f"models --enable {MODEL}" in await refused.text()
    assert home.model_calls == 1, "GitHub has the last word: the terms may be accepted by now"
    usable = home.board.current.model_count
    assert usable is not None

    shown = await home.command("models", "--enable", MODEL)
    assert shown.code == 1
    assert "Simulated terms" in shown.output
    assert policies(home) == [], "nobody said yes"

    accepted = await home.command("models", "--enable", MODEL, "--yes")
    assert (accepted.code, accepted.errors) == (0, "")
    assert policies(home) == [{"state": "enabled"}]

    await home.until(lambda: home.board.current.model_count == usable + 1)
    served = await home.post(path, asked)
    assert served.status == 200, await served.text()
    assert home.model_calls == 2
