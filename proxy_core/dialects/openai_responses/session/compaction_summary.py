"""The summary of a compacted conversation, packed into a ``compaction`` item's string.

Upstream does not offer compaction to everyone, so the proxy asks the model for a summary and
returns it in place of OpenAI's ``encrypted_content``. It is plain text in an envelope, unpacked to
text when the item is sent back, for any model.
"""

from __future__ import annotations

from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.dialects.shared import opaque_envelope

_KIND = "compaction_summary"
_HEADING = (
    "The earlier part of this conversation was replaced by the following summary. "
    "Continue from it as if you had seen the whole.\n\n"
)


def pack_summary(summary: str) -> str:
    return opaque_envelope.pack(Opaque(DialectName.OPENAI_RESPONSES, _KIND, summary))


def unpack_summary(packed: str) -> str | None:
    """Return the summary, or None for a compaction item that is not ours (OpenAI's own, or damaged)."""
    opaque = opaque_envelope.unpack(packed, DialectName.OPENAI_RESPONSES, "encrypted_content")
    return opaque.data if opaque.kind == _KIND else None


def summary_as_context(summary: str) -> str:
    """Return the text that gives the model the summary."""
    return _HEADING + summary
