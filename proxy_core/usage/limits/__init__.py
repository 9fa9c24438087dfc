"""Budgets, pauses and approvals: whether a request may be sent."""
