"""The outgoing body as the rules see it: decoded where a rule needs it, raw elsewhere."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.conversation_outline import Outline, outline_of
from proxy_core.dialects.shared.json_members import decode_raw, spelled_as_before


class VendorFamily(StrEnum):
    """The vendor whose rules a model's requests must follow."""

    OPENAI = "OpenAI"
    ANTHROPIC = "Claude"
    GOOGLE = "Gemini"
    MOONSHOT = "Kimi"
    OTHER = "another vendor"


_FAMILY_WORDS = (
    (VendorFamily.ANTHROPIC, ("anthropic", "claude")),
    (VendorFamily.GOOGLE, ("google", "gemini")),
    (VendorFamily.MOONSHOT, ("moonshot", "kimi")),
    (VendorFamily.OPENAI, ("openai", "gpt")),
)
"""In the catalogue's ``vendor`` (“Azure OpenAI”, “Moonshot AI”), else in the model's family."""


def family_of(model: Model) -> VendorFamily:
    return _family_in(model.vendor, model.family, model.id)


@functools.lru_cache(maxsize=256)
def _family_in(*texts: str) -> VendorFamily:
    for text in map(str.lower, texts):
        for family, words in _FAMILY_WORDS:
            if any(word in text for word in words):
                return family
    return VendorFamily.OTHER


def _unknown_issuer(opaque: str) -> str | None:
    del opaque
    return None


@dataclass(frozen=True, slots=True)
class Target:
    """The recipient of the body:

    ``model`` at ``endpoint``; ``client`` is the client's dialect. ``refused`` names rules of the
    table that this model was seen to need (``Rule.when_refused``). ``issuer`` returns the id of the
    model that issued a ``reasoning_opaque``, None if unknown. ``outline`` is of the client's
    conversation, if that was made.
    """

    model: Model
    endpoint: Endpoint
    client: DialectName
    refused: frozenset[str] = frozenset()
    issuer: Callable[[str], str | None] = _unknown_issuer
    outline: Outline | None = None

    @property
    def family(self) -> VendorFamily:
        # Only one vendor uses this dialect, whatever the catalogue entry states.
        if self.endpoint is Endpoint.MESSAGES:
            return VendorFamily.ANTHROPIC
        return family_of(self.model)


@dataclass(frozen=True, slots=True)
class FittedRequest:
    """``dropped`` names what was removed or lowered; ``rules`` every rule that changed anything."""

    body: Mapping[str, Any]
    dropped: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


CONVERSATIONS = ("messages", "input")


