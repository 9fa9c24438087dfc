"""The dialects that are served only if the user switches them on: one line for each.

Their modules are imported with the first request for one of their paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.dialects.surface import Surface


@dataclass(frozen=True, slots=True)
class OptionalDialect:
    """``module`` holds its ``SURFACE``; ``setting`` is the switch's name in the settings of the server.

    Every path below ``own`` is its own; those below ``shared`` are other dialects' too, so the surface
    looks at each request.
    """

    module: str
    setting: str
    own: str
    shared: str | None = None


OPTIONAL_DIALECTS: Mapping[DialectName, OptionalDialect] = {
    DialectName.GEMINI: OptionalDialect(
        "proxy_core.dialects.gemini.surface", "gemini_api", own="/v1beta/", shared="/v1/models"
    ),
    DialectName.OLLAMA: OptionalDialect(
        "proxy_core.dialects.ollama.surface", "ollama_api", own="/api/"
    ),
}
_PREFIXES = (
    *(each.own for each in OPTIONAL_DIALECTS.values()),
    *(each.shared for each in OPTIONAL_DIALECTS.values() if each.shared is not None),
)


def surface(name: DialectName) -> Surface:
    """Return an optional dialect's surface. Raises KeyError for any other dialect."""
    found: Surface = import_module(OPTIONAL_DIALECTS[name].module).SURFACE
    return found


def may_be_optional(path: str) -> bool:
    """Whether a request for ``path`` can belong to the surface of an optional dialect at all."""
    return path.startswith(_PREFIXES)


def surface_of(
    path: str,
    headers: Mapping[str, str],
    query: Mapping[str, str],
    is_on: Callable[[str], bool],
) -> Surface | None:
    """Return the surface that a request belongs to, if its dialect is switched on.

    ``headers`` are case-insensitive; ``is_on`` gets the name of a setting of the server.
    """
    if not path.startswith(_PREFIXES):
        return None
    for name, each in OPTIONAL_DIALECTS.items():
        if path.startswith(each.own) and is_on(each.setting):
            return surface(name)
        is_shared = each.shared is not None and path.startswith(each.shared)
        if is_shared and is_on(each.setting) and surface(name).claims(path, headers, query):
            return surface(name)
    return None
