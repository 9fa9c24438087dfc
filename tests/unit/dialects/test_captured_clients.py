"""Whole requests of real clients parse, pass through and translate.

The captures lie beside the repository where it is developed; elsewhere these tests are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Limits, Model, Supports
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.registry import DIALECTS, dialect

CAPTURES = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "captures"
CHAT, MESSAGES = DialectName.OPENAI_CHAT, DialectName.ANTHROPIC_MESSAGES
PATHS = {"/v1/chat/completions": CHAT, "/v1/messages": MESSAGES}
SUPPORTS = Supports(
    tool_calls=True,
    parallel_tool_calls=True,
    vision=True,
    structured_outputs=True,
    adaptive_thinking=True,
    min_thinking_budget=1024,
    max_thinking_budget=32_000,
    reasoning_efforts=("low", "medium", "high", "max"),
)
CLAUDE = Model(
    "claude-sonnet-4.6", "Claude", "Anthropic", limits=Limits(output=64_000), supports=SUPPORTS
)
GPT = Model("gpt-5.2", "GPT", "Azure OpenAI", supports=SUPPORTS)


def captured() -> list[tuple[str, DialectName, dict[str, Any]]]:
    found = []
    for path in sorted(CAPTURES.glob("*/*.json")):
        capture = json.loads(path.read_text(encoding="utf-8"))
        name = PATHS.get(str(capture.get("path")).split("?")[0])
        if name is not None:
            found.append((f"{path.parent.name}/{path.stem}", name, capture["body"]))
    return found


REQUESTS = captured()
pytestmark = pytest.mark.skipif(not REQUESTS, reason="no captures beside the repository")
each_request = pytest.mark.parametrize(
    ("name", "body"), [each[1:] for each in REQUESTS], ids=[each[0] for each in REQUESTS]
)


def raw(body: dict[str, Any]) -> dict[str, msgspec.Raw]:
    decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
    return decoder.decode(json.dumps(body).encode())


@each_request
def test_a_real_request_is_looked_at(name: DialectName, body: dict[str, Any]) -> None:
    facts = dialect(name).inspect_request(raw(body))
    assert facts.model == body["model"]
    assert facts.stream is body.get("stream", False)
    assert not facts.has_images
    last = body["messages"][-1]
    in_tool_loop = last["role"] == "tool" or "tool_result" in json.dumps(last)
    assert facts.is_user_turn is not in_tool_loop


@each_request
def test_a_real_request_passes_through_almost_untouched(
    name: DialectName, body: dict[str, Any]
) -> None:
    rendered = dialect(name).pass_through_request(raw(body), CLAUDE)
    sent = json.loads(msgspec.json.encode(rendered.body))
    assert sent.pop("model") == CLAUDE.id
    kept = {key: value for key, value in body.items() if key not in ("model", "stream")}
    changed = {key for key in kept if sent.get(key) != kept[key]}
    assert changed <= {"system", "tools", "max_tokens", "stream_options"}
    if changed - {"stream_options"}:
        assert rendered.dropped


@each_request
@pytest.mark.parametrize("target", [CHAT, MESSAGES])
def test_a_real_request_translates(
    name: DialectName, body: dict[str, Any], target: DialectName
) -> None:
    request = dialect(name).parse_request(body)
    model = CLAUDE if target is MESSAGES else GPT
    rendered = DIALECTS[target].render_request(request, model)
    sent = json.loads(msgspec.json.encode(rendered.body))
    assert len(sent.get("tools", ())) == len(body.get("tools", ()))
    said = json.dumps(sent, ensure_ascii=False)
    for message in body["messages"]:
        for text in _texts(message):
            assert json.dumps(text, ensure_ascii=False)[1:-1] in said
    serious = [note for note in rendered.dropped if note.startswith("messages")]
    assert serious == []


def _texts(message: dict[str, Any]) -> list[str]:
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content or () if block.get("type") == "text"]


def test_claude_codes_billing_line_stays_towards_claude_alone_and_its_cache_marks_stay() -> None:
    bodies = [body for name, _, body in REQUESTS if name.startswith("claude-code")]
    assert bodies
    for body in bodies:
        rendered = dialect(MESSAGES).pass_through_request(raw(body), CLAUDE)
        assert rendered.dropped == ()
        assert "system" in rendered.body
        assert json.loads(bytes(rendered.body["system"])) == body["system"]
        chat = dialect(CHAT).render_request(dialect(MESSAGES).parse_request(body), GPT).body
        marked = [m for m in chat["messages"] if "copilot_cache_control" in m]
        assert 1 <= len(marked) <= 4
        assert marked[0]["role"] == "system"