class OutgoingBody:
    """One body being adapted. Values are decoded once; a value that is not replaced stays raw."""

    __slots__ = (
        "_decoded",
        "_dropped",
        "_members",
        "_searched",
        "_spelled",
        "_texts",
        "changes",
        "target",
    )

    def __init__(self, members: Mapping[str, Any], target: Target) -> None:
        self._members = dict(members)
        self._decoded: dict[str, Any] = {}
        self._spelled: dict[str, tuple[Any, list[Any]]] = {}
        """Arrays as they came, and decoded: what of them nobody replaces leaves in the same bytes."""
        self._texts: dict[str, bytes] = {}
        self._searched: dict[str, bytes] = {}
        self._dropped: dict[str, None] = {}
        self.target = target
        self.changes = 0

    def __contains__(self, name: str) -> bool:
        return name in self._members

    @property
    def names(self) -> Iterable[str]:
        """The names of its members."""
        return self._members.keys()

    def read(self, name: str) -> Any:
        """Return a member decoded; None if absent.

        Raises BadRequest for invalid JSON. The returned value must not be changed in place.
        """
        if name not in self._decoded:
            value = decode_raw(self._members, name)
            self._decoded[name] = _opened(value) if _holds_raw(value) else value
            self._remember_spelling(name)
        return self._decoded[name]

    def _remember_spelling(self, name: str) -> None:
        came, decoded = self._members.get(name), self._decoded[name]
        if isinstance(decoded, list) and (isinstance(came, msgspec.Raw) or _holds_raw(came)):
            self._spelled[name] = came, decoded

    def items(self, name: str) -> list[Any]:
        """Return a member that should be an array; empty if it is anything else."""
        value = self.read(name)
        return value if isinstance(value, list) else []

    def text(self, name: str) -> bytes | None:
        """Return the JSON text of a member that is still raw, whole or item by item; else None."""
        if name not in self._texts:
            value = self._members.get(name)
            if isinstance(value, msgspec.Raw):
                self._texts[name] = bytes(value)
            elif _holds_raw(value):
                self._texts[name] = msgspec.json.encode(value)
            else:
                return None
        return self._texts[name]

    def searched(self, name: str) -> bytes | None:
        """Return JSON text in which the members of a raw member, the types of its parts and the
        beginnings of their values are found; None where it is decoded.

        Of a conversation it is the outline, long texts are cut.
        """
        if name not in self._searched:
            text = self._text_to_search(name)
            if text is None:
                return None
            self._searched[name] = text
        return self._searched[name]

    def _text_to_search(self, name: str) -> bytes | None:
        if name not in CONVERSATIONS:
            return self.text(name)
        value = self._members.get(name)
        if isinstance(value, msgspec.Raw):
            return outline_of(value, self.target.outline).text
        return Outline(value).text if _holds_raw(value) else None

    def holds(self, name: str, *needles: bytes) -> bool:
        """Whether a member may contain one of the words; true for a decoded one, which the rule
        must check.
        """
        text = self._searched.get(name)
        if text is None:
            if not self._members.get(name):
                return False
            text = self.searched(name)
            if text is None:
                return True
        for needle in needles:  # noqa: SIM110 - no generator: two dozen rules ask for every request
            if needle in text:
                return True
        return False

    def write(self, name: str, value: Any) -> None:
        """Replace a member, unless ``value`` is the object that ``read`` returned."""
        if name in self._members and value is self._decoded.get(name, self):
            return
        self._members[name] = value
        self._decoded[name] = value
        self._texts.pop(name, None)
        self._searched.pop(name, None)
        self.changes += 1

    def remove(self, name: str) -> None:
        if name in self._members:
            del self._members[name]
            self._decoded.pop(name, None)
            self._texts.pop(name, None)
            self._searched.pop(name, None)
            self.changes += 1

    def drop(self, note: str) -> None:
        """Note, by the client's name, something of the request that is removed or lowered."""
        self._dropped[note] = None

    def result(self, rules: tuple[str, ...]) -> FittedRequest:
        for name, (came, decoded) in self._spelled.items():
            value = self._members.get(name)
            if isinstance(value, list) and value is not came:
                self._members[name] = spelled_as_before(came, decoded, value)
        return FittedRequest(self._members, tuple(self._dropped), rules)


def _holds_raw(value: object) -> bool:
    """Whether an editor left items of an array undecoded."""
    return isinstance(value, list) and any(isinstance(each, msgspec.Raw) for each in value)


def _opened(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def always(body: OutgoingBody) -> bool:
    del body
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement of a vendor.

    ``name`` appears in the activity record. ``may_apply`` is a cheap check of raw bytes that avoids
    decoding: false positives are allowed, false negatives are not. ``when_refused``: the
    requirement is not general, or too costly to meet by default, and is met only for a model that
    refused a request for it (``Target.refused``). ``members``: a body that has none of these is not
    looked at; empty where the rule looks at every body.
    """

    name: str
    apply: Callable[[OutgoingBody], None]
    may_apply: Callable[[OutgoingBody], bool] = always
    when_refused: bool = False
    members: tuple[str, ...] = ()


def edit_items(items: list[Any], edit: Callable[[Any], Any]) -> list[Any]:
    """Return ``items`` edited, the same list if ``edit`` returned every item itself.

    ``edit`` returns None to remove an item; items that are not objects are kept.
    """
    edited = [edit(each) if isinstance(each, dict) else each for each in items]
    if all(new is old for new, old in zip(edited, items, strict=True)):
        return items
    return [new for new, old in zip(edited, items, strict=True) if new is not None or old is None]


def edit_content(
    message: dict[str, Any], edit: Callable[[dict[str, Any]], Any], member: str = "content"
) -> dict[str, Any]:
    """Return a message with its parts edited; the same message if nothing changed."""
    content = message.get(member)
    if not isinstance(content, list):
        return message
    edited = edit_items(content, edit)
    return message if edited is content else {**message, member: edited}


def text_of(value: object) -> str:
    """Return the text of a content that is a string or a list of text parts."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict)]
    return "\n\n".join(text for text in texts if isinstance(text, str))
