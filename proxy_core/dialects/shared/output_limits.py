"""Reads the limits of a response's length from an unparsed body.

Pure. A limit that upstream does not enforce is enforced here, also for a passed-through request
that our stricter parser would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.dialects.interface import OutputLimits


def read_output_limits(
    body: Mapping[str, Any], limit_members: tuple[str, ...], stop_member: str | None
) -> OutputLimits:
    """Return the limits that ``body`` (values may be ``msgspec.Raw``) states in these members.

    Of several ``limit_members`` the first that is a number counts. A value of another type counts
    as absent: upstream has checked the body.
    """
    limit = next(
        (found for name in limit_members if (found := _limit(_value(body, name))) is not None), None
    )
    return OutputLimits(limit, _texts(_value(body, stop_member)) if stop_member else ())


def _value(body: Mapping[str, Any], name: str) -> object:
    value = body.get(name)
    if not isinstance(value, msgspec.Raw):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _limit(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, int) and is_number and value >= 0 else None


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
