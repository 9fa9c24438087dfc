"""The order of a Messages conversation: roles, blank text, calls and results, thinking that returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members
from proxy_core.simulator.http.refusal import anthropic_invalid
from proxy_core.simulator.messages.thinking_signatures import is_genuine


def check_turns(
    body: Mapping[str, Any],
    *,
    allows_system_role: bool,
    allows_prefill: bool,
    wants_thinking_first: bool,
) -> None:
    """Raise the real 400 for the first turn out of order."""
    messages = items(body.get("messages"))
    if not messages:
        raise anthropic_invalid("messages: at least one message is required")
    for block in items(body.get("system")):
        if not str(members(block).get("text", "")).strip():
            raise anthropic_invalid("system: text content blocks must be non-empty")
    for index, raw in enumerate(messages):
        message = members(raw)
        role = message.get("role")
        if role not in ("user", "assistant") and not (role == "system" and allows_system_role):
            raise anthropic_invalid(f"messages.{index}.role: Input should be 'user' or 'assistant'")
        _check_content(message, index, is_last=index == len(messages) - 1)
    _check_pairing(messages)
    if members(messages[-1]).get("role") == "assistant" and not allows_prefill:
        raise anthropic_invalid(
            "This model does not support assistant message prefill. The conversation must end with a "
            "user message."
        )
    if wants_thinking_first:
        _check_thinking_first(messages)


def _check_content(message: Mapping[str, Any], index: int, *, is_last: bool) -> None:
    content = message.get("content")
    if content is None:
        raise anthropic_invalid(f"messages.{index}.content: Field required")
    if not content and not (is_last and message.get("role") == "assistant"):
        raise anthropic_invalid(
            f"messages.{index}: all messages must have non-empty content except for the optional "
            "final assistant message"
        )
    for place, raw in enumerate(items(content)):
        block = members(raw)
        path = f"messages.{index}.content.{place}"
        kind = block.get("type")
        if kind == "text" and not str(block.get("text", "")).strip():
            raise anthropic_invalid("messages: text content blocks must be non-empty")
        if kind == "thinking":
            _check_signature(block, path)
        if kind == "redacted_thinking":
            # The simulator never redacts, so such a block is not its own.
            raise anthropic_invalid(f"{path}: Invalid `data` in `redacted_thinking` block")
        if kind == "tool_use" and not isinstance(block.get("input"), Mapping):
            raise anthropic_invalid(f"{path}.tool_use.input: Input should be a valid dictionary")


def _check_signature(block: Mapping[str, Any], path: str) -> None:
    signature = block.get("signature")
    if not isinstance(signature, str):
        raise anthropic_invalid(f"{path}.thinking.signature: Field required")
    if not is_genuine(str(block.get("thinking", "")), signature):
        raise anthropic_invalid(f"{path}: Invalid `signature` in `thinking` block")


def _check_pairing(messages: Sequence[Any]) -> None:
    """Every ``tool_use`` ends its turn and is answered at the start of the next one."""
    for index, raw in enumerate(messages):
        blocks = [members(block) for block in items(members(raw).get("content"))]
        used = [str(block.get("id")) for block in blocks if block.get("type") == "tool_use"]
        following = messages[index + 1] if index + 1 < len(messages) else {}
        answered = _leading_results(following)
        missing = [call for call in used if call not in answered]
        kinds = [block.get("type") for block in blocks]
        broken_up = used and "text" in kinds[kinds.index("tool_use") :]
        if missing or broken_up:
            raise anthropic_invalid(
                f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately "
                f"after: {', '.join(missing or used)}. Each `tool_use` block must have a corresponding "
                "`tool_result` block in the next message."
            )
        before = _ids_used(messages[index - 1]) if index else ()
        for place, block in enumerate(blocks):
            result_id = str(block.get("tool_use_id"))
            if block.get("type") == "tool_result" and result_id not in before:
                raise anthropic_invalid(
                    f"messages.{index}.content.{place}: unexpected `tool_use_id` found in "
                    f"`tool_result` blocks: {result_id}. Each `tool_result` block must have a "
                    "corresponding `tool_use` block in the previous message."
                )


def _ids_used(message: Any) -> tuple[str, ...]:
    blocks = items(members(message).get("content"))
    return tuple(
        str(members(block).get("id"))
        for block in blocks
        if members(block).get("type") == "tool_use"
    )


def _leading_results(message: Any) -> tuple[str, ...]:
    """Results count only before any other block of the turn."""
    found: list[str] = []
    for block in items(members(message).get("content")):
        if members(block).get("type") != "tool_result":
            break
        found.append(str(block.get("tool_use_id")))
    return tuple(found)


def _check_thinking_first(messages: Sequence[Any]) -> None:
    """With a thinking budget, the turn whose tools are being answered must begin with its thought."""
    if len(messages) < 2 or not _leading_results(messages[-1]):
        return
    first = members(next(iter(items(members(messages[-2]).get("content"))), None)).get("type")
    if first not in ("thinking", "redacted_thinking"):
        raise anthropic_invalid(
            f"messages.{len(messages) - 2}.content.0.type: Expected `thinking` or "
            f"`redacted_thinking`, but found `{first}`. When `thinking` is enabled, a final `assistant` "
            "message must start with a thinking block (preceeding the lastmost set of `tool_use` and "
            "`tool_result` blocks)."
        )
