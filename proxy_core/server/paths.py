"""The paths we serve, and the dialect of each one's errors. Pure."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Mapping

from proxy_core.canonical.dialect_name import DialectName
from proxy_core.dialects.client_traits import COMMON, TRAITS

EMBEDDINGS = "/embeddings"
MODELS = "/models"
USAGE = "/usage"
ACTIVITY = "/activity"
HEALTH = "/health"
READY = "/readyz"
METRICS = "/metrics"
CONTROL_CHALLENGE = "/control/challenge"
CONTROL_STATUS = "/control/status"
CONTROL_MODELS = "/control/models"
CONTROL_USAGE = "/control/usage"
CONTROL_APPROVALS = "/control/approvals"
CONTROL_PAUSE = "/control/pause"
CONTROL_RESUME = "/control/resume"
CONTROL_SETTINGS = "/control/settings"
CONTROL_RECORDS = "/control/records"
"""For the user's own commands; unversioned, as they are part of the program."""

VERSION_PREFIX = "/v1"
"""Every path but ``/health`` is served with and without it: base URLs are given both ways."""

MODEL_CALLS: Mapping[str, DialectName] = {traits.path: name for name, traits in TRAITS.items()}
COMPACTIONS: Mapping[str, DialectName] = {
    traits.compact_path: name for name, traits in TRAITS.items() if traits.compact_path
}
TOKEN_COUNTS: Mapping[str, DialectName] = {
    traits.token_count.path: name
    for name, traits in TRAITS.items()
    if traits.token_count is not None
}
WEBSOCKETS = tuple(traits.path for traits in TRAITS.values() if traits.has_websocket)
SHOWN = frozenset((*MODEL_CALLS, *COMPACTIONS, EMBEDDINGS))
"""The paths whose POST calls a model, and so appears in the activity list."""

_BY_PATH = tuple((path, f"{path}/", name) for path, name in MODEL_CALLS.items())
_BY_HEADER = tuple(
    (traits.vendor_header, name) for name, traits in TRAITS.items() if traits.vendor_header
)
_MODEL_API = frozenset((*SHOWN, *TOKEN_COUNTS, MODELS))
_KNOWN = (*SHOWN, *TOKEN_COUNTS, *(MODELS, USAGE, ACTIVITY, HEALTH, READY, METRICS))


@functools.lru_cache(maxsize=256)
def plain_path(path: str) -> str:
    """Return ``path`` without the version prefix, a second slash before it and one at the end."""
    trimmed = f"/{path.strip('/')}"
    return (
        trimmed.removeprefix(VERSION_PREFIX)
        if trimmed.startswith(f"{VERSION_PREFIX}/")
        else trimmed
    )


def single_slashed(path: str) -> str:
    """Return ``path`` without a second slash before it, as clients send whose base URL ends with one."""
    return path[1:] if path.startswith("//") else path


def spellings(path: str) -> tuple[str, ...]:
    """Return a path of the vendors' APIs as clients ask for it whose base URL ends with a slash, or
    who put one at the end (a redirect would lose a client's key or body)."""
    return (path, f"{path}/", f"/{path}", f"/{path}/")


def is_model_api(path: str) -> bool:
    """Whether it is a path of the vendors' APIs; others are this program's own."""
    plain = plain_path(path)
    return plain in _MODEL_API or plain.startswith(f"{MODELS}/")


def error_dialect(path: str, headers: Mapping[str, str]) -> DialectName:
    """Return the dialect in which a caller of ``path`` expects errors."""
    plain = plain_path(path)
    for own, below, name in _BY_PATH:
        if plain == own or plain.startswith(below):
            return name
    for header, name in _BY_HEADER:
        if header in headers:
            return name
    return COMMON


def unknown_path(method: str, path: str) -> str:
    """Return the message for an unknown path."""
    shown = path if len(path) <= 100 else f"{path[:100]}..."
    doubled = path
    while doubled.startswith(f"{VERSION_PREFIX}{VERSION_PREFIX}/"):
        doubled = doubled.removeprefix(VERSION_PREFIX)
    if doubled != path and plain_path(doubled) in _KNOWN:
        hint = " The base URL of this client must not end in /v1."
    else:
        close = difflib.get_close_matches(plain_path(path), _KNOWN, n=1, cutoff=0.75)
        hint = f" Did you mean {VERSION_PREFIX}{close[0]}?" if close else ""
    return f"There is no {method} {shown} here.{hint}"
