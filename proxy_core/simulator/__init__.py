"""A stand-in for GitHub and the Copilot API on one loopback port.

The product's demo mode and the tests' upstream. It imports nothing else of the product, so that the two
cannot agree on the same mistake. What it promises is in ``docs/simulator.md``.
"""
