"""Reads each endpoint's request body into a ``Prompt``.

Lenient on purpose: what is wrong with a body is the strictness modules' business, and they run first. A
part of unknown kind reads as nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.prompt import OfferedTool, Prompt, Role, Turn
from proxy_core.simulator.responses.encrypted_content import thinking_length

_ROLES: Mapping[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_TEXT_PARTS = ("text", "input_text", "output_text", "summary_text", "refusal")
_IMAGE_PARTS = ("image_url", "input_image", "image")
_DOCUMENT_PARTS = ("document", "input_file", "file", "search_result")


def members(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(content: Any) -> str:
    """All text of a content value in any of the three dialects, parts joined by line ends."""
    if isinstance(content, str):
        return content
    return "\n".join(text for part in items(content) if (text := _text_of_part(members(part))))


def _text_of_part(part: Mapping[str, Any]) -> str:
    kind = part.get("type")
    if kind in _TEXT_PARTS:
        return str(part.get("text") or part.get("refusal") or "")
    if kind == "tool_reference":
        return str(part.get("tool_name", ""))
    if kind in _DOCUMENT_PARTS:
        source = members(part.get("source"))
        held = source.get("content", part.get("content"))
        return text_of(held) or (
            str(source.get("data", "")) if source.get("type") == "text" else ""
        )
    return ""


def images_in(content: Any) -> int:
    count = 0
    for part in items(content):
        kind = members(part).get("type")
        if kind in _IMAGE_PARTS:
            count += 1
        elif kind == "tool_result":
            count += images_in(members(part).get("content"))
    return count


def _limit(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _stops(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else items(value)
    return tuple(text for text in texts if isinstance(text, str) and text)


def read_chat(body: Mapping[str, Any]) -> Prompt:
    """A ``/chat/completions`` body."""
    limit = _limit(body.get("max_completion_tokens"))
    return Prompt(
        model=str(body.get("model", "")),
        turns=tuple(_chat_turns(items(body.get("messages")))),
        tools=tuple(_function_tools(items(body.get("tools")))),
        tool_choice=_openai_choice(body.get("tool_choice")),
        parallel_calls=body.get("parallel_tool_calls") is not False,
        wants_thinking=body.get("reasoning_effort", "none") not in (None, "none")
        or bool(body.get("thinking_budget")),
        forbids_thinking=body.get("reasoning_effort") == "none",
        json_schema=_format_schema(members(body.get("response_format"))),
        max_tokens=limit if limit is not None else _limit(body.get("max_tokens")),
        stop=_stops(body.get("stop")),
    )


def _chat_turns(messages: Iterable[Any]) -> Iterator[Turn]:
    for raw in messages:
        message = members(raw)
        role = str(message.get("role"))
        text = text_of(message.get("content"))
        for call in items(message.get("tool_calls")):
            inner = members(members(call).get("function") or members(call).get("custom"))
            text += f"\n{inner.get('name')}({inner.get('arguments') or inner.get('input')})"
        if role in _ROLES:
            yield Turn(_ROLES[role], text, images_in(message.get("content")))


def _function_tools(tools: Iterable[Any], namespace: str | None = None) -> Iterator[OfferedTool]:
    """OpenAI's tools, chat's nested form and the flat one of Responses."""
    for raw in tools:
        tool = members(raw)
        kind = tool.get("type")
        if kind in ("function", "custom"):
            inner = members(tool.get(kind)) or tool
            yield OfferedTool(
                name=str(inner.get("name", "")),
                description=str(inner.get("description") or ""),
                schema=members(inner.get("parameters")),
                kind="custom" if kind == "custom" else "function",
                namespace=namespace,
            )
        elif kind == "namespace":
            yield from _function_tools(items(tool.get("tools")), str(tool.get("name", "")))
        elif kind == "local_shell":
            yield OfferedTool("local_shell", schema={"required": ["command"]})


def _openai_choice(choice: Any) -> str:
    if isinstance(choice, str):
        return choice if choice in ("auto", "none", "required") else "auto"
    chosen = members(choice)
    if chosen.get("type") == "allowed_tools":
        return (
            "required"
            if members(chosen.get("allowed_tools") or chosen).get("mode") == "required"
            else "auto"
        )
    inner = members(chosen.get("function") or chosen.get("custom")) or chosen
    return f":{inner['name']}" if inner.get("name") else "auto"


def _format_schema(wanted: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of a ``response_format`` or ``text.format``; {} for any JSON object."""
    if wanted.get("type") == "json_object":
        return {}
    if wanted.get("type") == "json_schema":
        return members(members(wanted.get("json_schema")).get("schema") or wanted.get("schema"))
    return None


