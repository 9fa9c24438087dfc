"""What more than one dialect needs. Pure."""
