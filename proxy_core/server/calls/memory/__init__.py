"""What a conversation needs again: stored items, thinking of recent tool calls."""
