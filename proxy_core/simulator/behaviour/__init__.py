"""What the model says: one prompt form for every endpoint, and the script that answers it."""
