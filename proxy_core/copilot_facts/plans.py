"""What plans may do, by GitHub's words for them."""

from __future__ import annotations

AUTO_ONLY_SKUS = frozenset({"free_limited_copilot", "free_educational_quota"})
"""Free and Student: since 2026-06-24 GitHub chooses their model (field notes F3; github/docs)."""

AUTO_ONLY_PLANS = frozenset({"Free", "Student"})
"""The same plans by the names people know."""

AUTO_API_VERSION = "2026-08-01"
"""The least that ``POST /auto`` takes; an older one is 404 (VS Code's autoV2Fetcher.ts)."""

SESSION_API_VERSION = "2025-07-16"
"""The least that ``POST /models/session``, the older way, takes (github/gh-aw-firewall#7554)."""
