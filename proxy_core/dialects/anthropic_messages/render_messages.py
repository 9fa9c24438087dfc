"""Canonical messages to Anthropic messages, for upstream's ``/v1/messages``."""

from __future__ import annotations

from base64 import b64decode
from itertools import takewhile
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
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.anthropic_messages.schema import (
    FOREIGN_SIGNATURE,
)
from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.shared.tool_names import UNPARSED_ARGUMENTS, wire_name, wrap_free_text
from proxy_core.dialects.shared.tool_turns import settle_tool_turns
from proxy_core.dialects.web_search import is_proxied_search

MESSAGES = DialectName.ANTHROPIC_MESSAGES
MESSAGE = "messages[]"
CONTENT = "messages[].content"
"""The place of a dropped member, without an index, since it mostly applies to many messages."""
CONVERSATION_START = "(The conversation starts here.)"

Block = dict[str, Any]


class MessageRenderer:
    """Renders one request's messages and collects what had to be dropped."""

    def __init__(self, request: Request, model: Model) -> None:
        self._request = request
        self._dialect = request.dialect
        self._model = model
        self.dropped: list[str] = []
        messages = request.context.messages
        # OpenAI's clients may begin with instructions of both roles; one of them is the prompt.
        leading = () if self._dialect is MESSAGES else tuple(takewhile(_is_instruction, messages))
        if len(leading) == len(messages):
            leading = ()  # There is nothing else to respond to.
        self._leading = leading
        self._spoken = messages[len(leading) :]

    def system(self) -> list[Block]:
        parts = [
            *self._request.context.system_prompt,
            *(part for message in self._leading for part in message.content),
        ]
        return [
            _with_mark(_text(part.text), part.cache)
            for part in parts
            if isinstance(part, TextPart) and part.text.strip()
        ]

    def messages(self) -> list[Block]:
        """Render alternating turns: a user turn has results first, then the user's content."""
        settled, notes = settle_tool_turns(self._spoken)
        self.dropped.extend(notes)
        turns: list[Block] = []
        for message in settled:
            role = self._role(message)
            content = self._message(message)
            if not content:
                continue  # Upstream refuses an empty turn.
            if turns and turns[-1]["role"] == role != "system":
                turns[-1]["content"].extend(content)
            else:
                turns.append({"role": role, "content": content})
        if turns and turns[0]["role"] == "assistant":
            turns.insert(0, {"role": "user", "content": [_text(CONVERSATION_START)]})
        return turns

    def _role(self, message: Message) -> str:
        if isinstance(message, AssistantMessage):
            return "assistant"
        if isinstance(message, SystemMessage) and self._dialect is MESSAGES:
            return "system"
        return "user"

    def _message(self, message: Message) -> list[Block]:
        if isinstance(message, ToolResultMessage):
            return [self._tool_result(message)]
        if isinstance(message, SystemMessage):
            return self._instruction(message)
        self._drop_name(message.name)
        if isinstance(message, UserMessage):
            return self._content(message.content)
        if message.phase is not None:
            self.dropped.append(f"{client_field_name(self._dialect, 'messages')}[].phase")
        return self._assistant(message.content)

    def _instruction(self, message: SystemMessage) -> list[Block]:
        blocks = self._content(message.content)
        if self._dialect is not MESSAGES and blocks:
            # Only the newest models take instructions inside the conversation; the tag is the one
            # Claude's own client uses for text that is not the user's.
            text = "\n\n".join(block["text"] for block in blocks if "text" in block)
            return [_text(f"<system-reminder>\n{text}\n</system-reminder>")]
        return blocks

    def _drop_name(self, name: str | None) -> None:
        if name is not None:
            self.dropped.append(f"{MESSAGE}.name")

    def _content(self, content: tuple[Part, ...]) -> list[Block]:
        return [block for part in content if (block := self._part(part)) is not None]

    def _part(self, part: Part) -> Block | None:
        if isinstance(part, TextPart):
            return self._text_part(part)
        match part:
            case RefusalPart(text):
                return _text(text) if text.strip() else None
            case ImagePart():
                return _with_mark(self._image(part), part.cache)
            case DocumentPart():
                return _with_mark(self._document(part), part.cache)
            case NativePart(item, description) if (
                description is not None and item.dialect is not MESSAGES
            ):
                return _text(description)
            case NativePart(item):
                return self._native(item)
        self.dropped.append(CONTENT)
        return None

    def _text_part(self, part: TextPart) -> Block | None:
        text = part.text
        if part.annotations and any(each.dialect is not MESSAGES for each in part.annotations):
            self.dropped.append(f"{CONTENT} (citations)")
        if not text or text.isspace():
            return None  # "text content blocks must be non-empty"
        block = _with_mark(_text(text), part.cache)
        return _with_citations(block, part.annotations) if part.annotations else block

    def _image(self, part: ImagePart) -> Block:
        if not self._model.supports.vision:
            self.dropped.append(f"{CONTENT} (image)")
            return _text("[An image was left out: this model cannot see images.]")
        if part.detail not in (None, "auto"):
            self.dropped.append(f"{CONTENT}[].image_url.detail")
        if part.url is not None:
            return {"type": "image", "source": {"type": "url", "url": part.url}}
        if part.data is None:
            if self._dialect is MESSAGES:
                return {"type": "image", "source": {"type": "file", "file_id": part.file_id}}
            self.dropped.append(f"{CONTENT} (image {part.file_id})")
            return _text("[An image was left out: it lies in another service's file store.]")
        media_type = part.media_type or "image/png"
        source = {"type": "base64", "media_type": media_type, "data": part.data}
        return {"type": "image", "source": source}

    def _document(self, part: DocumentPart) -> Block:
        source = self._document_source(part)
        if source is None:
            self.dropped.append(f"{CONTENT} (document)")
            name = f" {part.title!r}" if part.title else ""
            return _text(f"[The document{name} was left out: its form is not possible here.]")
        block: Block = {"type": "document", "source": source}
        if part.title is not None:
            block["title"] = part.title
        if part.context is not None:
            block["context"] = part.context
        if part.citations:
            block["citations"] = {"enabled": True}
        return block

    def _document_source(self, part: DocumentPart) -> Block | None:
        if part.text is not None:
            return {"type": "text", "media_type": "text/plain", "data": part.text}
        if part.url is not None:
            return {"type": "url", "url": part.url}
        if part.file_id is not None:
            own = self._dialect is MESSAGES
            return {"type": "file", "file_id": part.file_id} if own else None
        media_type, data = part.media_type or "", part.data or ""
        if media_type == "application/pdf" or self._dialect is MESSAGES:
            return {"type": "base64", "media_type": media_type, "data": data}
        if not media_type.startswith("text/"):
            return None
        try:
            text = b64decode(data, validate=True).decode()
        except ValueError:
            return None
        return {"type": "text", "media_type": "text/plain", "data": text}

    def _native(self, item: Opaque) -> Block | None:
        if item.dialect is MESSAGES:
            block: Block = msgspec.json.decode(item.data)
            if is_proxied_search(block):
                self.dropped.append(f"{CONTENT} (web search of another model)")
                return None
            return block
        self.dropped.append(f"{CONTENT} ({item.kind})")
        return _text(f"[A part was left out: {item.kind} is not possible with this model.]")

    def _tool_result(self, message: ToolResultMessage) -> Block:
        block: Block = {"type": "tool_result", "tool_use_id": message.tool_call_id}
        content = message.content
        if len(content) == 1 and isinstance(content[0], TextPart) and content[0].cache is None:
            block["content"] = content[0].text
        elif content:
            block["content"] = self._content(content)
        if message.is_error:
            block["is_error"] = True
        return _with_mark(block, message.cache)

    def _assistant(self, content: tuple[Part, ...]) -> list[Block]:
        blocks: list[Block] = []
        first_call: int | None = None
        for part in content:
            if isinstance(part, ThinkingPart):
                block = self._thinking(part)
            elif isinstance(part, ToolCallPart):
                if first_call is None:
                    first_call = len(blocks)
                block = self._tool_use(part)
            elif (
                isinstance(part, NativePart)
                and part.item.dialect is not MESSAGES
                and part.description is None
            ):
                self.dropped.append(f"{CONTENT} ({part.item.kind})")
                continue
            else:
                block = self._part(part)
            if block is None:
                continue
            if block["type"] == "text" and first_call is not None:
                blocks.insert(
                    first_call, block
                )  # Text after a call is refused (copilot-protocol.md 7.3).
                first_call += 1
            else:
                blocks.append(block)
        return blocks

    def _thinking(self, part: ThinkingPart) -> Block | None:
        word = client_field_name(self._dialect, "thinking_part")
        opaque = part.opaque
        if opaque is None:
            self.dropped.append(f"{MESSAGE}.{word} (without a signature)")
            return None
        if (
            opaque.dialect is not MESSAGES
            or opaque.model not in (None, self._model.id)
            or opaque.data.startswith(FOREIGN_SIGNATURE)
        ):
            self.dropped.append(f"{MESSAGE}.{word} (issued by another model)")
            return None
        if opaque.kind == "signature":
            return {"type": "thinking", "thinking": part.text, "signature": opaque.data}
        if opaque.kind == "redacted_thinking":
            return {"type": "redacted_thinking", "data": opaque.data}
        self.dropped.append(f"{MESSAGE}.{word} (damaged)")
        return None

    def _tool_use(self, part: ToolCallPart) -> Block:
        if part.opaque is not None:
            self.dropped.append(f"{MESSAGE} (signature of a tool call)")
        arguments = part.arguments
        if part.kind is ToolKind.CUSTOM:
            arguments = wrap_free_text(arguments)
        block = {
            "type": "tool_use",
            "id": part.id,
            "name": wire_name(part.name, part.namespace),
            "input": tool_input(arguments),
        }
        return _with_mark(block, part.cache)


def _is_instruction(message: Message) -> bool:
    return isinstance(message, SystemMessage) and all(
        isinstance(part, TextPart) for part in message.content
    )


def tool_input(arguments: str) -> dict[str, Any]:
    """Return arguments as the object that the dialect requires; see ``UNPARSED_ARGUMENTS``."""
    if not arguments.strip():
        return {}
    try:
        value = msgspec.json.decode(arguments)
    except msgspec.DecodeError:
        value = None
    return value if isinstance(value, dict) else {UNPARSED_ARGUMENTS: arguments}


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _with_citations(block: Block, annotations: tuple[Opaque, ...]) -> Block:
    citations = [
        msgspec.json.decode(each.data)
        for each in annotations
        if each.dialect is MESSAGES and each.kind == "citation"
    ]
    if citations:
        block["citations"] = citations
    return block


def _with_mark(block: Block, mark: CacheMark | None) -> Block:
    if mark is not None:
        block["cache_control"] = cache_control(mark)
    return block


def cache_control(mark: CacheMark) -> dict[str, str]:
    control = {"type": "ephemeral"}
    if mark.ttl is not None:
        control["ttl"] = mark.ttl
    return control
