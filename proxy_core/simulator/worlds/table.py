"""The dates that can be played, from copilot-protocol.md 15.1 to 15.5 and 15.10."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.simulator.profiles import Plan
from proxy_core.simulator.worlds.world import World

DEFAULT_WORLD = "undated"
_AFTER_JUNE = frozenset(
    {
        "claude-fable-5",
        "claude-opus-5",
        "claude-sonnet-5",
        "gpt-5.6-luna",
        "gpt-5.6-sol",
        "gpt-5.6-terra",
    }
)
_AFTER_AUGUST = frozenset(
    {
        "claude-fable-5.1",
        "claude-haiku-5.5",
        "claude-opus-5.5",
        "claude-sonnet-5.5",
        "gemini-3.8-flash",
        "gemini-4-argon",
        "gpt-6-astra",
        "gpt-6-luna",
        "gpt-6-sol",
        "gpt-6.1-sol",
        "gpt-6.1-terra",
        "grok-4.6",
        "grok-4.7",
        "kimi-k3",
    }
)
_GONE_IN_JUNE = frozenset({"gpt-4.1"})
_GONE_BY_OCTOBER = frozenset({"claude-opus-4.7"})
_KIMI = {"like": "kimi-k3", "name": "Kimi K2.7 Code", "version": "kimi-k2.7-code"}


def _gemini(version: str) -> dict[str, Any]:
    name = f"gemini-{version}-flash"
    return {"like": "gemini-3.8-flash", "name": f"Gemini {version} Flash", "version": name}


def _unserved(name: str) -> dict[str, Any]:
    return {"like": "gpt-5-mini", "name": name, "version": name, "model_picker_enabled": False}


_CLAUDE_SUPPORT = {"tool_search": True, "context_editing": True}
_SUPPORTS: Mapping[str, Mapping[str, Any]] = {
    "claude-opus-4.6": _CLAUDE_SUPPORT,
    "claude-opus-4.8": _CLAUDE_SUPPORT,
    "claude-opus-5": _CLAUDE_SUPPORT,
    "claude-opus-5.5": _CLAUDE_SUPPORT,
    "claude-sonnet-4.6": _CLAUDE_SUPPORT,
    "claude-sonnet-5": _CLAUDE_SUPPORT,
    "claude-sonnet-5.5": _CLAUDE_SUPPORT,
    "gpt-5.6-luna": {"tool_search": True},
    "gpt-5.6-sol": {"tool_search": True},
    "gpt-5.6-terra": {"tool_search": True},
    "gpt-6-astra": {"tool_search": True},
    "gpt-6-sol": {"tool_search": True},
    "gpt-6.1-sol": {"tool_search": True},
}
_AUTO_ONLY = frozenset({Plan.FREE, Plan.STUDENT})
_SEARCHING = frozenset({"gpt-5.5", "gpt-5.6-luna", "gpt-5.6-sol", "gpt-5.6-terra"})
_LONG = {"claude-opus-4.6": 200_000, "claude-sonnet-4.6": 200_000, "gpt-5.6-sol": 272_000}

WORLDS: Mapping[str, World] = {
    world.name: world
    for world in (
        # Every model of every date, and none of the dated habits: for tests of one thing at a time.
        World(DEFAULT_WORLD),
        World(
            "2026-06",
            gone=_GONE_IN_JUNE | _AFTER_JUNE | _AFTER_AUGUST,
            added={"gemini-3.5-flash": _gemini("3.5"), "kimi-k2.7-code": _KIMI},
            info_messages={"gpt-4o": "This model will be retired soon (simulated)."},
        ),
        World(
            "2026-08",
            oldest_api_version="2025-05-01",
            checks_session_api_version=True,
            offers_auto=True,
            renames_prices=True,
            auto_only=_AUTO_ONLY,
            gone=_GONE_IN_JUNE | _AFTER_AUGUST,
            added={
                "gemini-3.5-flash": _gemini("3.5"),
                "gemini-3.6-flash": _gemini("3.6"),
                "kimi-k2.7-code": _KIMI,
            },
            info_messages={
                "claude-opus-4.7": "This model will be retired on 2026-10-03.",
                "kimi-k2.7-code": "This model will be retired on 2026-10-03.",
            },
            supports=_SUPPORTS,
            long_context=_LONG,
            web_search_models=_SEARCHING,
            sign_ins_per_app=10,
        ),
        World(
            "2026-11",
            oldest_api_version="2025-10-01",
            checks_session_api_version=True,
            offers_auto=True,
            renames_prices=True,
            auto_only=_AUTO_ONLY,
            gone=_GONE_IN_JUNE | _GONE_BY_OCTOBER,
            added={
                "copilot-search-a": _unserved("copilot-search-a"),
                "exec-agent-a": _unserved("exec-agent-a"),
            },
            unserved=frozenset({"copilot-search-a", "exec-agent-a"}),
            prices={
                "gpt-6-astra": (1000, 5000),
                "gpt-6-sol": (200, 1000),
                "gpt-6.1-sol": (200, 1000),
                "gpt-6-luna": (10, 50),
                "gpt-5.6-sol": (400, 2000),
                "gpt-5.6-terra": (200, 1200),
                "claude-opus-5": (500, 2500),
                "claude-opus-5.5": (400, 2000),
                "claude-sonnet-5": (200, 1000),
                "claude-sonnet-5.5": (200, 1000),
                "claude-fable-5": (1000, 5000),
                "claude-fable-5.1": (1000, 5000),
                "claude-haiku-4.5": (100, 500),
            },
            promotions={
                "gpt-6-sol": {"discount_percent": 50, "ends_at": "2026-12-15T00:00:00Z"},
            },
            info_messages={"claude-sonnet-4": "This model will be retired soon (simulated)."},
            warning_messages={"gpt-4o": "This model is deprecated (simulated)."},
            # haiku-4.5 claims what it then refuses.
            supports={**_SUPPORTS, "claude-haiku-4.5": {"adaptive_thinking": True}},
            long_context=_LONG,
            web_search_models=_SEARCHING,
            sign_ins_per_app=10,
            github_token_lifetime=8 * 3600,
        ),
    )
}


def world_named(name: str) -> World:
    """Raises ValueError with the known names."""
    if name not in WORLDS:
        raise ValueError(f"unknown world {name!r}; known: {', '.join(WORLDS)}")
    return WORLDS[name]
