"""The inquiry of 11 February 2026 into Copilot's 403, in ``strict``, counted from upstream's side.

Each parameter of its table, to each kind of model, in each dialect: always answered, the first time
with two calls at most, from then on with exactly one, also after a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from proxy_core.simulator.server import SimulatorServer
from tests.integration.copilot.conftest import (
    CHAT,
    DIALECTS,
    MESSAGES,
    REPEAT,
    RESPONSES,
    Rig,
    question,
    running_rig,
)
from tests.integration.copilot.network import Network
from tests.integration.copilot.virtual_time import VirtualTime

TABLE: tuple[Mapping[str, Any], ...] = (
    {},
    {"stream": True},
    {"stream": False},
    {"temperature": 0.7},
    {"temperature": 0.0},
    {"max_tokens": 100},
    {"top_p": 1.0},
    {"top_p": 0.9},
    {"temperature": 0.3, "top_p": 1.0, "max_tokens": 4096},
    {"temperature": 0.7, "max_tokens": 100, "stream": False},
)
MODELS = {
    "chat only": "gpt-4o-mini",
    "chat only, thinking": "gemini-3.1-pro-preview",
    "chat and responses": "gpt-5.4",
    "responses only": "gpt-5.3-codex",
    "messages and chat": "claude-sonnet-4.6",
}


def asked(path: str, model: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The same parameters in the words of ``path``'s dialect."""
    members = dict(parameters)
    if path == RESPONSES and "max_tokens" in members:
        members["max_output_tokens"] = members.pop("max_tokens")
    return question(path, model, REPEAT + "fine", **members)


async def calls_for(rig: Rig, path: str, body: Mapping[str, Any]) -> int:
    before = len(rig.calls())
    response = await rig.post(path, body)
    text = await response.text()
    assert response.status == 200, text
    assert "fine" in text
    await rig.idle()
    assert len(rig.calls()) - before == rig.last_request.attempts
    return rig.last_request.attempts


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("path", DIALECTS)
async def test_once_learned_one_call_of_the_client_s_is_one_call_upstream(
    environ: dict[str, str],
    simulator: SimulatorServer,
    network: Network,
    time: VirtualTime,
    path: str,
    kind: str,
) -> None:
    """Each row of the table has a twin of the model to itself: nothing is known of it beforehand."""
    like = MODELS[kind]
    twins = [f"{like}-twin-{row}" for row in range(len(TABLE))]
    bodies = [asked(path, twin, row) for twin, row in zip(twins, TABLE, strict=True)]
    async with running_rig(environ, simulator, network, time) as rig:
        await rig.control("catalogue", {twin: {"like": like} for twin in twins})
        for row, body in zip(TABLE, bodies, strict=True):
            assert await calls_for(rig, path, body) <= 2, row
            assert [await calls_for(rig, path, body) for _ in range(3)] == [1, 1, 1], row
    async with running_rig(environ, simulator, network, time) as restarted:
        for row, body in zip(TABLE, bodies, strict=True):
            assert await calls_for(restarted, path, body) == 1, row


async def test_the_twins_know_nothing_of_each_other(rig: Rig) -> None:
    like = MODELS["chat only"]
    await rig.control("catalogue", {f"{like}-twin-{row}": {"like": like} for row in range(2)})
    for row in range(2):
        body = asked(CHAT, f"{like}-twin-{row}", {"temperature": 0.7})
        assert [await calls_for(rig, CHAT, body) for _ in range(2)] == [2, 1]


@pytest.mark.parametrize("parameters", [{"top_p": 0.9}, {"stream": True}, {"stream": False}, {}])
async def test_what_github_takes_is_never_tried_twice(
    rig: Rig, parameters: Mapping[str, Any]
) -> None:
    assert await calls_for(rig, CHAT, asked(CHAT, "gpt-4o-mini", parameters)) == 1
    sent = rig.calls()[-1].body
    assert sent["stream"] is True
    assert sent.get("top_p") == parameters.get("top_p")


async def test_a_remembered_refusal_expires_and_is_renewed_while_it_still_holds(rig: Rig) -> None:
    body = asked(CHAT, "gpt-4o-mini", {"temperature": 0.7})
    assert await calls_for(rig, CHAT, body) == 2
    rig.time.pass_by(25 * 3600)
    assert await calls_for(rig, CHAT, body) == 2
    assert await calls_for(rig, CHAT, body) == 1


@pytest.mark.parametrize("switches", [{"refuses_chat_sampling": False}], ids=[""])
async def test_where_github_takes_them_they_are_sent(rig: Rig) -> None:
    """Other sources saw both accepted; what nobody refuses is not left out."""
    body = asked(MESSAGES, "gpt-4o-mini", {"temperature": 0.7})
    assert await calls_for(rig, MESSAGES, body) == 1
    assert rig.calls()[-1].body["temperature"] == 0.7
