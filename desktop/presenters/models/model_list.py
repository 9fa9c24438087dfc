"""The catalogue as rows: what a model offers, what it costs, and why it is off. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.canonical.model import Endpoint, Model, Prices

PER_TOKENS = 1_000_000
_WORDS = {
    Endpoint.MESSAGES: "messages",
    Endpoint.CHAT_COMPLETIONS: "chat",
    Endpoint.RESPONSES: "responses",
    Endpoint.EMBEDDINGS: "embeddings",
}
"""Names of interfaces; not translated. A WebSocket is another transport of the same one."""
_CHEAPEST_FIRST = ("pro", "pro_plus", "max", "business", "enterprise")
_PLAN_NAMES = {"pro": "Pro", "pro_plus": "Pro+", "max": "Max", "business": "Business"}
_PLAN_NAMES |= {"enterprise": "Enterprise"}
_OF_AN_ORGANISATION = ("business", "enterprise")


class ModelFilter(StrEnum):
    ALL = "all"
    ON = "on"
    OFF = "off"


class ModelOrder(StrEnum):
    NAME = "name"
    LIMIT = "limit"
    INPUT = "input"
    CACHED = "cached"
    OUTPUT = "output"
    STATE = "state"


class Availability(StrEnum):
    ON = "on"
    WAITS = "waits"
    """The user has not agreed to its terms yet."""
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ModelRow:
    """``sentence`` is the whole row for a screen reader."""

    model_id: str
    endpoints: str
    limits: str
    input: str
    cached: str
    output: str
    abilities: str
    shape: Shape
    state: str
    availability: Availability
    sentence: str


def availability(model: Model) -> Availability:
    if model.disabled_reason is not None:
        return Availability.OFF
    if _policy(model).get("state") == "unconfigured":
        return Availability.WAITS
    return Availability.ON


def terms_of(model: Model) -> str:
    """Return GitHub's text of the terms; empty if there is none."""
    terms = _policy(model).get("terms")
    return terms.strip() if isinstance(terms, str) else ""


def is_included(model: Model) -> bool:
    """Whether requests cost no premium credits."""
    return model.premium_multiplier == 0 or (model.prices is None and model.kind == "embeddings")


def per_million(price: float | None, prices: Prices) -> float | None:
    """Credits for a million tokens; None where no price is known."""
    if price is None or prices.batch_size <= 0:
        return None
    return price * PER_TOKENS / prices.batch_size


def model_row(model: Model, words: Words, plan: str | None) -> ModelRow:
    tr = words.tr
    prices = model.prices
    included = is_included(model)
    note = tr("included in plan") if included else "" if prices else tr("not known")
    shown = prices if not included else None
    state, shape = _state(model, words, plan)
    abilities = _abilities(model, words)
    return ModelRow(
        model_id=model.id,
        endpoints=", ".join(dict.fromkeys(_WORDS[e] for e in model.endpoints if e in _WORDS)),
        limits=_limits(model, words),
        input=_price(shown.input, shown, words) if shown else "",
        cached=_price(shown.cache_read, shown, words) if shown else "",
        output=_price(shown.output, shown, words) if shown else note,
        abilities=abilities,
        shape=shape,
        state=state,
        availability=availability(model),
        sentence=tr("{model}, {state}, {abilities}").format(
            model=model.id, state=state, abilities=abilities
        ),
    )


def chosen_models(
    models: tuple[Model, ...],
    *,
    search: str,
    show: ModelFilter,
    order: ModelOrder,
    descending: bool,
    words: Words,
    plan: str | None,
) -> tuple[ModelRow, ...]:
    """Return the rows that match, in the order asked for. Every word of ``search`` must be found."""
    asked = search.lower().split()
    found = []
    for model in models:
        row = model_row(model, words, plan)
        is_on = row.availability is Availability.ON
        if show is not ModelFilter.ALL and is_on is not (show is ModelFilter.ON):
            continue
        facts = (model.id, model.name, model.vendor, row.endpoints, row.abilities, row.state)
        text = "\n".join(facts).lower()
        if all(word in text for word in asked):
            found.append((model, row))
    found.sort(key=lambda pair: pair[0].id)
    found.sort(key=lambda pair: _ORDERS[order](pair[0]), reverse=descending)
    return tuple(row for _, row in found)


