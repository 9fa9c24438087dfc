"""Parses a model's id: brand, family and variant, version. Pure.

``claude-opus-4.6-fast`` has the brand ``claude``, the forms ``opus`` and ``fast``, and version 4.6.
Vendors write versions with dots, dashes, or without separator (Copilot lists Opus 4.1 as
``claude-opus-41``), append dates, and put the version before or after the family.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from proxy_core.canonical.model import Model

CLAUDE = "claude"
CLAUDE_FAMILIES = ("opus", "sonnet", "haiku", "fable")
"""Words that identify a Claude model without the brand; other vendors' names need it."""

_STAND_INS = (
    ("claude", "fable", "opus"),
    ("", "fast", ""),
    ("", "thinking", ""),
    ("gpt", "o", ""),
    ("gpt", "turbo", ""),
    ("gpt", "chat", ""),
    ("gpt", "max", ""),
    ("gpt", "codex", ""),
    ("gpt", "astra", "sol"),
    ("gpt", "terra", "sol"),
    ("gpt", "sol", ""),
    ("gpt", "nano", "mini"),
    ("gpt", "luna", "mini"),
    ("gpt", "mini", "luna"),
    ("gpt", "luna", ""),
    ("gpt", "", "sol"),
    ("gemini", "lite", ""),
    ("kimi", "code", ""),
)
"""Brand, form, and the form to try if no model of the first is listed; applied cumulatively, in
this order. A form missing here has no substitute: a 404 that names the models is better than a
model of another kind and price.
"""

_NEUTRAL = frozenset({"latest", "preview", "exp", "experimental"})
_DATE = re.compile(r"[-@](20\d{6}|20\d\d-\d\d-\d\d)$")
_DOT_BETWEEN_DIGITS = re.compile(r"(?<=\d)\.(?=\d)")
_TOKEN = re.compile(r"([a-z]?)(\d{1,3})([a-z]?)")
_WRITTEN_VERSION = re.compile(r"(?<![\w.])[a-z]?(\d{1,2})[.-](\d{1,2})(?![\w.])")

_LONGEST_PLAIN_MAJOR = 20
"""A version number from here on is two digits without a separator: 41 is 4.1."""


@dataclass(frozen=True, slots=True)
class ModelId:
    """``version`` is empty where the id has none; ``forms`` are all its other words."""

    brand: str
    forms: frozenset[str]
    version: tuple[int, ...]


def spelling(name: str) -> str:
    """Return ``name`` in one spelling: lower case, versions with dashes."""
    return _DOT_BETWEEN_DIGITS.sub("-", name.lower())


def without_date(name: str) -> str:
    return _DATE.sub("", name)


def read_id(model_id: str, display_name: str = "") -> ModelId:
    """Parse ``model_id``; ``display_name`` disambiguates a version written without separator."""
    first, *rest = without_date(spelling(model_id)).split("-")
    if not rest and first in CLAUDE_FAMILIES:
        first, rest = CLAUDE, [first]
    forms: set[str] = set()
    version: list[int] = []
    for token in rest:
        found = _TOKEN.fullmatch(token)
        if found is None:
            if not token.isdigit():  # four or more digits are a date: gpt-4-0613
                forms.add(token)
        elif found[3] and version:
            forms.add(token)  # a size or a context window, as in "-1m"
        else:
            version.append(int(found[2]))
            forms.update(found[3])
    return ModelId(first, frozenset(forms - _NEUTRAL - {""}), _version(version, display_name))


def _version(stated: list[int], display_name: str) -> tuple[int, ...]:
    """Return the version without trailing zeros: 4.0 is 4."""
    if len(stated) == 1 and stated[0] >= 10:
        written = _WRITTEN_VERSION.search(display_name.lower())
        if written is not None and f"{written[1]}{written[2]}" == str(stated[0]):
            stated = [int(written[1]), int(written[2])]
        elif _LONGEST_PLAIN_MAJOR <= stated[0] < 100:
            stated = list(divmod(stated[0], 10))
    while len(stated) > 1 and stated[-1] == 0:
        stated = stated[:-1]
    return tuple(stated)


def read_model(model: Model) -> ModelId:
    return _read_listed(model.id, model.name)


@lru_cache(maxsize=512)
def _read_listed(model_id: str, display_name: str) -> ModelId:
    """Cached for ids of the catalogue only: a client's names are unbounded in number and length."""
    return read_id(model_id, display_name)


def newest(brand: str, forms: frozenset[str], catalogue: Iterable[Model]) -> Model | None:
    """Return the usable chat model of exactly this brand and these forms with the highest version.

    A disabled model counts only if there is no other; its reason is then the client's error. Among
    equal versions, the one in the picker comes first, then the shortest id.
    """

    def rank(model: Model) -> tuple[bool, bool, tuple[int, ...], int]:
        return (
            model.disabled_reason is None,
            model.in_picker,
            read_model(model).version,
            -len(model.id),
        )

    members = [
        each
        for each in catalogue
        if each.kind == "chat"
        and (read := read_model(each)).brand == brand
        and read.forms == forms
        and read.version
    ]
    return max(members, key=rank, default=None)


def newest_major(brand: str, catalogue: Iterable[Model]) -> int:
    """Return the highest major version among the brand's models; 0 for none."""
    read = (read_model(each) for each in catalogue)
    return max(
        (each.version[0] for each in read if each.brand == brand and each.version), default=0
    )


def stand_ins(brand: str, forms: frozenset[str]) -> Iterator[frozenset[str]]:
    """Yield ``forms``, then its substitutes of the same brand, nearest first."""
    yield forms
    for of_brand, form, instead in _STAND_INS:
        if of_brand not in ("", brand):
            continue
        if form in forms or (not form and not forms):
            forms = (forms - {form}) | ({instead} if instead else frozenset())
            yield forms
