"""What the sign-in dialog and the first run say."""
