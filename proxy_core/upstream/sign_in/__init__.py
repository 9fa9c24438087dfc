"""The account: device flow, stored credentials, Copilot tokens."""
