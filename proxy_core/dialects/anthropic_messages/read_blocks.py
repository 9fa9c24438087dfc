"""One content block of an upstream stream, from its start to its stop."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from proxy_core.canonical.events import (
    NativeItem,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.anthropic_messages.wire import Block, Delta, decode_block

MESSAGES = DialectName.ANTHROPIC_MESSAGES


class BlockReading(Protocol):
    """One block. ``opening`` and ``delta`` return the events of their input."""

    def opening(self) -> list[StreamEvent]: ...

    def delta(self, delta: Delta) -> list[StreamEvent]: ...

    def stop(self) -> list[StreamEvent]: ...


def read_block(index: int, raw: msgspec.Raw, model_id: str) -> BlockReading:
    """Raises StreamFormatError for a block that cannot be read."""
    block = decode_block(raw)
    if block.type == "text":
        return _Text(index, block)
    if block.type in ("thinking", "redacted_thinking"):
        return _Thinking(index, block, model_id)
    if block.type == "tool_use":
        return _ToolUse(index, block)
    return NativeReading(index, block.type, raw, model_id)


class _Text:
    __slots__ = ("_annotations", "_block", "_index")

    def __init__(self, index: int, block: Block) -> None:
        self._index = index
        self._block = block
        self._annotations = [_citation(each) for each in block.citations or ()]

    def opening(self) -> list[StreamEvent]:
        return [TextDelta(self._index, self._block.text)] if self._block.text else []

    def delta(self, delta: Delta) -> list[StreamEvent]:
        if delta.type == "text_delta":
            return [TextDelta(self._index, delta.text)] if delta.text else []
        if delta.type == "citations_delta":
            self._annotations.append(_citation(delta.citation))
        return []

    def stop(self) -> list[StreamEvent]:
        return [TextEnd(self._index, tuple(self._annotations))]


class _Thinking:
    __slots__ = ("_block", "_index", "_kind", "_model_id", "_proof")

    def __init__(self, index: int, block: Block, model_id: str) -> None:
        self._index = index
        self._block = block
        self._model_id = model_id
        self._kind = "signature" if block.type == "thinking" else block.type
        self._proof = block.signature or block.data

    def opening(self) -> list[StreamEvent]:
        return [ThinkingDelta(self._index, self._block.thinking)] if self._block.thinking else []

    def delta(self, delta: Delta) -> list[StreamEvent]:
        if delta.type == "thinking_delta":
            return [ThinkingDelta(self._index, delta.thinking)] if delta.thinking else []
        if delta.type == "signature_delta":
            self._proof += delta.signature
        return []

    def stop(self) -> list[StreamEvent]:
        opaque = None
        if self._proof:
            opaque = Opaque(MESSAGES, self._kind, self._proof, self._model_id)
        return [ThinkingEnd(self._index, opaque)]


class _ToolUse:
    __slots__ = ("_block", "_has_arguments", "_index")

    def __init__(self, index: int, block: Block) -> None:
        self._index = index
        self._block = block
        self._has_arguments = False

    def opening(self) -> list[StreamEvent]:
        return [ToolCallStart(self._index, self._block.id, self._block.name)]

    def delta(self, delta: Delta) -> list[StreamEvent]:
        if delta.type != "input_json_delta" or not delta.partial_json:
            return []
        self._has_arguments = True
        return [ToolCallDelta(self._index, delta.partial_json)]

    def stop(self) -> list[StreamEvent]:
        """A call without arguments has no deltas; one that came whole has its arguments in its start."""
        end = ToolCallEnd(self._index)
        if self._has_arguments:
            return [end]
        return [ToolCallDelta(self._index, bytes(self._block.input).decode() or "{}"), end]


class NativeReading:
    """A block specific to this dialect: collected with its deltas until it stops."""

    __slots__ = ("_arguments", "_index", "_item", "_kind", "_model_id")

    def __init__(self, index: int, kind: str, raw: msgspec.Raw, model_id: str) -> None:
        self._index = index
        self._kind = kind
        self._item: dict[str, Any] = msgspec.json.decode(raw)
        self._model_id = model_id
        self._arguments: list[str] = []

    def opening(self) -> list[StreamEvent]:
        return []

    def delta(self, delta: Delta) -> list[StreamEvent]:
        if delta.type == "input_json_delta":
            self._arguments.append(delta.partial_json)
        return []

    def merge(self, members: dict[str, Any]) -> None:
        """Merge a delta of unknown kind (``compaction_delta``): its members are the block's."""
        self._item.update({name: value for name, value in members.items() if name != "type"})

    def stop(self) -> list[StreamEvent]:
        arguments = "".join(self._arguments)
        if arguments:
            try:
                self._item["input"] = msgspec.json.decode(arguments)
            except msgspec.DecodeError:
                self._item["input"] = {}
        data = msgspec.json.encode(self._item).decode()
        return [NativeItem(self._index, Opaque(MESSAGES, self._kind, data, self._model_id))]


def _citation(value: Any) -> Opaque:
    return Opaque(MESSAGES, "citation", msgspec.json.encode(value).decode())
