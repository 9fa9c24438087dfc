"""Which of the real service's habits a simulator shows, as data: one ``Profile`` per name.

``strict`` refuses whatever any source saw refused. The other profiles differ from it by single switches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

STRICT_KNOWS_THE_VENDORS_RULES = True
"""Whether ``strict``, and what is made from it, refuses what the vendors behind Copilot refuse."""


class Plan(StrEnum):
    """How the account is billed."""

    TOKEN = "token"  # noqa: S105 -- a way of billing
    PREMIUM = "premium"
    FREE = "free"
    STUDENT = "student"
    """Credits like TOKEN; with FREE one of the plans that get an automatic choice only, "
    "since June 2026."""
    SEAT = "seat"
    """An organisation pays: credits are counted, and the person has no allowance of their own."""

    @property
    def bills_credits(self) -> bool:
        return self in (Plan.TOKEN, Plan.STUDENT, Plan.SEAT)


@dataclass(frozen=True, slots=True)
class Pacing:
    """Network-like timing, in seconds; each wait is drawn evenly between the two bounds."""

    first_event: tuple[float, float]
    between_events: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Allowance:
    """Use so far: AI credits under TOKEN and SEAT, premium requests under PREMIUM, chats under FREE."""

    entitlement: float = 1500.0
    used: float = 203.6
    overage_permitted: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """The switches. ``fault_rate`` is the share of model calls that meet a random fault."""

    name: str
    vendor_rules: bool = STRICT_KNOWS_THE_VENDORS_RULES
    """Whether the rules of OpenAI, Anthropic and Google hold too, and their ways of caching."""
    refuses_stream_false: bool = True
    refuses_chat_sampling: bool = True
    refuses_direct_plugin_tokens: bool = True
    refuses_unknown_members: bool = True
    refuses_unknown_betas: bool = True
    refuses_web_search: bool = True
    refuses_unknown_integrators: bool = True
    refuses_base64_embeddings: bool = True
    refuses_responses_sampling: bool = True
    refuses_service_tier: bool = True
    refuses_custom_tools: bool = False
    requires_vision_header: bool = True
    requires_long_cache_beta: bool = True
    requires_thinking_before_tool_use: bool = True
    requires_gemini_reasoning_replay: bool = True
    accepts_added_reasoning_id: bool = False
    refuses_long_item_ids: bool = True
    rotates_item_ids: bool = True
    sends_null_choices: bool = True
    splits_claude_choices: bool = True
    counts_tokens: bool = True
    opens_websockets: bool = True
    sends_reasoning_header: bool = False
    tells_quota: bool = True
    plan: Plan = Plan.TOKEN
    allowance: Allowance = field(default_factory=Allowance)
    fault_rate: float = 0.0
    first_calls: tuple[str, ...] = ()
    """What the first calls that are not refused meet, in their order; later ones ``fault_rate``."""
    pacing: Pacing | None = None


STRICT = Profile("strict")

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        STRICT,
        # What other sources saw: parameters accepted, opaque replay forgiven.
        replace(
            STRICT,
            name="lenient",
            vendor_rules=False,
            refuses_stream_false=False,
            refuses_chat_sampling=False,
            refuses_direct_plugin_tokens=False,
            refuses_unknown_members=False,
            refuses_unknown_betas=False,
            refuses_web_search=False,
            refuses_unknown_integrators=False,
            refuses_base64_embeddings=False,
            requires_vision_header=False,
            requires_thinking_before_tool_use=False,
            requires_gemini_reasoning_replay=False,
            accepts_added_reasoning_id=True,
            refuses_long_item_ids=False,
            sends_null_choices=False,
            splits_claude_choices=False,
        ),
        # For clients that return Copilot's own item ids, and Gemini's calls without its thinking: pi-ai.
        replace(
            STRICT,
            name="forgives_replay",
            refuses_long_item_ids=False,
            requires_gemini_reasoning_replay=False,
        ),
        replace(STRICT, name="free_plan", plan=Plan.FREE, allowance=Allowance(500, 50)),
        replace(STRICT, name="student_plan", plan=Plan.STUDENT, allowance=Allowance(300.0, 20.0)),
        # Nearly spent, so that a demo and a test see credits run out.
        replace(STRICT, name="token_billing", allowance=Allowance(1500.0, 1490.0)),
        replace(
            STRICT,
            name="premium_requests",
            plan=Plan.PREMIUM,
            allowance=Allowance(300, 88, overage_permitted=True),
        ),
        # A Business seat: no allowance of its own, and an organisation that pays.
        replace(
            STRICT,
            name="organisation",
            plan=Plan.SEAT,
            allowance=Allowance(0.0, 412.0, overage_permitted=True),
        ),
        replace(STRICT, name="flaky", fault_rate=0.3),
        replace(
            STRICT, name="slow", pacing=Pacing(first_event=(0.3, 0.9), between_events=(0.01, 0.05))
        ),
    )
}


def profile_named(name: str, switches: Mapping[str, Any] | None = None) -> Profile:
    """The profile ``name`` with single boolean ``switches`` turned.

    Raises ValueError with the known names when either is unknown.
    """
    if name not in PROFILES:
        raise ValueError(f"unknown profile {name!r}; known: {', '.join(PROFILES)}")
    return with_switches(PROFILES[name], switches)


def with_switches(profile: Profile, switches: Mapping[str, Any] | None = None) -> Profile:
    """``profile`` with single boolean ``switches`` turned. Raises ValueError for an unknown one."""
    known = {each.name for each in fields(Profile) if each.type in ("bool", bool)}
    for switch, value in (switches or {}).items():
        if switch not in known:
            raise ValueError(f"unknown switch {switch!r}; known: {', '.join(sorted(known))}")
        if not isinstance(value, bool):
            raise ValueError(f"switch {switch!r} is true or false, not {value!r}")  # noqa: TRY004 -- one kind of error for bad options
    return replace(profile, **(switches or {}))
