"""What each vendor refuses behind ``/chat/completions``: OpenAI, Claude and Gemini."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members
from proxy_core.simulator.catalog.catalog import efforts_of
from proxy_core.simulator.http.refusal import Refusal, coded, invalid_body
from proxy_core.simulator.messages.members import MOST_CACHE_MARKS, takes_prefill
from proxy_core.simulator.model_calls.wire import Asked
from proxy_core.simulator.vendor_rules import claude_calls, openai_schemas
from proxy_core.simulator.vendor_rules.claude_schemas import (
    problem_of_format,
    problem_of_tool,
)
from proxy_core.simulator.vendor_rules.gemini_schemas import problem_of_declaration
from proxy_core.simulator.vendor_rules.openai_values import (
    check_format_type,
    check_length,
    check_values,
    invalid,
    wrong_type,
)
from proxy_core.simulator.vendor_rules.pictures import problem_of_picture

LONGEST_CALL_ID = 40
_DETAILS = ("auto", "low", "high")


def check_chat_values(asked: Asked) -> None:
    """Types and ranges: they are looked at before anything else is, whatever the model."""
    check_values(asked.body)
    check_format_type("response_format", asked.body.get("response_format"))
    for index, message in enumerate(items(asked.body.get("messages"))):
        _check_message_types(index, members(message))


def _check_message_types(index: int, message: Mapping[str, Any]) -> None:
    content = message.get("content")
    if content is not None and not isinstance(content, str | list):
        raise wrong_type(
            f"messages[{index}].content", "one of a string or array of objects", content
        )
    if content is None and message.get("role") in ("user", "system", "developer", "tool"):
        raise wrong_type(f"messages[{index}].content", "a string", content)
    for place, call in enumerate(items(message.get("tool_calls"))):
        arguments = members(members(call).get("function")).get("arguments")
        if not isinstance(arguments, str):
            raise wrong_type(
                f"messages[{index}].tool_calls[{place}].function.arguments", "a string", arguments
            )


def check_chat_rules(asked: Asked) -> None:
    """The rules of the family behind the model."""
    vendor = str(asked.model.get("vendor"))
    if vendor == "Anthropic":
        _check_claude(asked)
    elif vendor == "Google":
        _check_gemini(asked)
    else:
        _check_openai(asked)


def _functions(asked: Asked) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for index, tool in enumerate(items(asked.body.get("tools"))):
        yield index, members(members(tool).get("function"))


def _wanted_schema(asked: Asked) -> Mapping[str, Any]:
    """``response_format.json_schema``, empty when no schema is asked for."""
    return members(members(asked.body.get("response_format")).get("json_schema"))


# -- OpenAI -------------------------------------------------------------------------------------


def _check_openai(asked: Asked) -> None:
    messages = items(asked.body.get("messages"))
    _check_developer(asked, messages)
    _check_call_ids(messages)
    for _, function in _functions(asked):
        openai_schemas.check_function(
            function.get("name"),
            function.get("parameters"),
            strict=function.get("strict") is True,
        )
    wanted = _wanted_schema(asked)
    if wanted.get("schema") is not None:
        openai_schemas.check_response_format(
            wanted.get("name"), wanted["schema"], strict=wanted.get("strict") is True
        )
    for place, image in _images(messages):
        if image.get("detail") not in (None, *_DETAILS):
            raise invalid(
                f"Invalid value: '{image['detail']}'. Supported values are: 'low', 'high', and 'auto'.",
                f"{place}.image_url.detail",
            )


def _check_developer(asked: Asked, messages: Sequence[Any]) -> None:
    """Models without reasoning know only ``system``."""
    if efforts_of(asked.model):
        return
    for index, message in enumerate(messages):
        if members(message).get("role") == "developer":
            raise coded(
                400,
                "unsupported_value",
                f"Unsupported value: 'messages[{index}].role' does not support 'developer' with this "
                "model.",
                param=f"messages[{index}].role",
            )


def _check_call_ids(messages: Sequence[Any]) -> None:
    answered: set[str] = set()
    for index, raw in enumerate(messages):
        message = members(raw)
        calls = [members(call).get("id") for call in items(message.get("tool_calls"))]
        for place, call_id in enumerate(calls):
            check_length(f"messages[{index}].tool_calls[{place}].id", call_id, LONGEST_CALL_ID)
            if call_id in calls[:place]:
                raise _repeated(index, call_id)
        if calls:
            answered = set()
        if message.get("role") == "tool":
            call_id = message.get("tool_call_id")
            check_length(f"messages[{index}].tool_call_id", call_id, LONGEST_CALL_ID)
            if call_id in answered:
                raise _repeated(index, call_id)
            answered.add(str(call_id))


def _repeated(index: int, call_id: Any) -> Refusal:
    return invalid(
        f"Invalid parameter: Duplicate value for 'tool_call_id' of '{call_id}' in message[{index}].",
        f"messages[{index}]",
    )


# -- Claude -------------------------------------------------------------------------------------


def _check_claude(asked: Asked) -> None:
    """Copilot puts a chat body into Anthropic's form; the complaints name the places there."""
    messages = [
        message
        for message in map(members, items(asked.body.get("messages")))
        if message.get("role") not in ("system", "developer")
    ]
    if not messages:
        raise invalid_body("messages: at least one message is required")
    _check_claude_tools(asked)
    _check_claude_calls(messages)
    if any(_uses_tools(message) for message in messages) and not asked.body.get("tools"):
        raise invalid_body(claude_calls.NO_TOOLS)
    _check_claude_marks(asked)
    for index, message in enumerate(messages):
        _check_claude_text(message)
        _check_claude_pictures(index, message)
    if messages[-1].get("role") == "assistant" and not takes_prefill(asked.model["id"]):
        raise invalid_body(claude_calls.PREFILL)
    if _forces_a_tool(asked) and asked.body.get("reasoning_effort") not in (None, "none"):
        raise invalid_body("Thinking may not be enabled when tool_choice forces tool use.")
    schema = _wanted_schema(asked).get("schema")
    if schema is not None and (problem := problem_of_format(schema)) is not None:
        raise invalid_body(f"output_config.format.schema: {problem}")


