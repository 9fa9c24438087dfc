"""Which model each of a tool's roles gets: what the user chose, what it had, or a sensible default."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from proxy_core.canonical.model import Model
from proxy_core.clients.catalogue import small_model, suggested_model, usable_models
from proxy_core.clients.connection import MAIN
from proxy_core.clients.tool import Role, Tool, Wire

_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Retired:
    """A model that was chosen for a role and is no longer in the list, and what takes its place."""

    role: str
    model: str
    successor: str


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """``models`` are by role: every role of the tool has one, and ``main`` is always there.

    ``chosen`` are only those that are not the default.
    """

    models: Mapping[str, str]
    chosen: Mapping[str, str]
    retired: tuple[Retired, ...] = ()

    @property
    def main(self) -> str:
        return self.models[MAIN]


def choose_models(
    tool: Tool,
    listed: Sequence[Model],
    wanted: Mapping[str, str],
    remembered: Mapping[str, str] | None = None,
) -> ModelChoice:
    """``wanted`` is what the user says now, ``remembered`` what the tool was connected with."""
    usable = {each.id for each in usable_models(listed)}
    chosen: dict[str, str] = {}
    retired: list[Retired] = []
    before = remembered or {}
    small = {role.name for role in tool.roles if role.small}
    for name, model in before.items():
        if name not in small | {MAIN} and model == before.get(MAIN):
            continue  # it follows the main model, whichever that is
        if not usable or model in usable:
            chosen[name] = model
        elif model:
            after = successor(model, listed) or suggested_model(tool, listed)
            chosen[name] = after
            retired.append(Retired(name, model, after))
    chosen |= {name: model for name, model in wanted.items() if model}
    main = chosen.get(MAIN) or suggested_model(tool, listed)
    models = {MAIN: main}
    for role in tool.roles:
        models[role.name] = chosen.get(role.name) or _default(tool, role, main, listed)
    gone = tuple(each for each in retired if each.role not in wanted)
    return ModelChoice(models, chosen, gone)


def _default(tool: Tool, role: Role, main: str, listed: Sequence[Model]) -> str:
    if not role.small:
        return main
    if tool.wire is Wire.ANTHROPIC_MESSAGES:
        return small_model(listed) or main
    return cheapest_beside(main, listed) or main


def cheapest_beside(main: str, listed: Sequence[Model]) -> str:
    """Return the cheapest model of the main one's vendor that can do as much, empty for itself."""
    usable = {each.id: each for each in usable_models(listed)}
    first = usable.get(main)
    if first is None or first.prices is None:
        return ""
    beside = [
        each
        for each in usable.values()
        if each.vendor == first.vendor
        and each.prices is not None
        and each.in_picker
        and each.supports.tool_calls >= first.supports.tool_calls
    ]
    best = min(beside, key=_price, default=first)
    return best.id if _price(best) < _price(first) else ""


def _price(model: Model) -> float:
    prices = model.prices
    return 0.0 if prices is None else (prices.input + prices.output) / prices.batch_size


def successor(model_id: str, listed: Sequence[Model]) -> str:
    """Return the newest usable model of the same family as one that is gone, empty for none.

    A family is a name without its numbers: ``claude-opus-4.6`` and ``claude-opus-5`` are one.
    """
    family = _family(model_id)
    same = [each.id for each in usable_models(listed) if _family(each.id) == family]
    return max(same, key=_numbers, default="")


def _family(model_id: str) -> str:
    return re.sub(r"[-.]?\d+(?:\.\d+)*", "", model_id)


def _numbers(model_id: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", model_id)]


def credits_per_million(model: Model | None) -> tuple[float, float | None, float] | None:
    """Input, cached input and output, in AI credits for a million tokens; None: not known."""
    if model is None or model.prices is None:
        return None
    prices = model.prices
    scale = _TOKENS / prices.batch_size
    cached = None if prices.cache_read is None else prices.cache_read * scale
    return prices.input * scale, cached, prices.output * scale
