"""The members of an object under their JSON names.

Google's servers read the original names too (``system_instruction`` for ``systemInstruction``), and
much of its own documentation writes them. Only objects of the API's own are converted, never
arguments, results or schemas of a client's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy_core.dialects.shared.json_members import as_list, as_object, join

_AFTER_SCORE = re.compile(r"_([a-z0-9])")


def json_name(name: str) -> str:
    """Return ``systemInstruction`` for ``system_instruction``; other names stay as they are."""
    if "_" not in name:
        return name
    return _AFTER_SCORE.sub(lambda found: found[1].upper(), name)


def named(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``members`` under their JSON names."""
    return {json_name(name): value for name, value in members.items()}


def fields(value: object, path: str) -> dict[str, Any]:
    """Return the members of the object at ``path``. Raises BadRequest for anything else."""
    return named(as_object(value, path))


def listed(value: object, path: str) -> list[Any]:
    """Return the items of a list; what is no list but one object is its only item.

    Google's servers read it so, and examples of its documentation write it (``"parts": {"text": ...}``).
    Raises BadRequest for anything else.
    """
    return [value] if isinstance(value, Mapping) else as_list(value, path)


def optional_listed(holder: Mapping[str, Any], name: str, path: str) -> list[Any]:
    """Return the items of a list that may be absent: then there are none."""
    value = holder.get(name)
    return [] if value is None else listed(value, join(path, name))


def optional_fields(holder: Mapping[str, Any], name: str, path: str) -> dict[str, Any]:
    """Return the members of an object that may be absent: then there are none."""
    value = holder.get(name)
    return {} if value is None else fields(value, path)
