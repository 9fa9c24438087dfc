"""Fits an outgoing request to the vendor that will read it: one place for every way a request takes.

A body that is passed through and a body that was translated end up in the same words of the same
endpoint, and the same vendor refuses both for the same faults. So each rule stands here once, as a
small pure function over the outgoing body's members (``tables.py`` says which vendor and endpoint it
is for), and runs after a pass-through body was edited or a translated one rendered.
"""

from proxy_core.dialects.vendor_rules.outgoing import FittedRequest, Target
from proxy_core.dialects.vendor_rules.tables import fit_request

__all__ = ["FittedRequest", "Target", "fit_request"]
