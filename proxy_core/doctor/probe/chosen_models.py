"""Which models are asked: by what the live list says they can do, the cheapest first. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.copilot_facts.listed_models import is_served
from proxy_core.doctor.probe.question import named

_UNPRICED = float("inf")


def usable(models: Iterable[Model], *, is_free: bool) -> tuple[Model, ...]:
    """Return the models that a call may name, the cheapest first."""
    found = [
        each
        for each in models
        if each.disabled_reason is None
        and not each.awaits_consent
        and (each.in_picker or each.kind == "embeddings")
        and is_served(each.id)
        and not (is_free and named(each.raw, "billing", "restricted_to"))
    ]
    return tuple(sorted(found, key=_price))


def _price(model: Model) -> tuple[float, float, str]:
    """Premium requests where they are counted, then credits."""
    multiplier = model.premium_multiplier
    prices = model.prices
    tokens = _UNPRICED if prices is None else prices.output / prices.batch_size
    return (0.0 if multiplier is None else multiplier, tokens, model.id)


def is_openai(model: Model) -> bool:
    return model.vendor.endswith("OpenAI")


def is_anthropic(model: Model) -> bool:
    return model.vendor == "Anthropic"


def is_google(model: Model) -> bool:
    return model.vendor == "Google"


def first(
    models: Sequence[Model], endpoint: Endpoint, *wanted: Callable[[Model], bool]
) -> Model | None:
    """Return the cheapest model at ``endpoint`` of which all of ``wanted`` hold."""
    return next(
        (m for m in models if endpoint in m.endpoints and all(each(m) for each in wanted)), None
    )


def chat_model(models: Sequence[Model]) -> Model | None:
    return first(models, Endpoint.CHAT_COMPLETIONS, is_openai) or first(
        models, Endpoint.CHAT_COMPLETIONS
    )


def reasoning_model(models: Sequence[Model]) -> Model | None:
    """One of ``/responses`` that thinks."""
    return first(
        models, Endpoint.RESPONSES, is_openai, lambda m: bool(m.supports.reasoning_efforts)
    )


def budget_model(models: Sequence[Model]) -> Model | None:
    """One of ``/v1/messages`` that thinks within a budget."""
    return first(
        models,
        Endpoint.MESSAGES,
        is_anthropic,
        lambda m: m.supports.max_thinking_budget is not None,
    )


def searching_models(models: Sequence[Model], most: int) -> tuple[Model, ...]:
    """Return up to ``most`` models of ``/responses``, spread over their versions.

    The list does not say reliably which of them search the web.
    """
    found = sorted(
        (m for m in models if Endpoint.RESPONSES in m.endpoints and is_openai(m)), key=_version
    )
    if len(found) <= most:
        return tuple(found)
    return tuple(found[round(place * (len(found) - 1) / (most - 1))] for place in range(most))


def _version(model: Model) -> tuple[tuple[int, ...], str]:
    return tuple(int(each) for each in re.findall(r"\d+", model.id)), model.id
