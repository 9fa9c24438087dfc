"""Whole requests of Codex, Copilot's own CLI, opencode and the SDK: read, forwarded, translated.

The captures lie beside the repository where it is developed; elsewhere these tests are skipped.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from proxy_core.canonical.model import Limits, Model, Supports
from proxy_core.canonical.request import DialectName, Tool
from proxy_core.dialects.registry import DIALECTS, dialect
from proxy_core.dialects.shared.tokens.token_estimate import estimate

CAPTURES = Path(__file__).resolve().parents[4].parent / "shared" / "reference" / "captures"
RESPONSES = dialect(DialectName.OPENAI_RESPONSES)
CLAUDE = Model(
    "claude-sonnet-4.6",
    "Claude",
    "Anthropic",
    limits=Limits(output=64_000),
    supports=Supports(
        tool_calls=True,
        vision=True,
        structured_outputs=True,
        adaptive_thinking=True,
        reasoning_efforts=("low", "medium", "high"),
    ),
)


def captured() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted(CAPTURES.glob("*/*.json")):
        capture = json.loads(path.read_text(encoding="utf-8"))
        if str(capture.get("path")).endswith("/responses") and capture["body"]:
            found.append((f"{path.parent.name}/{path.stem}", capture["body"]))
    return found


REQUESTS = captured()
pytestmark = pytest.mark.skipif(not REQUESTS, reason="no captures beside the repository")
each_request = pytest.mark.parametrize(
    "body", [body for _, body in REQUESTS], ids=[name for name, _ in REQUESTS]
)


@each_request
def test_a_real_request_is_looked_at(
    body: dict[str, Any], raw: Callable[..., dict[str, msgspec.Raw]]
) -> None:
    facts = RESPONSES.inspect_request(raw(**body))
    assert facts.model == body["model"]
    assert facts.stream
    assert not facts.has_images
    assert not facts.must_translate
    assert facts.is_user_turn is (body["input"][-1].get("role") == "user")


@each_request
def test_a_real_request_passes_through_almost_untouched(
    body: dict[str, Any], raw: Callable[..., dict[str, msgspec.Raw]], model: Model
) -> None:
    rendered = RESPONSES.pass_through_request(raw(**body), model)
    forwarded = json.loads(msgspec.json.encode(rendered.body))
    gone = {name for name in body if name not in forwarded}
    assert gone <= {"stream", "client_metadata"}
    changed = {name for name in forwarded if forwarded[name] != body.get(name)}
    assert changed <= {"model", "store", "tools"}
    if "tools" in changed:
        assert [tool["type"] for tool in body["tools"] if tool not in forwarded["tools"]] == [
            "web_search"
        ]


@each_request
@pytest.mark.parametrize("target", list(DIALECTS))
def test_a_real_request_translates(body: dict[str, Any], target: DialectName, model: Model) -> None:
    request = RESPONSES.parse_request(body)
    upstream = CLAUDE if target is DialectName.ANTHROPIC_MESSAGES else model
    rendered = DIALECTS[target].render_request(request, upstream)
    told = json.dumps(json.loads(msgspec.json.encode(rendered.body)), ensure_ascii=False)
    for item in body["input"]:
        for text in texts(item):
            assert json.dumps(text, ensure_ascii=False)[1:-1] in told
    for tool in request.context.tools:
        if isinstance(tool, Tool):
            assert f'{tool.name}"' in told
    assert [note for note in rendered.dropped if note.startswith("messages")] == []


def texts(item: dict[str, Any]) -> list[str]:
    if isinstance(item.get("output"), str):
        return [item["output"]]
    content = item.get("content")
    if isinstance(content, str):
        return [content]
    return [part["text"] for part in content or () if "text" in part]


@each_request
def test_a_real_request_has_a_size(body: dict[str, Any], model: Model) -> None:
    tokens = estimate(RESPONSES.parse_request(body), model)
    characters = len(json.dumps(body))
    assert characters / 8 < tokens < characters / 2
