"""Passes a chat stream through to a chat client, correcting upstream's quirks.

Chunks whose bytes need no change are forwarded unchanged; the others are decoded. Strict clients
must get only what OpenAI's own types allow (copilot-protocol.md 5.2).
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from proxy_core.canonical.events import Bill, Done, StopReason, Usage
from proxy_core.canonical.sse import Frame
from proxy_core.dialects.interface import StreamOutcome, WriterContext
from proxy_core.dialects.openai_chat.errors import ended_early, error_frames
from proxy_core.dialects.openai_chat.native_answer import read_native_answer
from proxy_core.dialects.openai_chat.read_stream import DONE, read_error
from proxy_core.dialects.openai_chat.schema import STOP_REASONS
from proxy_core.dialects.openai_chat.split_choices import ChoiceMerger
from proxy_core.dialects.openai_chat.wire import parse_usage, render_usage
from proxy_core.dialects.openai_chat.write_stream import ID_PREFIX, ChatWriter
from proxy_core.dialects.shared.bill import parse_bill
from proxy_core.dialects.shared.chunk_template import ChunkTemplate, learn_template
from proxy_core.dialects.shared.lone_surrogates import without_halves
from proxy_core.dialects.shared.thinking_replay import ThinkingWatch
from proxy_core.errors import ProxyError, StreamFormatError

_SUSPICIOUS = re.compile(
    rb'"(?:content_filter|copilot_|prompt_filter|reasoning|cot_summary"|error"|usage":\s*\{'
    rb'|tool_calls":(?!\[\{"index":))'
)
"""Members that require decoding.

Within a string quotes are escaped, so a match is always a member's name. One expression for all:
separate searches take four times as long, and this runs for every chunk.
"""
_PLAIN_VALUE = rb'(?:"\w*"|true|false|null|-?\d+(?:\.\d+)?)'
_PLAIN_OBJECT = rb'\{(?:"\w+":' + _PLAIN_VALUE + rb",?)*\}"
_FILTER_VERDICT = re.compile(
    rb'"content_filter_\w+":\{(?:"\w+":(?:' + _PLAIN_VALUE + rb"|" + _PLAIN_OBJECT + rb"),?)*\},"
)
"""Content filter results that GPT models send with every chunk.

