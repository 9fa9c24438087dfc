"""Which parameters a model refuses, and what was learned about that."""
