"""What the Connect page says."""