Removed as bytes, because decoding the chunk takes five times as long. The pattern is narrow on
purpose (no string that could contain a brace); other forms are decoded.
"""
_ROLE = b'"role":'
_ASSISTANT = re.compile(rb'"role": ?"assistant", ?|, ?"role": ?"assistant"|"role": ?"assistant"')
_FURTHER_INDEX = re.compile(rb'"index": ?[1-9]')
"""Gemini and Claude send the role in every chunk, OpenAI only in the first; SDKs concatenate it to
``assistantassistant``. Removed as bytes if the chunk can only be about the first choice.
"""
_TEXT_BEGINS = (b'"delta":{"content":"', b'"function":{"arguments":"')
_MOST_IN_VAIN = 8
"""A stream with more templates in a row that fitted nothing varies around its texts."""
_EXAMINED_ALONE = 100
"""Chunks of such a stream that are examined one by one after some could not be examined together."""
_STREAM_MEMBERS = ("id", "object", "created", "system_fingerprint")
"""The same in every chunk of a stream."""
_JUNK = ("copilot_", "content_filter_", "prompt_filter_")
_encode = msgspec.json.Encoder().encode


class _Choice(msgspec.Struct):
    delta: dict[str, Any]
    index: int = 0


class _Chunk(msgspec.Struct):
    choices: list[_Choice]


_decode_chunk = msgspec.json.Decoder(_Chunk).decode


class ChatPassThrough:
    """One stream."""

    def __init__(self, context: WriterContext) -> None:
        self._context = context
        self._model_on_wire = b""
        """Empty until a chunk has named a model; until then every chunk gets our model name."""
        self._client_model = b'"model":' + _encode(context.model)
        self._merger = ChoiceMerger()
        self._watch = ThinkingWatch()
        self._is_over = False
        self._is_finished = False
        self._template: ChunkTemplate | None = None
        """What the last chunk had around its text, if nothing of it needed a look."""
        self._in_vain = 0
        """Templates in a row that fitted nothing."""
        self._has_content = False
        self._roles_sent: set[int] = set()
        """Choices whose first chunk was sent."""
        self._stop_reason: StopReason | None = None
        self._usage: Usage | None = None
        self._usage_chunk: dict[str, Any] | None = None
        """The usage chunk sent after the last choice to a client that asked for it."""
        self._lacks_usage = False
        """The client wants the member in every chunk, and upstream omits it."""
        self._call_ids: dict[str, tuple[object, object]] = {}
        self._bill: Bill | None = None
        self._cache_written = 0
        self.error: ProxyError | None = None
        self._response_id: str | None = None
        self._model: str | None = None

    def forward(self, data: bytes, begin: int = 0) -> tuple[bytes, int]:
        if self._is_over or not self._model_on_wire:
            return b"", begin
        if self._template is not None:
            leaves, end = self._template.forward(data, begin)
            if leaves:
                self._in_vain = 0
                return leaves, end
        # One chunk is examined, and compared with those that follow; where they all differ around
        # their texts, all are examined at once.
        varies = self._in_vain >= _MOST_IN_VAIN
        end = len(data) if varies else data.find(b"\n\n", begin) + 2
        examined = self._examine(data[begin:end])
        if examined is None:
            if varies:
                self._in_vain = -_EXAMINED_ALONE
            return b"", begin
        return examined, end

    def _examine(self, came: bytes) -> bytes | None:
        """Return whole chunks as they leave; None if any of them must be decoded."""
        data = came
        if not _are_ordinary(data):
            return None
        if b'"tool_calls":[{' in data and b'"name":' in data:
            return None  # the call's id is needed
        if b'"content_filter_' in data:
            data = _FILTER_VERDICT.sub(b"", data)
        if _SUSPICIOUS.search(data):
            return None
        if _ROLE in data:
            if not self._may_cut_roles(data):
                return None
            data = _ASSISTANT.sub(b"", data)
        self._has_content = True
        if b'"tool_calls":[{' in data:
            self._merger.has_tool_calls = True
        data = data.replace(self._model_on_wire, self._client_model)
        if self._lacks_usage and b'"usage"' not in data:
            data = data.replace(b"}\n\n", b',"usage":null}\n\n')
        self._template = _template_of(_first_chunk(came), _first_chunk(data))
        if self._template is not None:
            self._in_vain += 1
        return data

    def feed(self, frame: Frame) -> list[Frame]:
        if self._is_over:
            return []
        data = frame.data
        if self._model_on_wire and b'"content_filter_' in data:
            data = _FILTER_VERDICT.sub(b"", data)
        names_role = _ROLE in data
        if names_role and self._may_cut_roles(data):
            data, names_role = _ASSISTANT.sub(b"", data), False
        if self._model_on_wire and not names_role and _is_clean(data):
            self._has_content = True
            if b'"tool_calls":[{' in data:
                self._merger.has_tool_calls = True
                if b'"name":' in data and not self._watch_named_calls(data):
                    return self._correct(data.strip())
            if self._model_on_wire in data:
                data = data.replace(self._model_on_wire, self._client_model, 1)
            if self._lacks_usage and b'"usage"' not in data:
                data = data.rstrip()[:-1] + b',"usage":null}'
            return [Frame(data)]
        data = data.strip()
        if data == DONE:
            return self._finish()
        return self._correct(data) if data else []

    def close(self) -> list[Frame]:
        if self._is_over:
            return []
        return self._finish()

    def fail(self, error: ProxyError) -> list[Frame]:
        return [] if self._is_over else self._break_off(error)

    @property
    def has_news(self) -> bool:
        return self._is_over or self._watch.has_opaque

    def outcome(self) -> StreamOutcome:
        return StreamOutcome(
            self._is_finished,
            self._stop_reason,
            self._usage,
            self._bill,
            self.error,
            self._response_id,
            self._model,
            self._watch.turn,
        )

    def _may_cut_roles(self, data: bytes) -> bool:
        return 0 in self._roles_sent and not _FURTHER_INDEX.search(data)

    def _watch_named_calls(self, data: bytes) -> bool:
        """Return whether the chunk, so far only searched as bytes, may be sent unchanged."""
        try:
            chunk = _decode_chunk(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        choices = [{"index": each.index, "delta": each.delta} for each in chunk.choices]
        self._watch_calls(choices)
        return not _make_ids_unique(choices, self._call_ids)

    def _watch_calls(self, choices: list[Any]) -> None:
        for choice in choices:
            calls = choice["delta"].get("tool_calls")
            for call in calls if isinstance(calls, list) else ():
                if isinstance(call, dict) and isinstance(call.get("id"), str) and call["id"]:
                    self._watch.add_call(call["id"])

    def _correct(self, data: bytes) -> list[Frame]:
        try:
            chunk = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if (whole := without_halves(data)) != data:
                return self._correct(whole)
            return self._break_off(StreamFormatError(f"upstream sent an unreadable chunk: {error}"))
        if not isinstance(chunk, dict):
            return self._break_off(StreamFormatError("upstream sent a chunk that is no object"))
        if chunk.get("error") is not None:
            return self._break_off(read_error(chunk["error"]))
        self._take_bill(chunk)
        if chunk.get("type") == "message" and "choices" not in chunk:
            return self._native(data)
        self._take_usage(chunk)
        choices = chunk.get("choices")
        if not choices:
            return []  # Its usage is sent at the end.
        if not isinstance(choices, list) or not all(isinstance(each, dict) for each in choices):
            return self._break_off(StreamFormatError("upstream sent choices of an unknown form"))
        if not self._model_on_wire:
            self._learn_names(chunk, data)
        for position, choice in enumerate(choices):
            self._correct_choice(choice, position)
        self._watch_calls(choices)
        _make_ids_unique(choices, self._call_ids)
        return [
            Frame(_encode(self._envelope(each)))
            for each in self._merger.feed(chunk, is_split="object" not in chunk)
        ]

    def _learn_names(self, chunk: dict[str, Any], data: bytes) -> None:
        identifier, model = chunk.get("id"), chunk.get("model")
        if self._response_id is None and isinstance(identifier, str):
            self._response_id = identifier
        self._lacks_usage = self._context.include_usage and b'"usage"' not in data
        if isinstance(model, str):
            self._model = model
            for separator in (b":", b": "):
                member = b'"model"' + separator + _encode(model)
                if member in data:
                    self._model_on_wire = member

    def _envelope(self, chunk: dict[str, Any]) -> dict[str, Any]:
        """Add the members every chunk has, and remove upstream's own."""
        members = {name: value for name, value in chunk.items() if not name.startswith(_JUNK)}
        if not isinstance(members.get("id"), str) or not members["id"]:
            members["id"] = self._own_id()
        if not isinstance(members.get("created"), int) or not members["created"]:
            members["created"] = self._context.created
        members["object"] = "chat.completion.chunk"
        members["model"] = self._context.model
        members["choices"] = chunk.get("choices") or []
        if self._context.include_usage:
            members.setdefault("usage", None)
        return members

    def _own_id(self) -> str:
        """Return the stream's id for chunks without one."""
        if not self._response_id:
            self._response_id = self._context.make_id(ID_PREFIX)
        return self._response_id

    def _correct_choice(self, choice: dict[str, Any], position: int) -> None:
        for name in [name for name in choice if name.startswith(_JUNK)]:
            del choice[name]
        if not isinstance(choice.get("index"), int):
            choice["index"] = position
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice["delta"] = {}
        for name in [name for name in delta if name.startswith(_JUNK)]:
            del delta[name]
        if delta.get("role") is not None:
            if choice["index"] in self._roles_sent:
                del delta["role"]
            self._roles_sent.add(choice["index"])
        thinking = delta.get("reasoning_text") or delta.get("cot_summary")
        self._watch_thinking(delta)
        if thinking and not delta.get("reasoning_content"):
            delta["reasoning_content"] = thinking
        self._has_content = self._has_content or bool(delta)
        reason = choice.setdefault("finish_reason", None)
        if isinstance(reason, str):
            self._stop_reason = STOP_REASONS.get(reason, StopReason.STOP)
            if reason not in STOP_REASONS:
                choice["finish_reason"] = "stop"

    def _watch_thinking(self, delta: dict[str, Any]) -> None:
        text, opaque = delta.get("reasoning_text"), delta.get("reasoning_opaque")
        if isinstance(text, str):
            self._watch.add_text(text)
        if isinstance(opaque, str) and opaque:
            self._watch.add_opaque(opaque)

    def _take_bill(self, chunk: dict[str, Any]) -> None:
        if chunk.get("copilot_usage") is not None:
            bill = parse_bill(msgspec.Raw(_encode(chunk["copilot_usage"])))
            if bill is not None:
                self._bill = bill.bill()
                self._cache_written = bill.tokens("cache_write")

    def _take_usage(self, chunk: dict[str, Any]) -> None:
        """Record upstream's usage; send it only to clients that asked, and never if zero."""
        wire = chunk.pop("usage", None)
        if wire is None:
            return
        usage = parse_usage(_encode(wire), self._cache_written)
        if usage is None:
            return
        self._usage = usage
        if self._context.include_usage:
            members = {name: chunk[name] for name in _STREAM_MEMBERS if name in chunk}
            self._usage_chunk = {**members, "choices": [], "usage": _openai_usage(wire, usage)}

    def _native(self, data: bytes) -> list[Frame]:
        writer = ChatWriter(self._context)
        try:
            events = read_native_answer(data, None, self._bill)
        except StreamFormatError as error:
            return self._break_off(error)
        for event in events:
            if isinstance(event, Done):
                self._stop_reason, self._usage = event.stop_reason, event.usage
        self._is_over = self._is_finished = True
        frames = [frame for event in events for frame in writer.feed(event)]
        return frames + writer.close()

    def _finish(self) -> list[Frame]:
        if self._stop_reason is None:
            # [DONE] alone does not prove completeness: a gateway sends it after a cut response too.
            return self._break_off(ended_early(has_content=self._has_content))
        self._is_over = self._is_finished = True
        last = self._merger.close()
        if (
            self._stop_reason is StopReason.STOP
            and last is not None
            and self._merger.has_tool_calls
        ):
            self._stop_reason = StopReason.TOOL_USE
        frames = [Frame(_encode(self._envelope(last)))] if last is not None else []
        if self._usage_chunk is not None:
            frames.append(Frame(_encode(self._envelope(self._usage_chunk))))
        return [*frames, Frame(DONE)]

    def _break_off(self, error: ProxyError) -> list[Frame]:
        self._is_over = True
        self.error = error
        return error_frames(error)


