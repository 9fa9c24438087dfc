"""Makes untrusted text safe for one line of a log, a record or a terminal. Pure.

Names of models and clients, titles and reasons are chosen by others: a line break in one forges a
line, an escape sequence repaints a terminal, a bidirectional override shows words in another order.
"""

from __future__ import annotations

_CONTROLS = frozenset((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029))
_DIRECTIONS = frozenset((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_NAMED = {0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


def _escaped(code: int) -> str:
    return _NAMED.get(code) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


_FOR_ONE_LINE = {code: _escaped(code) for code in _CONTROLS | _DIRECTIONS}
_FOR_A_TERMINAL = {
    code: escape for code, escape in _FOR_ONE_LINE.items() if code not in (0x09, 0x0A)
}


def one_line(text: str) -> str:
    """Return ``text`` with every line break and control code escaped (``\\n``)."""
    return text if text.isprintable() else text.translate(_FOR_ONE_LINE)


def for_terminal(text: str) -> str:
    """As :func:`one_line`, but line breaks and tabs stay."""
    return text if text.isprintable() else text.translate(_FOR_A_TERMINAL)
