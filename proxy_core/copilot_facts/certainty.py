"""How sure a fact is."""

from __future__ import annotations

from enum import StrEnum


class Certainty(StrEnum):
    CONFIRMED = "confirmed"
    """Documented by the vendor, or seen by two independent sources."""
    ONE_PROBE = "one_probe"
    """One source that asked the real service."""
    ONE_SOURCE = "one_source"
    DISPUTED = "disputed"
    """Sources disagree: the code handles both."""
