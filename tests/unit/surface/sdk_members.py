"""The optional members inside blocks, parts, items and tools, as the SDKs type them.

Required members come with the kind: its own example says them. Below a kind that only its vendor can say
(every translation leaves it out whole) the first level is enough: what is deeper goes where that goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from typing_extensions import get_type_hints, is_typeddict

from tests.unit.surface.examples import BASE_OF, EXAMPLES
from tests.unit.surface.sdk_surface import (
    KINDS,
    PARAMETERS,
    Named,
    alternatives,
    example_of,
    is_required,
    literals,
    requests,
)

CONVERSATION = ("messages", "input", "system", "tools")
"""Parameters whose parts are kinds of their own (``KINDS``)."""
NOT_THE_DEFAULT = {"ttl": "1h", "status": "incomplete", "display": "omitted"}
"""Values of members whose first one is what is meant where nobody states it."""
DEEPEST = 3
"""Levels below a kind; deeper there are only settings of tools that the vendor runs."""


def request_members(shallow: Mapping[str, frozenset[str]]) -> dict[str, dict[str, Named]]:
    """Return the members by area. ``shallow`` names the kinds of an area that only their vendor says."""
    kinds = requests()
    found = {
        area: _area_members(area, kinds[area], shallow.get(area, frozenset())) for area in KINDS
    }
    found |= {
        area: _parameter_members(area, listed, shallow.get(area, frozenset()))
        for area, listed in PARAMETERS.items()
    }
    return {
        f"{area} member": {named.name: named for named in named_members}
        for area, named_members in found.items()
    }


def _parameter_members(area: str, listed: Any, shallow: frozenset[str]) -> Iterator[Named]:
    for name, hint in sorted(get_type_hints(listed, include_extras=True).items()):
        if name in CONVERSATION:
            continue
        seen = set()
        for each in alternatives(hint):
            if not is_typeddict(each):
                continue
            base = BASE_OF.get((area, name), example_of(each))
            for found in _optional(each, 1 if name in shallow else DEEPEST):
                if found[0] not in seen:
                    seen.add(found[0])
                    yield _named(f"{area} member", ".".join((name, *found[0])), base, found)


def _area_members(
    area: str, kinds: Mapping[str, Named], shallow: frozenset[str]
) -> Iterator[Named]:
    union, member, unnamed = KINDS[area]
    for each in alternatives(union):
        if not is_typeddict(each):
            continue
        hints = get_type_hints(each, include_extras=True)
        for kind in literals(hints.get(member)) or (unnamed,):
            base = BASE_OF.get((area, kind), kinds[kind].example)
            deepest = 1 if kind in shallow else DEEPEST
            for found in _optional(each, deepest):
                if found[0] == (member,):
                    continue
                name = ".".join((kind, *found[0]))
                own = BASE_OF.get((f"{area} member", name), base)
                yield _named(f"{area} member", name, own, found)


def _optional(listed: Any, deepest: int) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield each optional member's path, an example of it, and what must stand above it."""
    for name, hint in sorted(get_type_hints(listed, include_extras=True).items()):
        if not is_required(listed, hint):
            yield (name,), _saying(hint, name), {}
        if deepest > 1:
            for each in alternatives(hint):
                if is_typeddict(each):
                    required = example_of(each)
                    for path, value, above in _optional(each, deepest - 1):
                        yield (name, *path), value, {name: _scaffold(required, above)}


def _saying(hint: Any, name: str) -> Any:
    """Return an example of a member that says something: an empty object is like none."""
    value = example_of(hint, name)
    first = next(iter(alternatives(hint)))
    if value == {} and is_typeddict(first):
        inner, example = next(iter(get_type_hints(first, include_extras=True).items()))
        return {inner: example_of(example, inner)}
    return value


def _scaffold(base: Any, above: Any) -> Any:
    """Return ``base`` with what ``above`` has beside it; another kind of the same thing replaces it."""
    if not isinstance(base, dict) or not isinstance(above, dict):
        return above if base is None else base
    if any(
        name in base and base[name] != above[name] for name in ("type", "mode") if name in above
    ):
        return above
    return base | {name: _scaffold(base.get(name), each) for name, each in above.items()}


def _stated(path: tuple[str, ...], value: Any) -> Any:
    if path[-2:] == ("prompt_cache_breakpoint", "ttl"):
        return value
    return NOT_THE_DEFAULT.get(path[-1], value)


def _named(area: str, name: str, base: Any, found: tuple[tuple[str, ...], Any, Any]) -> Named:
    path, value, above = found
    without = without_member(_scaffold(base, above), path)
    value = EXAMPLES.get((area, name), _stated(path, value))
    return Named(area, name, _with(without, path, value), without)


def _with(base: Any, path: tuple[str, ...], value: Any) -> Any:
    holder = base if isinstance(base, dict) else {}
    below = value if len(path) == 1 else _with(holder.get(path[0]), path[1:], value)
    return {**holder, path[0]: below}


def without_member(base: Any, path: Sequence[str]) -> Any:
    """Return ``base`` without what stands at ``path``."""
    if not isinstance(base, dict) or path[0] not in base:
        return base
    if len(path) == 1:
        return {name: each for name, each in base.items() if name != path[0]}
    return {**base, path[0]: without_member(base[path[0]], path[1:])}
