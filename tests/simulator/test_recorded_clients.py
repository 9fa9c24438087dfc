"""Requests recorded from real agents, sent as a careful proxy would, find their secret word."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.simulator.answers import read
from tests.simulator.conftest import Client

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "captures"
PATHS = {"completions": "/chat/completions", "messages": "/v1/messages", "responses": "/responses"}
BETAS = (
    "interleaved-thinking-2025-05-14",
    "context-management-2025-06-27",
    "advanced-tool-use-2025-11-20",
)


def recordings() -> list[Any]:
    """Model calls only; none where the recordings are not at hand."""
    found = []
    for path in sorted(RECORDED.glob("*/*.json")):
        recorded = json.loads(path.read_text("utf-8"))
        kind = recorded["path"].split("?")[0].rpartition("/")[2]
        if kind in PATHS and isinstance(recorded["body"], dict):
            found.append(pytest.param(kind, recorded, id=f"{path.parent.name}-{path.stem}"))
    return found


def accepted(kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` without what the strict service refuses on that endpoint."""
    dropped = {"completions": ("max_tokens", "temperature"), "responses": ("temperature",)}
    kept = {k: v for k, v in body.items() if k not in dropped.get(kind, ())}
    if kind == "responses" and "tools" in kept:
        kept["tools"] = [tool for tool in kept["tools"] if tool["type"] != "web_search"]
    return kept


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside the repository")
@pytest.mark.parametrize(("kind", "recorded"), recordings())
async def test_an_agents_request_gets_a_fitting_call_or_the_word(
    client: Client, kind: str, recorded: dict[str, Any]
) -> None:
    listed = dict(map(tuple, recorded["headers"])).get("anthropic-beta", "").split(",")
    answer = await client.post(
        PATHS[kind],
        accepted(kind, recorded["body"]),
        anthropic_beta=",".join(beta for beta in listed if beta in BETAS),
    )
    said = read({"completions": "chat"}.get(kind, kind), answer)
    given = json.dumps(recorded["body"])
    if "zqsecret" in given:
        assert said.text == "The secret word is zqsecret."
    elif recorded["body"].get("tools"):
        ((_, arguments),) = said.calls
        assert "/secret.txt" in json.dumps(arguments)
    else:
        assert said.text
