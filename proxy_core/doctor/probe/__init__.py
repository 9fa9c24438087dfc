"""What the sources about Copilot disagree on, asked of the person's own account: ``doctor --probe``."""
