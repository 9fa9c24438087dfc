"""Who is signed in: device flow, tokens, plan, quota."""