def _make_ids_unique(choices: list[Any], known: dict[str, tuple[object, object]]) -> bool:
    """Give a call a new id if another call of the response has the same one.

    ``known`` maps ids to calls and is updated. Returns whether any id was changed.
    """
    has_changed = False
    for choice in choices:
        calls = choice["delta"].get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            call_id = call.get("id") if isinstance(call, dict) else None
            if not isinstance(call_id, str) or not call_id:
                continue
            place = (choice["index"], call.get("index"))
            own, number = call_id, 1
            while known.setdefault(own, place) != place:
                number += 1
                own = f"{call_id}_{number}"
            if own != call_id:
                call["id"] = own
                has_changed = True
    return has_changed


def _first_chunk(data: bytes) -> bytes:
    return data[: data.find(b"\n\n") + 2]


def _template_of(came: bytes, leaves: bytes) -> ChunkTemplate | None:
    for opening in _TEXT_BEGINS:
        if opening in came:
            return learn_template(came, leaves, opening)
    return None


def _are_ordinary(data: bytes) -> bool:
    """Whether every frame is one data line with a chunk of unfinished choices.

    Raw line ends occur only between fields, and member names only unescaped, so counting them is
    sufficient.
    """
    frames = data.count(b"\n\ndata: {") + 1
    unfinished = data.count(b'"finish_reason":null')
    return (
        data.startswith(b"data: {")
        and data.endswith(b"\n\n")
        and data.count(b"\n") == 2 * frames
        and data.count(b'"object":"chat.completion.chunk"') == frames
        and frames <= unfinished == data.count(b'"finish_reason"')
        and b'"choices":[]' not in data
    )


def _is_clean(data: bytes) -> bool:
    """Whether a chunk may be sent unchanged."""
    return b'"object"' in data and b'"finish_reason":null' in data and not _SUSPICIOUS.search(data)


def _openai_usage(wire: Any, usage: Usage) -> dict[str, Any]:
    """Return upstream's counts, without its own members and with the missing ones added."""
    shown = render_usage(usage)
    if isinstance(wire, dict):
        for name, value in shown.items():
            if type(wire.get(name)) is type(value):
                shown[name] = wire[name]
    return shown
