"""Converts values of ``tool_choice`` that upstream does not support."""

from __future__ import annotations

from typing import Any

from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule, VendorFamily

_AUTO_WORDS = ("validated",)
"""A mode of Gemini's own API: calls are validated against their schemas.

Copilot CLI sends it on chat, where it means ``auto``.
"""


def plain_tool_choice(body: OutgoingBody) -> None:
    """Convert a choice to values that every model of an OpenAI endpoint supports.

    A list of allowed tools becomes the list of tools, which is equivalent.
    """
    choice = body.read("tool_choice")
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind in _AUTO_WORDS:
        body.write("tool_choice", "auto")
    elif kind == "any":
        body.write("tool_choice", "required")
    elif isinstance(choice, dict) and kind in ("auto", "none", "required"):
        body.write("tool_choice", kind)
    elif isinstance(choice, dict) and kind == "allowed_tools":
        _offer_allowed(body, choice)


def _offer_allowed(body: OutgoingBody, choice: dict[str, Any]) -> None:
    inner = choice.get("allowed_tools")
    stated = inner if isinstance(inner, dict) else choice
    listed = stated.get("tools")
    wanted = {_key(tool) for tool in listed} if isinstance(listed, list) else set()
    tools = body.items("tools")
    allowed = [tool for tool in tools if _key(tool) in wanted]
    if not allowed:
        return  # It names no offered tool: upstream reports that better.
    if len(allowed) < len(tools):
        body.write("tools", allowed)
    body.write("tool_choice", "required" if stated.get("mode") == "required" else "auto")


def _key(tool: object) -> tuple[str, str]:
    if not isinstance(tool, dict):
        return "", ""
    kind = str(tool.get("type", "function"))
    inner = tool.get(kind)
    name = (inner if isinstance(inner, dict) else tool).get("name")
    if kind == "mcp":
        name = tool.get("server_label")
    return kind, name if isinstance(name, str) else ""


def _chat_may_be_odd(body: OutgoingBody) -> bool:
    text = body.text("tool_choice")
    if text is None:
        return "tool_choice" in body
    return text.strip() not in (b'"auto"', b'"none"', b'"required"', b"null")


def responses_tool_choice(body: OutgoingBody) -> None:
    """OpenAI's own models support ``allowed_tools`` here; other vendors' do not."""
    choice = body.read("tool_choice")
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind == "allowed_tools" and body.target.family is VendorFamily.OPENAI:
        return
    plain_tool_choice(body)


_CHOICE = ("tool_choice",)
CHAT_TOOL_CHOICE = Rule("tool choice", plain_tool_choice, _chat_may_be_odd, members=_CHOICE)
RESPONSES_TOOL_CHOICE = Rule(
    "tool choice", responses_tool_choice, _chat_may_be_odd, members=_CHOICE
)
PLAIN_TOOL_CHOICE = Rule("tool choice (plain)", plain_tool_choice, when_refused=True)