def _check_claude_tools(asked: Asked) -> None:
    names = [function.get("name") for _, function in _functions(asked)]
    if len(set(names)) < len(names):
        raise invalid_body("tools: Tool names must be unique.")
    for index, function in _functions(asked):
        problem = problem_of_tool(
            index, function.get("parameters"), strict=function.get("strict") is True
        )
        if problem is not None:
            raise invalid_body(problem)


def _uses_tools(message: Mapping[str, Any]) -> bool:
    return message.get("role") == "tool" or bool(message.get("tool_calls"))


def _check_claude_calls(messages: Sequence[Mapping[str, Any]]) -> None:
    calls: list[tuple[str, str]] = []
    results: list[tuple[str, str]] = []
    for index, message in enumerate(messages):
        for place, call in enumerate(items(message.get("tool_calls"))):
            path = f"messages.{index}.content.{place}"
            _refuse(claude_calls.problem_of_id(f"{path}.tool_use.id", members(call).get("id")))
            calls.append((path, str(members(call).get("id"))))
        if message.get("role") == "tool":
            path = f"messages.{index}.content.0"
            given = message.get("tool_call_id")
            _refuse(claude_calls.problem_of_id(f"{path}.tool_result.tool_use_id", given))
            results.append((path, str(given)))
    _refuse(claude_calls.problem_of_repeats(calls, results))


def _refuse(problem: str | None) -> None:
    if problem is not None:
        raise invalid_body(problem)


def _check_claude_marks(asked: Asked) -> None:
    marks = chat_cache_marks(asked.body)
    if marks > MOST_CACHE_MARKS:
        raise invalid_body(
            f"A maximum of {MOST_CACHE_MARKS} blocks with cache_control may be provided. Found {marks}."
        )


def chat_cache_marks(body: Mapping[str, Any]) -> int:
    """How many messages and tools carry Copilot's own ``copilot_cache_control``."""
    marked = (*items(body.get("messages")), *items(body.get("tools")))
    return sum(members(each).get("copilot_cache_control") is not None for each in marked)


def _check_claude_text(message: Mapping[str, Any]) -> None:
    """Blank text. An empty one beside tool calls is how Claude itself answers, and passes."""
    content = message.get("content")
    texts = [
        part.get("text") for part in map(members, items(content)) if part.get("type") == "text"
    ]
    if isinstance(content, str):
        texts = [content]
    if message.get("role") == "tool" or (content == "" and message.get("tool_calls")):
        return
    for text in texts:
        if text == "":
            raise invalid_body("messages: text content blocks must be non-empty")
        if isinstance(text, str) and not text.strip():
            raise invalid_body("messages: text content blocks must contain non-whitespace text")


def _check_claude_pictures(index: int, message: Mapping[str, Any]) -> None:
    for place, part in enumerate(map(members, items(message.get("content")))):
        url = str(_image(part).get("url", "")) if part.get("type") == "image_url" else ""
        media_type, marker, encoded = url.removeprefix("data:").partition(";base64,")
        if url.startswith("data:") and marker:
            problem = problem_of_picture(media_type, encoded)
            if problem is not None:
                path = f"messages.{index}.content.{place}.image.source.base64"
                end = f".{problem[0]}" if problem[0] else ""
                raise invalid_body(f"{path}{end}: {problem[1]}")


def _forces_a_tool(asked: Asked) -> bool:
    return asked.prompt.tool_choice == "required" or asked.prompt.tool_choice.startswith(":")


# -- Gemini -------------------------------------------------------------------------------------


def _check_gemini(asked: Asked) -> None:
    """Copilot hands on neither place nor reason."""
    roles = {members(each).get("role") for each in items(asked.body.get("messages"))}
    if not roles - {"system", "developer"}:
        raise coded(
            400,
            "invalid_request_body",
            "* GenerateContentRequest.contents: contents is not specified",
        )
    schemas = [function.get("parameters") for _, function in _functions(asked)]
    schemas.append(_wanted_schema(asked).get("schema"))
    if any(problem_of_declaration(schema) is not None for schema in schemas):
        raise Refusal(400, "Bad Request\n")
    names = [str(function.get("name")) for _, function in _functions(asked)]
    twice = next((name for index, name in enumerate(names) if name in names[:index]), None)
    if twice is not None:
        raise coded(400, "invalid_request_body", f"Duplicate function declaration found: {twice}")
    wrong = [
        index for index, name in enumerate(names) if not (name[:1].isalpha() or name[:1] == "_")
    ]
    if wrong:
        raise coded(
            400,
            "invalid_request_body",
            f"* GenerateContentRequest.tools[0].function_declarations[{wrong[0]}].name: Invalid "
            "function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, "
            "0-9), underscores (_), dots (.) or dashes (-), with a maximum length of 64.",
        )


def _images(messages: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, message in enumerate(messages):
        for place, part in enumerate(map(members, items(members(message).get("content")))):
            if part.get("type") == "image_url":
                yield f"messages[{index}].content[{place}]", _image(part)


def _image(part: Mapping[str, Any]) -> Mapping[str, Any]:
    image = part.get("image_url")
    return {"url": image} if isinstance(image, str) else members(image)
