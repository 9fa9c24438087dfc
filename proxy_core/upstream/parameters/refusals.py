"""Reads from a 400 which part of the request was refused. Pure.

Only texts that name the part exactly; any other 400 is passed to the caller without a retry.
Upstream quotes what a client wrote, so a name counts if upstream's structured fields (``param``,
``code``) contain it, or if it stands in upstream's text before any quotation.
:attr:`Refusals.remembered_for` is 0 if the client could have written that text itself: such a
refusal causes one retry and is not remembered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from proxy_core.canonical.model import Endpoint
from proxy_core.copilot_facts.betas import HEADER
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.error_codes import CODES_ABOUT_A_PARAMETER
from proxy_core.copilot_facts.members import ESSENTIAL_MEMBERS, may_be_left_out
from proxy_core.copilot_facts.refusal_wordings import (
    BETA_TEMPLATES,
    DEFAULT_ONLY,
    DEVELOPER_ROLE,
    EXTRA_INPUTS,
    ITEM_ID,
    MARKS,
    NAMED_TEMPLATES,
    RENAMED,
    ROLE_PATH,
    UNRECOGNISED,
    VALUE_CODE,
)
from proxy_core.copilot_facts.wordings import own_words
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse
from proxy_core.upstream.parameters.json_paths import Path, parse_path
from proxy_core.upstream.parameters.memory import STATED_LIFETIME, WORDED_LIFETIME


@dataclass(frozen=True, slots=True)
class RefusedMember:
    """A member to remove; ``path`` as upstream named it."""

    path: Path


@dataclass(frozen=True, slots=True)
class RenamedMember:
    """A top-level member to send under another name."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RefusedBeta:
    """A value of ``anthropic-beta`` to remove."""

    name: str


@dataclass(frozen=True, slots=True)
class RefusedItemId:
    """The ``id`` of one input item: Copilot's own ids are longer than it accepts on replay."""

    index: int


@dataclass(frozen=True, slots=True)
class RefusedDeveloper:
    """The role ``developer``, which the model knows as ``system``."""


Refusal = RefusedMember | RenamedMember | RefusedBeta | RefusedItemId | RefusedDeveloper


@dataclass(frozen=True, slots=True)
class Refusals:
    """``remembered_for`` is in seconds; 0: not at all."""

    named: tuple[Refusal, ...] = ()
    remembered_for: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.named)


NOTHING = Refusals()
_NAME = re.compile(r"[\w.-]+")


def read_refusals(failure: UpstreamErrorResponse, endpoint: Endpoint) -> Refusals:
    """Return what to change before the retry; empty if nothing was named."""
    if failure.status != 400 or failure.cause is not ErrorCause.BAD_REQUEST:
        return NOTHING
    text = failure.message
    betas = _betas(text)
    if betas:
        return Refusals(betas, WORDED_LIFETIME)
    item = ITEM_ID.match(text)
    if item is not None:
        return Refusals((RefusedItemId(int(item[1])),))
    if _names_developer(failure):
        return Refusals((RefusedDeveloper(),), WORDED_LIFETIME)
    renamed = RENAMED.match(text)
    if renamed is not None and _is_optional_member(renamed[1]):
        return Refusals((RenamedMember(renamed[1], renamed[2]),), _lifetime(failure, renamed[1]))
    return _refused_members(failure, endpoint)


def could_be_the_clients_text(sent: bytes) -> bool:
    """Whether a body contains a text that refusals are recognised by: then the text proves nothing."""
    return any(mark in sent for mark in MARKS)


def _refused_members(failure: UpstreamErrorResponse, endpoint: Endpoint) -> Refusals:
    stated = failure.param if failure.code in CODES_ABOUT_A_PARAMETER else None
    names = list(_worded_names(failure.message))
    if stated is not None and stated not in names:
        names.insert(0, stated)
    paths = [parse_path(each) for each in dict.fromkeys(names)]
    members = tuple(RefusedMember(each) for each in paths if may_be_left_out(each, endpoint))
    if failure.code == VALUE_CODE and not DEFAULT_ONLY.search(own_words(failure.message)):
        # The value was refused: another client's may be accepted.
        return Refusals(members)
    lifetime = STATED_LIFETIME if stated is not None and names == [stated] else WORDED_LIFETIME
    return Refusals(members, lifetime)


def _worded_names(text: str) -> Iterable[str]:
    """Return all members that upstream's own text names."""
    for template in NAMED_TEMPLATES:
        found = template.match(text)
        while found is not None:
            yield from (each for each in re.findall(r"'([^']+)'", found["names"]))
            found = template.match(text, found.end())
    own = own_words(text)
    yield from (found[1] for found in EXTRA_INPUTS.finditer(own))
    for found in UNRECOGNISED.finditer(own):
        yield from (each.strip() for each in found[1].split(",") if each.strip())


def _betas(text: str) -> tuple[RefusedBeta, ...]:
    for template in BETA_TEMPLATES:
        found = template.match(text)
        if found is not None:
            return tuple(RefusedBeta(each) for each in _NAME.findall(found[1]) if each != HEADER)
    return ()


def _names_developer(failure: UpstreamErrorResponse) -> bool:
    at_a_role = failure.param is not None and ROLE_PATH.fullmatch(failure.param) is not None
    if at_a_role and "developer" in failure.message:
        return True
    return DEVELOPER_ROLE.match(failure.message) is not None


def _lifetime(failure: UpstreamErrorResponse, name: str) -> float:
    is_stated = failure.code in CODES_ABOUT_A_PARAMETER and failure.param == name
    return STATED_LIFETIME if is_stated else WORDED_LIFETIME


def _is_optional_member(name: str) -> bool:
    return len(parse_path(name)) == 1 and name not in ESSENTIAL_MEMBERS
