"""How well prompts are cached, and what keeps their prefix stable."""
