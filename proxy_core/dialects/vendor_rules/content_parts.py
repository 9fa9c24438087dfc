"""Replaces message parts that an endpoint does not accept by equivalents or by text.

Routing sends a document to an endpoint that accepts documents if the model has one; these texts are
for models without.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from proxy_core.canonical.model import Endpoint
from proxy_core.dialects.shared.data_url import parse_data_url
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    edit_content,
    edit_items,
    text_of,
)

CONTENT = "messages[].content"
DOCUMENT_LEFT_OUT = "[The document{name} was left out: this model takes only text and images.]"
AUDIO_LEFT_OUT = "[A recording was left out: this model cannot hear.]"
IMAGES_FOLLOW = "[The image follows in the next message.]"
FROM_RESULT = "From the result of tool call {call_id}:"
_TEXT_KINDS = ("input_text", "output_text")
_ODD_PARTS = (b'"file"', b'"input_audio"', b'"input_text"', b'"output_text"', b'"input_image"')
_FLAT_IMAGE = (b'"image_url":"', b'"image_url": "')


def chat_parts(body: OutgoingBody) -> None:
    """Copilot's chat accepts only ``text`` and ``image_url`` parts: “type has to be either
    'image_url' or 'text'” (microsoft/vscode#307279, copilot-protocol.md 5.1).
    """

    def edit(part: dict[str, Any]) -> dict[str, Any]:
        kind = part.get("type")
        if kind in _TEXT_KINDS:
            return {**part, "type": "text"}
        if kind == "input_image" or (
            kind == "image_url" and isinstance(part.get("image_url"), str)
        ):
            image = part.get("image_url")
            url = image if isinstance(image, dict) else {"url": image}
            return {"type": "image_url", "image_url": url}
        if kind == "file":
            return _text(_file_as_text(body, part))
        if kind == "input_audio":
            body.drop(f"{CONTENT} (input_audio)")
            return _text(AUDIO_LEFT_OUT)
        return part

    messages = body.items("messages")
    edited = edit_items(messages, lambda message: edit_content(message, edit))
    if edited is not messages:
        body.write("messages", edited)


def _file_as_text(body: OutgoingBody, part: dict[str, Any]) -> str:
    file = part.get("file")
    file = file if isinstance(file, dict) else {}
    title, data = file.get("filename"), file.get("file_data")
    inline = parse_data_url(data) if isinstance(data, str) else None
    if inline is not None and inline[0].startswith("text/"):
        try:
            text = b64decode(inline[1], validate=True).decode()
        except ValueError:
            pass
        else:
            return f"Document: {title}\n\n{text}" if title else text
    body.drop(f"{CONTENT} (document)")
    return DOCUMENT_LEFT_OUT.format(name=f" {title!r}" if isinstance(title, str) else "")


def chat_result_images(body: OutgoingBody) -> None:
    """OpenAI: “Image URLs are only allowed for messages with role 'user'”.

    A tool's images are moved to a user's message after its results, as Copilot's own editor sends
    them.
    """
    edited: list[Any] = []
    held_back: list[dict[str, Any]] = []
    for message in body.items("messages"):
        is_result = isinstance(message, dict) and message.get("role") == "tool"
        if held_back and not is_result:
            edited.append({"role": "user", "content": held_back})
            held_back = []
        images = _images(message) if is_result else []
        if images:
            text = text_of(message.get("content")) or IMAGES_FOLLOW
            edited.append({**message, "content": text})
            held_back += [_text(FROM_RESULT.format(call_id=message.get("tool_call_id"))), *images]
        else:
            edited.append(message)
    if held_back:
        edited.append({"role": "user", "content": held_back})
    if len(edited) > len(body.items("messages")):
        body.write("messages", edited)


def _images(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    parts = content if isinstance(content, list) else []
    return [p for p in parts if isinstance(p, dict) and p.get("type") == "image_url"]


def _may_have_result_images(body: OutgoingBody) -> bool:
    return body.holds("messages", b'"tool"') and body.holds("messages", b'"image_url"')


def documents_as_text(body: OutgoingBody) -> None:
    """Replace documents that this model refused by text (Responses: “Invalid value: 'input_file'”)."""
    responses = body.target.endpoint is Endpoint.RESPONSES
    text_kind = "input_text" if responses else "text"

    def edit(part: dict[str, Any]) -> dict[str, Any]:
        if part.get("type") not in ("input_file", "document", "file"):
            return edit_content(part, edit)
        title = part.get("filename") or part.get("title")
        name = f" {title!r}" if isinstance(title, str) else ""
        word = "input[].content" if responses else CONTENT
        body.drop(f"{word} (document)")
        return {"type": text_kind, "text": DOCUMENT_LEFT_OUT.format(name=name)}

    def item(each: dict[str, Any]) -> dict[str, Any]:
        edited = edit_content(each, edit)
        return edit_content(edited, edit, "output") if responses else edited

    member = "input" if responses else "messages"
    items = body.items(member)
    edited = edit_items(items, item)
    if edited is not items:
        body.write(member, edited)


def file_names(body: OutgoingBody) -> None:
    """OpenAI refuses ``file_data`` without ``filename``, and determines the file type by its
    extension.
    """

    def edit(part: dict[str, Any]) -> dict[str, Any]:
        data = part.get("file_data")
        if part.get("type") != "input_file" or not isinstance(data, str) or part.get("filename"):
            return part
        inline = parse_data_url(data)
        subtype = (inline[0] if inline else "application/pdf").rpartition("/")[2]
        return {**part, "filename": f"document.{'txt' if subtype == 'plain' else subtype}"}

    items = body.items("input")
    edited = edit_items(items, lambda item: edit_content(item, edit))
    if edited is not items:
        body.write("input", edited)


def system_role(body: OutgoingBody) -> None:
    """“Unsupported value: 'messages[0].role' does not support 'developer'”:

    ``system`` is sent instead.
    """

    def edit(message: dict[str, Any]) -> dict[str, Any]:
        return {**message, "role": "system"} if message.get("role") == "developer" else message

    name = "input" if body.target.endpoint is Endpoint.RESPONSES else "messages"
    items = body.items(name)
    edited = edit_items(items, edit)
    if edited is not items:
        body.write(name, edited)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


CHAT_PARTS = Rule(
    "content parts",
    chat_parts,
    lambda body: body.holds("messages", *_ODD_PARTS, *_FLAT_IMAGE),
)
CHAT_RESULT_IMAGES = Rule("images in tool results", chat_result_images, _may_have_result_images)
FILE_NAMES = Rule("file names", file_names, lambda body: body.holds("input", b'"file_data"'))
DOCUMENTS_IN_WORDS = Rule("documents in words", documents_as_text, when_refused=True)
SYSTEM_ROLE = Rule("system role", system_role, when_refused=True)
