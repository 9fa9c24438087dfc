"""Content parts of messages and tool outputs, both ways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from proxy_core.conversation import (
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
from proxy_core.dialects.openai_responses.checked_values import (
    array,
    missing,
    optional_text,
    required_text,
    table,
    wrong_value,
)

_TEXT_TYPES = ("input_text", "output_text", "text")
_PART_TYPES = ("input_text", "input_image", "input_file", "output_text", "refusal")
_CACHE_BREAKPOINT = {"mode": "explicit"}


def parse_content(value: object, path: str) -> tuple[Part, ...]:
    """Return the parts of a ``content`` or ``output`` member: a string or an array of parts."""
    if value is None:
        raise missing(path)
    if isinstance(value, str):
        return (TextPart(value),)
    return tuple(
        _parse_part(table(part, f"{path}[{i}]"), f"{path}[{i}]")
        for i, part in enumerate(array(value, path))
    )


def _parse_part(part: dict[str, Any], path: str) -> Part:
    kind = required_text(part, "type", path)
    cache = CacheMark() if part.get("prompt_cache_breakpoint") else None
    if kind in _TEXT_TYPES:
        return TextPart(required_text(part, "text", path), cache, _parse_annotations(part, path))
    if kind == "refusal":
        return RefusalPart(required_text(part, "refusal", path))
    if kind == "input_image":
        return _parse_image(part, path, cache)
    if kind == "input_file":
        return _parse_file(part, path, cache)
    raise wrong_value(f"{path}.type", kind, _PART_TYPES)


def _parse_annotations(part: dict[str, Any], path: str) -> tuple[Opaque, ...]:
    annotations = part.get("annotations")
    if not annotations:
        return ()
    where = f"{path}.annotations"
    return tuple(
        annotation_opaque(table(each, f"{where}[{i}]"))
        for i, each in enumerate(array(annotations, where))
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
        raise missing(f"{path}.image_url")
    media_type, data = split_data_url(url)
    if data is not None:
        return ImagePart(media_type, data, file_id=file_id, detail=detail, cache=cache)
    return ImagePart(url=url, file_id=file_id, detail=detail, cache=cache)


def _parse_file(part: dict[str, Any], path: str, cache: CacheMark | None) -> DocumentPart:
    file_data = optional_text(part, "file_data", path)
    url = optional_text(part, "file_url", path)
    file_id = optional_text(part, "file_id", path)
    if file_data is None and url is None and file_id is None:
        raise missing(f"{path}.file_data")
    media_type, data = split_data_url(file_data)
    return DocumentPart(
        media_type=media_type,
        # Some clients send bare base64 where the description asks for a data URL.
        data=file_data if data is None else data,
        url=url,
        file_id=file_id,
        title=optional_text(part, "filename", path),
        cache=cache,
    )


def split_data_url(url: str | None) -> tuple[str | None, str | None]:
    """Return media type and base64 data of a data URL, or two Nones for anything else."""
    if url is None or not url.startswith("data:"):
        return None, None
    head, comma, data = url[len("data:") :].partition(",")
    media_type, *parameters = head.split(";")
    if not comma or "base64" not in parameters:
        return None, None
    return media_type or None, data


def render_content(parts: Iterable[Part], *, assistant: bool = False) -> list[dict[str, Any]]:
    """Return the wire's parts; what a message cannot hold (calls, thinking) is not the caller's."""
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
    rendered: dict[str, Any] = {
        "type": "output_text" if assistant else "input_text",
        "text": part.text,
    }
    if assistant:
        rendered["annotations"] = render_annotations(part.annotations)
    elif part.cache is not None:
        rendered["prompt_cache_breakpoint"] = _CACHE_BREAKPOINT
    return rendered


def render_annotations(annotations: Iterable[Opaque]) -> list[Any]:
    """Return the annotations of this dialect; another dialect's citations have no place here."""
    return [
        msgspec.json.decode(each.data)
        for each in annotations
        if each.dialect is DialectName.OPENAI_RESPONSES
    ]


def _render_image(part: ImagePart) -> dict[str, Any]:
    rendered: dict[str, Any] = {"type": "input_image"}
    if part.data is not None:
        rendered["image_url"] = f"data:{part.media_type or 'image/png'};base64,{part.data}"
    elif part.url is not None:
        rendered["image_url"] = part.url
    if part.file_id is not None:
        rendered["file_id"] = part.file_id
    detail = part.detail and schema.IMAGE_DETAILS.get(part.detail, part.detail)
    if detail:
        rendered["detail"] = detail
    if part.cache is not None:
        rendered["prompt_cache_breakpoint"] = _CACHE_BREAKPOINT
    return rendered


def _render_document(part: DocumentPart) -> dict[str, Any]:
    if part.text is not None:
        # A plain text document needs no file: every model reads it as text.
        heading = "\n".join(each for each in (part.title, part.context) if each)
        whole = f"{heading}\n\n{part.text}" if heading else part.text
        return {"type": "input_text", "text": whole}
    rendered: dict[str, Any] = {"type": "input_file"}
    if part.data is not None:
        rendered["file_data"] = (
            f"data:{part.media_type};base64,{part.data}" if part.media_type else part.data
        )
        # The API refuses file data that has no name, and reads the kind of file from its ending.
        rendered["filename"] = part.title or f"document.{_file_ending(part.media_type)}"
    elif part.title is not None:
        rendered["filename"] = part.title
    if part.url is not None:
        rendered["file_url"] = part.url
    if part.file_id is not None:
        rendered["file_id"] = part.file_id
    if part.cache is not None:
        rendered["prompt_cache_breakpoint"] = _CACHE_BREAKPOINT
    return rendered


def _file_ending(media_type: str | None) -> str:
    subtype = (media_type or "application/pdf").rpartition("/")[2]
    return "txt" if subtype == "plain" else subtype
