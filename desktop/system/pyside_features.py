"""PySide's optional features (``snake_case``, ``true_property``), which nothing here uses.

To know who may use them PySide (6.11.3) reads the source of every module imported after
it and looks for its own name. That leaves the interpreter 4 MB larger for good, and takes a tenth of
the start from source. Nobody documents a switch; where a version has no such function, nothing changes.
"""

from __future__ import annotations

import linecache
import sys
from types import ModuleType

_QUESTION = "_mod_uses_pyside"


def without_reading_sources() -> None:
    """Take every module imported from now on for one that uses PySide as it is."""
    import PySide6.QtCore  # noqa: F401  # makes the module below

    features = sys.modules.get("shibokensupport.feature")
    if hasattr(features, _QUESTION):
        setattr(features, _QUESTION, _uses_it_as_it_is)
    linecache.clearcache()  # what was read until here


def _uses_it_as_it_is(_module: ModuleType) -> bool:
    return True
