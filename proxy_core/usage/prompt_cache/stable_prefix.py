"""Makes the billing line at the start of Claude Code's system prompt constant. Pure.

Since 2.1.36 the first system block reads ``x-anthropic-billing-header: cc_version=2.1.177.01c;
cc_entrypoint=cli; cch=36ee5;``. Both the three hexadecimal digits behind the version and the whole
of ``cch`` depend on the content: ``cch`` differs in every request, the digits in every conversation
(anthropics/claude-code#68900, #24168; EasyMetaAu/helm-api#208, #478; caozhiyuan/copilot-api#284).
2.1.329 omits ``cch`` for addresses other than the vendor's; the digits remain. Prompt caches work
by prefix, so one changed character here costs the whole prompt, about ten times its price. GitHub
bills by ``copilot_usage`` and does not read the line.

Only those characters are replaced, in the client's own placeholder (``cch=00000``); version and
entry point stay. Only the start of the first block is examined: the same text elsewhere is content.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

_LINE = re.compile(rb'"(?:\\[nrt]|\s)*x-anthropic-billing-header:(?: *[\w-]+=[^\s;"\\]*;?)*')
"""The line in JSON: its name and the key-value pairs that follow."""
_HASH = re.compile(rb"\bcch=[0-9A-Za-z]+")
_VERSION = re.compile(rb"\b(cc_version=\d+\.\d+\.\d+[^\s;.]*\.)[0-9a-f]+(?=[\s;]|$)")

_blocks = msgspec.json.Decoder(list[msgspec.Raw]).decode
_block = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def stabilise_system(system: msgspec.Raw) -> msgspec.Raw:
    """Return the value of ``system`` with a constant billing line; unchanged if it has none.

    Takes the text or the list of blocks as JSON. An invalid system prompt is returned unchanged: it
    is refused elsewhere.
    """
    value = bytes(system)
    start = value.lstrip()[:1]
    if start == b'"':
        return _replaced(system, value, value)
    if start != b"[" or b"x-anthropic-billing-header" not in value:
        return system
    try:
        blocks = _blocks(value)
        text = bytes(_block(blocks[0])["text"]) if blocks else b""
    except (msgspec.DecodeError, KeyError):
        return system
    return _replaced(system, value, text)


def stabilise_members(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a Messages body with a constant billing line; ``members`` itself if unchanged.

    Values are ``msgspec.Raw``.
    """
    system = members.get("system")
    if not isinstance(system, msgspec.Raw):
        return members
    stable = stabilise_system(system)
    return members if stable is system else {**members, "system": stable}


def _replaced(system: msgspec.Raw, value: bytes, text: bytes) -> msgspec.Raw:
    """Put the stable form of ``text``, a JSON string within ``value``, in its place."""
    line = _LINE.match(text.lstrip())
    if line is None:
        return system
    found = line[0]
    stable = _VERSION.sub(rb"\g<1>000", _HASH.sub(b"cch=00000", found))
    if stable == found:
        return system
    # The first block comes first, so the first occurrence of its text is the block's.
    return msgspec.Raw(value.replace(found, stable, 1))
