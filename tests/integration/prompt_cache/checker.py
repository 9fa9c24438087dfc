"""Whether requests that reach upstream extend each other byte for byte. Pure.

A vendor's cache reads a prompt up to the first byte that is new; behind it everything is paid in full.
So what one request of a conversation said, the next one must say again, in the same bytes: tools,
instructions, and every message or input item. What is added stands behind.

Marks (``cache_control``, ``copilot_cache_control``) say where to cache and are not cached themselves:
they may move. Where one stood, JSON is compared instead of bytes, member by member in their order, since
whoever sets or takes away a mark writes the item anew; and a text may have become a list of one part,
the only place that holds a mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

MARKS = ("cache_control", "copilot_cache_control")
_MARK_BYTES = tuple(f'"{name}"'.encode() for name in MARKS)
_HEADS = ("tools", "functions", "system", "instructions")
"""Members that stand before the conversation."""
_CONVERSATIONS = ("messages", "input")

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


@dataclass(frozen=True, slots=True)
class SentPrompt:
    """One request as it arrived. ``heads`` and ``items`` are JSON text.

    ``previous`` is a WebSocket frame's ``previous_response_id``: its items come behind that response's.
    """

    endpoint: str
    model: str
    heads: Mapping[str, bytes]
    order: tuple[str, ...]
    items: tuple[bytes, ...]
    previous: str | None = None

    @property
    def conversation(self) -> str:
        """The words that began it: requests of one endpoint and model with the same belong together."""
        for item in self.items:
            decoded = _decoded(item)
            if decoded.get("role") == "user":
                return f"{self.endpoint} {self.model} {_words(decoded.get('content'))}"
        return f"{self.endpoint} {self.model}"

    @property
    def continues(self) -> bool:
        """Whether a model has spoken in it already."""
        return any(_is_the_models(_decoded(item)) for item in self.items)


@dataclass(frozen=True, slots=True)
class Break:
    """``place`` is the member or item that is not what it was, such as ``tools`` or ``messages[2]``."""

    place: str
    before: bytes
    after: bytes

    def __str__(self) -> str:
        at = next(
            (n for n, (a, b) in enumerate(zip(self.before, self.after, strict=False)) if a != b),
            min(len(self.before), len(self.after)),
        )
        start = max(0, at - 60)
        return (
            f"{self.place} changed at byte {at}:\n"
            f"  was {self.before[start : at + 100]!r}\n"
            f"  is  {self.after[start : at + 100]!r}"
        )


def read_prompt(endpoint: str, raw: bytes) -> SentPrompt | None:
    """Return the prompt of a model call's body; None for what is none."""
    try:
        members = _members(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    name = next((each for each in _CONVERSATIONS if each in members), None)
    if name is None:
        return None
    order = tuple(each for each in members if each in (*_HEADS, *_CONVERSATIONS))
    return SentPrompt(
        endpoint=endpoint,
        model=str(_value(members.get("model"))),
        heads={each: bytes(members[each]) for each in _HEADS if each in members},
        order=order,
        items=tuple(_split(bytes(members[name]))),
        previous=_value(members.get("previous_response_id")),
    )


def first_break(earlier: SentPrompt, later: SentPrompt) -> Break | None:
    """Return the first place at which ``later`` does not repeat ``earlier``."""
    for name in _HEADS:
        before, after = earlier.heads.get(name, b""), later.heads.get(name, b"")
        if not _same(before, after):
            return Break(name, before, after)
    common = [name for name in later.order if name in earlier.order]
    if common != [name for name in earlier.order if name in later.order]:
        return Break("members' order", " ".join(earlier.order).encode(), " ".join(common).encode())
    if later.previous is not None:
        return None
    for place, before in enumerate(earlier.items):
        after = later.items[place] if place < len(later.items) else b""
        is_last = place == len(earlier.items) - 1
        if not _same(before, after) and not (is_last and _goes_on(before, after)):
            return Break(f"items[{place}]", before, after)
    return None


def breaks_in(prompts: Sequence[SentPrompt]) -> Iterator[tuple[int, int, Break]]:
    """Yield (earlier, later, break) for requests that continue a conversation and do not extend it.

    Each is compared with the latest shorter one of its conversation, a frame that names the response
    before it with the latest call of its model. Requests of equal length are repeats, or other questions
    with the same beginning.
    """
    seen: dict[str, list[int]] = {}
    latest: dict[tuple[str, str], int] = {}
    for number, prompt in enumerate(prompts):
        of_model, same = (prompt.endpoint, prompt.model), seen.setdefault(prompt.conversation, [])
        if prompt.previous is not None:
            earlier = latest.get(of_model)
        elif prompt.continues:
            shorter = (n for n in reversed(same) if len(prompts[n].items) < len(prompt.items))
            earlier = next(shorter, None)
        else:
            earlier = None
        if earlier is not None and (found := first_break(prompts[earlier], prompt)):
            yield earlier, number, found
        same.append(number)
        latest[of_model] = number


def _value(raw: msgspec.Raw | None) -> Any:
    return None if raw is None else msgspec.json.decode(raw)


def _split(conversation: bytes) -> list[bytes]:
    """The items; a bare text is one message of a person's."""
    text = conversation.strip()
    if text.startswith(b'"'):
        return [b'{"role":"user","content":' + text + b"}"]
    try:
        return [bytes(item) for item in _items(text)]
    except msgspec.DecodeError:
        return [text]


def _decoded(item: bytes) -> dict[str, Any]:
    found = msgspec.json.decode(item)
    return found if isinstance(found, dict) else {}


def _is_the_models(item: Mapping[str, Any]) -> bool:
    kind = str(item.get("type", "message"))
    if kind == "message":
        return item.get("role") in ("assistant", "tool", "function")
    return kind.endswith(("_call", "_call_output")) or kind in ("reasoning", "compaction")


def _words(content: Any) -> str:
    """The text of a message, by which a conversation is known again."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(
        str(part["text"]) for part in parts if isinstance(part, dict) and "text" in part
    )


def _same(before: bytes, after: bytes) -> bool:
    if before == after:
        return True
    if not any(mark in before or mark in after for mark in _MARK_BYTES):
        return False
    return _without_marks(before) == _without_marks(after)


def _goes_on(before: bytes, after: bytes) -> bool:
    """Whether a message repeats all blocks of ``before`` and has more of them.

    Messages wants turns that alternate, so what follows a person's words without an answer in between
    joins them; blocks are cached one by one.
    """
    first, second = _unmarked(_decoded(before)), _unmarked(_decoded(after) if after else {})
    said, more = (_as_blocks(message.pop("content", None)) for message in (first, second))
    same_members = first == second and [*first] == [*second]
    return same_members and len(more) > len(said) and _texts(more)[: len(said)] == _texts(said)


def _as_blocks(content: Any) -> list[Any]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content if isinstance(content, list) else []


def _texts(blocks: list[Any]) -> list[bytes]:
    return [msgspec.json.encode(block) for block in blocks]


def _without_marks(text: bytes) -> bytes:
    """JSON in the order in which it came, marks left out."""
    return msgspec.json.encode(_unmarked(msgspec.json.decode(text))) if text else b""


def _unmarked(value: Any) -> Any:
    if isinstance(value, list):
        return [_unmarked(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _unmarked(each) for name, each in value.items() if name not in MARKS}
    content = kept.get("content")
    if isinstance(content, list) and len(content) == 1 and _is_plain_text(content[0]):
        kept["content"] = content[0]["text"]
    return kept


def _is_plain_text(part: Any) -> bool:
    return isinstance(part, dict) and part.keys() == {"type", "text"} and part["type"] == "text"
