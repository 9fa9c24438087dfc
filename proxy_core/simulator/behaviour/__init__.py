"""The model's behaviour: one prompt form for every endpoint, and the script that answers it."""
