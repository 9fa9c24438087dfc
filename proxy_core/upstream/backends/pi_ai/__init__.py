"""The backend on the Node library pi-ai: one process, one line of JSON for each event."""
