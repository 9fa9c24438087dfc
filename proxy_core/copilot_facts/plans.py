"""What Copilot's plans may do, by GitHub's names for them."""

from __future__ import annotations

AUTO_ONLY_SKUS = frozenset({"free_limited_copilot", "free_educational_quota"})
"""Free and Student: since 2026-06-24 GitHub chooses their model (field notes F3; github/docs)."""

AUTO_ONLY_PLANS = frozenset({"Free", "Student"})
"""The same plans by their display names."""

AUTO_API_VERSION = "2026-08-01"
"""Oldest API version that ``POST /auto`` accepts; an older one is 404 (VS Code's autoV2Fetcher.ts)."""

SESSION_API_VERSION = "2025-07-16"
"""Oldest API version that ``POST /models/session`` accepts (github/gh-aw-firewall#7554).
"""
