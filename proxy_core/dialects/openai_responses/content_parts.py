"""Content parts of messages and tool outputs, both ways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.canonical.request import (
    CacheMark,
    DialectName,
    DocumentPart,
    ImagePart,
    Opaque,
    Part,
    RefusalPart,
    TextPart,
)
from proxy_core.dialects.openai_responses import schema
from proxy_core.dialects.shared.data_url import data_url, parse_data_url
from proxy_core.dialects.shared.json_members import (
    as_list,
    as_object,
    join,
    one_of,
    optional_list,
    optional_text,
    refuse,
    required_text,
    wrong_type,
)

_TEXT_TYPES = ("input_text", "output_text", "text")
_CACHE_BREAKPOINT = {"mode": "explicit"}


def parse_content(item: dict[str, Any], name: str, path: str) -> tuple[Part, ...]:
    """Return the parts of an item's ``content`` or ``output``: a string or an array of parts."""
    value = item.get(name)
    if isinstance(value, str):
        return (TextPart(value),)
    where = f"{path}.{name}"
    if name not in item:
        refuse(where, "this member is required")
    if not isinstance(value, list):
        wrong_type(where, "a string or an array of parts", value)
    return tuple(
        [
            _plain_text(part) or _parse_part(as_object(part, f"{where}[{i}]"), f"{where}[{i}]")
            for i, part in enumerate(value)
        ]
    )


def _plain_text(part: object) -> TextPart | None:
    """Return a part that is text and nothing else, as most are."""
    if not isinstance(part, dict) or len(part) != 2 or part.get("type") not in _TEXT_TYPES:
        return None
    text = part.get("text")
    return TextPart(text) if isinstance(text, str) else None


def _parse_part(part: dict[str, Any], path: str) -> Part:
    kind = required_text(part, "type", path)
    cache = CacheMark() if part.get("prompt_cache_breakpoint") else None
    if kind in _TEXT_TYPES:
        return TextPart(required_text(part, "text", path), cache, _parse_annotations(part, path))
    one_of(kind, schema.PART_TYPES, join(path, "type"))
    if kind == "refusal":
        return RefusalPart(required_text(part, "refusal", path))
    if kind == "input_image":
        return _parse_image(part, path, cache)
    return _parse_file(part, path, cache)


def _parse_annotations(part: dict[str, Any], path: str) -> tuple[Opaque, ...]:
    where = join(path, "annotations")
    return tuple(
        annotation_opaque(as_object(each, f"{where}[{i}]"))
        for i, each in enumerate(optional_list(part, "annotations", path) or ())
    )


def annotation_opaque(annotation: dict[str, Any]) -> Opaque:
    return Opaque(
        DialectName.OPENAI_RESPONSES,
        str(annotation.get("type", "annotation")),
        msgspec.json.encode(annotation).decode(),
    )


def _parse_image(part: dict[str, Any], path: str, cache: CacheMark | None) -> ImagePart:
    url = optional_text(part, "image_url", path)
    file_id = optional_text(part, "file_id", path)
    detail = optional_text(part, "detail", path)
    if url is None and file_id is None:
        refuse(path, "either image_url or file_id is required")
    inline = parse_data_url(url) if url is not None else None
    if inline is not None:
        media_type, data = inline
        return ImagePart(media_type, data, file_id=file_id, detail=detail, cache=cache)
    return ImagePart(url=url, file_id=file_id, detail=detail, cache=cache)


def _parse_file(part: dict[str, Any], path: str, cache: CacheMark | None) -> DocumentPart:
    file_data = optional_text(part, "file_data", path)
    url = optional_text(part, "file_url", path)
    file_id = optional_text(part, "file_id", path)
    if file_data is None and url is None and file_id is None:
        refuse(path, "one of file_data, file_url or file_id is required")
    title = optional_text(part, "filename", path)
    # Some clients send bare base64 where the API requires a data URL.
    inline = parse_data_url(file_data) if file_data is not None else None
    media_type, data = inline if inline is not None else (None, file_data)
    return DocumentPart(
        media_type=media_type, data=data, url=url, file_id=file_id, title=title, cache=cache
    )


def render_content(parts: Iterable[Part], *, assistant: bool = False) -> list[dict[str, Any]]:
    """Return the wire parts; parts that a message cannot contain (calls, thinking) are ignored."""
    rendered = []
    for part in parts:
        if isinstance(part, TextPart):
            rendered.append(_render_text(part, assistant=assistant))
        elif isinstance(part, RefusalPart):
            rendered.append({"type": "refusal", "refusal": part.text})
        elif isinstance(part, ImagePart):
            rendered.append(_render_image(part))
        elif isinstance(part, DocumentPart):
            rendered.append(_render_document(part))
    return rendered


def _render_text(part: TextPart, *, assistant: bool) -> dict[str, Any]:
    if assistant:
        annotations = [
            msgspec.json.decode(each.data)
            for each in part.annotations
            if each.dialect is DialectName.OPENAI_RESPONSES
        ]
        return {"type": "output_text", "text": part.text, "annotations": annotations}
    return _marked({"type": "input_text", "text": part.text}, part.cache)


def _render_image(part: ImagePart) -> dict[str, Any]:
    rendered: dict[str, Any] = {"type": "input_image"}
    if part.data is not None:
        rendered["image_url"] = data_url(part.media_type or "image/png", part.data)
    elif part.url is not None:
        rendered["image_url"] = part.url
    if part.file_id is not None:
        rendered["file_id"] = part.file_id
    detail = part.detail and schema.IMAGE_DETAILS.get(part.detail, part.detail)
    if detail:
        rendered["detail"] = detail
    return _marked(rendered, part.cache)


def _render_document(part: DocumentPart) -> dict[str, Any]:
    if part.text is not None:
        # A plain text document is sent as text, which every model accepts.
        lines = (part.title and f"Document: {part.title}", part.context, part.text)
        text = "\n\n".join(line for line in lines if line)
        return _marked({"type": "input_text", "text": text}, part.cache)
    rendered: dict[str, Any] = {"type": "input_file"}
    if part.data is not None:
        # The API refuses file data without a name, and determines the type by the name's extension.
        rendered["filename"] = part.title or f"document.{_file_ending(part.media_type)}"
        rendered["file_data"] = (
            data_url(part.media_type, part.data) if part.media_type else part.data
        )
    elif part.title is not None:
        rendered["filename"] = part.title
    if part.url is not None:
        rendered["file_url"] = part.url
    if part.file_id is not None:
        rendered["file_id"] = part.file_id
    return _marked(rendered, part.cache)


def _file_ending(media_type: str | None) -> str:
    subtype = (media_type or "application/pdf").rpartition("/")[2]
    return "txt" if subtype == "plain" else subtype


def _marked(rendered: dict[str, Any], cache: CacheMark | None) -> dict[str, Any]:
    if cache is not None:
        rendered["prompt_cache_breakpoint"] = _CACHE_BREAKPOINT
    return rendered


def part_texts(value: object, path: str) -> list[str]:
    """Return the texts of a reasoning item's ``summary`` or ``content``, whose parts are all text."""
    if value is None:
        return []
    return [
        required_text(as_object(part, f"{path}[{i}]"), "text", f"{path}[{i}]")
        for i, part in enumerate(as_list(value, path))
    ]
