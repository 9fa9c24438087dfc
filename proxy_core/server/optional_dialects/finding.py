"""Which optional dialect a request belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from proxy_core.dialects.interface import Dialect
from proxy_core.dialects.optional_dialects import surface_of
from proxy_core.dialects.surface import Surface
from proxy_core.server.parts import ServerContext
from proxy_core.server.paths import single_slashed

_NOTHING: Mapping[str, str] = MappingProxyType({})


def surface_at(
    parts: ServerContext, path: str, headers: Mapping[str, str], query: Mapping[str, str]
) -> Surface | None:
    """Return the optional dialect of a request, if the user switched it on."""
    return surface_of(
        single_slashed(path), headers, query, lambda setting: getattr(parts.settings(), setting)
    )


def dialect_at(parts: ServerContext, path: str) -> Dialect | None:
    """The same for a request of which only the path is known."""
    found = surface_at(parts, path, _NOTHING, _NOTHING)
    return None if found is None else found.dialect
