"""Edits a Responses request for pass-through: only what Copilot refuses is changed.

Top-level values arrive as ``msgspec.Raw`` and stay so unless they must change; candidates are found
by a search in the bytes before anything is decoded. The search cannot miss, because JSON encoders
do not escape the letters of these names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName, RenderedRequest, ThinkingPart
from proxy_core.copilot_facts.members import is_reasoning_model
from proxy_core.dialects.conversation_outline import Outline, outline_of
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.render_input import render_reasoning
from proxy_core.dialects.openai_responses.session import compaction_summary
from proxy_core.dialects.openai_responses.session.stored_state import (
    item_not_found,
    refuse_stored_state,
    wants_storage,
)
from proxy_core.dialects.openai_responses.tools.render_tools import tool_missing
from proxy_core.dialects.shared import opaque_envelope
from proxy_core.dialects.shared.json_members import decode_raw
from proxy_core.errors import BadRequest


class _ToolType(msgspec.Struct):
    type: str = ""


class _ItemHead(msgspec.Struct):
    type: str = ""
    role: str = ""
    id: str | None = None
    encrypted_content: msgspec.Raw = msgspec.Raw()


_tool_types = msgspec.json.Decoder(_ToolType)
_item_heads = msgspec.json.Decoder(_ItemHead)
_raw_lists = msgspec.json.Decoder(list[msgspec.Raw])


def pass_through_request(
    body: Mapping[str, Any], model: Model, outline: Outline | None = None
) -> RenderedRequest:
    """Return the body for Copilot, without ``stream``, and the members that were changed or removed.

    Raises: BadRequest: the request depends on stored state, or a member that must be edited is of
    the wrong type.
    """
    refuse_stored_state(body)
    return _Edit(body, model, outline).result()


class _Edit:
    def __init__(
        self, body: Mapping[str, Any], model: Model, outline: Outline | None = None
    ) -> None:
        self._outline = outline
        self._body: dict[str, Any] = dict(body)
        self._model = model
        self._dropped: list[str] = []

    def result(self) -> RenderedRequest:
        self._body.pop("stream", None)
        self._body["model"] = self._model.id
        self._remove_bookkeeping()
        self._edit("tools", self._usable_tools)
        self._edit("input", self._edit_input)
        return RenderedRequest(self._body, tuple(dict.fromkeys(self._dropped)))

    def _edit(self, name: str, edit: Callable[[msgspec.Raw], object]) -> None:
        value = self._body.get(name)
        if value is None:
            return
        raw = value if isinstance(value, msgspec.Raw) else msgspec.Raw(msgspec.json.encode(value))
        if bytes(raw) == b"null":
            return
        try:
            edited = edit(raw)
        except msgspec.ValidationError as error:
            raise BadRequest(
                f"Invalid '{name}': {error}", code="invalid_type", param=name
            ) from error
        if edited is not raw:
            self._body[name] = edited

    def _remove_bookkeeping(self) -> None:
        if wants_storage(self._body):
            self._make_replayable()
        for name in schema.CLIENT_BOOKKEEPING:
            self._remove(name)
        # Null if they could refer to stored state; other values were refused before.
        for name in ("previous_response_id", "conversation", "prompt"):
            self._body.pop(name, None)

    def _make_replayable(self) -> None:
        """Request encrypted reasoning, which items need to be sent back: the client expects them to
        be stored.
        """
        include = decode_raw(self._body, "include") or []
        if (
            is_reasoning_model(self._model)
            and isinstance(include, list)
            and schema.ENCRYPTED_REASONING not in include
        ):
            self._body["include"] = [*include, schema.ENCRYPTED_REASONING]

    def _remove(self, name: str) -> None:
        if decode_raw(self._body, name) not in (None, False):
            self._dropped.append(name)
        self._body.pop(name, None)

    def _usable_tools(self, raw: msgspec.Raw) -> object:
        choice = decode_raw(self._body, "tool_choice")
        tools, refused = _edit_tools(raw, self._model)
        forced = choice.get("type") if isinstance(choice, dict) else None
        for position, kind in refused:
            if kind == forced:
                raise tool_missing(kind, self._model, "tool_choice")
            if not tools:
                raise tool_missing(kind, self._model, "tools")
            self._dropped.append(f"tools[{position}] ({kind})")
        return tools

    def _edit_input(self, raw: msgspec.Raw) -> object:
        outline = outline_of(raw, self._outline)
        if not _may_need_edits(outline.text):
            return raw
        items = zip(_raw_lists.decode(raw), outline.items(), strict=True)
        return [
            edited
            for i, (item, shape) in enumerate(items)
            if (edited := self._edit_item(item, shape, i)) is not None
        ]

    def _edit_item(self, raw: msgspec.Raw, shape: bytes, index: int) -> object:
        """``shape`` is the item's outline."""
        head = _item_heads.decode(shape)
        kind = head.type or ("message" if head.role else "item_reference")
        if kind == "reasoning":
            return self._edit_reasoning(raw, _item_heads.decode(raw), index)
        if kind == "item_reference":
            raise item_not_found(head.id)
        if kind == "compaction" and opaque_envelope.PREFIX_BYTES in shape:
            return _edit_compaction(raw)
        item: dict[str, Any] | None = None
        if kind == "additional_tools":
            item = msgspec.json.decode(raw, type=dict[str, Any])
            tools = msgspec.Raw(msgspec.json.encode(item.get("tools", [])))
            item["tools"], refused = _edit_tools(tools, self._model)
            where = f"input[{index}].tools"
            self._dropped.extend(f"{where}[{position}] ({kind})" for position, kind in refused)
        if head.id is not None and not schema.is_replayable_id(kind, head.id):
            item = item or msgspec.json.decode(raw, type=dict[str, Any])
            del item["id"]
            self._dropped.append(f"input[{index}].id")
        if any(name.encode() in shape for name in schema.ITEM_BOOKKEEPING):
            item = item or msgspec.json.decode(raw, type=dict[str, Any])
            for name in schema.ITEM_BOOKKEEPING:
                item.pop(name, None)
        if _has_refused_detail(shape):
            item = item or msgspec.json.decode(raw, type=dict[str, Any])
            _correct_details(item.get("content"))
            _correct_details(item.get("output"))
        return raw if item is None else item

    def _edit_reasoning(self, raw: msgspec.Raw, head: _ItemHead, index: int) -> object:
        stated = bytes(head.encrypted_content)
        encrypted = msgspec.json.decode(stated) if stated else None
        if not isinstance(encrypted, str):
            # Nothing is stored upstream, so a bare id or summary would be a 404.
            self._dropped.append(f"input[{index}]")
            return None
        if encrypted.startswith(opaque_envelope.PREFIX):
            opaque = opaque_envelope.unpack(
                encrypted, DialectName.OPENAI_RESPONSES, schema.KIND_ENCRYPTED_CONTENT
            )
            item = render_reasoning(ThinkingPart(_summary_text(raw), opaque), self._model.id)
            if item is None:
                self._dropped.append(f"input[{index}]")
            return item
        if head.id is None or schema.is_replayable_id("reasoning", head.id):
            return raw
        # Copilot's ids rotate: this one was sent before the content it would be paired with.
        item = msgspec.json.decode(raw)
        del item["id"]
        self._dropped.append(f"input[{index}].id")
        return item


