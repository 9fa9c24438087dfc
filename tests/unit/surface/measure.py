"""Sends an example of a name through the dialects and tells what became of it.

The example's body is compared with the same body without it: what neither differs in the body nor is
named in ``dropped`` nor is refused was lost unsaid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec

from proxy_core.canonical.request import DialectName, RenderedRequest
from proxy_core.dialects.registry import dialect
from proxy_core.errors import BadRequest
from proxy_core.routing.call_plan import plan_call
from tests.golden.cases import MODEL, fitted
from tests.unit.sent_request import as_sent
from tests.unit.surface.examples import AFTER, BEFORE
from tests.unit.surface.sdk_members import without_member
from tests.unit.surface.sdk_surface import Named, requests

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
    NEEDLESS = "needless"
    """It says nothing to another model, as an item's id in the store of the API that made it."""
    LOST = "lost"
    """Neither there nor named. The ledger takes no such name."""


DIALECTS = {
    "messages": DialectName.ANTHROPIC_MESSAGES,
    "chat": DialectName.OPENAI_CHAT,
    "responses": DialectName.OPENAI_RESPONSES,
}
EVERY_DIALECT = {name: dialect(name) for name in DIALECTS.values()}
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
PLACES: dict[str, Callable[[Any], Body]] = {
    "choice": lambda example: {"tool_choice": example},
    "thinking": lambda example: {"thinking": example},
    "format": lambda example: {"response_format": example},
}
"""Where the kinds of a parameter stand."""
SOURCES = ("image", "document")
"""Blocks whose sources are kinds of their own."""
ASSISTANT_BLOCKS = {"thinking", "redacted_thinking", "tool_use", "server_tool_use", "compaction"}
FULFILLED = {
    ("parameter", "model"),
    ("parameter", "stream"),
    ("parameter", "n"),
    ("parameter", "stream_options.include_usage"),
}
"""What the proxy itself does, whatever upstream is told: it routes by the one, answers as the other
says and always asks upstream to stream. Their tests are the server's."""


@cache
def _openais_tools() -> dict[str, Named]:
    return requests()["responses tool"]


def _with_tool(tools: list[Any], kind: str) -> list[Any]:
    """Offer the tool that a choice names."""
    named = _openais_tools().get(kind)
    return [*tools, named.example] if named is not None and kind != "function" else tools


ALWAYS_SO = {
    ("adaptive", "chat"),
    ("text", "messages"),
    ("text", "chat"),
    ("text", "responses"),
    ("response_format.json_schema.strict", "messages"),
    ("text.format.strict", "messages"),
    ("json_schema.json_schema.strict", "messages"),
    ("json_schema.strict", "messages"),
}
"""What the target does unasked: Claude's form is always enforced, text and thinking are the default."""


def fates(named: Named) -> dict[str, Fate]:
    """Return what becomes of a name for each dialect upstream may speak."""
    client = named.area.split()[0]
    base, body = without_example(named), with_example(named)
    return {target: _fate(client, target, base, body, named) for target in DIALECTS}


def with_example(named: Named) -> Body:
    """Return the smallest whole request that says the name."""
    client, sort = named.area.split()[:2]
    base = BASES[client]
    conversation = "input" if client == "responses" else "messages"
    first = base[conversation][0]
    key = (f"{client} {sort}", named.kind)
    before = [first, BEFORE[key]] if key in BEFORE else [first]
    after = [AFTER.get((named.area, named.name), AFTER.get(key, first))]
    if sort == "parameter":
        return {**base, named.kind: named.example}
    if client == "responses" and sort == "choice":
        return {
            **base,
            "tools": _with_tool(base["tools"], named.kind),
            "tool_choice": named.example,
        }
    if client == "responses" and sort == "format":
        return {**base, "text": {"format": named.example}}
    if sort in PLACES:
        return {**base, **PLACES[sort](named.example)}
    if sort in SOURCES:
        said = {**first, "content": [{"type": sort, "source": named.example}]}
        return {**base, conversation: [*before, said]}
    if sort == "tool":
        return {**base, "tools": [*base["tools"], named.example]}
    if sort in ("role", "item"):
        return {**base, conversation: [*before, named.example, *after]}
    if sort == "block" and (named.kind in ASSISTANT_BLOCKS or named.kind.endswith("tool_use")):
        said = {"role": "assistant", "content": [named.example]}
        return {**base, conversation: [*before, said, *after]}
    text = "input_text" if client == "responses" else "text"
    parts = [named.example, {"type": text, "text": "Hello"}]
    return {**base, conversation: [*before, {**first, "content": parts}]}


