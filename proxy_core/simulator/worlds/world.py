"""What differs between dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proxy_core.simulator.profiles import Plan

AUTO_API_VERSION = "2026-08-01"
"""``POST /auto`` and the new names of prices come with it."""

SESSION_API_VERSION = "2025-07-16"
"""What the older places of the automatic choice want."""


@dataclass(frozen=True, slots=True)
class World:
    """One date. Model names are keys; members of an entry are merged into it.

    ``oldest_api_version`` is the first that model calls take; anything older is 466. ``gone`` models are
    not listed, ``added`` ones are, made like another entry. ``unserved`` are listed, but not served.
    ``prices`` are (input, output) in credits per million tokens. ``long_context`` is where the default
    price ends, in tokens; above it everything costs more. ``sign_ins_per_app`` bounds the GitHub tokens
    of one app: the oldest is destroyed by one more. ``github_token_lifetime`` in seconds makes ``ghu_``
    tokens expire and come with a refresh token.
    """

    name: str
    oldest_api_version: str = "2025-04-01"
    checks_session_api_version: bool = False
    offers_auto: bool = False
    renames_prices: bool = False
    auto_only: frozenset[Plan] = frozenset()
    gone: frozenset[str] = frozenset()
    added: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    unserved: frozenset[str] = frozenset()
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    promotions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    info_messages: Mapping[str, str] = field(default_factory=dict)
    warning_messages: Mapping[str, str] = field(default_factory=dict)
    supports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    long_context: Mapping[str, int] = field(default_factory=dict)
    web_search_models: frozenset[str] = frozenset()
    sign_ins_per_app: int | None = None
    github_token_lifetime: int | None = None
