"""Thinking and effort, for models that support only one of them or not both at once."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule

_FORCED = ("any", "tool")
MOST_EFFORT_WITHOUT_THINKING = "high"


def claude_effort(body: OutgoingBody) -> None:
    """Remove an unsupported effort: models that list none refuse it, and some refuse two values
    with thinking disabled.

    “This model does not support the effort parameter” (haiku-4.5), and 400 for xhigh and max with
    thinking disabled (opus-5): copilot-protocol.md 15.10.
    """
    config = body.read("output_config")
    effort = config.get("effort") if isinstance(config, dict) else None
    if effort is None:
        return
    word = client_field_name(body.target.client, "effort")
    if not body.target.model.supports.reasoning_efforts:
        _write_effort(body, config, None)
        body.drop(word)
        return
    thinking = body.read("thinking")
    disabled = isinstance(thinking, dict) and thinking.get("type") == "disabled"
    if disabled and effort in ("xhigh", "max"):
        _write_effort(body, config, MOST_EFFORT_WITHOUT_THINKING)
        body.drop(f"{word} ({MOST_EFFORT_WITHOUT_THINKING} instead of {effort}, without thinking)")


def without_effort(body: OutgoingBody) -> None:
    """Remove the effort for a model that refused it, whatever its catalogue entry lists."""
    word = client_field_name(body.target.client, "effort")
    if body.target.endpoint is Endpoint.MESSAGES:
        config = body.read("output_config")
        if isinstance(config, dict) and "effort" in config:
            _write_effort(body, config, None)
            body.drop(word)
    elif body.target.endpoint is Endpoint.CHAT_COMPLETIONS and "reasoning_effort" in body:
        body.remove("reasoning_effort")
        body.drop(word)
    elif body.target.endpoint is Endpoint.RESPONSES:
        reasoning = body.read("reasoning")
        if isinstance(reasoning, dict) and "effort" in reasoning:
            body.write("reasoning", {k: v for k, v in reasoning.items() if k != "effort"})
            body.drop(word)


def _write_effort(body: OutgoingBody, config: dict[str, Any], effort: str | None) -> None:
    rest = {name: value for name, value in config.items() if name != "effort"}
    if effort is not None:
        rest["effort"] = effort
    if rest:
        body.write("output_config", rest)
    else:
        body.remove("output_config")


def no_thinking_with_forced_tool(body: OutgoingBody) -> None:
    """“Thinking may not be enabled when tool_choice forces tool use.” Frameworks force a tool to get
    their structured output and leave thinking on (langchain-ai/langchain-aws#927)."""
    choice, thinking = body.read("tool_choice"), body.read("thinking")
    if not isinstance(choice, dict) or choice.get("type") not in _FORCED:
        return
    if isinstance(thinking, dict) and thinking.get("type") != "disabled":
        body.remove("thinking")
        word = client_field_name(body.target.client, "reasoning")
        body.drop(f"{word} (not possible with a forced tool choice)")


def no_effort_with_forced_tool(body: OutgoingBody) -> None:
    """The same behind chat, where an effort or a budget enables Claude's thinking."""
    choice = body.read("tool_choice")
    if choice != "required" and not isinstance(choice, dict):
        return
    for name in ("reasoning_effort", "thinking_budget"):
        if body.read(name) not in (None, "none"):
            body.remove(name)
            word = client_field_name(body.target.client, "reasoning")
            body.drop(f"{word} (not possible with a forced tool choice)")


def without_thinking(body: OutgoingBody) -> None:
    """Remove thinking for a model that refused it with a forced tool."""
    for name in ("thinking", "thinking_budget", "reasoning_effort"):
        if name in body:
            body.remove(name)
            body.drop(client_field_name(body.target.client, "reasoning"))


CLAUDE_EFFORT = Rule(
    "effort",
    claude_effort,
    lambda body: body.holds("output_config", b'"effort"'),
    members=("output_config",),
)
FORCED_TOOL = Rule(
    "thinking with a forced tool",
    no_thinking_with_forced_tool,
    lambda body: "thinking" in body and "tool_choice" in body,
    members=("tool_choice",),
)
FORCED_TOOL_ON_CHAT = Rule(
    "thinking with a forced tool",
    no_effort_with_forced_tool,
    lambda body: (
        "tool_choice" in body and ("reasoning_effort" in body or "thinking_budget" in body)
    ),
    members=("tool_choice",),
)
NO_EFFORT = Rule("effort left out", without_effort, when_refused=True)
NO_THINKING = Rule("thinking left out", without_thinking, when_refused=True)
