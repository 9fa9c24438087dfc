"""What carries a call to GitHub's models: our own client, or the Node library pi-ai."""
