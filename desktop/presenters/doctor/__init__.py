"""What the Doctor page says."""
