"""Renders canonical messages as input items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeGuard

import msgspec

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import (
    AssistantMessage,
    DialectName,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Opaque,
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
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.tool_names import wire_call_id, wire_name
from proxy_core.dialects.shared.tool_turns import prefix_error, settle_tool_turns

_FILES_FOLLOW = "[The tool's result is in the next message.]"
_NO_FILE = "[The {kind} was left out: it lies in another service's file store.]"
_NO_IMAGE = TextPart("[An image was left out: this model cannot see images.]")


class InputRenderer:
    """Renders one request's conversation for one model.

    ``dropped`` names, by the client's names, what could not be carried.
    """

    def __init__(self, request: Request, model: Model) -> None:
        self._request = request
        self._model = model
        self._is_own = request.dialect is DialectName.OPENAI_RESPONSES
        self._items: list[dict[str, Any]] = []
        self._dropped: dict[str, None] = {}
        self._held_back: list[Part] = []
        """Images and documents of tool results, to be added after the run of results."""

    @property
    def dropped(self) -> tuple[str, ...]:
        return tuple(self._dropped)

    def render(self) -> tuple[str | None, list[dict[str, Any]]]:
        """Return ``instructions`` (None if the system prompt is an item) and the items."""
        instructions = self._render_system()
        for message in self._messages():
            if isinstance(message, ToolResultMessage):
                self._add_result(message)
                continue
            # A message between two results of one turn would be refused.
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
        if not self._items and instructions is not None:
            # They are all there is to answer; upstream refuses an empty input.
            self._add_message(SystemRole.DEVELOPER.value, self._request.context.system_prompt)
            instructions = None
        return instructions, self._items

    def _messages(self) -> Iterable[Message]:
        messages = self._request.context.messages
        if self._is_own:
            return messages
        settled, notes = settle_tool_turns(messages)
        for note in notes:
            self._drop(note)
        return settled

    def _render_system(self) -> str | None:
        context = self._request.context
        prompt = context.system_prompt
        if not prompt:
            return None
        if context.system_role is SystemRole.SYSTEM and (len(prompt) == 1 or not self._is_own):
            self._note_unsayable(prompt)
            return "\n\n".join(part.text for part in prompt)
        self._add_message(context.system_role.value, prompt)
        return None

    def _add_message(self, role: str, content: tuple[Part, ...]) -> None:
        self._note_unsayable(content)
        natives = [part for part in content if isinstance(part, NativePart)]
        self._add_natives(natives)
        rendered = render_content(self._accepted_content(content))
        if rendered or (self._is_own and not natives):
            self._items.append({"type": "message", "role": role, "content": rendered})

    def _add_assistant(self, message: AssistantMessage) -> None:
        if message.name is not None:
            self._drop("name")
        text_parts: list[Part] = []
        for part in message.content:
            if isinstance(part, (TextPart, RefusalPart)):
                text_parts.append(part)
                continue
            self._add_assistant_text(text_parts, message.phase)
            text_parts = []
            if isinstance(part, ThinkingPart):
                self._add_thinking(part)
            elif isinstance(part, ToolCallPart):
                self._add_call(part)
            elif isinstance(part, NativePart):
                self._add_natives((part,))
            else:
                self._drop("an image or a file of the assistant")
        self._add_assistant_text(text_parts, message.phase)

    def _add_assistant_text(self, text_parts: list[Part], phase: str | None) -> None:
        if not text_parts:
            return
        self._note_unsayable(text_parts)
        content = render_content(self._accepted_content(text_parts), assistant=True)
        if not content:
            return
        item: dict[str, Any] = {"type": "message", "role": "assistant", "content": content}
        if phase is not None:
            item["phase"] = phase
        self._items.append(item)

    def _add_thinking(self, part: ThinkingPart) -> None:
        item = render_reasoning(part, self._model.id)
        if item is not None:
            self._items.append(item)
            return
        word = client_field_name(self._request.dialect, "thinking_part")
        reason = "without a signature" if part.opaque is None else "issued by another model"
        self._drop(f"{word} ({reason})")

    def _add_call(self, part: ToolCallPart) -> None:
        if _is_own_item(part.native):
            self._items.append(msgspec.json.decode(part.native.data))
            return
        self._note_unsayable((part,))
        item: dict[str, Any] = {"call_id": wire_call_id(part.id), "name": wire_name(part.name)}
        if part.kind is ToolKind.CUSTOM:
            item = {"type": "custom_tool_call", **item, "input": part.arguments}
        else:
            item = {"type": "function_call", **item, "arguments": part.arguments or "{}"}
        if part.namespace is not None:
            item["namespace"] = part.namespace
        self._items.append(item)

    def _add_result(self, message: ToolResultMessage) -> None:
        if _is_own_item(message.native):
            self._items.append(msgspec.json.decode(message.native.data))
            return
        self._note_unsayable((*message.content, message))
        is_custom = message.kind is ToolKind.CUSTOM
        item: dict[str, Any] = {
            "type": "custom_tool_call_output" if is_custom else "function_call_output",
            "call_id": wire_call_id(message.tool_call_id),
            "output": self._render_output(message),
        }
        if self._is_own and message.tool_name is not None:
            item["name"] = message.tool_name
        self._items.append(item)

    def _render_output(self, message: ToolResultMessage) -> object:
        content = self._accepted_content(message.content)
        texts = [part.text for part in content if isinstance(part, TextPart)]
        files = [part for part in content if isinstance(part, (ImagePart, DocumentPart))]
        for part in content:
            if isinstance(part, NativePart):
                texts.extend(self._native_result(part))
        if self._is_own and (files or len(texts) != 1):
            return render_content(content)
        # Copilot's own editor sends only text, and the images in a message after the results.
        if files:
            label = TextPart(f"From the result of tool call {message.tool_call_id}:")
            self._held_back.extend((label, *files))
        if files and not texts:
            texts.append(_FILES_FOLLOW)
        return prefix_error(message, "\n".join(texts))

    def _native_result(self, part: NativePart) -> list[str]:
        if part.item.kind == "tool_reference":
            # Claude Code's tool search returns names only; the tools themselves are offered.
            name = msgspec.json.decode(part.item.data).get("tool_name")
            return [f"The tool {name} is available now."]
        self._drop(part.item.kind)
        return []

    def _release_held_back(self) -> None:
        if self._held_back:
            content = render_content(self._held_back)
            self._items.append({"type": "message", "role": "user", "content": content})
            self._held_back = []

    def _add_natives(self, natives: Iterable[NativePart]) -> None:
        for part in natives:
            if part.item.dialect is DialectName.OPENAI_RESPONSES:
                self._items.append(msgspec.json.decode(part.item.data))
            else:
                self._drop(part.item.kind)

    def _accepted_content(self, content: Sequence[Part]) -> Sequence[Part]:
        """Return the content in a form this model accepts."""
        if len(content) == 1 and _is_plain(content[0]):
            return content
        if not self._model.supports.vision and any(isinstance(p, ImagePart) for p in content):
            self._drop("image")
            content = [_NO_IMAGE if isinstance(part, ImagePart) else part for part in content]
        if self._is_own:
            return content
        if self._request.dialect is DialectName.ANTHROPIC_MESSAGES:
            content = [self._without_foreign_file(part) for part in content]
        # A cache mark is a separate member here, which other dialects' clients did not ask for;
        # chat sends an empty text with calls.
        return [
            replace(part, cache=None) if has_cache_mark(part) else part
            for part in content
            if not isinstance(part, TextPart) or part.text
        ]

    def _without_foreign_file(self, part: Part) -> Part:
        """Anthropic's ids name nothing in OpenAI's file store."""
        if not isinstance(part, ImagePart | DocumentPart) or part.file_id is None:
            return part
        kind = "image" if isinstance(part, ImagePart) else "document"
        self._drop(f"{kind} {part.file_id}")
        return TextPart(_NO_FILE.format(kind=kind))

    def _note_unsayable(self, parts: Iterable[object]) -> None:
        """Name what other dialects say of a part and this one does not."""
        if self._is_own:
            return
        for part in parts:
            if _is_plain(part):
                continue
            if has_cache_mark(part):
                self._drop("cache_control")
            if isinstance(part, DocumentPart) and part.citations:
                self._drop("citations of a document")
            if isinstance(part, DocumentPart) and part.context is not None and part.text is None:
                self._drop("context of a document")
            if isinstance(part, TextPart) and part.annotations:
                self._drop("citations")

    def _drop(self, name: str) -> None:
        self._dropped[name] = None


def _is_own_item(native: Opaque | None) -> TypeGuard[Opaque]:
    return native is not None and native.dialect is DialectName.OPENAI_RESPONSES


def _is_plain(part: object) -> bool:
    """Whether a part is text and nothing else, as most are."""
    return (
        isinstance(part, TextPart)
        and part.cache is None
        and not part.annotations
        and part.text != ""
    )


def has_cache_mark(part: object) -> TypeGuard[TextPart | ImagePart | DocumentPart]:
    return getattr(part, "cache", None) is not None


def render_reasoning(part: ThinkingPart, model_id: str) -> dict[str, Any] | None:
    """Return the reasoning item, or None if this model would not accept it.

    It must have been issued by this dialect and, as far as that is known, by this very model. The
    encrypted content is returned with its own id: upstream refuses any other pairing.
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
    if "summary" in extra:
        item["summary"] = msgspec.json.decode(extra["summary"])
    elif part.text and "content" not in extra:
        item["summary"] = [{"type": "summary_text", "text": part.text}]
    else:
        item["summary"] = []
    if "content" in extra:
        item["content"] = msgspec.json.decode(extra["content"])
    item["encrypted_content"] = opaque.data
    return item
