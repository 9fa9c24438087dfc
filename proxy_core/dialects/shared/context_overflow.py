"""Reads the two numbers from any endpoint's "prompt too long" message.

Clients compact their conversation only when they recognise their own vendor's message.
"""

from __future__ import annotations

from proxy_core.copilot_facts.wordings import overflow_numbers

__all__ = ["overflow_numbers"]