def read_messages(body: Mapping[str, Any]) -> Prompt:
    """A ``/v1/messages`` body."""
    thinking = members(body.get("thinking")).get("type")
    choice = members(body.get("tool_choice"))
    named = f":{choice.get('name')}" if choice.get("type") == "tool" else None
    return Prompt(
        model=str(body.get("model", "")),
        turns=tuple(_messages_turns(body)),
        tools=tuple(_anthropic_tools(items(body.get("tools")))),
        tool_choice=named
        or {"any": "required", "none": "none"}.get(str(choice.get("type")), "auto"),
        parallel_calls=choice.get("disable_parallel_tool_use") is not True,
        wants_thinking=thinking in ("enabled", "adaptive"),
        forbids_thinking=thinking == "disabled",
        json_schema=_format_schema(
            members(members(body.get("output_config")).get("format") or body.get("output_format"))
        ),
        max_tokens=_limit(body.get("max_tokens")),
        stop=_stops(body.get("stop_sequences")),
    )


def _messages_turns(body: Mapping[str, Any]) -> Iterator[Turn]:
    if system := text_of(body.get("system")):
        yield Turn("system", system)
    for raw in items(body.get("messages")):
        message = members(raw)
        content = message.get("content")
        for block in items(content):
            if members(block).get("type") == "tool_result":
                held = members(block).get("content")
                yield Turn("tool", text_of(held), images_in(held))
        text = text_of(content)
        for block in items(content):
            if members(block).get("type") == "tool_use":
                text += f"\n{block.get('name')}({block.get('input')})"
        images = sum(members(block).get("type") == "image" for block in items(content))
        role = str(message.get("role"))
        # A turn of nothing but tool results is no words of a person.
        if role in _ROLES and (text.strip() or images):
            yield Turn(_ROLES[role], text, images)


def _anthropic_tools(tools: Iterable[Any]) -> Iterator[OfferedTool]:
    for raw in tools:
        tool = members(raw)
        kind = str(tool.get("type") or "custom")
        name = str(tool.get("name", ""))
        if kind == "custom" and not tool.get("defer_loading"):
            yield OfferedTool(
                name, str(tool.get("description") or ""), members(tool.get("input_schema"))
            )
        elif kind.startswith("bash_"):
            yield OfferedTool(
                name,
                "Run a shell command",
                {"properties": {"command": {"type": "string"}}, "required": ["command"]},
            )
        elif kind.startswith("text_editor_"):
            yield OfferedTool(
                name,
                "View and edit files",
                {
                    "properties": {
                        "command": {"type": "string", "enum": ["view"]},
                        "path": {"type": "string"},
                    },
                    "required": ["command", "path"],
                },
            )


def read_responses(body: Mapping[str, Any]) -> Prompt:
    """A ``/responses`` body, or a ``response.create`` frame."""
    reasoning = members(body.get("reasoning"))
    return Prompt(
        model=str(body.get("model", "")),
        turns=tuple(_responses_turns(body)),
        tools=tuple(_responses_tools(body)),
        tool_choice=_openai_choice(body.get("tool_choice")),
        parallel_calls=body.get("parallel_tool_calls") is not False,
        wants_thinking=bool(reasoning) and reasoning.get("effort") != "none",
        forbids_thinking=reasoning.get("effort") == "none",
        json_schema=_format_schema(members(members(body.get("text")).get("format"))),
        max_tokens=_limit(body.get("max_output_tokens")),
    )


def input_items(body: Mapping[str, Any]) -> list[Any]:
    """The ``input`` as items; a bare string is one user message."""
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return items(given)


def _responses_turns(body: Mapping[str, Any]) -> Iterator[Turn]:
    if isinstance(body.get("instructions"), str):
        yield Turn("system", body["instructions"])
    for raw in input_items(body):
        item = members(raw)
        kind = item.get("type") or "message"
        if kind == "message":
            role = str(item.get("role"))
            if role in _ROLES:
                content = item.get("content")
                yield Turn(_ROLES[role], text_of(content), images_in(content))
        elif kind in ("function_call", "custom_tool_call"):
            given = item.get("arguments") or item.get("input")
            yield Turn("assistant", f"{item.get('name')}({given})")
        elif str(kind).endswith("_call_output"):
            output = item.get("output")
            yield Turn("tool", text_of(output), images_in(output))
        elif kind == "reasoning" and isinstance(item.get("encrypted_content"), str):
            # Read by the model, so it counts in the prompt: as many characters as were thought.
            content = item["encrypted_content"]
            yield Turn("assistant", content[: thinking_length(content)])


def _responses_tools(body: Mapping[str, Any]) -> Iterator[OfferedTool]:
    yield from _function_tools(items(body.get("tools")))
    # Codex sends its tools as an input item to newer models.
    for item in input_items(body):
        if members(item).get("type") == "additional_tools":
            yield from _function_tools(items(members(item).get("tools")))
