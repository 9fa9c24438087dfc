"""What OpenAI refuses on ``/responses``: values, schemas, items a model does not know, repeated ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import input_items, items, members
from proxy_core.simulator.http.refusal import Refusal, coded
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.responses.encrypted_content import opened
from proxy_core.simulator.vendor_rules import openai_schemas
from proxy_core.simulator.vendor_rules.openai_values import (
    check_format_type,
    check_length,
    check_values,
    invalid,
    wrong_type,
)

LONGEST_CALL_ID = 64
_NEWEST = ("gpt-5.6", "gpt-6")
_NEWEST_TOOLS = ("namespace", "tool_search")
_NEWEST_ITEMS = ("additional_tools", "tool_search_call", "tool_search_output")
_ITEMS = frozenset(
    {
        "apply_patch_call",
        "apply_patch_call_output",
        "code_interpreter_call",
        "compaction",
        "compaction_trigger",
        "computer_call",
        "computer_call_output",
        "custom_tool_call",
        "custom_tool_call_output",
        "file_search_call",
        "function_call",
        "function_call_output",
        "image_generation_call",
        "item_reference",
        "local_shell_call",
        "local_shell_call_output",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_call",
        "mcp_list_tools",
        "message",
        "reasoning",
        "shell_call",
        "shell_call_output",
        "web_search_call",
        *_NEWEST_ITEMS,
    }
)
_DETAILS = ("low", "high", "auto")
_GRAMMARS = ("lark", "regex")
_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")


def check_responses_values(asked: Asked) -> None:
    """Types and ranges of plain members."""
    check_values(asked.body)
    check_format_type("text.format", members(asked.body.get("text")).get("format"))
    given = asked.body.get("input")
    if given is not None and not isinstance(given, str | list):
        raise wrong_type("input", "one of a string or array of input items", given)


def check_responses_rules(asked: Asked) -> None:
    """Everything that needs the model or looks into items and tools."""
    newest = str(asked.model["id"]).startswith(_NEWEST)
    _check_tools(items(asked.body.get("tools")), "tools", newest=newest)
    wanted = members(members(asked.body.get("text")).get("format"))
    if wanted.get("type") == "json_schema":
        openai_schemas.check_response_format(
            wanted.get("name"), wanted.get("schema"), strict=wanted.get("strict") is True
        )
    given = [members(item) for item in input_items(asked.body)]
    for index, item in enumerate(given):
        _check_item(item, index, newest=newest)
        _check_model_of_reasoning(item, str(asked.model["id"]))
    _check_repeats(given)


def _unsupported(value: Any, known: Sequence[str], param: str) -> Refusal:
    listed = ", ".join(f"'{each}'" for each in known[:-1])
    return invalid(
        f"Invalid value: '{value}'. Supported values are: {listed}, and '{known[-1]}'.", param
    )


def _check_tools(tools: Sequence[Any], place: str, *, newest: bool) -> None:
    for index, tool in enumerate(map(members, tools)):
        kind = tool.get("type")
        if kind in _NEWEST_TOOLS and not newest:
            raise coded(
                400,
                "unsupported_value",
                f"Invalid value: '{kind}'. Supported values are: 'function' and 'custom'.",
                param=f"{place}[{index}].type",
            )
        if kind == "function":
            openai_schemas.check_function(
                tool.get("name"), tool.get("parameters"), strict=tool.get("strict") is True
            )
        elif kind == "custom":
            _check_grammar(members(tool.get("format")), f"{place}[{index}].format")
        elif kind == "namespace":
            _check_tools(items(tool.get("tools")), f"{place}[{index}].tools", newest=newest)


def _check_grammar(wanted: Mapping[str, Any], place: str) -> None:
    if wanted.get("type") != "grammar":
        return
    if wanted.get("syntax") not in _GRAMMARS:
        raise invalid(
            f"Invalid value: '{wanted.get('syntax')}'. Supported values are: 'lark' and 'regex'.",
            f"{place}.syntax",
        )
    if not isinstance(wanted.get("definition"), str):
        raise invalid(f"Missing required parameter: '{place}.definition'.", f"{place}.definition")


def _check_item(item: Mapping[str, Any], index: int, *, newest: bool) -> None:
    kind = item.get("type") or "message"
    known = _ITEMS if newest else _ITEMS.difference(_NEWEST_ITEMS)
    if kind not in known:
        raise _unsupported(kind, sorted(known), f"input[{index}]")
    if kind == "additional_tools":
        _check_tools(items(item.get("tools")), f"input[{index}].tools", newest=newest)
    if kind in (*_CALLS, *_OUTPUTS):
        check_length(f"input[{index}].call_id", item.get("call_id"), LONGEST_CALL_ID)
    if kind == "function_call" and not isinstance(item.get("arguments"), str):
        raise wrong_type(f"input[{index}].arguments", "a string", item.get("arguments"))
    if kind == "custom_tool_call" and not isinstance(item.get("input"), str):
        raise wrong_type(f"input[{index}].input", "a string", item.get("input"))
    if kind in _OUTPUTS:
        _check_output(item, index)
    for place, part in _pictures(item.get("content")):
        if part.get("detail") not in (None, *_DETAILS):
            raise invalid(
                f"Invalid value: '{part['detail']}'. Supported values are: 'low', 'high', and 'auto'.",
                f"input[{index}].content[{place}].detail",
            )


def _check_output(item: Mapping[str, Any], index: int) -> None:
    """Text only: VS Code moves pictures of a tool into a message of the user's."""
    output = item.get("output")
    if output is None:
        raise invalid(
            f"Missing required parameter: 'input[{index}].output'.", f"input[{index}].output"
        )
    if not isinstance(output, str | list):
        raise wrong_type(f"input[{index}].output", "one of a string or array of objects", output)
    for place, part in enumerate(items(output)):
        if members(part).get("type") != "input_text":
            raise invalid(
                f"Invalid value: '{members(part).get('type')}'. Supported values are: 'input_text'.",
                f"input[{index}].output[{place}]",
            )


def _pictures(content: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for place, part in enumerate(map(members, items(content))):
        if part.get("type") == "input_image":
            yield place, part


def _check_model_of_reasoning(item: Mapping[str, Any], model_id: str) -> None:
    """Encrypted content opens only for the model that wrote it."""
    if item.get("type") != "reasoning" or item.get("encrypted_content") is None:
        return
    content = str(item["encrypted_content"])
    seal = opened(content)
    if seal is not None and not seal.is_of(model_id):
        raise coded(
            400,
            "invalid_encrypted_content",
            f"The encrypted content {content[:12]}... could not be verified. Reason: Encrypted content "
            "could not be decrypted or parsed.",
        )


def _check_repeats(given: Sequence[Mapping[str, Any]]) -> None:
    ids: set[str] = set()
    calls: set[str] = set()
    outputs: set[str] = set()
    for item in given:
        if item.get("id") is not None:
            if item["id"] in ids:
                raise invalid(
                    f"Duplicate item found with id {item['id']}. Remove duplicate items from your input "
                    "and try again.",
                    "input",
                )
            ids.add(str(item["id"]))
        seen = {**dict.fromkeys(_CALLS, calls), **dict.fromkeys(_OUTPUTS, outputs)}.get(
            str(item.get("type"))
        )
        if seen is None:
            continue
        if item["call_id"] in seen:
            raise invalid(f"Duplicate 'call_id': {item['call_id']}", "input")
        seen.add(str(item["call_id"]))
