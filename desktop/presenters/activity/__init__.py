"""What the Activity page says."""
