"""Adapts an outgoing request to its vendor, for pass-through and translation alike.

A passed-through body and a translated body have the same format at the same endpoint, and the
vendor refuses both for the same faults. Each rule is therefore one small pure function over the
outgoing body's members (``tables.py`` maps it to vendors and endpoints), applied after a
pass-through body was edited or a translated one rendered.
"""

from proxy_core.dialects.vendor_rules.outgoing import FittedRequest, Target
from proxy_core.dialects.vendor_rules.tables import fit_request

__all__ = ["FittedRequest", "Target", "fit_request"]
