"""The account: device flow, tokens, plan, quota."""
