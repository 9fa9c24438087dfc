"""Assembles streamed tool calls from deltas, and detects endless arguments."""

from __future__ import annotations

import re
from collections.abc import Hashable

from proxy_core.canonical.events import StreamEvent, ToolCallDelta, ToolCallEnd, ToolCallStart
from proxy_core.canonical.request import DialectName, Opaque, ToolKind
from proxy_core.dialects.shared.tool_names import wire_call_id
from proxy_core.errors import UpstreamBroke, translatable

MAX_WHITESPACE_RUN = 500
"""A faulty model sends blanks endlessly; a limit of 20 cut off indented code (cc-switch #2647)."""

_QUOTE = re.compile(r'\\.|"', re.DOTALL)


class EndlessWhitespace(UpstreamBroke):
    """The arguments of a tool call do not end: only blanks are arriving."""

    title: str = translatable("The model got stuck in a tool call")


class ToolCallAssembly:
    """One tool call of a stream. The call starts once its name is known."""

    __slots__ = (
        "_early",
        "_id",
        "_kind",
        "_name",
        "_pieces",
        "_run",
        "_signature",
        "_taken_ids",
        "index",
        "model_id",
        "started",
    )

    def __init__(self, index: int, model_id: str, taken_ids: set[str]) -> None:
        """``taken_ids`` are the ids of the response's other calls; this call adds its own."""
        self._taken_ids = taken_ids
        self.index = index
        self.model_id = model_id
        self.started = False
        self._id = ""
        self._name = ""
        self._kind = ToolKind.FUNCTION
        self._early: list[str] = []
        self._pieces: list[str] = []
        self._run = 0
        self._signature = ""

    def is_another(self, call_id: str | None) -> bool:
        """Whether an id with the same index starts a second call."""
        return bool(call_id) and bool(self._id) and call_id != self._id

    def identify(
        self, call_id: str | None, name: str | None, kind: ToolKind, response_id: str
    ) -> list[StreamEvent]:
        """Take id and name; some backends repeat both in every delta."""
        if call_id and not self._id:
            self._id = call_id
        if self.started or not name:
            return []
        self.started = True
        self._name = name
        self._kind = kind
        if not self._id:
            self._id = wire_call_id(f"call_{response_id}_{self.index}")
        events: list[StreamEvent] = [ToolCallStart(self.index, self._own_id(), name, kind)]
        events.extend(ToolCallDelta(self.index, piece) for piece in self._early)
        return events

    def _own_id(self) -> str:
        """Return a unique id: some backends use one id for several calls, but clients match results
        by it.
        """
        own, number = self._id, 1
        while own in self._taken_ids:
            number += 1
            own = f"{self._id}_{number}"
        self._taken_ids.add(own)
        return own

    def sign(self, signature: str | None) -> None:
        self._signature += signature or ""

    def append(self, arguments: str) -> list[StreamEvent]:
        """Append a piece of the arguments. Raises: EndlessWhitespace: the model sends only blanks."""
        if not arguments:
            return []
        self._pieces.append(arguments)
        self._watch(arguments)
        if not self.started:
            self._early.append(arguments)
            return []
        return [ToolCallDelta(self.index, arguments)]

    def end(self) -> ToolCallEnd:
        if not self._signature:
            return ToolCallEnd(self.index)
        opaque = Opaque(
            DialectName.OPENAI_CHAT, "thought_signature", self._signature, self.model_id
        )
        return ToolCallEnd(self.index, opaque)

    def _watch(self, arguments: str) -> None:
        body = arguments.lstrip()
        if not body:
            self._run += len(arguments)
        else:
            longest = self._run + len(arguments) - len(body)
            if longest > MAX_WHITESPACE_RUN and self._kind is ToolKind.FUNCTION:
                self._check_run(len(body))
            self._run = len(body) - len(body.rstrip())
        if self._run > MAX_WHITESPACE_RUN and self._kind is ToolKind.FUNCTION:
            self._check_run(0)

    def _check_run(self, after: int) -> None:
        """Check the run of blanks, ignoring those within a string (a table, an indent)."""
        text = "".join(self._pieces)
        before = text[: len(text) - after]
        quotes = sum(1 for found in _QUOTE.finditer(before) if found[0] == '"')
        if quotes % 2 == 0:
            raise EndlessWhitespace(
                f"the model sent more than {MAX_WHITESPACE_RUN} blanks in a row inside the "
                f"arguments of the tool call {self._name or self._id!r}"
            )
        self._run = 0


class ToolCallAssemblies:
    """All tool calls of one response, by upstream's indexes and ids."""

    __slots__ = ("_by_key", "_last", "_taken_ids", "calls")

    def __init__(self) -> None:
        self._by_key: dict[Hashable, ToolCallAssembly] = {}
        self._last: ToolCallAssembly | None = None
        self._taken_ids: set[str] = set()
        self.calls: list[ToolCallAssembly] = []

    def find(self, key: Hashable, call_id: str | None) -> ToolCallAssembly | None:
        """Return the call a delta continues; None when it opens a new one.

        ``key`` is None for a delta without an index: then the id decides, and a delta without
        either continues the previous call.
        """
        call = self._last if key is None else self._by_key.get(key)
        return None if call is None or call.is_another(call_id) else call

    def open(self, key: Hashable, index: int, model_id: str) -> ToolCallAssembly:
        """Return a new call for the block ``index``."""
        call = ToolCallAssembly(index, model_id, self._taken_ids)
        self.calls.append(call)
        self._last = call
        if key is not None:
            self._by_key[key] = call
        return call
