"""Reads the two numbers out of a "prompt too long" message, whichever endpoint wrote it.

Clients compact their conversation only when they recognise their own vendor's words.
"""

from __future__ import annotations

from proxy_core.copilot_facts.wordings import overflow_numbers

__all__ = ["overflow_numbers"]
