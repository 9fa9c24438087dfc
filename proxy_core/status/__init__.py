"""What windows and commands show: immutable status snapshots, request traces, and the log."""
