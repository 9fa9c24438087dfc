"""A setting's value as one text, as typed after ``settings set`` and shown by ``get``. Pure."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec

from proxy_core.config.setting_words import describe_number, describe_value
from proxy_core.config.settings_salvage import UNREADABLE
from proxy_core.config.settings_schema import DeclaredSetting, SettingKind
from proxy_core.errors import BadRequest, translatable

_YES, _NO = ("true", "on", "yes", "1"), ("false", "off", "no", "0")
_NONE = "none"


def value_text(value: Any) -> str:
    """Return the value as ``parse_value`` reads it: a string unquoted, a list and a table as TOML."""
    plain = msgspec.to_builtins(value, enc_hook=str)
    if plain is None:
        return _NONE
    if isinstance(plain, str):
        return plain
    if isinstance(plain, dict):
        return (
            f"{{{', '.join(f'{_quoted(name)} = {_quoted(each)}' for name, each in plain.items())}}}"
        )
    if isinstance(plain, list | tuple):
        return f"[{', '.join(_quoted(each) for each in plain)}]"
    return describe_value(plain)


def parse_value(setting: DeclaredSetting, text: str) -> Any:
    """Return the value that ``text`` means, bounds not yet checked; None for an unset value.

    Raises BadRequest, whose message says what is allowed.
    """
    if setting.optional and text.strip().lower() == _NONE:
        return None
    try:
        return _parse(setting.kind, text)
    except UNREADABLE as error:
        raise BadRequest(
            translatable(
                "{setting} must be {allowed}, not {value}. Nothing was changed.",
                setting=setting.key,
                allowed=_allowed(setting),
                value=_quoted(text),
            ),
            code="setting_invalid",
            param=setting.key,
        ) from error


def _parse(kind: SettingKind, text: str) -> Any:
    """Raises ``UNREADABLE``."""
    match kind:
        case SettingKind.SWITCH:
            word = text.strip().lower()
            if word not in (*_YES, *_NO):
                raise ValueError(word)
            return word in _YES
        case SettingKind.WHOLE_NUMBER:
            return int(text)
        case SettingKind.NUMBER:
            return float(text)
        case SettingKind.LIST:
            if text.strip().startswith("["):
                return _toml(text)
            return [each.strip() for each in text.split(",") if each.strip()]
        case SettingKind.TABLE:
            if text.strip().startswith("{"):
                return _toml(text)
            pairs = [each.split("=", 1) for each in text.split(",") if each.strip()]
            return {name.strip(): value.strip() for name, value in pairs}
    return text


def _toml(text: str) -> Any:
    return tomllib.loads(f"value = {text}\n")["value"]


def _allowed(setting: DeclaredSetting) -> str:
    match setting.kind:
        case SettingKind.SWITCH:
            return translatable("true or false")
        case SettingKind.WHOLE_NUMBER | SettingKind.NUMBER:
            is_whole = setting.kind is SettingKind.WHOLE_NUMBER
            number = describe_number(setting.low, setting.high, is_whole=is_whole)
            return translatable("{number}, or none", number=number) if setting.optional else number
        case SettingKind.LIST:
            return translatable('a list of texts such as "one, two"')
        case SettingKind.TABLE:
            return translatable('names and texts such as "name = text, other = text"')
    return translatable("a text")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
