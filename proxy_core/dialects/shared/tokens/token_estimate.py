"""Estimates a request's tokens without the vendor's tokenizer.

The estimate is a pure function of request and model. It counts the pieces a byte pair tokenizer
would start from and what the vendors add around messages, tools and images. Its error for a model
is systematic, so real counts correct it: see ``token_calibration``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import (
    AssistantMessage,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Part,
    RefusalPart,
    Request,
    ServerTool,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolResultMessage,
)
from proxy_core.dialects.shared.tokens.image_tokens import image_tokens
from proxy_core.dialects.shared.tokens.text_pieces import tokens_of

_REQUEST_TOKENS = 3
_MESSAGE_TOKENS = 4
_CALL_TOKENS = 8
_TOOL_TOKENS = 9

_VENDOR_FACTORS = {"Anthropic": 1.18}
"""Claude's tokenizer produces more tokens for the same text."""

_ANTHROPIC_TOOL_PROMPT = 330
"""Tokens of the instruction Anthropic adds if there are tools."""

_PAGE_TOKENS = 2_000
_PAGE_CHARACTERS = 68_000
"""A PDF page, in tokens and in base64 characters; its text and its image both count."""


def estimate(request: Request, model: Model) -> int:
    """Return the estimated prompt tokens of ``request``; never less than a handful."""
    texts: list[str] = [part.text for part in request.context.system_prompt]
    text = _REQUEST_TOKENS
    text += sum(_message_tokens(each, texts) for each in request.context.messages)
    text += sum(_tool_tokens(each, texts) for each in request.context.tools)
    if request.response_format is not None and request.response_format.schema is not None:
        texts.append(_json_text(request.response_format.schema))
    text += _tokens_of_all(texts)
    total = text * _VENDOR_FACTORS.get(model.vendor, 1.0)
    if request.context.tools and model.vendor == "Anthropic":
        total += _ANTHROPIC_TOOL_PROMPT
    total += sum(_file_tokens(part, model) for part in _all_parts(request.context.messages))
    return max(1, round(total))


_EXACT_CHARACTERS = 64_000
_SAMPLES = 128
"""Longer texts are estimated from this many evenly spaced samples: more are not more accurate."""


def _tokens_of_all(texts: list[str]) -> int:
    if sum(map(len, texts)) <= _EXACT_CHARACTERS:
        return tokens_of(texts)
    return text_tokens("".join(texts))


def text_tokens(text: str) -> int:
    """Return the estimated tokens of a text."""
    size = len(text)
    if size <= _EXACT_CHARACTERS:
        return tokens_of((text,))
    length = _EXACT_CHARACTERS // _SAMPLES
    step = (size - length) / (_SAMPLES - 1)
    starts = (round(step * sample) for sample in range(_SAMPLES))
    sampled = tokens_of(text[start : start + length] for start in starts)
    return round(sampled * size / (length * _SAMPLES))


def _json_text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _message_tokens(message: Message, texts: list[str]) -> int:
    """Return the message's tokens besides its texts, which are appended to ``texts``."""
    tokens = _MESSAGE_TOKENS + sum(_part_tokens(part, texts) for part in message.content)
    if not isinstance(message, AssistantMessage | ToolResultMessage):
        texts.append(getattr(message, "name", None) or "")
    return tokens


def _part_tokens(part: Part, texts: list[str]) -> int:
    match part:
        case TextPart(text) | RefusalPart(text) | ThinkingPart(text) | DocumentPart(text=str(text)):
            texts.append(text)
        case ToolCallPart(_, name, arguments):
            texts += (name, arguments)
            return _CALL_TOKENS
        case NativePart(item):
            texts.append(_without_blobs(item.data))
    return 0


_BLOB = re.compile(r"[A-Za-z0-9+/_=-]{400}")
_LEAST_BLOB = 400


def _without_blobs(data: str) -> str:
    """Return JSON text without binary data (encrypted content, base64), which no space interrupts."""
    if len(data) < _LEAST_BLOB:
        return data
    pieces = data.split('"')
    return '"'.join(["" if _is_blob(each) else each for each in pieces])


def _is_blob(piece: str) -> bool:
    return len(piece) >= _LEAST_BLOB and _BLOB.match(piece) is not None and " " not in piece


def _tool_tokens(tool: Tool | ServerTool, texts: list[str]) -> int:
    if isinstance(tool, ServerTool):
        texts.append(tool.item.data)
        return 0
    texts += (tool.name, tool.description or "")
    texts += (_json_text(each) for each in (tool.parameters, tool.grammar) if each is not None)
    return _TOOL_TOKENS


def _all_parts(messages: Iterable[Message]) -> Iterable[Part]:
    for message in messages:
        yield from message.content


def _file_tokens(part: Part, model: Model) -> int:
    if isinstance(part, ImagePart):
        return image_tokens(part, model)
    if isinstance(part, DocumentPart) and part.text is None:
        pages = -(-len(part.data or "") // _PAGE_CHARACTERS)
        return _PAGE_TOKENS * max(1, pages)
    return 0