def _edit_tools(raw: msgspec.Raw, model: Model) -> tuple[object, list[tuple[int, str]]]:
    """Return the tools this model supports, and the index and type of each that it does not."""
    data = bytes(raw)
    suspects = (*schema.REFUSED_TOOLS, schema.WEB_SEARCH, "namespace")
    if not any(b'"' + word.encode() in data for word in suspects):
        return raw, []
    tools: list[Any] = []
    refused = []
    changed = False
    for position, tool in enumerate(_raw_lists.decode(data)):
        kind = _tool_types.decode(tool).type
        if not schema.runs_tool(model, kind):
            refused.append((position, kind))
        elif kind == "namespace" and (described := _described_namespace(tool)) is not None:
            tools.append(described)
            changed = True
        else:
            tools.append(tool)
    return (tools if changed or refused else raw), refused


def _described_namespace(tool: msgspec.Raw) -> dict[str, Any] | None:
    """Return a namespace with a description added, or None if it has one.

    Codex leaves it empty for some MCP servers, and upstream refuses that.
    """
    namespace = msgspec.json.decode(tool, type=dict[str, Any])
    if namespace.get("description"):
        return None
    return {**namespace, "description": f"Tools of {namespace.get('name', '')}."}


def _may_need_edits(data: bytes) -> bool:
    return (
        b'"id"' in data
        or b'"reasoning"' in data
        or b'"namespace"' in data
        or opaque_envelope.PREFIX_BYTES in data
        or _has_refused_detail(data)
        or any(name.encode() in data for name in schema.ITEM_BOOKKEEPING)
    ) and data.lstrip()[:1] == b"["


def _has_refused_detail(data: bytes) -> bool:
    return b'"detail"' in data and any(
        b'"' + detail.encode() + b'"' in data for detail in schema.IMAGE_DETAILS
    )


def _correct_details(parts: object) -> None:
    if not isinstance(parts, list):
        return
    for part in parts:
        if not isinstance(part, dict) or part.get("detail") not in schema.IMAGE_DETAILS:
            continue
        if part.get("type") != "input_image":
            continue
        accepted = schema.IMAGE_DETAILS[part["detail"]]
        if accepted is None:
            del part["detail"]
        else:
            part["detail"] = accepted


def _edit_compaction(raw: msgspec.Raw) -> object:
    packed = msgspec.json.decode(raw, type=dict[str, Any]).get("encrypted_content")
    summary = compaction_summary.unpack_summary(packed) if isinstance(packed, str) else None
    if summary is None:
        return raw
    return {
        "type": "message",
        "role": "user",
        "content": compaction_summary.summary_as_context(summary),
    }


def _summary_text(raw: msgspec.Raw) -> str:
    summary = msgspec.json.decode(raw).get("summary")
    if not isinstance(summary, list):
        return ""
    return "".join(str(part.get("text", "")) for part in summary if isinstance(part, dict))
