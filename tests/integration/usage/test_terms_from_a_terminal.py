"""A model whose terms nobody accepted: refused with the way out, accepted in a terminal, then served.

The server and the command are two processes that share a folder.
"""

from __future__ import annotations

import pytest

from proxy_core.upstream import maintenance
from tests.integration.usage.conftest import Home
from tests.integration.usage.test_every_number import CHAT, MESSAGES, RESPONSES, body

UNDECIDED = "claude-fable-5"
SWITCHED_OFF = "claude-opus-4.7"


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server looks for what commands changed every ten seconds; a test need not wait for that."""
    monkeypatch.setattr(maintenance, "INTERVAL_SECONDS", 0.1)


def policies(home: Home, model: str) -> list[object]:
    path = f"/models/{model}/policy"
    return [each.body for each in home.simulator.requests if each.path == path]


async def accept(home: Home, model: str) -> None:
    """Look at the terms first, as a person does; looking accepts nothing."""
    shown = await home.command("models", "--enable", model)
    assert shown.code == 1
    assert "Simulated terms" in shown.output
    assert policies(home, model) == []
    accepted = await home.command("models", "--enable", model, "--yes")
    assert (accepted.code, accepted.errors) == (0, "")
    assert policies(home, model) == [{"state": "enabled"}]


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
async def test_a_model_that_awaits_consent_is_served_once_it_is_given(
    home: Home, path: str
) -> None:
    asked = body(path, UNDECIDED, stream=True)
    refused = await home.post(path, asked)
    assert refused.status in (400, 403, 404)
    assert f"models --enable {UNDECIDED}" in await refused.text()
    assert home.model_calls == 1, "GitHub has the last word: the terms may be accepted by now"
    await accept(home, UNDECIDED)
    served = await home.post(path, asked)
    assert served.status == 200, await served.text()
    assert home.model_calls == 2


async def test_a_model_that_was_switched_off_is_known_to_the_running_server_as_usable(
    home: Home,
) -> None:
    asked = body(MESSAGES, SWITCHED_OFF, stream=True)
    refused = await home.post(MESSAGES, asked)
    assert refused.status in (400, 403, 404)
    assert SWITCHED_OFF in await refused.text()
    assert home.model_calls == 0, "what GitHub lists as switched off is not asked"
    usable = home.board.current.model_count
    assert usable is not None
    await accept(home, SWITCHED_OFF)
    await home.until(lambda: home.board.current.model_count == usable + 1)
    served = await home.post(MESSAGES, asked)
    assert served.status == 200, await served.text()
    assert home.model_calls == 1
