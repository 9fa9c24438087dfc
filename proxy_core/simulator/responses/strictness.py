"""What ``/responses`` refuses (copilot-protocol.md 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import input_items, items, members
from proxy_core.simulator.http.refusal import Refusal, coded, invalid_body
from proxy_core.simulator.model_calls.request_checks import (
    check_effort,
    check_images,
    check_schema,
    check_tool_count,
    check_tool_names,
)
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.profiles import Profile
from proxy_core.simulator.responses.encrypted_content import id_digest, opened
from proxy_core.simulator.vendor_rules.responses_rules import (
    check_responses_rules,
    check_responses_values,
)

LEAST_OUTPUT_TOKENS = 16
LONGEST_ITEM_ID = 64
_KNOWN = frozenset(
    {
        "background",
        "client_metadata",
        "context_management",
        "conversation",
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "max_tool_calls",
        "metadata",
        "model",
        "parallel_tool_calls",
        "previous_response_id",
        "prompt_cache_key",
        "prompt_cache_retention",
        "reasoning",
        "safety_identifier",
        "service_tier",
        "store",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
    }
)
# Members that only a WebSocket frame has.
FRAME_MEMBERS = frozenset({"type", "initiator", "generate"})
_ID_PREFIXES = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fc",
    "custom_tool_call": "ctc",
}
_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_PARTS = ("input_text", "input_image", "input_file", "output_text", "refusal", "summary_text")
_FUNCTION_TOOLS = ("function", "custom", "namespace", "tool_search")
_NEWEST = ("gpt-5.6", "gpt-6")


def unsupported_parameter(name: str) -> Refusal:
    return invalid_body(f"Unsupported parameter: '{name}' is not supported with this model.")


def check_responses(asked: Asked, *, on_socket: bool = False) -> None:
    """Raise the real refusal for the first thing wrong with a Responses body or frame."""
    _check_members(asked, on_socket=on_socket)
    if asked.profile.vendor_rules:
        check_responses_values(asked)
    _check_sampling(asked)
    _check_format(asked.body)
    _check_tools(asked)
    given = input_items(asked.body)
    if not given:
        raise coded(
            400, "invalid_request_body", "Missing required parameter: 'input'.", param="input"
        )
    for index, item in enumerate(given):
        _check_item(asked, members(item), index)
    if asked.profile.vendor_rules:
        check_responses_rules(asked)
    _check_pairing(given)
    check_images(asked, _image_urls(given))


def _check_members(asked: Asked, *, on_socket: bool) -> None:
    body = asked.body
    if asked.profile.refuses_unknown_members:
        known = _KNOWN | FRAME_MEMBERS if on_socket else _KNOWN
        for name in body:
            if name not in known:
                raise coded(
                    400, "invalid_request_body", f"Unknown parameter: '{name}'.", param=name
                )
    if body.get("store") is True:
        raise coded(400, "unsupported_value", "store: true is not supported.", param="store")
    if body.get("background"):
        raise coded(
            400, "unsupported_value", "background: true is not supported.", param="background"
        )
    if body.get("service_tier") is not None and asked.profile.refuses_service_tier:
        raise unsupported_parameter("service_tier")
    previous = body.get("previous_response_id")
    if previous is not None and not on_socket:
        raise previous_response_not_found(str(previous))


def previous_response_not_found(response_id: str) -> Refusal:
    return coded(
        400,
        "previous_response_not_found",
        f"Previous response with id '{response_id}' not found.",
        param="previous_response_id",
    )


def _check_sampling(asked: Asked) -> None:
    body = asked.body
    # The key alone is refused, whatever its value.
    if "temperature" in body and asked.profile.refuses_responses_sampling:
        raise unsupported_parameter("temperature")
    if "top_p" in body and "codex" not in asked.model["id"]:
        raise unsupported_parameter("top_p")
    limit = body.get("max_output_tokens")
    if isinstance(limit, int) and limit < LEAST_OUTPUT_TOKENS:
        raise invalid_body(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= "
            f"{LEAST_OUTPUT_TOKENS}, but got {limit} instead."
        )
    check_effort(asked, "reasoning.effort", members(body.get("reasoning")).get("effort"))


def _check_format(body: Mapping[str, Any]) -> None:
    wanted = members(members(body.get("text")).get("format"))
    if wanted.get("type") == "json_schema":
        for name in ("name", "schema"):
            if not wanted.get(name):
                raise invalid_body(f"Missing required parameter: 'text.format.{name}'.")
        check_schema("text.format", wanted["schema"])


def _check_tools(asked: Asked) -> None:
    tools = items(asked.body.get("tools"))
    check_tool_count(tools)
    names: list[tuple[str, Any]] = []
    for index, raw in enumerate(tools):
        tool = members(raw)
        kind = str(tool.get("type"))
        if kind.startswith("web_search"):
            if asked.profile.refuses_web_search and not _searches(asked, kind):
                raise coded(
                    400,
                    "unsupported_value",
                    "The use of the web search tool is not supported.",
                    param="tools",
                )
        elif kind not in _FUNCTION_TOOLS or not _takes(asked, kind):
            raise coded(
                400,
                "unsupported_value",
                f"Invalid value: '{kind}'. Supported values are: 'function' and 'custom'.",
                param=f"tools[{index}].type",
            )
        elif kind != "tool_search":
            names.append((f"tools[{index}].name", tool.get("name")))
    check_tool_names(names)
    _check_schemas(tools)
    for item in input_items(asked.body):
        _check_schemas(items(members(item).get("tools")))


def _searches(asked: Asked, kind: str) -> bool:
    """Some models of some dates search, but only under the undated name."""
    return kind == "web_search" and asked.model["id"] in asked.world.web_search_models


def _check_schemas(tools: Sequence[Any]) -> None:
    for raw in tools:
        tool = members(raw)
        check_schema(f"function '{tool.get('name')}'", tool.get("parameters"))
        _check_schemas(items(tool.get("tools")))


def _takes(asked: Asked, kind: str) -> bool:
    """Only OpenAI's own models know tools beyond plain functions."""
    if kind == "custom" and asked.profile.refuses_custom_tools:
        return False
    return kind == "function" or str(asked.model.get("vendor")).endswith("OpenAI")


