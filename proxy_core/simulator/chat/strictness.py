"""What ``/chat/completions`` refuses (copilot-protocol.md 5, and the table of the 403 inquiry)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members
from proxy_core.simulator.catalog.catalog import limits_of
from proxy_core.simulator.chat.reasoning import check_replay
from proxy_core.simulator.http.refusal import coded, forbidden, invalid_body
from proxy_core.simulator.model_calls.request_checks import (
    check_effort,
    check_images,
    check_schema,
    check_tool_count,
    check_tool_names,
)
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.vendor_rules.chat_rules import check_chat_rules, check_chat_values

MOST_TOOL_CALLS = 128
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def check_chat(asked: Asked) -> None:
    """Raise the real refusal for the first thing wrong with a chat body."""
    if asked.profile.vendor_rules:
        check_chat_values(asked)
    _check_sampling(asked)
    _check_members(asked)
    messages = asked.body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise invalid_body(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead."
        )
    _check_messages(asked, messages)
    _check_tools(asked)
    if asked.profile.vendor_rules:
        check_chat_rules(asked)
    check_images(asked, _image_urls(messages))
    _check_pairing(messages)
    check_replay(asked, messages)


def _check_sampling(asked: Asked) -> None:
    body = asked.body
    if asked.profile.refuses_chat_sampling and ("temperature" in body or "max_tokens" in body):
        raise forbidden()
    if "max_tokens" in body and asked.model["id"].startswith("gpt-5.4"):
        raise invalid_body(
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
    limit = limits_of(asked.model).get("max_output_tokens")
    wanted = asked.prompt.max_tokens
    if limit is not None and wanted is not None and wanted > limit:
        raise invalid_body(
            f"max_tokens is too large: {wanted}. This model supports at most {limit} completion "
            f"tokens, whereas you provided {wanted}."
        )
    if wanted is not None and wanted < 1:
        raise invalid_body(
            "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1, "
            f"but got {wanted} instead."
        )


def _check_members(asked: Asked) -> None:
    body = asked.body
    if asked.profile.refuses_unknown_members and "store" in body:
        raise invalid_body("Unrecognized request argument supplied: store")
    if "stream_options" in body and body.get("stream") is not True:
        raise invalid_body(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled."
        )
    if body.get("n") not in (None, 1):
        raise coded(400, "unsupported_value", "Only n = 1 is supported.", param="n")
    effort = body.get("reasoning_effort")
    if effort is not None:
        check_effort(asked, "reasoning_effort", effort)
    wanted = members(body.get("response_format"))
    structured = wanted.get("type") == "json_schema"
    if structured and not members(wanted.get("json_schema")).get("name"):
        raise invalid_body("Missing required parameter: 'response_format.json_schema.name'.")
    check_schema("response_format", members(wanted.get("json_schema")).get("schema"))
    supports = asked.model["capabilities"].get("supports") or {}
    if structured and not supports.get("structured_outputs"):
        raise invalid_body(
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
            "model."
        )


def _check_messages(asked: Asked, messages: list[Any]) -> None:
    # pi-ai notes that only OpenAI's models know this role here.
    knows_developer = str(asked.model.get("vendor")).endswith("OpenAI")
    for index, raw in enumerate(messages):
        message = members(raw)
        role = message.get("role")
        if role not in _ROLES or (role == "developer" and not knows_developer):
            raise invalid_body(
                f"Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', "
                "and 'tool'."
            )
        for part in items(message.get("content")):
            if members(part).get("type") not in ("text", "image_url", "refusal"):
                raise invalid_body("type has to be either 'image_url' or 'text'")
        if len(items(message.get("tool_calls"))) > MOST_TOOL_CALLS:
            raise invalid_body(
                f"Invalid 'messages[{index}].tool_calls': array too long. Expected an array with "
                f"maximum length {MOST_TOOL_CALLS}."
            )


def _check_tools(asked: Asked) -> None:
    tools = asked.body.get("tools")
    check_tool_count(tools)
    names = []
    for index, raw in enumerate(items(tools)):
        tool = members(raw)
        if tool.get("type") != "function":
            raise coded(
                400,
                "unsupported_value",
                f"Invalid value: '{tool.get('type')}'. Supported values are: 'function'.",
                param=f"tools[{index}].type",
            )
        function = members(tool.get("function"))
        names.append((f"tools[{index}].function.name", function.get("name")))
        check_schema(f"function '{function.get('name')}'", function.get("parameters"))
    check_tool_names(names)
    if not tools and asked.prompt.tool_choice not in ("auto", "none"):
        raise invalid_body(
            "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified."
        )


def _image_urls(messages: list[Any]) -> Iterator[str]:
    for raw in messages:
        for part in items(members(raw).get("content")):
            if members(part).get("type") == "image_url":
                image = part.get("image_url", "")
                yield str(image.get("url", "")) if isinstance(image, Mapping) else str(image)


def _check_pairing(messages: list[Any]) -> None:
    """Every tool call is answered by the tool messages right behind it, and nothing else is."""
    waiting: list[str] = []
    for index, raw in enumerate(messages):
        message = members(raw)
        if message.get("role") == "tool":
            call_id = message.get("tool_call_id")
            if call_id not in waiting:
                raise invalid_body(
                    f"Invalid parameter: messages with role 'tool' must be a response to a preceeding "
                    f"message with 'tool_calls' (messages[{index}].tool_call_id)."
                )
            waiting.remove(str(call_id))
            continue
        _refuse_unanswered(waiting)
        if message.get("role") == "assistant":
            waiting = [str(members(call).get("id")) for call in items(message.get("tool_calls"))]
    _refuse_unanswered(waiting)


def _refuse_unanswered(waiting: list[str]) -> None:
    if waiting:
        raise invalid_body(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to "
            "each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            + ", ".join(waiting)
        )
