"""Edits a Messages request for pass-through, without rebuilding it.

Members that upstream is known to refuse are removed and named. A search in the raw bytes decides
whether a member must be decoded: conversations are long, and mostly need no change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.copilot_facts.limits import fit_output_limit
from proxy_core.copilot_facts.member_rules import BETWEEN_TOOLS
from proxy_core.copilot_facts.members import (
    CACHE_CONTROL_MEMBERS,
    REFUSED_MESSAGE_MEMBERS,
    REFUSED_TOOL_MEMBERS,
)
from proxy_core.dialects.anthropic_messages.inspect_turns import tool_calls_are_paired
from proxy_core.dialects.anthropic_messages.parse_request import parse_reasoning
from proxy_core.dialects.anthropic_messages.schema import (
    DEFAULT_MAX_TOKENS,
    FOREIGN_SIGNATURE,
    THINKING_MEMBERS,
    runs_tool,
)
from proxy_core.dialects.anthropic_messages.thinking import fit_thinking
from proxy_core.dialects.conversation_outline import Outline, outline_of
from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.shared.json_members import (
    decode_raw,
    edit_items_as_spelled,
    optional_object,
    refuse,
)
from proxy_core.dialects.shared.opaque_envelope import PREFIX_BYTES, unpack
from proxy_core.dialects.shared.raw_body import (
    check_tools,
    last_turn,
    model_name,
    raw_bytes,
    wants_stream,
)
from proxy_core.dialects.web_search import SEARCH_ID_PREFIX, is_proxied_search

MESSAGES = DialectName.ANTHROPIC_MESSAGES
_IMAGE = re.compile(rb'"type"\s*:\s*"image"')
_FOREIGN = b'"' + FOREIGN_SIGNATURE.encode()
_SERVER_TOOL = re.compile(rb'"(?:web_search|web_fetch|code_execution|mcp_toolset|advisor)')
_UNSIGNED = re.compile(rb'"signature"\s*:\s*""')
_PROOFS = {
    "thinking": ("signature", "signature"),
    "redacted_thinking": ("data", "redacted_thinking"),
}
_BLANK_TEXT = re.compile(rb'"text"\s*:\s*"(?:\s|\\[nrt])*"')
_ODD_CACHE_CONTROL = re.compile(
    rb'"cache_control"\s*:\s*\{(?!\s*"type"\s*:\s*"ephemeral"\s*(?:,\s*"ttl"\s*:\s*"\w*"\s*)?\})'
)


def inspect_request(body: Mapping[str, Any]) -> RequestFacts:
    """It is a user's turn if the last message is the user's and has no tool result.

    Claude Code puts reminders and notes beside the results of a tool loop, so a turn that carries any
    result belongs to the agent, whatever text follows it (copilot-protocol.md 3.3, MAX, and 13,
    "mixed tool_result + text": the forks of caozhiyuan/copilot-api merge that text into the result).
    """
    outline = outline_of(body.get("messages"))
    messages = outline.text
    turn = last_turn(messages)
    check_tools(body)
    return RequestFacts(
        model=model_name(body),
        stream=wants_stream(body),
        is_user_turn=turn.role == "user" and "tool_result" not in turn.kinds,
        has_images=_IMAGE.search(messages) is not None,
        include_usage=True,
        needs_repair=not tool_calls_are_paired(messages),
        outline=outline,
    )


def pass_through_request(
    body: Mapping[str, Any], model: Model, outline: Outline | None = None
) -> RenderedRequest:
    return _Edit(body, model, outline_of(body.get("messages"), outline)).render()


class _Edit:
    """One body being edited; ``dropped`` lists the removed members."""

    def __init__(self, body: Mapping[str, Any], model: Model, outline: Outline) -> None:
        self._source = body
        self._outline = outline
        self._body = dict(body)
        self._model = model
        self._dropped: list[str] = []

    def render(self) -> RenderedRequest:
        self._body.pop("stream", None)
        self._body["model"] = self._model.id
        self._fit_thinking()
        self._edit_system()
        self._edit_tools()
        self._edit_messages()
        enforced = self._fit_stop()
        return RenderedRequest(self._body, tuple(dict.fromkeys(self._dropped)), enforced)

    def _fit_stop(self) -> tuple[str, ...]:
        """Leave out blank stop sequences, which upstream refuses; they are kept at the relay."""
        stop = decode_raw(self._body, "stop_sequences")
        if not isinstance(stop, list) or all(not _is_blank(each) for each in stop):
            return ()
        if kept := [each for each in stop if not _is_blank(each)]:
            self._body["stop_sequences"] = kept
        else:
            del self._body["stop_sequences"]
        self._drop("stop_sequences (blank)")
        return ("stop",) if any(each for each in stop if _is_blank(each)) else ()

    def _drop(self, name: str) -> None:
        self._dropped.append(name)

    def _fit_thinking(self) -> None:
        members = {name: decode_raw(self._body, name) for name in ("thinking", "output_config")}
        stated = members["thinking"]
        if isinstance(stated, dict) and stated.get("type") == BETWEEN_TOOLS:
            return  # Upstream is the judge of what the catalogue has no word for.
        reasoning = parse_reasoning(members)
        if reasoning is None:
            return
        limit = decode_raw(self._body, "max_tokens")
        limit = limit if type(limit) is int else DEFAULT_MAX_TOKENS
        limit = fit_output_limit(limit, self._model.limits, Endpoint.MESSAGES)
        fitted = fit_thinking(reasoning, self._model.supports, limit, MESSAGES)
        self._dropped.extend(fitted.dropped)
        if fitted.thinking is None:
            self._body.pop("thinking", None)
        elif fitted.thinking != members["thinking"]:
            stated = optional_object(members, "thinking") or {}
            more = {name: each for name, each in stated.items() if name not in THINKING_MEMBERS}
            self._body["thinking"] = {**more, **fitted.thinking}
        config = dict(optional_object(members, "output_config") or {})
        if config.get("effort") == fitted.effort:
            return
        config["effort"] = fitted.effort
        config = {name: value for name, value in config.items() if value is not None}
        if config:
            self._body["output_config"] = config
        else:
            del self._body["output_config"]

    def _edit_system(self) -> None:
        raw = raw_bytes(self._source, "system")
        if not _needs_cleaning(raw):
            return
        system = decode_raw(self._source, "system")
        if not isinstance(system, list):
            return
        system = self._clean_blocks(system, "system")
        if system:
            self._body["system"] = system
        else:
            del self._body["system"]

    def _edit_tools(self) -> None:
        raw = raw_bytes(self._source, "tools")
        refused = any(name.encode() in raw for name in REFUSED_TOOL_MEMBERS)
        if not (
            refused
            or b'"defer_loading"' in raw
            or _SERVER_TOOL.search(raw)
            or _ODD_CACHE_CONTROL.search(raw)
        ):
            return
        tools = decode_raw(self._source, "tools")
        if not isinstance(tools, list):
            return
        tools = self._runnable_tools(tools)
        for tool in tools:
            if isinstance(tool, dict):
                self._clean_tool(tool)
        if tools:
            self._body["tools"] = tools
        else:
            self._body.pop("tools", None)
            self._body.pop("tool_choice", None)

    def _runnable_tools(self, tools: list[Any]) -> list[Any]:
        """Remove the vendor's tools that upstream does not run: one of them fails the request."""
        choice = decode_raw(self._source, "tool_choice")
        forced = choice.get("name") if isinstance(choice, dict) else None
        runnable = []
        for position, tool in enumerate(tools):
            kind = tool.get("type") if isinstance(tool, dict) else None
            if not isinstance(kind, str) or runs_tool(self._model, kind):
                runnable.append(tool)
                continue
            if forced is not None and forced == tool.get("name"):
                refuse("tool_choice", f"{self._model.id} cannot run the server tool {kind}")
            self._drop(f"tools[{position}] ({kind})")
        return runnable

    def _clean_tool(self, tool: dict[str, Any]) -> None:
        custom = tool.get("custom")
        for holder in (tool, custom if isinstance(custom, dict) else {}):
            for name in REFUSED_TOOL_MEMBERS & holder.keys():
                del holder[name]
                self._drop(f"tools[].{name}")
        if tool.get("defer_loading") and "cache_control" in tool:
            del tool["cache_control"]  # Refused together (GPY).
            self._drop("tools[].cache_control (with defer_loading)")
        self._clean_cache_control(tool, "tools")

    def _edit_messages(self) -> None:
        if _may_need_edits(self._outline.text):
            self._body["messages"] = edit_items_as_spelled(
                self._source, "messages", self._outline, _may_need_edits, self._cleaned
            )

    def _cleaned(self, message: Any) -> Any | None:
        """Return the message with what upstream refuses taken out; None if nothing is left of it."""
        if isinstance(message, dict) and not self._clean_message(message):
            return None
        return message

    def _clean_message(self, message: dict[str, Any]) -> bool:
        """Return whether the message still has content."""
        for name in REFUSED_MESSAGE_MEMBERS & message.keys():
            del message[name]
            self._drop(f"messages[].{name}")
        content = message.get("content")
        if not isinstance(content, list) or not content:
            return True
        message["content"] = self._clean_blocks(content, "messages[].content")
        return bool(message["content"])

    def _clean_blocks(self, blocks: list[Any], place: str) -> list[Any]:
        return [
            block
            for block in blocks
            if not isinstance(block, dict) or self._clean_block(block, place)
        ]

    def _clean_block(self, block: dict[str, Any], place: str) -> bool:
        """Return whether the block may stay."""
        kind = block.get("type")
        if kind == "text" and not _text_of(block).strip():
            self._drop(f"{place} (blank text)")
            return False
        if isinstance(kind, str) and kind in _PROOFS and not self._keep_thinking(block, kind):
            return False
        if is_proxied_search(block):
            self._drop(f"{place} (web search of another model)")
            return False
        self._clean_cache_control(block, place)
        if isinstance(block.get("content"), list):
            block["content"] = self._clean_blocks(block["content"], place)
        return True

    def _clean_cache_control(self, block: dict[str, Any], place: str) -> None:
        mark = block.get("cache_control")
        if not isinstance(mark, dict):
            return
        for name in mark.keys() - CACHE_CONTROL_MEMBERS:
            del mark[name]
            self._drop(f"{place}[].cache_control.{name}")

    def _keep_thinking(self, block: dict[str, Any], kind: str) -> bool:
        """Whether thinking may be returned to this model; the model's own envelope is unpacked."""
        member, opaque_kind = _PROOFS[kind]
        value = block.get(member)
        if not isinstance(value, str) or not value:
            self._drop(f"messages[].{kind} (without a signature)")
            return False
        opaque = unpack(value, MESSAGES, opaque_kind)
        if (
            opaque.dialect is not MESSAGES
            or opaque.kind != opaque_kind
            or opaque.model not in (None, self._model.id)
            or opaque.data.startswith(FOREIGN_SIGNATURE)
        ):
            self._drop(f"messages[].{kind} (issued by another model)")
            return False
        block[member] = opaque.data
        return True


def _may_need_edits(raw: bytes) -> bool:
    """Whether JSON text of a message, or of all, may hold something to edit; never false in vain."""
    return (
        _needs_cleaning(raw)
        or PREFIX_BYTES in raw
        or _UNSIGNED.search(raw) is not None
        or _FOREIGN in raw
        or SEARCH_ID_PREFIX.encode() in raw
        or any(b'"%b"' % name.encode() in raw for name in REFUSED_MESSAGE_MEMBERS)
    )


def _needs_cleaning(raw: bytes) -> bool:
    return bool(_BLANK_TEXT.search(raw) or _ODD_CACHE_CONTROL.search(raw))


def _is_blank(sequence: object) -> bool:
    return isinstance(sequence, str) and not sequence.strip()


def _text_of(block: Any) -> str:
    text = block.get("text") if isinstance(block, dict) else None
    return text if isinstance(text, str) else "-"
