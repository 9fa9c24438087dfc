"""What to leave out or rename after upstream refused a request, and what to remember of it. Pure.

``policy`` decides whether a request may be repaired at all.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.members import (
    OPTIONAL_MEMBERS,
    STRICT_CHAT_MEMBERS,
)
from proxy_core.errors import joined, translatable
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse
from proxy_core.upstream.parameters.json_paths import (
    any_index,
    open_container,
)
from proxy_core.upstream.parameters.memory import (
    GUESSED_LIFETIME,
    RefusedParameter,
    RemedyKind,
)
from proxy_core.upstream.parameters.outbound_body import OutboundBody, wire_body
from proxy_core.upstream.parameters.refusals import (
    Refusal,
    Refusals,
    RefusedBeta,
    RefusedDeveloper,
    RefusedItemId,
    RefusedMember,
    RenamedMember,
    could_be_the_clients_text,
)

_EVERY_ROLE = "messages[].role"


def apply_refused(prepared: OutboundBody, refused: Iterable[RefusedParameter]) -> OutboundBody:
    known = tuple(refused)
    for remembered in known:
        if remembered.kind is RemedyKind.BETA:
            prepared = prepared.without_beta(remembered.name)
    beside = tuple(sorted(prepared.betas))
    for remembered in known:
        if remembered.betas == beside:
            prepared = _apply(prepared, remembered)
    return prepared


def _apply(prepared: OutboundBody, remembered: RefusedParameter) -> OutboundBody:
    match remembered.kind:
        case RemedyKind.BETA:
            return prepared.without_beta(remembered.name)
        case RemedyKind.LEAVE_OUT:
            return prepared.without_path(remembered.name)
        case RemedyKind.RENAME:
            return prepared.renamed(remembered.name, remembered.new_name or remembered.name)
        case RemedyKind.DEVELOPER_ROLE:
            return prepared.with_system_role()


@dataclass(frozen=True, slots=True)
class ParameterRetry:
    """A request to send at once in place of the refused one, and the refusals to remember."""

    prepared: OutboundBody
    refused: tuple[RefusedParameter, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class RetryContext:
    """What a retry depends on besides the request.

    ``now`` is in seconds since 1970; ``account`` is the signed-in account; ``refused`` is
    everything remembered of the model at this endpoint.
    """

    model: str
    now: float
    account: str = ""
    refused: tuple[RefusedParameter, ...] = ()


def repair_refusals(
    prepared: OutboundBody, refusals: Refusals, context: RetryContext
) -> ParameterRetry | None:
    """Return the request without what upstream named, or None if there is nothing to change.

    What is remembered of the same model with other betas is removed too: a request with one refused
    member often has more of them, and upstream names one at a time.
    """
    changed = prepared
    refused: list[RefusedParameter] = []
    lifetime = refusals.remembered_for
    if lifetime and could_be_the_clients_text(_plain(bytes(wire_body(prepared)))):
        lifetime = 0.0
    names: list[str] = []
    for refusal in refusals.named:
        before = changed
        changed = _without_refused(changed, refusal)
        if changed is before or isinstance(refusal, RefusedItemId):
            continue
        remembered = _remembered(refusal, prepared, context, lifetime)
        names.append(remembered.name)
        if lifetime:
            refused.append(remembered)
    if changed is prepared:
        return None
    for known in context.refused:
        changed = _apply(changed, known)
    return ParameterRetry(changed, tuple(refused), _refused_note(context.model, names))


def _refused_note(model: str, names: Sequence[str]) -> str:
    """Return the note for the activity record: a role is replaced, anything else is removed."""
    left_out = _note(model, [name for name in names if name != _EVERY_ROLE])
    if _EVERY_ROLE not in names:
        return left_out
    role = translatable(
        "{model} does not know the role developer; sent again in the system role", model=model
    )
    return joined((left_out, role), "; ") if left_out else role


def _plain(body: bytes) -> bytes:
    """Return the body without JSON escapes, which could hide a text."""
    return msgspec.json.encode(msgspec.json.decode(body)) if b"\\u" in body else body


def _without_refused(prepared: OutboundBody, refusal: Refusal) -> OutboundBody:
    match refusal:
        case RefusedBeta(name):
            return prepared.without_beta(name)
        case RenamedMember(old, new):
            return prepared.renamed(old, new)
        case RefusedMember(path):
            return prepared.without_path(".".join(any_index(path)))
        case RefusedItemId(index):
            return _without_item_ids(prepared, index)
        case RefusedDeveloper():
            return prepared.with_system_role()


def _remembered(
    refusal: RefusedBeta | RenamedMember | RefusedMember | RefusedDeveloper,
    prepared: OutboundBody,
    context: RetryContext,
    lifetime: float,
) -> RefusedParameter:
    remembered = functools.partial(
        RefusedParameter,
        model=context.model,
        endpoint=prepared.endpoint,
        expires_at=context.now + lifetime,
        learned_at=context.now,
    )
    beside = tuple(sorted(prepared.betas))
    match refusal:
        case RefusedBeta(name):
            return remembered(kind=RemedyKind.BETA, name=name, account=context.account)
        case RenamedMember(old, new):
            return remembered(kind=RemedyKind.RENAME, name=old, new_name=new, betas=beside)
        case RefusedMember(path):
            name = ".".join(any_index(path))
            return remembered(kind=RemedyKind.LEAVE_OUT, name=name, betas=beside)
        case RefusedDeveloper():
            return remembered(kind=RemedyKind.DEVELOPER_ROLE, name=_EVERY_ROLE, betas=beside)


def _note(model: str, names: Iterable[str]) -> str:
    quoted = ", ".join(f"“{name}”" for name in names)
    if not quoted:
        return ""
    return translatable("{model} refused {names}; sent again without", model=model, names=quoted)


def _without_item_ids(prepared: OutboundBody, index: int) -> OutboundBody:
    """Remove the ids of all input items of the refused kind: one retry, not one per item."""
    items = open_container(prepared.body.get("input"))
    if not isinstance(items, list) or index >= len(items):
        return prepared
    opened = [open_container(each) for each in items]
    refused = opened[index]
    if not isinstance(refused, dict) or "id" not in refused:
        return prepared
    kind = open_container(refused.get("type"))
    changed = [
        {name: value for name, value in each.items() if name != "id"}
        if isinstance(each, dict) and open_container(each.get("type")) == kind
        else original
        for each, original in zip(opened, items, strict=True)
    ]
    return replace(prepared, body={**prepared.body, "input": changed})


def suspects(prepared: OutboundBody, accepted: frozenset[str]) -> tuple[str, ...]:
    """Return the members a 403 without a reason may refer to: the disputed ones, else all optional.

    ``accepted``: members the same model accepted recently, which cannot be the reason.
    """
    notorious = STRICT_CHAT_MEMBERS if prepared.endpoint is Endpoint.CHAT_COMPLETIONS else ()
    for group in (notorious, OPTIONAL_MEMBERS.get(prepared.endpoint, ())):
        found = tuple(each for each in group if each in prepared.body and each not in accepted)
        if found:
            return found
    return ()


_STRICT = frozenset(STRICT_CHAT_MEMBERS)
_KNOWN_OPTIONAL = {
    endpoint: _STRICT | frozenset(names) for endpoint, names in OPTIONAL_MEMBERS.items()
}


def optional_members(prepared: OutboundBody) -> tuple[str, ...]:
    """Return the optional members this request carries."""
    known = _KNOWN_OPTIONAL.get(prepared.endpoint, _STRICT)
    return tuple([each for each in prepared.body if each in known])


def may_be_a_parameter(failure: UpstreamErrorResponse) -> bool:
    """Whether a refusal that names no member may still be caused by one."""
    return failure.cause in (ErrorCause.OPAQUE_FORBIDDEN, ErrorCause.PERMISSION)


def repair_by_guess(
    prepared: OutboundBody, accepted: frozenset[str], model: str, now: float
) -> ParameterRetry | None:
    """Return the request without its suspects; to be remembered only if it is accepted."""
    found = suspects(prepared, accepted)
    if not found:
        return None
    changed = prepared
    for member in found:
        changed = changed.without(member)
    refused = tuple(
        RefusedParameter(
            model=model,
            endpoint=prepared.endpoint,
            kind=RemedyKind.LEAVE_OUT,
            name=member,
            betas=tuple(sorted(prepared.betas)),
            expires_at=now + GUESSED_LIFETIME,
            guessed=True,
            learned_at=now,
        )
        for member in found
    )
    return ParameterRetry(changed, refused, _note(model, found))
