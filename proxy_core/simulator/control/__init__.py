"""``/_sim``: how tests control the simulator."""
