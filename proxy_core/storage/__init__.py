"""Files that only the user may read, and locks between processes."""
