"""Short ways to state the requests that the rendering tests send."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.model import Limits, Model, Supports
from proxy_core.canonical.request import (
    Context,
    DialectName,
    Message,
    Request,
    TextPart,
    ToolCallPart,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.anthropic_messages.render_request import render_request
from tests.unit.dialects.vendor_rules.bodies import rendered

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES
RESPONSES = DialectName.OPENAI_RESPONSES
HI = UserMessage((TextPart("hi"),))
CALL = ToolCallPart("a", "f", "{}")
RESULT = ToolResultMessage("a", (TextPart("ok"),))
EFFORTS = ("low", "medium", "high", "max")
BOTH = Supports(
    vision=True,
    structured_outputs=True,
    adaptive_thinking=True,
    min_thinking_budget=1024,
    max_thinking_budget=32_000,
    reasoning_efforts=EFFORTS,
)

BUDGET_ONLY = Supports(min_thinking_budget=1024, max_thinking_budget=32_000)
ADAPTIVE_ONLY = Supports(adaptive_thinking=True, reasoning_efforts=EFFORTS)


def model(supports: Supports = BOTH, output: int | None = 64_000) -> Model:
    return Model("claude", "C", "Anthropic", limits=Limits(output=output), supports=supports)


def request(
    *messages: Message, dialect: DialectName = CHAT, tools: Any = (), **members: Any
) -> Request:
    return Request("asked", Context((), messages or (HI,), tools), dialect, **members)


def render(asked: Request, to: Model | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    rendered = render_request(asked, to or model())
    return rendered.body, rendered.dropped


def fit(asked: Request, to: Model | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Render and fit to the vendor, as every request is before it leaves."""
    fitted = rendered(asked, to or model(), MESSAGES)
    return dict(fitted.body), fitted.dropped


def turns(*messages: Message, dialect: DialectName = MESSAGES) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = render(request(*messages, dialect=dialect))[0]["messages"]
    return result
