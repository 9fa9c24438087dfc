"""Describes items of OpenAI's own tools as text, for the models of other vendors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

_LONGEST = 20_000
"""Maximum characters of one item's description."""


def describe_vendor_item(item: Mapping[str, Any], kind: str) -> str | None:
    """Return a description of an item that only OpenAI's models accept; None if it needs none."""
    tell = _TELLERS.get(kind)
    text = tell(item) if tell is not None else None
    return text[:_LONGEST] if text else None


def _mcp_call(item: Mapping[str, Any]) -> str:
    name = f"{item.get('server_label', '')}.{item.get('name', '')}".strip(".")
    result = item.get("error") or item.get("output")
    called = f"[Called the tool {name} with {_words(item.get('arguments')) or '{}'}."
    if result is None:
        return called + "]"
    word = "Error" if item.get("error") else "Result"
    return f"{called} {word}: {_words(result)}]"


def _code(item: Mapping[str, Any]) -> str | None:
    code = item.get("code")
    if not isinstance(code, str):
        return None
    outputs = item.get("outputs")
    logs = [
        str(each["logs"])
        for each in (outputs if isinstance(outputs, list) else ())
        if isinstance(each, dict) and each.get("logs")
    ]
    return "\n".join((f"[Ran this code:\n{code}", *(f"Output:\n{each}" for each in logs))) + "]"


def _file_search(item: Mapping[str, Any]) -> str | None:
    queries, results = item.get("queries"), item.get("results")
    found = [
        f"{each.get('filename', '')}: {each['text']}"
        for each in (results if isinstance(results, list) else ())
        if isinstance(each, dict) and each.get("text")
    ]
    if not queries and not found:
        return None
    return "\n".join((f"[Searched the files for {_words(queries)}.", *found)) + "]"


def _web_search(item: Mapping[str, Any]) -> str | None:
    action = item.get("action")
    if not isinstance(action, dict):
        return None
    query = action.get("query") or action.get("queries")
    if query:
        return f"[Searched the web for {_words(query)}.]"
    url = action.get("url")
    return f"[Opened {url}.]" if isinstance(url, str) else None


def _image(item: Mapping[str, Any]) -> str:
    prompt = item.get("revised_prompt")
    return (
        f"[Made an image: {prompt}]" if isinstance(prompt, str) and prompt else "[Made an image.]"
    )


def _approval(item: Mapping[str, Any]) -> str:
    word = "approved" if item.get("approve") else "refused"
    reason = item.get("reason")
    return f"[The user {word} the call{f': {reason}' if isinstance(reason, str) else ''}.]"


def _program_output(item: Mapping[str, Any]) -> str | None:
    output = item.get("output") or item.get("result")
    return f"[A program said: {_words(output)}]" if output else None


def _words(value: object) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


_TELLERS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "mcp_call": _mcp_call,
    "code_interpreter_call": _code,
    "file_search_call": _file_search,
    "web_search_call": _web_search,
    "image_generation_call": _image,
    "mcp_approval_response": _approval,
    "program_output": _program_output,
}
