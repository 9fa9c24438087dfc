"""The declared settings as data, for code that lists or shows all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import inspect

from proxy_core.config.settings import Settings
from proxy_core.config.settings_file import check_value
from proxy_core.errors import BadRequest


class SettingKind(StrEnum):
    SWITCH = "switch"
    WHOLE_NUMBER = "whole_number"
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    LIST = "list"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class DeclaredSetting:
    """``key`` is ``section.name``. ``optional``: None is allowed, and means unset.

    ``low`` and ``high`` bound a number, both included. ``choices`` are the values of a choice.
    """

    key: str
    kind: SettingKind
    default: Any
    help: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    optional: bool = False

    @property
    def section(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        return self.key.partition(".")[2]

    def value_in(self, settings: Settings) -> Any:
        """The value in force, as its declared type."""
        return getattr(getattr(settings, self.section), self.name)

    def problem_with(self, value: Any) -> str | None:
        """Why ``value`` is not allowed, in words; None if it is."""
        if value is None and self.optional:
            return None
        try:
            check_value(self.key, value)
        except BadRequest as error:
            return error.said
        return None


def declared_settings() -> tuple[DeclaredSetting, ...]:
    """Return every setting, in declared order."""
    return tuple(_all())


def _all() -> Iterator[DeclaredSetting]:
    for section in msgspec.structs.fields(Settings):
        for each in msgspec.structs.fields(section.type):
            default = (
                each.default_factory()
                if each.default is msgspec.NODEFAULT and callable(each.default_factory)
                else each.default
            )
            yield _described(f"{section.encode_name}.{each.encode_name}", each.type, default)


def _described(key: str, declared: Any, default: Any) -> DeclaredSetting:
    kind = inspect.type_info(declared)
    extra: Mapping[str, Any] = {}
    if isinstance(kind, inspect.Metadata):
        extra = kind.extra_json_schema or {}
        kind = kind.type
    optional = False
    if isinstance(kind, inspect.UnionType):
        # Only ``X | None`` is declared.
        optional = True
        (kind,) = (each for each in kind.types if not isinstance(each, inspect.NoneType))
        kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    help_text, examples = str(extra.get("description", "")), tuple(extra.get("examples", ()))
    match kind:
        case inspect.BoolType():
            return DeclaredSetting(key, SettingKind.SWITCH, default, help_text)
        case inspect.IntType(ge=low, le=high):
            number = SettingKind.WHOLE_NUMBER
            return DeclaredSetting(key, number, default, help_text, low, high, optional=optional)
        case inspect.FloatType(ge=low, le=high):
            number = SettingKind.NUMBER
            return DeclaredSetting(key, number, default, help_text, low, high, optional=optional)
        case inspect.StrType():
            return DeclaredSetting(
                key, SettingKind.TEXT, default, help_text, examples=examples, optional=optional
            )
        case inspect.EnumType(cls=enum):
            values = tuple(str(each.value) for each in enum)
            return DeclaredSetting(key, SettingKind.CHOICE, default, help_text, choices=values)
        case inspect.VarTupleType():
            return DeclaredSetting(key, SettingKind.LIST, default, help_text)
        case inspect.DictType():
            return DeclaredSetting(key, SettingKind.TABLE, default, help_text, examples=examples)
    raise AssertionError(f"{key}: a setting of type {kind} needs a kind")
