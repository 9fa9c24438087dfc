"""State that a conversation's next request needs: stored items, thinking of recent tool calls."""
