"""What Anthropic refuses on ``/v1/messages`` beyond unknown members and the order of turns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members
from proxy_core.simulator.http.refusal import anthropic_invalid
from proxy_core.simulator.messages.thinking_signatures import BoundTo, binding_of
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.vendor_rules import claude_calls
from proxy_core.simulator.vendor_rules.claude_schemas import (
    problem_of_format,
    problem_of_tool,
)
from proxy_core.simulator.vendor_rules.pictures import problem_of_picture

LONGEST_USER_ID = 256
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"\+?\d[\d ().-]{7,}\d")
_NEEDS_THINKING_FOR_EFFORT = ("claude-opus-5",)
_WITHOUT_SYSTEM_ROLE = ("claude-opus-4.7", "claude-opus-4.8")
_ONE_OF_TWO_SAMPLINGS = (
    "claude-haiku-4.5",
    "claude-opus-4.5",
    "claude-opus-4.6",
    "claude-sonnet-4.5",
    "claude-sonnet-4.6",
)
_BINDS_THINKING = ("claude-fable-5", "claude-opus-5", "claude-sonnet-5", "claude-haiku-5")
_TEXT_MEMBERS: Mapping[str, str] = {"text": "text", "thinking": "thinking"}


def check_messages_values(asked: Asked) -> None:
    """Types and lengths of plain members."""
    body = asked.body
    for name in ("temperature", "top_p"):
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise anthropic_invalid(f"{name}: Input should be a valid number")
        if value > 1:
            raise anthropic_invalid(f"{name}: Input should be less than or equal to 1")
        if value < 0:
            raise anthropic_invalid(f"{name}: Input should be greater than or equal to 0")
    top_k = body.get("top_k")
    if top_k is not None and (isinstance(top_k, bool) or not isinstance(top_k, int)):
        raise anthropic_invalid("top_k: Input should be a valid integer")
    if body.get("stream") is not None and not isinstance(body["stream"], bool):
        raise anthropic_invalid("stream: Input should be a valid boolean")
    stops = body.get("stop_sequences")
    if stops is not None and not isinstance(stops, list):
        raise anthropic_invalid("stop_sequences: Input should be a valid list")
    if body.get("system") is not None and not isinstance(body["system"], str | list):
        raise anthropic_invalid("system: Input should be a valid list")
    _check_user_id(members(body.get("metadata")).get("user_id"))
    for index, message in enumerate(items(body.get("messages"))):
        content = members(message).get("content")
        if content is not None and not isinstance(content, str | list):
            raise anthropic_invalid(f"messages.{index}.content: Input should be a valid list")


def _check_user_id(user_id: Any) -> None:
    if user_id is None:
        return
    if not isinstance(user_id, str):
        raise anthropic_invalid("metadata.user_id: Input should be a valid string")
    if len(user_id) > LONGEST_USER_ID:
        raise anthropic_invalid(
            f"metadata.user_id: String should have at most {LONGEST_USER_ID} characters"
        )
    for pattern, what in ((_EMAIL, "an email address"), (_PHONE, "a phone number")):
        if pattern.fullmatch(user_id.strip()):
            raise anthropic_invalid(
                f"metadata.user_id: user_id appears to contain {what}. Please send a uuid or hash "
                "value instead."
            )


def check_messages_rules(asked: Asked) -> None:
    """Everything that needs the model or the conversation."""
    body, model_id = asked.body, str(asked.model["id"])
    messages = [members(message) for message in items(body.get("messages"))]
    _check_combinations(asked)
    _check_tools(body)
    schema = members(members(body.get("output_config")).get("format"))
    if schema and schema.get("type") != "json_schema":
        raise anthropic_invalid("output_config.format.type: Input should be 'json_schema'")
    if schema.get("schema") is not None:
        _refuse("output_config.format.schema: ", problem_of_format(schema["schema"]))
    _check_system_role(model_id, messages)
    _check_calls(messages)
    if any(True for _ in _blocks(messages, "tool_use", "tool_result")) and not body.get("tools"):
        raise anthropic_invalid(claude_calls.NO_TOOLS)
    _check_blocks(messages)
    _check_last_words(messages)
    if model_id.startswith(_BINDS_THINKING):
        _check_binding(body, messages)


def _refuse(lead: str, problem: str | None) -> None:
    if problem is not None:
        raise anthropic_invalid(f"{lead}{problem}")


def _check_combinations(asked: Asked) -> None:
    body, model_id = asked.body, str(asked.model["id"])
    thinking = members(body.get("thinking")).get("type")
    effort = members(body.get("output_config")).get("effort")
    if (
        thinking == "disabled"
        and effort in ("xhigh", "max")
        and model_id in _NEEDS_THINKING_FOR_EFFORT
    ):
        raise anthropic_invalid(
            f"output_config.effort '{effort}' is not supported when thinking is disabled on this "
            "model. Use effort 'high' or below, or enable thinking."
        )
    both = body.get("temperature") is not None and body.get("top_p") is not None
    if both and model_id in _ONE_OF_TWO_SAMPLINGS:
        raise anthropic_invalid(
            "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
        )


def _check_tools(body: Mapping[str, Any]) -> None:
    for index, tool in enumerate(map(members, items(body.get("tools")))):
        if tool.get("type") in (None, "custom"):
            strict = tool.get("strict") is True
            _refuse("", problem_of_tool(index, tool.get("input_schema"), strict=strict))


def _check_system_role(model_id: str, messages: Sequence[Mapping[str, Any]]) -> None:
    for index, message in enumerate(messages):
        if message.get("role") != "system":
            continue
        if model_id in _WITHOUT_SYSTEM_ROLE:
            raise anthropic_invalid("role 'system' is not supported on this model")
        if index == 0:
            raise anthropic_invalid(
                "messages.0: use the top-level 'system' parameter for the initial system prompt; the "
                "directive-only form (content: [] with output_config) is accepted at any position"
            )


def _blocks(
    messages: Sequence[Mapping[str, Any]], *kinds: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, message in enumerate(messages):
        for place, block in enumerate(map(members, items(message.get("content")))):
            if block.get("type") in kinds:
                yield f"messages.{index}.content.{place}", block


def _check_calls(messages: Sequence[Mapping[str, Any]]) -> None:
    calls: list[tuple[str, str]] = []
    results: list[tuple[str, str]] = []
    for path, block in _blocks(messages, "tool_use"):
        _refuse("", claude_calls.problem_of_id(f"{path}.tool_use.id", block.get("id")))
        calls.append((path, str(block["id"])))
    for path, block in _blocks(messages, "tool_result"):
        given = block.get("tool_use_id")
        _refuse("", claude_calls.problem_of_id(f"{path}.tool_result.tool_use_id", given))
        results.append((path, str(given)))
    _refuse("", claude_calls.problem_of_repeats(calls, results))
    for index, message in enumerate(messages):
        own = [block.get("type") for block in map(members, items(message.get("content")))]
        if "tool_result" in own and message.get("role") != "user":
            raise anthropic_invalid(
                f"messages.{index}: `tool_result` blocks can only be in `user` messages"
            )
        if "tool_use" in own and message.get("role") != "assistant":
            raise anthropic_invalid(
                f"messages.{index}: `tool_use` blocks can only be in `assistant` messages"
            )


def _check_blocks(messages: Sequence[Mapping[str, Any]]) -> None:
    for path, block in _blocks(messages, "text", "thinking", "image", "tool_result"):
        kind = str(block["type"])
        if kind in _TEXT_MEMBERS:
            _check_text(f"{path}.{kind}.{_TEXT_MEMBERS[kind]}", block, _TEXT_MEMBERS[kind])
        elif kind == "image":
            _check_picture(f"{path}.image", block)
        else:
            for place, inner in enumerate(map(members, items(block.get("content")))):
                within = f"{path}.tool_result.content.{place}"
                if inner.get("type") == "image":
                    _check_picture(f"{within}.image", inner)
                elif inner.get("type") == "text":
                    _check_text(f"{within}.text.text", inner, "text")


def _check_text(path: str, block: Mapping[str, Any], member: str) -> None:
    if member not in block:
        raise anthropic_invalid(f"{path}: Field required")
    if not isinstance(block[member], str):
        raise anthropic_invalid(f"{path}: Input should be a valid string")


def _check_picture(path: str, block: Mapping[str, Any]) -> None:
    source = members(block.get("source"))
    if source.get("type") != "base64":
        return
    problem = problem_of_picture(source.get("media_type"), source.get("data"))
    if problem is not None:
        end = f".{problem[0]}" if problem[0] else ""
        raise anthropic_invalid(f"{path}.source.base64{end}: {problem[1]}")


def _check_last_words(messages: Sequence[Mapping[str, Any]]) -> None:
    if not messages or messages[-1].get("role") != "assistant":
        return
    content = messages[-1].get("content")
    last = members(next(reversed(items(content)), None)).get("text")
    text = content if isinstance(content, str) else last
    if isinstance(text, str) and text != text.rstrip():
        raise anthropic_invalid(
            "messages: final assistant content cannot end with trailing whitespace"
        )


def _check_binding(body: Mapping[str, Any], messages: Sequence[Mapping[str, Any]]) -> None:
    """Thinking is bound to the system prompt and to the words before it."""
    for index, message in enumerate(messages):
        for place, block in enumerate(map(members, items(message.get("content")))):
            if block.get("type") != "thinking":
                continue
            made_for = BoundTo.of(str(block.get("signature")))
            found = binding_of(body.get("system"), messages[:index])
            if made_for is None or made_for == found:
                continue
            reason = (
                "The `system` prompt differs from the one this block was created with."
                if made_for.system != found.system
                else "The messages before this block differ from those it was created with."
            )
            raise anthropic_invalid(
                f"messages.{index}.content.{place}: Invalid `signature` in `thinking` block. The block "
                "is bound to a different conversation. Remove the block, or set "
                '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting '
                "requires the `thinking-binding-controls-2026-08-01` value in the `anthropic-beta` "
                f"header. {reason}"
            )
