"""Converts items and tools of Codex that not every model on ``/responses`` accepts.

Newer models accept tools in namespaces, tools among the input items and images in tool results;
older ones refuse each with “Invalid value: '…'”. Each is converted only for a model that refused
it.
"""

from __future__ import annotations

from typing import Any

from proxy_core.dialects.shared.tool_names import wire_name
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule, edit_items

_CALLS = ("function_call", "custom_tool_call")
_OUTPUTS = ("function_call_output", "custom_tool_call_output")
_IMAGES_FOLLOW = "[The tool's result is in the next message.]"


def hoisted_tools(body: OutgoingBody) -> None:
    """“Invalid value: 'additional_tools'” (codex and 5.4, 5.5 on Copilot): its tools are moved to
    ``tools``, without duplicates.
    """
    added: list[Any] = []

    def edit(item: dict[str, Any]) -> dict[str, Any] | None:
        if item.get("type") != "additional_tools":
            return item
        tools = item.get("tools")
        added.extend(tools if isinstance(tools, list) else ())
        return None

    items = body.items("input")
    edited = edit_items(items, edit)
    if edited is items:
        return
    body.write("input", edited)
    stated = body.items("tools")
    new = [tool for n, tool in enumerate(added) if tool not in stated and tool not in added[:n]]
    if new:
        body.write("tools", [*stated, *new])


def flat_namespaces(body: OutgoingBody) -> None:
    """“Invalid value: 'namespace'”: the tools are flattened, with the namespace in their names, as
    for other dialects; the response's names are split again.
    """
    tools = body.items("tools")
    flat = _flattened(tools)
    if flat is not tools:
        body.write("tools", flat)

    def edit(item: dict[str, Any]) -> dict[str, Any]:
        if item.get("type") == "additional_tools" and isinstance(item.get("tools"), list):
            inner = _flattened(item["tools"])
            return item if inner is item["tools"] else {**item, "tools": inner}
        if item.get("type") in _CALLS and item.get("namespace"):
            rest = {name: value for name, value in item.items() if name != "namespace"}
            return {**rest, "name": wire_name(str(item.get("name")), str(item["namespace"]))}
        return item

    items = body.items("input")
    edited = edit_items(items, edit)
    if edited is not items:
        body.write("input", edited)


def _flattened(tools: list[Any]) -> list[Any]:
    flat: list[Any] = []
    has_changed = False
    for tool in tools:
        inner = tool.get("tools") if isinstance(tool, dict) else None
        if not isinstance(inner, list) or tool.get("type") != "namespace":
            flat.append(tool)
            continue
        has_changed = True
        flat.extend(
            {**each, "name": wire_name(str(each.get("name")), str(tool.get("name")))}
            for each in inner
            if isinstance(each, dict)
        )
    return flat if has_changed else tools


def result_images(body: OutgoingBody) -> None:
    """“Invalid value: 'input_image'”: images of tool results are moved to a user's message after
    the last of a run of results, as Copilot's own editor sends them.
    """
    items = body.items("input")
    edited: list[Any] = []
    held: list[dict[str, Any]] = []
    for item in items:
        is_result = isinstance(item, dict) and item.get("type") in _OUTPUTS
        if held and not is_result:
            edited.append({"type": "message", "role": "user", "content": held})
            held = []
        edited.append(_without_pictures(item, held) if is_result else item)
    if held:
        edited.append({"type": "message", "role": "user", "content": held})
    if len(edited) != len(items):
        body.write("input", edited)


def _without_pictures(item: dict[str, Any], held: list[dict[str, Any]]) -> dict[str, Any]:
    output = item.get("output")
    parts = output if isinstance(output, list) else []
    pictures = [each for each in parts if _type(each) in ("input_image", "input_file")]
    if not pictures:
        return item
    label = f"From the result of tool call {item.get('call_id')}:"
    held.extend(({"type": "input_text", "text": label}, *pictures))
    rest = [each for each in parts if each not in pictures]
    return {**item, "output": rest or _IMAGES_FOLLOW}


def _type(part: object) -> object:
    return part.get("type") if isinstance(part, dict) else None


HOISTED_TOOLS = Rule(
    "tools among the items",
    hoisted_tools,
    lambda body: body.holds("input", b'"additional_tools"'),
    when_refused=True,
)
FLAT_NAMESPACES = Rule(
    "tools in namespaces",
    flat_namespaces,
    lambda body: body.holds("tools", b'"namespace"') or body.holds("input", b'"namespace"'),
    when_refused=True,
)
RESULT_IMAGES = Rule(
    "pictures in results of Responses",
    result_images,
    lambda body: body.holds("input", b'"input_image"', b'"input_file"'),
    when_refused=True,
)
