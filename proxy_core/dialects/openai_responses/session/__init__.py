"""Features of the Responses API only: WebSocket sessions, stored items, compaction."""
