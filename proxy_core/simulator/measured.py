"""A file of ``g-copilot-proxy doctor --probe``, played: an account as it was measured.

Written for the file's published form (docs/doctor-probe.md), not with the product's code. What the file
leaves open is played as ``strict`` plays it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec

from proxy_core.simulator.profiles import STRICT, Allowance, Pacing, Plan, Profile
from proxy_core.simulator.worlds.world import World

MEASURED = "measured"
FORMAT = "g-copilot-proxy probe"
VERSION = 1
_AFTER_ALL_ASKED = "2025-10-02"
_PLANS = {
    "free": Plan.FREE,
    "student": Plan.STUDENT,
    "credits": Plan.TOKEN,
    "premium requests": Plan.PREMIUM,
    "seat of an organisation": Plan.SEAT,
}
_REFUSALS = {
    "chat_loose_schema": "vendor_rules",
    "chat_whole": "refuses_stream_false",
    "chat_temperature": "refuses_chat_sampling",
    "messages_unknown_member": "refuses_unknown_members",
    "unknown_beta": "refuses_unknown_betas",
    "web_search_dated": "refuses_web_search",
    "own_integration": "refuses_unknown_integrators",
    "embeddings_base64": "refuses_base64_embeddings",
    "chat_vision_header": "requires_vision_header",
    "thinking_first": "requires_thinking_before_tool_use",
    "chat_gemini_replay": "requires_gemini_reasoning_replay",
    "long_item_ids": "refuses_long_item_ids",
    "responses_temperature": "refuses_responses_sampling",
    "responses_service_tier": "refuses_service_tier",
    "custom_tools": "refuses_custom_tools",
}
"""Switches that are on where a question was answered by a refusal."""
_WORDS = {
    "token_use": ("refuses_direct_plugin_tokens", "exchanged only", "exchanged or direct"),
    "item_ids": ("rotates_item_ids", "another in every event", "stable"),
    "chat_claude_whole": ("splits_claude_choices", "split over choices", "one choice"),
    "quota_told": ("tells_quota", "told", "not told"),
    "cache_one_hour": ("requires_long_cache_beta", "with its beta", "taken"),
    "count_tokens": ("counts_tokens", "taken", "refused"),
    "websocket": ("opens_websockets", "taken", "refused"),
    "reasoning_header": ("sends_reasoning_header", "sent", "not sent"),
}
"""Switches that are on for the first word and off for the second."""

_FAULTS = {
    "403": "403-limit",
    "408": "408",
    "429": "429",
    "500": "500",
    "502": "502-html",
    "503": "503",
    "broke": "cut",
}


class MeasuredUnreadable(ValueError):
    """The file is not one of ``doctor --probe``, or is damaged."""


@dataclass(frozen=True, slots=True)
class MeasuredAccount:
    """What is played in place of a named profile and world. ``entries`` are the list of models."""

    profile: Profile
    world: World
    entries: tuple[Mapping[str, Any], ...]


def read_measured(content: bytes) -> MeasuredAccount:
    """Return the account that a file describes. Raises MeasuredUnreadable."""
    try:
        file = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MeasuredUnreadable("it is no JSON") from None
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise MeasuredUnreadable("it was not written by “g-copilot-proxy doctor --probe”")
    if file.get("version") != VERSION:
        raise MeasuredUnreadable(f"its version is {file.get('version')!r}, not {VERSION}")
    verdicts = file.get("verdicts")
    if not isinstance(verdicts, dict) or not all(
        isinstance(each, str) for each in verdicts.values()
    ):
        raise MeasuredUnreadable("its verdicts are missing or no texts")
    entries = _entries(file.get("models"))
    figures = file.get("measured")
    profile = _profile(verdicts, figures if isinstance(figures, dict) else {})
    return MeasuredAccount(profile, _world(verdicts, profile.plan), entries)


def _entries(listed: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(listed, list) or not listed:
        raise MeasuredUnreadable("its list of models is missing")
    entries = []
    for entry in listed:
        capabilities = entry.get("capabilities") if isinstance(entry, dict) else None
        if (
            not isinstance(entry.get("id") if isinstance(entry, dict) else None, str)
            or not isinstance(capabilities, dict)
            or not isinstance(capabilities.get("type"), str)
        ):
            raise MeasuredUnreadable("an entry of its list of models is damaged")
        entries.append(_with_older_price_names(entry))
    return tuple(entries)


def _with_older_price_names(entry: dict[str, Any]) -> dict[str, Any]:
    """The list is kept under the older names; the world says under which it is shown."""
    billing = entry.get("billing")
    prices = billing.get("token_prices") if isinstance(billing, dict) else None
    if not isinstance(billing, dict) or not isinstance(prices, dict):
        return entry
    tiers = {
        name: {("cache_price" if key == "cache_read_price" else key): v for key, v in tier.items()}
        if isinstance(tier, dict)
        else tier
        for name, tier in prices.items()
    }
    return {**entry, "billing": {**billing, "token_prices": tiers}}


def _profile(verdicts: Mapping[str, str], figures: Mapping[str, Any]) -> Profile:
    switches: dict[str, bool] = {}
    for question, switch in _REFUSALS.items():
        if verdicts.get(question) in ("taken", "refused"):
            switches[switch] = verdicts[question] == "refused"
    for question, (switch, on, off) in _WORDS.items():
        if verdicts.get(question) in (on, off):
            switches[switch] = verdicts[question] == on
    replayed = verdicts.get("reasoning_id", "")
    if replayed.startswith("taken: "):
        switches["accepts_added_reasoning_id"] = "added" in replayed.split()
    if verdicts.get("web_search") == "taken by all asked":
        switches["refuses_web_search"] = False
    known = {each.name for each in fields(Profile)}
    plan = _PLANS.get(verdicts.get("plan", ""), STRICT.plan)
    return replace(
        STRICT,
        name=MEASURED,
        plan=plan,
        allowance=_allowance(figures, plan, overage=verdicts.get("overage") == "permitted"),
        fault_rate=_fault_rate(verdicts, figures),
        first_calls=_faults(figures),
        pacing=_pacing(verdicts, figures),
        **{name: value for name, value in switches.items() if name in known},
    )


def _allowance(figures: Mapping[str, Any], plan: Plan, *, overage: bool) -> Allowance:
    entitlement, left = _number(figures.get("entitlement")), _number(figures.get("percent_left"))
    if entitlement is not None and left is not None:
        return Allowance(entitlement, entitlement * (1 - left / 100), overage)
    if plan is Plan.SEAT:
        return Allowance(0.0, 0.0, overage)
    return replace(STRICT.allowance, overage_permitted=overage)


def _fault_rate(verdicts: Mapping[str, str], figures: Mapping[str, Any]) -> float:
    share = _number(figures.get("fault_share"))
    fails = verdicts.get("reliability") == "some calls fail"
    return min(1.0, max(0.0, share)) if fails and share is not None else 0.0


def _faults(figures: Mapping[str, Any]) -> tuple[str, ...]:
    """What calls met, in their order; an empty word: nothing."""
    seen = figures.get("calls")
    if not isinstance(seen, list):
        return ()
    return tuple(_FAULTS.get(each, "") if isinstance(each, str) else "" for each in seen[:200])


def _pacing(verdicts: Mapping[str, str], figures: Mapping[str, Any]) -> Pacing | None:
    spread = figures.get("first_event_seconds")
    if verdicts.get("pace") in (None, "at once", "not seen") or not isinstance(spread, list):
        return None
    bounds = [each for each in map(_number, spread) if each is not None and 0 <= each <= 60]
    if len(bounds) != 2:
        return None
    return Pacing((min(bounds), max(bounds)), (0.0, 0.0))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _world(verdicts: Mapping[str, str], plan: Plan) -> World:
    auto = verdicts.get("auto", "")
    oldest = verdicts.get("oldest_api_version", "")
    world = World(
        MEASURED,
        checks_session_api_version=verdicts.get("auto_session_old_version")
        in ("not listed", "version retired"),
        offers_auto=auto.startswith("taken"),
        renames_prices="cache_read_price" in verdicts.get("price_fields", "").split(),
        auto_only=frozenset({plan}) if "nothing else" in auto else frozenset(),
        unserved=_listed(verdicts.get("unserved_models", ""), "refused"),
        web_search_models=_listed(verdicts.get("web_search", ""), "taken"),
    )
    if oldest.startswith("after "):
        return replace(world, oldest_api_version=_AFTER_ALL_ASKED)
    return replace(world, oldest_api_version=oldest) if oldest.startswith("20") else world


def _listed(verdict: str, word: str) -> frozenset[str]:
    head, separator, names = verdict.partition(": ")
    return frozenset(names.split()) if separator and head == word else frozenset()
