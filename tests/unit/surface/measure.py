"""Sends an example of a name through the dialects and tells what became of it.

The example's body is compared with the same body without it: what neither differs in the body nor is
named in ``dropped`` nor is refused was lost unsaid.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.dialects.registry import dialect
from proxy_core.errors import BadRequest
from tests.golden.cases import MODEL, fitted
from tests.unit.sent_request import as_sent
from tests.unit.surface.examples import AFTER, BEFORE
from tests.unit.surface.sdk_surface import Named

Body = dict[str, Any]


class Fate(StrEnum):
    PASSED = "passed"
    """It is in the outgoing body as the client wrote it."""
    TRANSLATED = "translated"
    """The outgoing body says it otherwise, and nothing of it was named as lost."""
    TOLD = "told"
    """What was lost is named in the answer's ``dropped``."""
    REFUSED = "refused"
    """A 400 that names it."""
    LOST = "lost"
    """Neither there nor named. The ledger takes no such name."""


DIALECTS = {
    "messages": DialectName.ANTHROPIC_MESSAGES,
    "chat": DialectName.OPENAI_CHAT,
    "responses": DialectName.OPENAI_RESPONSES,
}
TOOL: Body = {"name": "look", "description": "Looks."}
SCHEMA: Body = {"type": "object", "properties": {}}
BASES: dict[str, Body] = {
    "messages": {
        "model": MODEL.id,
        "max_tokens": 4000,
        "messages": [{"role": "user", "content": "Hello"}],
        "tools": [{**TOOL, "input_schema": SCHEMA}],
    },
    "chat": {
        "model": MODEL.id,
        "messages": [{"role": "user", "content": "Hello"}],
        "tools": [{"type": "function", "function": {**TOOL, "parameters": SCHEMA}}],
    },
    "responses": {
        "model": MODEL.id,
        "input": [{"type": "message", "role": "user", "content": "Hello"}],
        "tools": [{"type": "function", **TOOL, "parameters": SCHEMA, "strict": False}],
    },
}
ASSISTANT_BLOCKS = {"thinking", "redacted_thinking", "tool_use", "server_tool_use", "compaction"}
FULFILLED = {("parameter", "model"), ("parameter", "stream")}
"""What the proxy itself does, whatever upstream is told: it routes by the one, answers as the other
says and always asks upstream to stream. Their tests are the server's."""


def fates(named: Named) -> dict[str, Fate]:
    """Return what becomes of a name for each dialect upstream may speak."""
    client = named.area.split()[0]
    base, body = without_example(named), with_example(named)
    return {target: _fate(client, target, base, body, named) for target in DIALECTS}


def with_example(named: Named) -> Body:
    """Return the smallest whole request that says the name."""
    client, sort = named.area.split()
    base = BASES[client]
    conversation = "input" if client == "responses" else "messages"
    first = base[conversation][0]
    key = (named.area, named.name)
    before = [first, BEFORE[key]] if key in BEFORE else [first]
    after = [AFTER.get(key, first)]
    if sort == "parameter":
        return {**base, named.name: named.example}
    if sort == "tool":
        return {**base, "tools": [*base["tools"], named.example]}
    if sort in ("role", "item"):
        return {**base, conversation: [*before, named.example, *after]}
    if sort == "block" and (named.name in ASSISTANT_BLOCKS or named.name.endswith("tool_use")):
        said = {"role": "assistant", "content": [named.example]}
        return {**base, conversation: [*before, said, *after]}
    text = "input_text" if client == "responses" else "text"
    parts = [named.example, {"type": text, "text": "Hello"}]
    return {**base, conversation: [*before, {**first, "content": parts}]}


def without_example(named: Named) -> Body:
    """Return the same request without the name, its neighbours still there."""
    client, sort = named.area.split()
    base = BASES[client]
    conversation = "input" if client == "responses" else "messages"
    first = base[conversation][0]
    if sort in ("role", "item"):
        return {**base, conversation: [first, first]}
    if sort in ("block", "part"):
        text = "input_text" if client == "responses" else "text"
        said = {**first, "content": [{"type": text, "text": "Hello"}]}
        turns = [first] if named.name in ASSISTANT_BLOCKS else []
        return {**base, conversation: [*turns, said]}
    return base


def _fate(client: str, target: str, base: Body, body: Body, named: Named) -> Fate:
    way = _passed if client == target else _translated
    without = way(client, target, base)
    if (named.area.split()[1], named.name) in FULFILLED:
        return Fate.TRANSLATED
    try:
        sent = way(client, target, body)
    except BadRequest:
        return Fate.REFUSED
    if set(sent.dropped) - set(without.dropped):
        return Fate.TOLD
    if client == target and _stands_in(named, body, sent.body):
        return Fate.PASSED
    return Fate.LOST if sent.body == without.body else Fate.TRANSLATED


def _stands_in(named: Named, body: Body, sent: Body) -> bool:
    """Whether the example left as the client wrote it."""
    if named.area.endswith(" parameter"):
        return named.name in sent and bool(sent[named.name] == body[named.name])
    return _holds(sent, named.example)


def _holds(value: Any, wanted: Any) -> bool:
    if value == wanted:
        return True
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds(each, wanted) for each in below)


def _passed(client: str, target: str, body: Body) -> RenderedRequest:
    name = DIALECTS[client]
    raw = msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw])
    dialect(name).inspect_request(raw)
    dialect(name).check_request(raw, {})
    return _as_it_leaves(name, fitted(dialect(name).pass_through_request(raw, MODEL), name, name))


def _translated(client: str, target: str, body: Body) -> RenderedRequest:
    name = DIALECTS[target]
    dialect(DIALECTS[client]).check_request(
        msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw]), {}
    )
    request = dialect(DIALECTS[client]).parse_request(body)
    rendered = dialect(name).render_request(request, MODEL)
    return _as_it_leaves(name, fitted(rendered, name, DIALECTS[client]))


def _as_it_leaves(name: DialectName, rendered: RenderedRequest) -> RenderedRequest:
    sent = as_sent(dialect(name).endpoint, rendered, MODEL)
    body: Body = msgspec.json.decode(msgspec.json.encode(sent.body))
    return RenderedRequest(body, sent.dropped, sent.enforced_locally)
