"""Messages become input items."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.conversation import (
    AssistantMessage,
    Context,
    DialectName,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Part,
    RefusalPart,
    Request,
    SystemMessage,
    SystemRole,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
)
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.openai_responses.content_parts import render_content
from proxy_core.dialects.tool_names import wire_call_id, wire_name

_THINKING_WORDS = {
    DialectName.OPENAI_CHAT: "reasoning_content",
    DialectName.OPENAI_RESPONSES: "reasoning",
    DialectName.ANTHROPIC_MESSAGES: "thinking",
}
_NOT_TEXT_HINT = "[The tool's result is in the next message.]"


class InputRenderer:
    """Renders one request's messages for one model. ``dropped`` names what could not go along."""

    def __init__(self, request: Request, model_id: str) -> None:
        self.items: list[dict[str, Any]] = []
        self._dropped: dict[str, None] = {}
        self._dialect = request.dialect
        self._is_own = request.dialect is DialectName.OPENAI_RESPONSES
        self._model_id = model_id
        self._call_kinds: dict[str, ToolKind] = {}
        self._held_back: list[Part] = []
        """Images and documents of tool results, to follow once the run of results is over."""

    @property
    def dropped(self) -> tuple[str, ...]:
        return tuple(self._dropped)

    def render(self, messages: Iterable[Message]) -> None:
        for message in messages:
            if isinstance(message, ToolResultMessage):
                self._add_result(message)
                continue
            self._release_held_back()
            if isinstance(message, AssistantMessage):
                self._add_assistant(message)
            elif isinstance(message, SystemMessage):
                self._add_message(message.role.value, message.content)
            else:
                if message.name is not None:
                    self._drop("name")
                self._add_message("user", message.content)
        self._release_held_back()

    def render_system(self, context: Context) -> str | None:
        """Return ``instructions``, or add the system prompt as the first item."""
        prompt = context.system_prompt
        if not prompt:
            return None
        if context.system_role is SystemRole.SYSTEM and (len(prompt) == 1 or not self._is_own):
            self._note_cache_marks(prompt)
            return "\n\n".join(part.text for part in prompt)
        self._add_message(context.system_role.value, prompt)
        return None

    def _add_message(self, role: str, content: tuple[Part, ...]) -> None:
        self._note_cache_marks(content)
        natives = [part for part in content if isinstance(part, NativePart)]
        self._add_natives(natives)
        rendered = render_content(content)
        if rendered or not natives:
            self.items.append({"type": "message", "role": role, "content": rendered})

    def _add_assistant(self, message: AssistantMessage) -> None:
        if message.name is not None:
            self._drop("name")
        said: list[Part] = []
        for part in message.content:
            if isinstance(part, TextPart | RefusalPart):
                said.append(part)
                continue
            self._add_said(said, message.phase)
            said = []
            if isinstance(part, ThinkingPart):
                self._add_thinking(part)
            elif isinstance(part, ToolCallPart):
                self._add_call(part)
            elif isinstance(part, NativePart):
                self._add_natives((part,))
            else:
                # An image the assistant made has no place in its own turn.
                self._drop("image")
        self._add_said(said, message.phase)

    def _add_said(self, said: list[Part], phase: str | None) -> None:
        if not said:
            return
        self._note_cache_marks(said)
        content = render_content(said, assistant=True)
        item: dict[str, Any] = {"type": "message", "role": "assistant", "content": content}
        if phase is not None:
            item["phase"] = phase
        self.items.append(item)

    def _add_thinking(self, part: ThinkingPart) -> None:
        item = render_reasoning(part, self._model_id)
        if item is None:
            self._drop(_THINKING_WORDS[self._dialect])
        else:
            self.items.append(item)

    def _add_call(self, part: ToolCallPart) -> None:
        self._note_cache_marks((part,))
        self._call_kinds[part.id] = part.kind
        item: dict[str, Any] = {"call_id": wire_call_id(part.id), "name": wire_name(part.name)}
        if part.kind is ToolKind.CUSTOM:
            item = {"type": "custom_tool_call", **item, "input": part.arguments}
        else:
            item = {"type": "function_call", **item, "arguments": part.arguments or "{}"}
        if part.namespace is not None:
            item["namespace"] = part.namespace
        self.items.append(item)

    def _add_result(self, message: ToolResultMessage) -> None:
        # Chat and Messages do not say of a result which kind of call it answers.
        kind = self._call_kinds.get(message.tool_call_id, message.kind)
        item: dict[str, Any] = {
            "type": "custom_tool_call_output"
            if kind is ToolKind.CUSTOM
            else "function_call_output",
            "call_id": wire_call_id(message.tool_call_id),
            "output": self._render_output(message),
        }
        if self._is_own and message.tool_name is not None:
            item["name"] = message.tool_name
        self.items.append(item)

    def _render_output(self, message: ToolResultMessage) -> object:
        self._note_cache_marks((*message.content, message))
        texts = [part.text for part in message.content if isinstance(part, TextPart)]
        files = [part for part in message.content if isinstance(part, ImagePart | DocumentPart)]
        natives = [part for part in message.content if isinstance(part, NativePart)]
        for part in natives:
            self._drop(part.item.kind)
        if self._is_own and (files or len(texts) != 1):
            return render_content(message.content)
        # Copilot's own editor sends text alone and the pictures in a message behind the results;
        # a message between two results of one turn would be refused.
        self._held_back.extend(files)
        if files and not texts:
            return _NOT_TEXT_HINT
        return "\n".join(texts)

    def _release_held_back(self) -> None:
        if self._held_back:
            content = render_content(self._held_back)
            self.items.append({"type": "message", "role": "user", "content": content})
            self._held_back = []

    def _add_natives(self, natives: Iterable[NativePart]) -> None:
        for part in natives:
            if part.item.dialect is DialectName.OPENAI_RESPONSES:
                self.items.append(msgspec.json.decode(part.item.data))
            else:
                self._drop(part.item.kind)

    def _note_cache_marks(self, parts: Iterable[object]) -> None:
        if not self._is_own and any(getattr(part, "cache", None) is not None for part in parts):
            self._drop("cache_control")

    def _drop(self, name: str) -> None:
        self._dropped[name] = None


def render_reasoning(part: ThinkingPart, model_id: str) -> dict[str, Any] | None:
    """Return the reasoning item, or None where this model would not take it back.

    It must have been issued by this dialect and, as far as that is known, by this very model. The
    id that came with the encrypted content goes back beside it: upstream refuses any other pairing.
    """
    opaque = part.opaque
    if opaque is None or opaque.dialect is not DialectName.OPENAI_RESPONSES:
        return None
    if opaque.kind != schema.KIND_ENCRYPTED_CONTENT or opaque.model not in (None, model_id):
        return None
    extra = dict(opaque.extra)
    item: dict[str, Any] = {"type": "reasoning"}
    if "id" in extra:
        item["id"] = extra["id"]
    content = msgspec.json.decode(extra["content"]) if "content" in extra else None
    if "summary" in extra:
        item["summary"] = msgspec.json.decode(extra["summary"])
    elif part.text and content is None:
        item["summary"] = [{"type": "summary_text", "text": part.text}]
    else:
        item["summary"] = []
    if content is not None:
        item["content"] = content
    item["encrypted_content"] = opaque.data
    return item
