"""Upstream's sentences that name a part of the request (copilot-protocol.md 5.1, 6.2, 7.1, 7.2, 10.2).

Each is matched from the beginning of the message, with nothing quoted before it, because quoted
text may be the client's own.
"""

from __future__ import annotations

import re

_BEFORE = r"""(?s)[^'"`“]*?"""
_NAME = r"'[\w.\[\]$-]+'"
_NAMES = rf"(?P<names>{_NAME}(?:(?:,| and|, and) {_NAME})*)"

RENAMED = re.compile(
    _BEFORE + r"Unsupported parameter: '([\w-]+)' is not supported with this model\.? "
    r"Use '([\w-]+)' instead"
)
NAMED_TEMPLATES = tuple(
    re.compile(_BEFORE + pattern)
    for pattern in (
        rf"(?:Unsupported|Unknown) parameters?: {_NAMES}",
        rf"Unsupported value: {_NAMES}",
    )
)
"""OpenAI's forms; one message may hold several in a row."""
EXTRA_INPUTS = re.compile(r"(?<![\w.\[\]-])([A-Za-z_][\w.\[\]-]*): Extra inputs are not permitted")
"""Anthropic's form, one for each member, found in upstream's own words."""
UNRECOGNISED = re.compile(r"Unrecognized request arguments? supplied: ([\w, ]+)")

BETA_TEMPLATES = (
    re.compile(_BEFORE + r"unsupported beta header\(s\): ([^\n]+)"),
    re.compile(r"(?is)[^'\"`“]*?unexpected value\(s\) ([^\n]+?) for the `?anthropic-beta`? header"),
)
ITEM_ID = re.compile(_BEFORE + r"Invalid 'input\[(\d+)\]\.id'")

ROLE_PATH = re.compile(r"(?:messages|input)[.\[]\d+\]?\.role")
DEVELOPER_ROLE = re.compile(
    _BEFORE
    + r"(?:'?(?:messages|input)[.\[]\d+\]?\.role'?.{0,80}'?developer\b"
    + r"|(?:Invalid|Unsupported|Unknown) (?:value|role)[^'\"]{0,20}'developer'"
    + r"|(?:the )?role '?developer'? (?:is not|is un))"
)
"""A model that knows ``system`` alone, gpt-4.1 for one."""

VALUE_CODE = "unsupported_value"
DEFAULT_ONLY = re.compile(r"(?i)only the default")
"""With this sentence, a refused value means that the member itself is refused."""

MARKS = tuple(
    each.encode()
    for each in (
        *("Unsupported parameter", "Unknown parameter", "Unsupported value", "unsupported beta"),
        *("Extra inputs are not permitted", "Unrecognized request argument", "nexpected value(s)"),
    )
)
"""What a client would have to write for its text to be read as upstream's refusal."""
