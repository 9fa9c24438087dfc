"""What the Home page says, and the server's switch."""
