"""Parses ``/models`` into :class:`Model`. Pure and lenient: only an invalid entry is dropped.

Billing, policy and limits are optional and were seen in several forms; an unreadable one counts as
absent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from proxy_core.canonical.model import (
    Endpoint,
    Limits,
    LongContextPrices,
    Model,
    Prices,
    Promotion,
    Supports,
)
from proxy_core.copilot_facts import prices as fields
from proxy_core.copilot_facts.listed_models import is_served
from proxy_core.copilot_facts.prices import PriceField
from proxy_core.upstream.sign_in.account import PLAN_NAMES

Entry = Mapping[str, Any]

_ENDPOINTS = {each.value: each for each in Endpoint}
_RESTRICTED_NAMES = {
    "pro": "Pro",
    "edu": "Student",
    "pro_plus": "Pro+",
    "individual_trial": "a trial",
    **{name: PLAN_NAMES[name] for name in ("business", "enterprise")},
    "max": "Max",
}


def parse_catalog(content: Any, unserved: Collection[str] = ()) -> tuple[Model, ...]:
    """Return the models of a response or of a stored copy; anything else gives none.

    ``unserved`` were measured to refuse every call: they are not offered to choose from.
    """
    entries = content.get("data") if isinstance(content, Mapping) else content
    if not isinstance(entries, list):
        return ()
    models: dict[str, Model] = {}
    for entry in entries:
        model = parse_model(entry)
        if model is not None:
            if model.id in unserved:
                model = replace(model, in_picker=False)
            models.setdefault(model.id, model)
    return tuple(models.values())


def parse_model(entry: Any) -> Model | None:
    """Return one model, or None for an entry without a usable id or capabilities."""
    if not isinstance(entry, Mapping):
        return None
    model_id = _text(entry.get("id"))
    capabilities = _mapping(entry.get("capabilities"))
    if model_id is None or not capabilities:
        return None
    billing = _mapping(entry.get("billing"))
    kind = _text(capabilities.get("type")) or "chat"
    return Model(
        id=model_id,
        name=_text(entry.get("name")) or model_id,
        vendor=_text(entry.get("vendor")) or "",
        kind=kind,
        family=_text(capabilities.get("family")) or "",
        version=_text(entry.get("version")) or "",
        preview=entry.get("preview") is True,
        in_picker=entry.get("model_picker_enabled") is not False and is_served(model_id),
        endpoints=_endpoints(entry.get("supported_endpoints"), kind),
        limits=_limits(_mapping(capabilities.get("limits"))),
        supports=_supports(_mapping(capabilities.get("supports"))),
        prices=_prices(billing),
        premium_multiplier=_number(billing.get("multiplier")),
        disabled_reason=_disabled_reason(entry, billing),
        policy=_text(_mapping(entry.get("policy")).get("state")),
        terms=_text(_mapping(entry.get("policy")).get("terms")),
        raw=entry,
    )


def _endpoints(listed: Any, kind: str) -> tuple[Endpoint, ...]:
    if isinstance(listed, list):
        known = [
            _ENDPOINTS[each] for each in listed if isinstance(each, str) and each in _ENDPOINTS
        ]
        if known:
            return tuple(dict.fromkeys(known))
    if kind == "embeddings":
        return (Endpoint.EMBEDDINGS,)
    return (Endpoint.CHAT_COMPLETIONS,) if kind == "chat" and not listed else ()


def _limits(limits: Entry) -> Limits:
    vision = _mapping(limits.get("vision"))
    return Limits(
        context_window=_count(limits.get("max_context_window_tokens")),
        prompt=_count(limits.get("max_prompt_tokens")),
        output=_count(limits.get("max_output_tokens")),
        images=_count(vision.get("max_prompt_images")),
        image_bytes=_count(vision.get("max_prompt_image_size")),
    )


def _supports(supports: Entry) -> Supports:
    efforts = supports.get("reasoning_effort")
    adaptive = supports.get("adaptive_thinking") is True
    budget = _count(supports.get("max_thinking_budget"))
    return Supports(
        tool_calls=supports.get("tool_calls") is True,
        parallel_tool_calls=supports.get("parallel_tool_calls") is True,
        vision=supports.get("vision") is True,
        structured_outputs=supports.get("structured_outputs") is True,
        streaming=supports.get("streaming") is not False,
        thinking=supports.get("thinking") is True or adaptive or budget is not None,
        adaptive_thinking=adaptive,
        min_thinking_budget=_count(supports.get("min_thinking_budget")),
        max_thinking_budget=budget,
        reasoning_efforts=tuple(each for each in efforts if isinstance(each, str))
        if isinstance(efforts, list)
        else (),
        web_search=supports.get("web_search") is True,
        dimensions=supports.get("dimensions") is True,
    )


def _prices(billing: Entry) -> Prices | None:
    prices = _mapping(billing.get(fields.TOKEN_PRICES))
    # One capture has the prices under ``default``, another has them flat in nano-credits.
    default = _mapping(prices.get(fields.DEFAULT_TIER))
    batch = _count(prices.get(fields.BATCH_SIZE))
    price_in, price_out = _price(default, fields.INPUT), _price(default, fields.OUTPUT)
    if not batch or price_in is None or price_out is None:
        return None
    return Prices(
        batch_size=batch,
        input=price_in,
        output=price_out,
        cache_read=_price(default, fields.CACHE_READ),
        cache_write=_price(default, fields.CACHE_WRITE),
        context_max=_count(_field(default, fields.CONTEXT_MAX)),
        long_context=_long_context(_mapping(prices.get(fields.LONG_CONTEXT_TIER))),
        discount_percent=_anywhere(fields.DISCOUNT_PERCENT, prices, billing),
        auto_discount=_anywhere(fields.AUTO_DISCOUNT, billing, prices),
        promotion=_promotion(billing, prices),
    )


def _long_context(tier: Entry) -> LongContextPrices | None:
    price_in, price_out = _price(tier, fields.INPUT), _price(tier, fields.OUTPUT)
    if price_in is None or price_out is None:
        return None
    return LongContextPrices(
        input=price_in,
        output=price_out,
        cache_read=_price(tier, fields.CACHE_READ),
        cache_write=_price(tier, fields.CACHE_WRITE),
        context_max=_count(_field(tier, fields.CONTEXT_MAX)),
    )


def _promotion(*holders: Entry) -> Promotion | None:
    for holder in holders:
        promo = _mapping(_field(holder, fields.PROMO))
        percent = _price(promo, fields.DISCOUNT_PERCENT)
        if percent is not None:
            ends_at = _field(promo, fields.PROMO_END)
            return Promotion(percent, None if ends_at is None else str(ends_at))
    return None


def _anywhere(field: PriceField, *holders: Entry) -> float | None:
    return next((each for h in holders if (each := _price(h, field)) is not None), None)


def _price(holder: Entry, field: PriceField) -> float | None:
    return _number(_field(holder, field))


def _field(holder: Entry, field: PriceField) -> Any:
    """Return the value under the newest of the field's names that is present."""
    return next((holder[each] for each in field.names if holder.get(each) is not None), None)


def _disabled_reason(entry: Entry, billing: Entry) -> str | None:
    # ``unconfigured`` counts as usable: two of three clients whose source was read offer it.
    if _mapping(entry.get("policy")).get("state") != "disabled":
        return None
    plans = billing.get("restricted_to")
    listed = plans if isinstance(plans, list) else []
    named = [_RESTRICTED_NAMES.get(each, each) for each in listed if isinstance(each, str)]
    switched_off = "switched off in your Copilot settings at GitHub or by your organisation."
    reason = f"It is {switched_off}"
    if named:
        reason = f"It needs one of the plans {', '.join(named)}, or it is {switched_off}"
    if _text(_mapping(entry.get("policy")).get("terms")) is None:
        return reason
    return (
        f"{reason} “g-copilot-proxy models --enable {entry.get('id')}” shows its terms to accept."
    )


def _mapping(value: Any) -> Entry:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _count(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number >= 0 else None
