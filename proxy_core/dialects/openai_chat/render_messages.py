"""Canonical messages to chat messages, for upstream's ``/chat/completions``."""

from __future__ import annotations

from typing import Any

import msgspec

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
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
    UserMessage,
)
from proxy_core.dialects.openai_chat.schema import IMAGE_DETAILS, OTHER_DETAILS
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.data_url import data_url
from proxy_core.dialects.shared.tool_names import wire_name, wrap_free_text
from proxy_core.dialects.shared.tool_turns import prefix_error, settle_tool_turns

CHAT = DialectName.OPENAI_CHAT
MESSAGE = "messages[]"
CONTENT = "messages[].content"
"""The place of a dropped member, without an index, since it mostly applies to many messages."""
EPHEMERAL = {"type": "ephemeral"}
_MARKED = (TextPart, ImagePart, DocumentPart, ToolCallPart)
IMAGES_FOLLOW = "[The image follows in the next message.]"


class MessageRenderer:
    """Renders one request's messages and collects what had to be dropped."""

    def __init__(self, request: Request, model: Model) -> None:
        self._dialect = request.dialect
        self._request = request
        self._model = model
        self.dropped: list[str] = []

    def render(self) -> list[dict[str, Any]]:
        context = self._request.context
        settled, notes = settle_tool_turns(context.messages)
        self.dropped.extend(notes)
        messages = [
            self._system(SystemMessage((part,), context.system_role))
            for part in context.system_prompt
            if part.text.strip()
        ]
        pending_images: list[dict[str, Any]] = []
        for message in settled:
            # Images must not separate contiguous tool messages: they follow the last of them
            # (Zoo-Code-Org/Zoo-Code#1705).
            if pending_images and not isinstance(message, ToolResultMessage):
                messages.append({"role": "user", "content": pending_images})
                pending_images = []
            messages.append(self._message(message, pending_images))
        if pending_images:
            messages.append({"role": "user", "content": pending_images})
        return messages

    def _message(self, message: Message, images: list[dict[str, Any]]) -> dict[str, Any]:
        self._note_unsayable(message)
        if isinstance(message, UserMessage):
            content = message.content
            rendered = {"role": "user", "content": self._content(content)}
            return _named(_marked(rendered, content), message.name)
        if isinstance(message, ToolResultMessage):
            return self._tool_result(message, images)
        if isinstance(message, AssistantMessage):
            return self._assistant(message)
        return self._system(message)

    def _note_unsayable(self, message: Message) -> None:
        """Name what a message says and upstream's dialect does not."""
        if self._dialect is not CHAT and any(map(_keeps_longer, _marks(message))):
            self.dropped.append("cache_control.ttl")
        for part in message.content:
            if isinstance(part, TextPart) and part.annotations:
                self.dropped.append(f"{CONTENT} (citations)")
                return

    def _system(self, message: SystemMessage) -> dict[str, Any]:
        keeps_role = self._dialect is CHAT and supports_developer_role(self._model)
        role = message.role if keeps_role else SystemRole.SYSTEM
        text = "\n\n".join(part.text for part in message.content if isinstance(part, TextPart))
        for part in message.content:
            if isinstance(part, NativePart):
                self.dropped.append(f"{CONTENT} ({part.item.kind})")
        return _marked({"role": role.value, "content": text}, message.content)

    def _content(self, content: tuple[Part, ...]) -> str | list[dict[str, Any]]:
        if len(content) == 1 and isinstance(content[0], TextPart):
            return content[0].text
        rendered = [part for each in content if (part := self._part(each)) is not None]
        return rendered or ""

    def _part(self, part: Part) -> dict[str, Any] | None:
        match part:
            case TextPart(text) | RefusalPart(text):
                return _text(text)
            case ImagePart():
                return self._image(part)
            case DocumentPart():
                return self._document(part)
            case NativePart(item, description) if (
                description is not None and item.dialect is not CHAT
            ):
                return _text(description)
            case NativePart(item):
                return self._native(item)
        self.dropped.append(CONTENT)
        return None

    def _image(self, part: ImagePart) -> dict[str, Any]:
        if not self._model.supports.vision:
            self.dropped.append(f"{CONTENT} (image)")
            return _text("[An image was left out: this model cannot see images.]")
        if part.data is not None:
            image = {"url": data_url(part.media_type or "image/png", part.data)}
        elif part.url is not None:
            image = {"url": part.url}
        else:
            self.dropped.append(f"{CONTENT} (image {part.file_id})")
            return _text("[An image was left out: it lies in another service's file store.]")
        detail = OTHER_DETAILS.get(part.detail or "", part.detail)
        if detail in IMAGE_DETAILS:
            image["detail"] = detail
        return {"type": "image_url", "image_url": image}

    def _document(self, part: DocumentPart) -> dict[str, Any]:
        if part.citations:
            self.dropped.append(f"{CONTENT} (citations of a document)")
        if self._dialect is CHAT and part.text is None and part.url is None:
            file: dict[str, Any] = {}
            if part.data is not None:
                file["file_data"] = data_url(part.media_type or "application/pdf", part.data)
            if part.file_id is not None:
                file["file_id"] = part.file_id
            if part.title is not None:
                file["filename"] = part.title
            return {"type": "file", "file": file}
        if part.text is not None:
            heading = [part.title and f"Document: {part.title}", part.context, part.text]
            return _text("\n\n".join(line for line in heading if line))
        # Upstream accepts only text and images on this endpoint (copilot-protocol.md 5.1).
        self.dropped.append(f"{CONTENT} (document)")
        name = f" {part.title!r}" if part.title else ""
        return _text(f"[The document{name} was left out: this model takes only text and images.]")

    def _native(self, item: Opaque) -> dict[str, Any] | None:
        value = msgspec.json.decode(item.data)
        if item.dialect is CHAT:
            return value if isinstance(value, dict) else None
        if item.kind == "tool_reference":
            # Claude Code's tool search returns names only; the tools themselves are offered.
            return _text(f"The tool {value.get('tool_name')} is available now.")
        self.dropped.append(f"{CONTENT} ({item.kind})")
        return None

    def _tool_result(
        self, message: ToolResultMessage, images: list[dict[str, Any]]
    ) -> dict[str, Any]:
        texts: list[str] = []
        seen_images = 0
        for part in message.content:
            if isinstance(part, TextPart):
                texts.append(part.text)
                continue
            rendered = self._part(part)
            if rendered is None:
                continue
            if rendered["type"] == "text":
                texts.append(rendered["text"])
            else:
                if not seen_images:
                    images.append(_text(f"From the result of tool call {message.tool_call_id}:"))
                seen_images += 1
                images.append(rendered)
        if seen_images and not texts:
            texts.append(IMAGES_FOLLOW)
        text = "\n\n".join(texts)
        text = prefix_error(message, text)
        rendered = {"role": "tool", "tool_call_id": message.tool_call_id, "content": text}
        if message.cache is not None:
            rendered["copilot_cache_control"] = EPHEMERAL
        return rendered if self._dialect is not CHAT else _named(rendered, message.tool_name)

    def _assistant(self, message: AssistantMessage) -> dict[str, Any]:
        rendered: dict[str, Any] = {"role": "assistant"}
        if len(message.content) == 1 and message.name is None and message.phase is None:
            (only,) = message.content
            if isinstance(only, TextPart):
                rendered["content"] = only.text
                return _marked(rendered, message.content)
        texts = [text for part in message.content if (text := _text_of(part)) is not None]
        refusals = [part.text for part in message.content if isinstance(part, RefusalPart)]
        if refusals and texts and self._dialect is CHAT:
            rendered["refusal"] = "".join(refusals)
        else:
            texts += refusals  # Upstream accepts null content only with calls.
        calls = [
            self._tool_call(part) for part in message.content if isinstance(part, ToolCallPart)
        ]
        # The dialect requires content or calls; null content means calls only.
        rendered["content"] = "".join(texts) if texts else None if calls else ""
        self._add_thinking(rendered, message)
        if message.phase is not None:
            word = client_field_name(self._dialect, "messages")
            self.dropped.append(f"{word}[].phase")
        for part in message.content:
            if isinstance(part, NativePart) and part.item.dialect is CHAT:
                rendered[part.item.kind] = msgspec.json.decode(part.item.data)
            elif isinstance(part, NativePart) and part.description is None:
                self.dropped.append(f"{CONTENT} ({part.item.kind})")
            elif isinstance(part, ImagePart | DocumentPart):
                self.dropped.append(CONTENT)
        if calls:
            rendered["tool_calls"] = calls
        if self._dialect is CHAT:
            _named(rendered, message.name)
        return _marked(rendered, message.content)

    def _tool_call(self, part: ToolCallPart) -> dict[str, Any]:
        name = wire_name(part.name, part.namespace)
        if part.kind is ToolKind.CUSTOM and self._dialect is CHAT:
            return {
                "id": part.id,
                "type": "custom",
                "custom": {"name": name, "input": part.arguments},
            }
        arguments = part.arguments
        if part.kind is ToolKind.CUSTOM:
            arguments = wrap_free_text(arguments)
        function = {"name": name, "arguments": arguments or "{}"}
        if part.opaque is not None:
            if self._is_ours(part.opaque, "thought_signature"):
                function["thought_signature"] = part.opaque.data
            else:
                self.dropped.append(f"{MESSAGE} (signature of a tool call)")
        return {"id": part.id, "type": "function", "function": function}

    def _add_thinking(self, rendered: dict[str, Any], message: AssistantMessage) -> None:
        """Return thinking to its issuing model, which requires both members (copilot-protocol.md
        5.2).
        """
        thinking = [part for part in message.content if isinstance(part, ThinkingPart)]
        if not thinking:
            return
        texts: list[str] = []
        opaques: list[str] = []
        # Gemini's proof may come after its thinking, as a part of its own: beside one of this model
        # unsigned thinking is this model's too.
        is_mine = self._dialect is CHAT or any(
            part.opaque is not None and self._is_ours(part.opaque, "reasoning_opaque")
            for part in thinking
        )
        word = client_field_name(self._dialect, "thinking_part")
        for part in thinking:
            if part.opaque is None and is_mine:
                texts.append(part.text)
            elif part.opaque is None:
                self.dropped.append(f"{MESSAGE}.{word} (without a signature)")
            elif self._is_ours(part.opaque, "reasoning_opaque"):
                texts.append(part.text)
                opaques.append(part.opaque.data)
            else:
                self.dropped.append(f"{MESSAGE}.{word} (issued by another model)")
        if texts:
            rendered["reasoning_text"] = "".join(texts)
        if opaques:
            rendered["reasoning_opaque"] = "".join(opaques)

    def _is_ours(self, opaque: Opaque, kind: str) -> bool:
        return (
            opaque.dialect is CHAT
            and opaque.kind == kind
            and opaque.model in (None, self._model.id)
        )


