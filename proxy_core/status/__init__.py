"""What windows and commands are shown: immutable snapshots, traces, and the log."""
