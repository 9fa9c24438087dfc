"""Whether an answer may hold tool calls that its model wrote as text."""

from __future__ import annotations

from proxy_core.dialects.leaked_tool_calls.offered_tools import OfferedTools
from proxy_core.dialects.vendor_rules.outgoing import VendorFamily, family_of
from proxy_core.routing.call_plan import PlannedCall


def tools_with_leaked_calls(planned: PlannedCall, *, is_wanted: bool) -> OfferedTools | None:
    """Return the tools whose calls may have been written as text; only Claude's models do that
    (anthropics/claude-code#69529, seen on Copilot too: github/copilot-cli#3765).

    ``is_wanted`` is the user's setting.
    """
    offered = planned.call.body.get("tools")
    if not offered or planned.is_search or planned.facts.asks_compaction or not is_wanted:
        return None
    is_claude = family_of(planned.model) is VendorFamily.ANTHROPIC
    return OfferedTools(offered) if is_claude else None
