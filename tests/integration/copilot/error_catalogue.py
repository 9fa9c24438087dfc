"""Asking for a row of the error catalogue, in any dialect."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.copilot.conftest import (
    CHAT,
    DIALECTS,
    MESSAGES,
    RESPONSES,
    Rig,
    error_of,
)

MODELS = {CHAT: "gpt-4.1", RESPONSES: "gpt-5.3-codex", MESSAGES: "claude-sonnet-4.6"}
SUCCESSORS = {CHAT: "gpt-5.5", RESPONSES: "gpt-5.2-codex", MESSAGES: "claude-sonnet-5.5"}
"""What the strict list offers in place of these, once they are gone."""
NO_QUOTA = {CHAT: 429, RESPONSES: 429, MESSAGES: 402}
"""OpenAI says 429 with insufficient_quota, Anthropic 402 with billing_error."""
in_every_dialect = pytest.mark.parametrize("path", DIALECTS)


async def refused(rig: Rig, path: str, word: str, **members: Any) -> tuple[int, dict[str, Any]]:
    """Ask for trouble by its word; return the status and the error object the client gets."""
    response = await rig.ask(path, MODELS[path], f"please [sim:{word}]", **members)
    return response.status, error_of(await response.json())


async def answered(rig: Rig, path: str, text: str, *, model: str | None = None) -> str:
    response = await rig.ask(path, model or MODELS[path], text)
    assert response.status == 200, await response.text()
    return str(await response.text())
