"""The settings by name: ``section.name``, in declared order. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from proxy_core.config.settings import Settings
from proxy_core.errors import BadRequest, translatable

_DEFAULTS = Settings()
_SECTIONS: Mapping[str, type[msgspec.Struct]] = MappingProxyType(
    {each.encode_name: each.type for each in msgspec.structs.fields(Settings)}
)
_FIELDS: Mapping[type[msgspec.Struct], Mapping[str, Any]] = MappingProxyType(
    {
        section: MappingProxyType(
            {each.encode_name: each.type for each in msgspec.structs.fields(section)}
        )
        for section in _SECTIONS.values()
    }
)
_NAMES = tuple(f"{s}.{name}" for s, struct in _SECTIONS.items() for name in _FIELDS[struct])


def sections() -> Mapping[str, type[msgspec.Struct]]:
    """Section name to its struct."""
    return _SECTIONS


def fields_of(section: type[msgspec.Struct]) -> Mapping[str, Any]:
    """Name to declared type, bounds included."""
    return _FIELDS[section]


def setting_names() -> tuple[str, ...]:
    """Every setting as ``section.name``, in declared order."""
    return _NAMES


def value_of(settings: Settings, dotted: str) -> Any:
    """Return the value of ``section.name``."""
    section, _, name = dotted.partition(".")
    return getattr(getattr(settings, section), name)


def with_values(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return ``settings`` with other values, by ``section.name``."""
    for dotted, value in changes.items():
        section, _, name = dotted.partition(".")
        part = msgspec.structs.replace(getattr(settings, section), **{name: value})
        settings = msgspec.structs.replace(settings, **{section: part})
    return settings


def default_of(dotted: str) -> Any:
    """Return a declared setting's default."""
    return value_of(_DEFAULTS, dotted)


def check_name(dotted: str) -> None:
    """Raise BadRequest for an unknown setting; its message suggests the closest name."""
    if dotted not in setting_names():
        raise BadRequest(
            translatable(
                "There is no setting {setting}.{closest}",
                setting=dotted,
                closest=closest_name(dotted),
            ),
            code="unknown_setting",
            param=dotted,
        )


def closest_name(dotted: str, known: tuple[str, ...] | None = None) -> str:
    """Return `` Did you mean X?``, or an empty text if no name is close."""
    known = setting_names() if known is None else known
    close = difflib.get_close_matches(dotted, known, n=1)
    if not close:
        # People give a setting's name without its section.
        bare = {each.rpartition(".")[2]: each for each in known}
        close = [bare[each] for each in difflib.get_close_matches(dotted, bare, n=1)]
    return translatable(" Did you mean {name}?", name=close[0]) if close else ""
