"""What only the Responses API has: a connection's memory, compaction."""
