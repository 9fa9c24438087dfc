"""``/_sim``: the test's hand on the simulator."""
