"""What the Models page says."""
