"""Which parameters models refuse: the policy, and the memory of refusals."""
