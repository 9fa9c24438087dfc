"""Which members ``/v1/messages`` knows, and the refusal of every other with its path.

The paths follow the real validator: a union's chosen tag is part of the path
(``tools.0.custom.eager_input_streaming``, ``system.0.cache_control.ephemeral.scope``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from proxy_core.simulator.behaviour.conversation_reading import items, members
from proxy_core.simulator.http.refusal import Refusal, anthropic_invalid, invalid_body

TOOL_SEARCH_BETA = "advanced-tool-use-2025-11-20"
CONTEXT_BETA = "context-management-2025-06-27"
COMPACT_BETA = "compact-2026-01-12"
COMPUTER_BETA = "computer-use-2025-11-24"
LONG_CACHE_BETA = "extended-cache-ttl-2025-04-11"
MID_SYSTEM_BETA = "mid-conversation-system-2026-04-07"
# copilot-protocol.md 7.2; the fine-grained one is what pi-ai sends beside tools.
KNOWN_BETAS = frozenset(
    {
        TOOL_SEARCH_BETA,
        CONTEXT_BETA,
        COMPACT_BETA,
        COMPUTER_BETA,
        LONG_CACHE_BETA,
        MID_SYSTEM_BETA,
        "interleaved-thinking-2025-05-14",
        "fine-grained-tool-streaming-2025-05-14",
    }
)

_COUNTED = {"model", "messages", "system", "tools", "tool_choice", "thinking", "output_config"}
_ANSWERED = _COUNTED | {
    "max_tokens",
    "metadata",
    "stop_sequences",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "service_tier",
}
_BLOCKS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "citations", "cache_control"}),
    "image": frozenset({"source", "cache_control"}),
    "document": frozenset({"source", "title", "context", "citations", "cache_control"}),
    "search_result": frozenset({"source", "title", "content", "citations", "cache_control"}),
    "tool_use": frozenset({"id", "name", "input", "cache_control", "caller"}),
    "tool_result": frozenset({"tool_use_id", "content", "is_error", "cache_control"}),
    "thinking": frozenset({"thinking", "signature"}),
    "redacted_thinking": frozenset({"data"}),
}
_TOOL_MEMBERS = frozenset({"name", "description", "input_schema", "cache_control", "strict"})
_DEFERRED_TOOL_MEMBERS = frozenset({"defer_loading", "input_examples", "allowed_callers"})
_EAGER = "eager_input_streaming"
# Refused there since April 2026; pi-ai, opencode and Zed keep the same list.
_WITHOUT_EAGER_STREAMING = ("claude-haiku-4.5", "claude-sonnet-4", "claude-sonnet-4.5")
MOST_CACHE_MARKS = 4
_WITH_PREFILL = (
    "claude-haiku-4.5",
    "claude-sonnet-4",
    "claude-sonnet-4.5",
    "claude-opus-4.5",
)
_CLIENT_TOOLS = ("bash_", "text_editor_", "memory_")
_SEARCH_TOOLS = ("tool_search_tool_regex", "tool_search_tool_bm25")
_CHOICES: Mapping[str, frozenset[str]] = {
    "auto": frozenset({"disable_parallel_tool_use"}),
    "any": frozenset({"disable_parallel_tool_use"}),
    "tool": frozenset({"name", "disable_parallel_tool_use"}),
    "none": frozenset(),
}
_THINKING: Mapping[str, frozenset[str]] = {
    "enabled": frozenset({"budget_tokens", "display"}),
    "adaptive": frozenset({"display"}),
    "disabled": frozenset(),
}


def extra_input(path: str) -> Refusal:
    return invalid_body(f"{path}: Extra inputs are not permitted")


def unexpected_tag(path: str, tag: Any, expected: Iterable[str]) -> Refusal:
    known = ", ".join(f"'{each}'" for each in sorted(expected))
    return anthropic_invalid(
        f"{path}: Input tag '{tag}' found using 'type' does not match any of the expected tags: {known}"
    )


def check_betas(betas: Iterable[str], newest: bool) -> None:
    """``newest`` models know one beta more."""
    known = KNOWN_BETAS if newest else KNOWN_BETAS - {MID_SYSTEM_BETA}
    if unknown := [beta for beta in betas if beta not in known]:
        raise invalid_body(f"unsupported beta header(s): {', '.join(unknown)}")


def check_members(
    body: Mapping[str, Any], betas: frozenset[str], model_id: str, *, counting: bool = False
) -> None:
    """Raise the real 400 for the first member that does not belong, anywhere in the body."""
    known = set(_COUNTED if counting else _ANSWERED)
    if CONTEXT_BETA in betas or COMPACT_BETA in betas:
        known.add("context_management")
    for name in body:
        if name not in known:
            # The one refusal recorded in the validator's own envelope.
            if name == "context_management":
                raise anthropic_invalid(f"{name}: Extra inputs are not permitted")
            raise extra_input(name)
    _check(body.get("metadata"), {"user_id"}, "metadata")
    _tagged(body.get("thinking"), _THINKING, "thinking")
    _tagged(body.get("tool_choice"), _CHOICES, "tool_choice")
    _check(body.get("output_config"), {"effort", "format"}, "output_config")
    _check(
        members(body.get("output_config")).get("format"),
        {"type", "schema"},
        "output_config.format",
    )
    for index, block in enumerate(items(body.get("system"))):
        path = f"system.{index}"
        if members(block).get("type") != "text":
            raise unexpected_tag(path, members(block).get("type"), ["text"])
        _check(block, _BLOCKS["text"] | {"type"}, path)
        _check_cache_control(block, path, betas)
    for index, tool in enumerate(items(body.get("tools"))):
        _check_tool(members(tool), index, betas, model_id)
    for index, message in enumerate(items(body.get("messages"))):
        _check(message, {"role", "content"}, f"messages.{index}")
        _check_blocks(items(members(message).get("content")), f"messages.{index}.content", betas)


def _check(value: Any, known: Iterable[str], path: str) -> None:
    for name in members(value):
        if name not in known:
            raise extra_input(f"{path}.{name}")


def _tagged(value: Any, kinds: Mapping[str, frozenset[str]], path: str) -> None:
    if value is None:
        return
    kind = str(members(value).get("type"))
    if kind not in kinds:
        raise unexpected_tag(path, kind, kinds)
    _check(value, kinds[kind] | {"type"}, f"{path}.{kind}")


def _check_blocks(blocks: list[Any], path: str, betas: frozenset[str]) -> None:
    for index, raw in enumerate(blocks):
        block = members(raw)
        kind = str(block.get("type"))
        place = f"{path}.{index}"
        if kind == "tool_reference" and TOOL_SEARCH_BETA in betas:
            continue
        if kind == "compaction" and COMPACT_BETA in betas:
            continue
        if kind not in _BLOCKS:
            raise unexpected_tag(place, kind, _BLOCKS)
        _check(block, _BLOCKS[kind] | {"type"}, f"{place}.{kind}")
        _check_cache_control(block, f"{place}.{kind}", betas)
        if kind == "tool_result":
            _check_result(items(block.get("content")), f"{place}.tool_result.content", betas)


def _check_result(blocks: list[Any], path: str, betas: frozenset[str]) -> None:
    allowed = ("text", "image", "document", "search_result", "tool_reference")
    for index, block in enumerate(blocks):
        kind = members(block).get("type")
        if kind not in allowed:
            raise unexpected_tag(f"{path}.{index}", kind, allowed)
    _check_blocks(blocks, path, betas)


def _check_cache_control(block: Any, path: str, betas: frozenset[str]) -> None:
    control = members(block).get("cache_control")
    if control is None:
        return
    kind = members(control).get("type")
    if kind != "ephemeral":
        raise unexpected_tag(f"{path}.cache_control", kind, ["ephemeral"])
    known = {"type", "ttl"}
    # Sources disagree on one hour; with its beta nobody has seen it refused.
    if control.get("ttl") == "1h" and LONG_CACHE_BETA not in betas:
        known = {"type"}
    _check(control, known, f"{path}.cache_control.ephemeral")


def _check_tool(tool: Mapping[str, Any], index: int, betas: frozenset[str], model_id: str) -> None:
    kind = str(tool.get("type") or "custom")
    if kind == "custom":
        known = _TOOL_MEMBERS | {"type"}
        if TOOL_SEARCH_BETA in betas:
            known |= _DEFERRED_TOOL_MEMBERS
        if model_id not in _WITHOUT_EAGER_STREAMING:
            known |= {_EAGER}
        _check(tool, known, f"tools.{index}.custom")
        if tool.get("defer_loading") and tool.get("cache_control"):
            raise anthropic_invalid(
                f"tools.{index}.custom: cache_control cannot be set when defer_loading is true"
            )
    elif kind.startswith("web_fetch"):
        raise invalid_body("rejected tool(s): web_fetch")
    elif not _is_known_tool(kind, betas):
        raise unexpected_tag(f"tools.{index}", kind, ["custom", *_CLIENT_TOOLS])
    _check_cache_control(tool, f"tools.{index}.{kind}", betas)


def _is_known_tool(kind: str, betas: frozenset[str]) -> bool:
    if kind.startswith("computer_"):
        return COMPUTER_BETA in betas
    if kind.startswith(_SEARCH_TOOLS):
        return TOOL_SEARCH_BETA in betas
    # Web search has a refusal of its own, or none.
    return kind.startswith((*_CLIENT_TOOLS, "web_search_"))


def takes_prefill(model_id: str) -> bool:
    """Whether a conversation may end with words of the assistant's, to be continued."""
    return model_id in _WITH_PREFILL


def cache_marks(body: Mapping[str, Any]) -> int:
    """How many blocks carry ``cache_control``."""
    return sum(1 for block in _markable(body) if members(block).get("cache_control") is not None)


def _markable(body: Mapping[str, Any]) -> Iterator[Any]:
    yield from items(body.get("system"))
    yield from items(body.get("tools"))
    for message in items(body.get("messages")):
        for block in items(members(message).get("content")):
            yield block
            yield from items(members(block).get("content"))