def _check_item(asked: Asked, item: Mapping[str, Any], index: int) -> None:
    kind = str(item.get("type") or "message")
    path = f"input[{index}]"
    if kind == "item_reference":
        raise invalid_body(f"{path}: Item with id '{item.get('id')}' not found.")
    if kind == "additional_tools" and not str(asked.model["id"]).startswith(_NEWEST):
        raise invalid_body(f"Invalid value: 'additional_tools' at '{path}.type'.")
    if kind == "reasoning":
        _check_reasoning(item, path, asked.profile)
    elif kind == "compaction":
        if opened(str(item.get("encrypted_content"))) is None:
            raise _unreadable(item)
    else:
        _check_id(item, kind, path, asked.profile)
    if kind == "message":
        _check_parts(item, path)


def _check_id(item: Mapping[str, Any], kind: str, path: str, profile: Profile) -> None:
    given = item.get("id")
    if given is None or not profile.refuses_long_item_ids:
        return
    text = str(given)
    if len(text) > LONGEST_ITEM_ID:
        raise invalid_body(
            f"Invalid '{path}.id': string too long. Expected a string with maximum length "
            f"{LONGEST_ITEM_ID}, but got a string with length {len(text)} instead."
        )
    prefix = _ID_PREFIXES.get(kind)
    if prefix is not None and not text.startswith(prefix):
        raise invalid_body(
            f"Invalid '{path}.id': '{text}'. Expected an ID that begins with '{prefix}'."
        )


def _check_reasoning(item: Mapping[str, Any], path: str, profile: Profile) -> None:
    """Content must be genuine, and belong to the id it comes with if there is one."""
    content = item.get("encrypted_content")
    item_id = item.get("id")
    if content is None:
        if item_id is None:
            return
        raise invalid_body(
            f"{path}: Item with id '{str(item_id)[:64]}' not found. Items are not persisted when "
            "`store` is set to false."
        )
    seal = opened(str(content))
    if seal is None:
        raise _unreadable(item)
    if item_id is None:
        return
    fitting = {seal.done, seal.added} if profile.accepts_added_reasoning_id else {seal.done}
    if id_digest(str(item_id)) not in fitting:
        raise coded(
            400,
            "invalid_encrypted_content",
            "Encrypted content item_id did not match the target item id",
        )


def _unreadable(item: Mapping[str, Any]) -> Refusal:
    start = str(item.get("encrypted_content"))[:12]
    return coded(
        400,
        "invalid_encrypted_content",
        f"The encrypted content {start}... could not be verified. Reason: Encrypted content could not "
        "be decrypted or parsed.",
    )


def _check_parts(item: Mapping[str, Any], path: str) -> None:
    role = item.get("role")
    if role not in ("user", "assistant", "system", "developer"):
        raise invalid_body(
            f"Invalid value: '{role}' at '{path}.role'. Supported values are: 'assistant', 'system', "
            "'developer', and 'user'."
        )
    allowed = ("output_text", "refusal") if role == "assistant" else _PARTS
    for place, part in enumerate(items(item.get("content"))):
        kind = members(part).get("type")
        if kind not in allowed:
            known = ", ".join(f"'{each}'" for each in allowed)
            raise invalid_body(
                f"Invalid value: '{kind}' at '{path}.content[{place}]'. Supported values are: {known}."
            )


def _check_pairing(given: Sequence[Any]) -> None:
    called: dict[str, bool] = {}
    for raw in given:
        item = members(raw)
        call_id = str(item.get("call_id"))
        if item.get("type") == "local_shell_call":
            called[call_id] = True  # Codex answers it by a function's output, or by its own
        elif item.get("type") in _CALLS:
            called[call_id] = False
        elif item.get("type") in _OUTPUTS:
            if call_id not in called:
                raise invalid_body(
                    f"No tool call found for function call output with call_id {call_id}."
                )
            called[call_id] = True
    for call_id, is_answered in called.items():
        if not is_answered:
            raise invalid_body(f"No tool output found for function call {call_id}.")


def _image_urls(given: Sequence[Any]) -> Iterator[str]:
    for raw in given:
        item = members(raw)
        for part in (*items(item.get("content")), *items(item.get("output"))):
            if members(part).get("type") == "input_image":
                yield str(members(part).get("image_url"))
