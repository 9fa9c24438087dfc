"""What the Usage page says."""
