"""Which optional dialect a request belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import web

from proxy_core.dialects.interface import Dialect
from proxy_core.dialects.optional_dialects import may_be_optional, surface_of
from proxy_core.dialects.surface import Surface
from proxy_core.server.parts import ServerContext
from proxy_core.server.paths import single_slashed

_NOTHING: Mapping[str, str] = MappingProxyType({})


def surface_for(parts: ServerContext, request: web.Request) -> Surface | None:
    """Return the optional dialect of a request, if the user switched it on."""
    path = single_slashed(request.path)
    if not may_be_optional(path):
        return None
    return _surface(parts, path, request.headers, request.query)


def dialect_at(parts: ServerContext, path: str) -> Dialect | None:
    """The same for a request of which only the path is known."""
    found = _surface(parts, single_slashed(path), _NOTHING, _NOTHING)
    return None if found is None else found.dialect


def _surface(
    parts: ServerContext, path: str, headers: Mapping[str, str], query: Mapping[str, str]
) -> Surface | None:
    return surface_of(path, headers, query, lambda setting: getattr(parts.settings(), setting))
