"""Who asked: what clients state, and the form of background requests of those that state nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from multidict import CIMultiDict

from proxy_core.dialects.registry import DIALECTS
from proxy_core.routing.initiator import SYSTEM_NOTIFICATION, decide_initiator
from proxy_core.routing.upstream_api import Initiator

CLAUDE = {"User-Agent": "claude-cli/2.1.332 (external, cli)"}
OPENCODE = {"User-Agent": "opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14"}
QWEN = {"User-Agent": "QwenCode/0.9.0 (linux; x64)"}
TOOLS = [{"name": "Bash"}]
TITLE = {"output_config": {"format": {"type": "json_schema"}}}
CAPTURES = Path(__file__).parents[4] / "shared" / "reference" / "captures"


def codex(**stated: object) -> dict[str, str]:
    metadata = {"turn_id": "t1", "request_kind": "turn", "thread_source": "user", **stated}
    return {
        "User-Agent": "codex_cli_rs/0.171.0",
        "x-codex-turn-metadata": json.dumps(metadata),
    }


def raw(members: dict[str, Any]) -> dict[str, Any]:
    """As the server has a body: split into its members, not decoded."""
    return msgspec.json.decode(json.dumps(members), type=dict[str, msgspec.Raw])


def said(text: str, *before: str) -> dict[str, Any]:
    blocks = [{"type": "text", "text": each} for each in (*before, text)]
    return {"tools": TOOLS, "messages": [{"role": "user", "content": blocks}]}


def in_a_frame(**stated: object) -> dict[str, Any]:
    return {"client_metadata": {"x-codex-turn-metadata": codex(**stated)["x-codex-turn-metadata"]}}


A_PERSONS: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({}, {}),
    ({"X-Initiator": "user"}, {}),
    ({"X-Initiator": "root"}, {}),
    ({"X-Claude-Code-Session-Id": "0000-1"}, {}),
    (codex(), {}),
    ({"x-codex-turn-metadata": "no json"}, {}),
    ({"x-codex-turn-metadata": "[1]"}, {}),
    (codex(request_kind="compaction"), in_a_frame()),
    ({**CLAUDE, "x-claude-code-request-class": "main"}, {"tools": TOOLS}),
    ({**CLAUDE, "x-claude-code-request-class": "main"}, TITLE),
    (CLAUDE, {"tools": TOOLS, **TITLE}),
    (CLAUDE, said("Please read.")),
    (CLAUDE, said(f"What does {SYSTEM_NOTIFICATION} mean?")),
    (CLAUDE, {"stop_sequences": ["</other>"]}),
    (OPENCODE, {"tools": TOOLS}),
    ({"User-Agent": "OpenAI/Python 3.52.0"}, TITLE),
    ({"User-Agent": "curl/8"}, said(f"{SYSTEM_NOTIFICATION} hello")),
]
AN_AGENTS: list[tuple[dict[str, str], dict[str, Any], str]] = [
    ({"X-Claude-Code-Agent-Id": "a1"}, {}, "subagent"),
    ({"X-OpenAI-Subagent": "review"}, {}, "subagent"),
    ({"X-Initiator": " Agent"}, {}, "x-initiator"),
    (codex(request_kind="compaction"), {}, "compaction"),
    (codex(request_kind="title"), {}, "title"),
    (codex(thread_source="subagent"), {}, "subagent"),
    (codex(), in_a_frame(request_kind="compaction"), "compaction"),
    ({**CLAUDE, "x-claude-code-request-class": "subagent"}, {"tools": TOOLS}, "subagent"),
    ({**CLAUDE, "x-claude-code-request-class": "workflow"}, {"tools": TOOLS}, "workflow"),
    ({**CLAUDE, "x-claude-code-request-class": "compaction"}, {"tools": TOOLS}, "compaction"),
    ({**CLAUDE, "x-claude-code-request-class": "auxiliary"}, {"tools": TOOLS}, "auxiliary"),
    (CLAUDE, TITLE, "title"),
    (CLAUDE, {**TITLE, "tools": []}, "title"),
    (CLAUDE, {"stop_sequences": ["</block>"], "max_tokens": 64}, "safety check"),
    (CLAUDE, said(f"{SYSTEM_NOTIFICATION}\n<task-notification>"), "background agent"),
    (CLAUDE, said(f"\n{SYSTEM_NOTIFICATION} done", "<system-reminder>"), "background agent"),
    (OPENCODE, {}, "title"),
    (QWEN, {"tools": None}, "suggestion"),
]


@pytest.mark.parametrize(("headers", "members"), A_PERSONS)
def test_a_person_s_words_stand_last_and_nothing_says_otherwise(
    headers: dict[str, str], members: dict[str, Any]
) -> None:
    for body in (members, raw(members)):
        found = decide_initiator(CIMultiDict(headers), body, is_user_turn=True)
        assert (found.initiator, found.why) == (Initiator.USER, "")


@pytest.mark.parametrize(("headers", "members", "why"), AN_AGENTS)
def test_a_program_asks_on_its_own(
    headers: dict[str, str], members: dict[str, Any], why: str
) -> None:
    for body in (members, raw(members)):
        found = decide_initiator(CIMultiDict(headers), body, is_user_turn=True)
        assert found.initiator is Initiator.AGENT
        assert why in found.why


@pytest.mark.parametrize(("headers", "members"), A_PERSONS)
def test_a_tool_loop_is_an_agent_s_whatever_the_client_says(
    headers: dict[str, str], members: dict[str, Any]
) -> None:
    found = decide_initiator(CIMultiDict(headers), members, is_user_turn=False)
    assert found.initiator is Initiator.AGENT


def test_what_a_client_states_stays_on_one_line() -> None:
    stated = decide_initiator(codex(request_kind="x\ny" * 100), {}, is_user_turn=True)
    assert "\n" not in stated.why
    assert len(stated.why) < 150


CAPTURED = {
    "claude-code-2.1.329": ("user", "agent"),
    "codex-0.169.0": ("user", "agent"),
    "opencode-anthropic-1.18.33": ("agent", "user", "agent"),
    "opencode-openai-compatible-1.18.33": ("agent", "user", "agent"),
    "opencode-openai-responses-1.18.33": ("agent", "user", "agent"),
}


@pytest.mark.parametrize("client", CAPTURED)
def test_one_task_of_a_real_client_is_one_request_of_a_person(client: str) -> None:
    if not (CAPTURES / client).is_dir():
        pytest.skip("the captures of real clients are not here")
    found = []
    for file in sorted((CAPTURES / client).glob("*.json")):
        captured = json.loads(file.read_text(encoding="utf-8"))
        if captured["method"] != "POST":
            continue
        endings = {"messages": "anthropic_messages", "responses": "openai_responses"}
        path = captured["path"].partition("?")[0].rsplit("/", 1)[-1]
        name = endings.get(path, "openai_chat")
        members = raw(captured["body"])
        dialect = next(each for key, each in DIALECTS.items() if key.value == name)
        facts = dialect.inspect_request(members)
        headers = CIMultiDict(captured["headers"])
        asked_by = decide_initiator(headers, members, is_user_turn=facts.is_user_turn)
        found.append(asked_by.initiator.value)
    assert tuple(found) == CAPTURED[client]
