"""Which model takes the place of a declared one where the world played does not list it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from proxy_core.simulator.catalog.catalog import CHAT, Catalogue
from proxy_core.simulator.profiles import Plan
from proxy_core.simulator.worlds.table import DEFAULT_WORLD, world_named


def stand_in(model: str, world: str) -> str:
    """Return ``model`` if it is listed, else the newest of its vendor that answers at the same places.

    Of several, the one that shares most of the name: an opus stands in for an opus.
    """
    listed = _entries(world)
    wanted = _dotted(model)
    if wanted in listed:
        return model
    lost = _entries(DEFAULT_WORLD)[wanted]
    able = [
        each
        for each in listed.values()
        if each["vendor"] == lost["vendor"] and _places(each) == _places(lost)
    ]
    words = set(_words(wanted))
    best = max(able, key=lambda each: (len(words & {*_words(each["id"])}), _numbers(each["id"])))
    return str(best["id"])


def _entries(world: str) -> dict[str, Mapping[str, Any]]:
    """What a plan that may use every model is shown in the pickers."""
    catalogue = Catalogue(Plan.TOKEN, world_named(world))
    return {
        each["id"]: each for each in catalogue.listing()["data"] if each.get("model_picker_enabled")
    }


def _places(entry: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(entry.get("supported_endpoints") or (CHAT,))


def _dotted(model: str) -> str:
    """Agents write the number of a model with hyphens, the list with dots."""
    return re.sub(r"(?<=\d)-(?=\d)", ".", model)


def _words(model: str) -> list[str]:
    return re.findall(r"[a-z]{2,}", model)


def _numbers(model: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", model)]
