"""The first and the last turn: Claude needs a user's; an assistant's at the end is a prefill to it."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule

CONTINUE = "Please continue."
"""VS Code also appends a short user turn (copilot-protocol.md 7.3)."""


class _Role(msgspec.Struct):
    role: str | None = None


_raw_items = msgspec.json.Decoder(list[msgspec.Raw])
_role = msgspec.json.Decoder(_Role)


def claude_end(body: OutgoingBody) -> None:
    """“This model does not support assistant message prefill. The conversation must end with a user
    message.” (newer Claude models; router-for-me/CLIProxyAPI#5319, anomalyco/opencode#13768).

    Models before adaptive thinking still accept a prefill, and a Messages client intends it: it is
    kept, without the trailing space that all models refuse.
    """
    takes_prefill = (
        body.target.client is DialectName.ANTHROPIC_MESSAGES
        and body.target.endpoint is Endpoint.MESSAGES
        and not body.target.model.supports.adaptive_thinking
    )
    if takes_prefill:
        _trim_end(body)
    else:
        user_end(body)


def user_end(body: OutgoingBody) -> None:
    """Append a user's turn if the last turn is the assistant's."""
    messages = body.items("messages")
    if not messages or not isinstance(messages[-1], dict):
        return
    if messages[-1].get("role") != "assistant" or messages[-1].get("tool_calls"):
        return
    is_chat = body.target.endpoint is Endpoint.CHAT_COMPLETIONS
    content: Any = CONTINUE if is_chat else [{"type": "text", "text": CONTINUE}]
    body.write("messages", [*messages, {"role": "user", "content": content}])


def user_turn(body: OutgoingBody) -> None:
    """Make the system prompt the user's turn where it is all there is.

    OpenAI's models answer such a request, and programs send it for one instruction. Claude and
    Gemini refuse it: “messages: at least one message is required”, “contents is not specified”.
    """
    messages = body.items("messages")
    if body.target.endpoint is Endpoint.MESSAGES:
        system = body.read("system")
        if not messages and system:
            body.write("messages", [{"role": "user", "content": system}])
            body.remove("system")
        return
    if messages and all(_instructs(each) for each in messages):
        body.write("messages", [*messages[:-1], {**messages[-1], "role": "user"}])


def _instructs(message: object) -> bool:
    return isinstance(message, dict) and message.get("role") in ("system", "developer")


def _trim_end(body: OutgoingBody) -> None:
    """“final assistant content cannot end with trailing whitespace”."""
    messages = body.items("messages")
    last = messages[-1] if messages else None
    if not isinstance(last, dict) or last.get("role") != "assistant":
        return
    content = last.get("content")
    if isinstance(content, str):
        trimmed: Any = content.rstrip()
    elif isinstance(content, list) and content and isinstance(content[-1], dict):
        text = content[-1].get("text")
        if not isinstance(text, str):
            return
        trimmed = [*content[:-1], {**content[-1], "text": text.rstrip()}]
    else:
        return
    if trimmed != content:
        body.write("messages", [*messages[:-1], {**last, "content": trimmed}])


def assistant_is_last(body: OutgoingBody) -> bool:
    text = body.searched("messages")
    if text is None:
        return True
    try:
        items = _raw_items.decode(text)
        return bool(items) and _role.decode(items[-1]).role == "assistant"
    except msgspec.DecodeError:
        return False


def _may_lack_a_turn(body: OutgoingBody) -> bool:
    text = body.searched("messages")
    return text is None or (b'"user"' not in text and b'"assistant"' not in text)


USER_TURN = Rule("the system prompt as the user's turn", user_turn, _may_lack_a_turn)
CLAUDE_END = Rule("end of the conversation", claude_end, assistant_is_last)
USER_END = Rule(
    "end of the conversation (a user's turn)", user_end, assistant_is_last, when_refused=True
)