def without_example(named: Named) -> Body:
    """Return the same request without the name, its neighbours still there."""
    if named.base is not None:
        return with_example(replace(named, example=named.base))
    client, sort = named.area.split()
    base = BASES[client]
    conversation = "input" if client == "responses" else "messages"
    first = base[conversation][0]
    if sort in ("role", "item"):
        return {**base, conversation: [first, first]}
    if client == "responses" and sort == "choice":
        return {**base, "tools": _with_tool(base["tools"], named.kind)}
    if sort in ("block", "part"):
        text = "input_text" if client == "responses" else "text"
        said = {**first, "content": [{"type": text, "text": "Hello"}]}
        turns = [first] if named.name in ASSISTANT_BLOCKS else []
        return {**base, conversation: [*turns, said]}
    return base


def _fate(client: str, target: str, base: Body, body: Body, named: Named) -> Fate:
    if (named.area.split()[1], named.name) in FULFILLED:
        return Fate.TRANSLATED
    if (
        named.area.split()[1] in ("format", "thinking", "parameter")
        and (
            named.name,
            target,
        )
        in ALWAYS_SO
        and client != target
    ):
        return Fate.TRANSLATED
    try:
        without = sent(client, target, base)
    except BadRequest:
        without = RenderedRequest({})
    try:
        said = sent(client, target, body)
    except BadRequest:
        return Fate.REFUSED
    if set(said.dropped) - set(without.dropped):
        return Fate.TOLD
    if client == target and _stands_in(named, body, said.body):
        return Fate.PASSED
    if said.body != without.body:
        return Fate.TRANSLATED
    fate = _of_its_holder(named, target)
    if fate is Fate.LOST and _is_said_unasked(named, said.body):
        return Fate.TRANSLATED
    return fate


def _of_its_holder(named: Named, target: str) -> Fate:
    """What is inside of something that was left out went with it."""
    if named.base is None:
        return Fate.LOST
    area = named.area.removesuffix(" member")
    holders = [Named(area, named.kind, named.base)]
    for length in range(1, len(named.path)):
        base = without_member(named.base, named.path[:length])
        holders.append(
            Named(named.area, ".".join((named.kind, *named.path[:length])), named.base, base)
        )
    for holder in holders:
        if (fate := fates(holder)[target]) in (Fate.TOLD, Fate.REFUSED):
            return fate
    return Fate.LOST


MARKS = ("cache_control", "copilot_cache_control")


def _is_said_unasked(named: Named, body: Body) -> bool:
    """The proxy sets marks by itself where an agent's conversation has none, at the same places."""
    asks = named.path[-1:] == ["cache_control"] or "prompt_cache_breakpoint" in named.path[-1:]
    return asks and any(b'"%b"' % mark.encode() in msgspec.json.encode(body) for mark in MARKS)


def _stands_in(named: Named, body: Body, sent: Body) -> bool:
    """Whether the example left as the client wrote it."""
    if named.area.endswith(" parameter") and named.base is None:
        return named.name in sent and bool(sent[named.name] == body[named.name])
    if named.base is None:
        return _holds(sent, named.example)
    value = named.example
    for name in named.path:
        value = value.get(name)
    return _holds_member(sent, named.path[-1], value)


def _holds_member(value: Any, name: str, wanted: Any) -> bool:
    if isinstance(value, dict):
        if name in value and value[name] == wanted:
            return True
        return any(_holds_member(each, name, wanted) for each in value.values())
    return isinstance(value, list) and any(_holds_member(each, name, wanted) for each in value)


def _holds(value: Any, wanted: Any) -> bool:
    if value == wanted:
        return True
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds(each, wanted) for each in below)


def sent(client: str, target: str, body: Body) -> RenderedRequest:
    """Return the body as it leaves for a model that upstream offers in the ``target`` dialect alone.

    It takes the product's own way: planned, fitted to the vendor, and prepared for sending.
    """
    name, upstream = DIALECTS[client], DIALECTS[target]
    model = replace(MODEL, endpoints=(dialect(upstream).endpoint,))
    members = msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw])
    planned = plan_call(members, {}, dialect(name), EVERY_DIALECT, (model,), "request")
    rendered = RenderedRequest(dict(planned.call.body), planned.dropped, planned.enforced_locally)
    left = as_sent(dialect(upstream).endpoint, fitted(rendered, upstream, name), model)
    decoded: Body = msgspec.json.decode(msgspec.json.encode(left.body))
    return RenderedRequest(decoded, left.dropped, left.enforced_locally)
