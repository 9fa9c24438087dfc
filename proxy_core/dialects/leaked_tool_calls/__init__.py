"""Tool calls that a Claude model wrote as text, turned into real ones (anthropics/claude-code#69529)."""
