"""What Copilot says is left, and when it will be used up."""