def supports_developer_role(model: Model) -> bool:
    """Whether the model supports OpenAI's developer role, which other vendors' models refuse."""
    return "openai" in model.vendor.lower()


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _named(rendered: dict[str, Any], name: str | None) -> dict[str, Any]:
    if name is not None:
        rendered["name"] = name
    return rendered


def _marked(rendered: dict[str, Any], content: tuple[Part, ...]) -> dict[str, Any]:
    for part in content:
        if isinstance(part, _MARKED) and part.cache is not None:
            rendered["copilot_cache_control"] = EPHEMERAL
            break
    return rendered


def _marks(message: Message) -> list[CacheMark]:
    """Return the marks of a message and its parts."""
    marks = [each.cache for each in message.content if isinstance(each, _MARKED) and each.cache]
    if isinstance(message, ToolResultMessage) and message.cache is not None:
        marks.append(message.cache)
    return marks


def _keeps_longer(mark: CacheMark) -> bool:
    """Whether it asks for more than the five minutes that a mark means unasked; upstream's has no
    other (copilot-protocol.md 5.1)."""
    return mark.ttl not in (None, "5m")


def _text_of(part: Part) -> str | None:
    """Return the text of an assistant's part."""
    if isinstance(part, TextPart):
        return part.text
    return (
        part.description if isinstance(part, NativePart) and part.item.dialect is not CHAT else None
    )
