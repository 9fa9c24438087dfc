"""Text deltas of a Responses stream that differ in number, item id and text alone. Pure.

Copilot makes up another id for every event of an item (copilot-protocol.md 6.3), so that none can leave
as it came. Once one event was read and repaired, the next with the same bytes between these three values
is repaired by putting the item's own id in its place.
"""

from __future__ import annotations

_NUMBER, _ITEM, _TEXT = b'"sequence_number":', b'"item_id":"', b'"delta":"'


class DeltaTemplate:
    """What is between the values, as it came and as it leaves, and the id that belongs in."""

    __slots__ = ("_after_id", "_after_number", "_before", "_behind", "_own_id", "_told_behind")

    def __init__(
        self,
        before: bytes,
        after_number: bytes,
        after_id: bytes,
        behind: bytes,
        own_id: bytes,
        told_behind: bytes,
    ) -> None:
        self._before = before
        self._after_number = after_number
        self._after_id = after_id
        self._behind = behind
        self._own_id = own_id
        self._told_behind = told_behind

    def apply(self, data: bytes) -> tuple[bytes, int] | None:
        """Return the event as it leaves and its number; None unless it is of this template."""
        before, behind = self._before, self._behind
        if not data.startswith(before) or not data.endswith(behind):
            return None
        number_end = data.find(self._after_number, len(before))
        number = data[len(before) : number_end]
        id_begin = number_end + len(self._after_number)
        id_end = data.find(self._after_id, id_begin)
        text = data[id_end + len(self._after_id) : len(data) - len(behind)]
        if number_end < 0 or id_end < 0 or not number.isdigit():
            return None
        issued_id = data[id_begin:id_end]
        if b'"' in issued_id or b"\\" in issued_id or not _is_text(text):
            return None
        told = (before, number, self._after_number, self._own_id, self._after_id, text)
        return b"".join((*told, self._told_behind)), int(number)


def learn_delta(came: bytes, leaves: bytes) -> DeltaTemplate | None:
    """Return the template of an event that was examined; None where it has another form."""
    pieces, told = _pieces(came), _pieces(leaves)
    if pieces is None or told is None:
        return None
    if pieces[:3] != told[:3] or (pieces[4], pieces[5]) != (told[4], told[5]):
        return None
    before, _, after_number, _, after_id, _, behind = pieces
    return DeltaTemplate(before, after_number, after_id, behind, told[3], told[6])


def _pieces(data: bytes) -> tuple[bytes, bytes, bytes, bytes, bytes, bytes, bytes] | None:
    """The number, the id and the text, with what is before, between and behind them."""
    before, number_found, rest = data.partition(_NUMBER)
    number, comma, rest = rest.partition(b",")
    between, item_found, rest = rest.partition(_ITEM)
    item_id, quote, rest = rest.partition(b'"')
    after, text_found, rest = rest.partition(_TEXT)
    text, end, behind = rest.partition(b'"')
    if not (number_found and comma and item_found and quote and text_found and end):
        return None
    if not number.isdigit() or b"\\" in item_id or b"\\" in text or _TEXT in behind:
        return None
    return (
        before + number_found,
        number,
        comma + between + item_found,
        item_id,
        quote + after + text_found,
        text,
        end + behind,
    )


def _is_text(text: bytes) -> bool:
    """Whether this is the inside of a JSON string."""
    if b'"' not in text and not text.endswith(b"\\"):
        return True
    plain = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b'"' not in plain and not plain.endswith(b"\\")
