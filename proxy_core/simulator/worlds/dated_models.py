"""A world's model list, made from the entries that are shipped."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from proxy_core.simulator.worlds.world import World

LONG_CONTEXT_FACTOR = 2
AUTO_DISCOUNT = 10
_PRICES = ("input_price", "output_price", "cache_price", "cache_write_price")


def dated(entries: Mapping[str, Mapping[str, Any]], world: World) -> dict[str, dict[str, Any]]:
    """The entries of ``world`` by id, each its own copy."""
    models = {
        model_id: copy.deepcopy(dict(entry))
        for model_id, entry in entries.items()
        if model_id not in world.gone
    }
    for model_id, members in world.added.items():
        changed = {name: value for name, value in members.items() if name != "like"}
        models[model_id] = {
            **copy.deepcopy(dict(entries[members["like"]])),
            **changed,
            "id": model_id,
        }
        models[model_id]["capabilities"]["family"] = model_id
    for model_id, model in models.items():
        _put_in(model, model_id, world)
    return models


def _put_in(model: dict[str, Any], model_id: str, world: World) -> None:
    if model_id in world.supports:
        model["capabilities"]["supports"] |= world.supports[model_id]
    for member, messages, code in (
        ("info_messages", world.info_messages, "pending_deprecation"),
        ("warning_messages", world.warning_messages, "deprecated"),
    ):
        if model_id in messages:
            model[member] = [{"code": code, "message": messages[model_id]}]
    prices = (model.get("billing") or {}).get("token_prices")
    if not isinstance(prices, dict) or "default" not in prices:
        return
    default = prices["default"]
    if model_id in world.prices:
        default["input_price"], default["output_price"] = world.prices[model_id]
    if model_id in world.promotions:
        model["billing"]["promo"] = dict(world.promotions[model_id])
    if model_id in world.long_context:
        prices["long_context"] = {
            **{name: default[name] * LONG_CONTEXT_FACTOR for name in _PRICES if name in default},
            "context_max": default["context_max"],
        }
        default["context_max"] = world.long_context[model_id]


def with_renamed_prices(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry as API version 2026-08-01 shows it: ``cache_read_price``, and ``auto_discount``."""
    billing = entry.get("billing")
    if not isinstance(billing, dict) or not isinstance(billing.get("token_prices"), dict):
        return entry
    tiers = {
        name: _renamed(tier) if isinstance(tier, dict) else tier
        for name, tier in billing["token_prices"].items()
    }
    discount = billing.get("auto_discount", AUTO_DISCOUNT)
    return {**entry, "billing": {**billing, "token_prices": tiers, "auto_discount": discount}}


def without_auto_discount(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry as older API versions show it."""
    billing = entry.get("billing")
    if not isinstance(billing, dict) or "auto_discount" not in billing:
        return entry
    remaining = {name: value for name, value in billing.items() if name != "auto_discount"}
    return {**entry, "billing": remaining}


def _renamed(tier: Mapping[str, Any]) -> dict[str, Any]:
    return {"cache_read_price" if name == "cache_price" else name: v for name, v in tier.items()}
