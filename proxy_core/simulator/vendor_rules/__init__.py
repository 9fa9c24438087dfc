"""What the vendors behind Copilot refuse, in their own words: OpenAI, Anthropic, Google.

Written from public reports and the vendors' documentation, independently of the product's. One
module per endpoint gathers what holds there; ``docs/simulator.md`` names wording, source and certainty
of each rule. All of it applies only where the profile's ``vendor_rules`` is on.
"""
