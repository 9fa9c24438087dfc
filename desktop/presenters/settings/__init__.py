"""What the Settings page says."""
