"""The formats, and the one way a file's content is changed: edit, read again, compare."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from proxy_core.clients.editing.block_document import BlockDocument
from proxy_core.clients.editing.document import (
    ABSENT,
    CannotEdit,
    Data,
    Document,
    Setting,
    Unreadable,
    with_setting,
)
from proxy_core.clients.editing.json_document import JsonDocument

_MORE_THAN_THAT = "It could not be changed without changing more than that."


class Format(StrEnum):
    JSON = "json"
    TOML = "toml"
    YAML = "yaml"
    YAML_LIST = "yaml_list"
    LINES = "lines"


def open_document(content: bytes, form: Format) -> Document:
    """Raises Unreadable or CannotEdit.

    The libraries for TOML and YAML are imported with the first such file: the window never needs them
    for most people.
    """
    match form:
        case Format.JSON:
            return JsonDocument(content)
        case Format.TOML:
            from proxy_core.clients.editing.toml_document import TomlDocument

            return TomlDocument(content)
        case Format.YAML | Format.YAML_LIST:
            from proxy_core.clients.editing.yaml_document import YamlDocument

            return YamlDocument(content, is_list=form is Format.YAML_LIST)
        case Format.LINES:
            return BlockDocument(content)


def read_data(content: bytes | None, form: Format) -> Data:
    """Return the file's data; that of an empty file where there is none. Raises CannotEdit."""
    return open_document(content or b"", form).data()


def edited(content: bytes | None, form: Format, settings: Iterable[Setting]) -> bytes:
    """Return the content with these settings. What has its value already is not touched.

    Raises CannotEdit where the result would say anything else than the old content with the settings.
    """
    document = open_document(content or b"", form)
    expected = document.data()
    changed = False
    for setting in settings:
        if setting.holds(expected):
            continue
        expected = with_setting(expected, setting)
        changed = True
        _make(document, setting)
    if not changed:
        return content or b""
    result = document.render()
    if _filled(read_data(result, form)) != _filled(expected):
        raise CannotEdit(_MORE_THAN_THAT, code="shape")
    return result


def _make(document: Document, setting: Setting) -> None:
    try:
        if setting.value is ABSENT:
            document.remove(setting.path)
        else:
            document.set(setting.path, setting.value)
    except Unreadable as error:
        # The file could be read: it is our change to it that cannot, and its lines are not the user's.
        raise CannotEdit(_MORE_THAN_THAT, code="shape") from error


def is_empty(content: bytes, form: Format) -> bool:
    """Whether nothing is left but what an empty file says, comments aside."""
    data = read_data(content, form)
    if form is Format.LINES:
        return list(data) == [""] and not str(data[""]).strip()
    return not data and not content.translate(None, b" \t\r\n{}[]\xef\xbb\xbf")


def _filled(data: Data) -> Data:
    """The data without empty tables: TOML has no table without a line that names it."""
    if isinstance(data, dict):
        inner = {name: _filled(each) for name, each in data.items()}
        return {name: each for name, each in inner.items() if each != {}}
    return [_filled(each) for each in data] if isinstance(data, list) else data