def unchanged_line(model: Model, words: Words) -> str:
    """Return which of the three interfaces are passed through unchanged."""
    tr = words.tr
    if model.kind == "embeddings":
        return tr("Embeddings unchanged. It answers no prompts.")
    if model.kind != "chat":
        return tr("Not offered to tools: it only completes code in editors.")
    names = (
        (Endpoint.MESSAGES, "Messages"),
        (Endpoint.CHAT_COMPLETIONS, "Chat"),
        (Endpoint.RESPONSES, "Responses"),
    )
    same = [name for endpoint, name in names if endpoint in model.endpoints]
    other = [name for endpoint, name in names if endpoint not in model.endpoints]
    if not other:
        return tr("{names} unchanged.").format(names=_listed(same, words))
    if not same:
        return tr("{names} translated.").format(names=_listed(other, words))
    return tr("{same} unchanged, {other} translated.").format(
        same=_listed(same, words), other=_listed(other, words)
    )


def _listed(names: list[str], words: Words) -> str:
    """``Messages and Chat``."""
    if len(names) == 1:
        return names[0]
    return words.tr("{first} and {last}").format(first=", ".join(names[:-1]), last=names[-1])


def _state(model: Model, words: Words, plan: str | None) -> tuple[str, Shape]:
    tr = words.tr
    match availability(model):
        case Availability.ON:
            return tr("On"), Shape.DONE
        case Availability.WAITS:
            return tr("Waits for you"), Shape.OFF
    needed = _cheapest_plan(model)
    if needed:
        return tr("Needs {plan}").format(plan=needed), Shape.OFF
    if plan in _OF_AN_ORGANISATION:
        return tr("Off by your organisation"), Shape.OFF
    return tr("Off at GitHub"), Shape.OFF


def _cheapest_plan(model: Model) -> str:
    billing = model.raw.get("billing")
    listed = billing.get("restricted_to") if isinstance(billing, Mapping) else None
    plans = listed if isinstance(listed, list) else []
    return next((_PLAN_NAMES[each] for each in _CHEAPEST_FIRST if each in plans), "")


def _policy(model: Model) -> Mapping[str, Any]:
    policy = model.raw.get("policy")
    return policy if isinstance(policy, Mapping) else {}


def _limits(model: Model, words: Words) -> str:
    """``936k, 64k``: what goes in, what comes out."""
    prompt = model.limits.prompt or model.limits.context_window
    if prompt is None and model.limits.output is None:
        return "–"
    return f"{_size(prompt, words)}, {_size(model.limits.output, words)}"


def _size(tokens: int | None, words: Words) -> str:
    """Return a limit in round thousands."""
    if tokens is None:
        return "–"
    if tokens < 1_000:
        return words.locale.integer(tokens)
    if tokens < 999_500:
        return words.tr("{count}k").format(count=words.locale.integer(round(tokens / 1_000)))
    return words.tr("{count}M").format(count=words.locale.decimal(tokens / 1_000_000))


def _price(price: float | None, prices: Prices, words: Words) -> str:
    value = per_million(price, prices)
    if value is None:
        return "–"
    return words.whole(value)


def _abilities(model: Model, words: Words) -> str:
    tr = words.tr
    supports = model.supports
    found = []
    if supports.vision:
        found.append(tr("images"))
    if supports.thinking or supports.reasoning_efforts:
        found.append(tr("thinking"))
    if not supports.tool_calls:
        found.append(tr("no tools"))
    return ", ".join(found) or tr("tools")


def _of_price(pick: Callable[[Prices], float | None]) -> Callable[[Model], Any]:
    """Return a sort key by price: included models first, then by credits per million tokens."""

    def order(model: Model) -> float:
        if is_included(model):
            return -1.0
        price = per_million(pick(model.prices), model.prices) if model.prices else None
        return float("inf") if price is None else price

    return order


_STATES = {Availability.ON: 0, Availability.WAITS: 1, Availability.OFF: 2}
_ORDERS: Mapping[ModelOrder, Callable[[Model], Any]] = {
    ModelOrder.NAME: lambda model: model.id,
    ModelOrder.LIMIT: lambda model: model.limits.prompt or model.limits.context_window or 0,
    ModelOrder.INPUT: _of_price(lambda prices: prices.input),
    ModelOrder.CACHED: _of_price(lambda prices: prices.cache_read),
    ModelOrder.OUTPUT: _of_price(lambda prices: prices.output),
    ModelOrder.STATE: lambda model: _STATES[availability(model)],
}
