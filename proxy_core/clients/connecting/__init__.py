"""A tool's settings changed for the user, and changed back: plan, receipt, drift, repair."""
