"""Which members of a request are sent, and which to remove when upstream refuses. Pure.

The only place that asks for the user's ``parameter_policy``; what is known to be refused is data of
``copilot_facts``. Sources disagree about Copilot's parameters: one investigation saw
``temperature`` and ``max_tokens`` on chat answered with 403, others saw them accepted, and
reasoning models on ``/responses`` refuse sampling altogether. So in ``adaptive`` mode members that
all sources saw refused are always removed; the disputed ones are sent, and removed for a while once
a model refused them. ``strict`` sends only what is known to be accepted, ``forward`` sends what the
client sent and repairs nothing. A limit that cannot be sent (``max_tokens``, ``stop``) is enforced
locally by the caller.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.config.settings import ParameterPolicy
from proxy_core.copilot_facts import betas, limits
from proxy_core.copilot_facts.causes import ErrorCause
from proxy_core.copilot_facts.efforts import clamp_effort
from proxy_core.copilot_facts.measured import NOTHING_MEASURED, MeasuredFacts
from proxy_core.copilot_facts.members import (
    ENFORCED_LOCALLY,
    OPTIONAL_MEMBERS,
    OUTPUT_LIMIT_MEMBERS,
    STRICT_CHAT_MEMBERS,
    refused_members,
)
from proxy_core.routing.upstream_api import UpstreamCall
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse
from proxy_core.upstream.parameters.json_paths import (
    any_index,
    open_container,
    parse_path,
    remove_path,
)
from proxy_core.upstream.parameters.memory import (
    GUESSED_LIFETIME,
    RefusedParameter,
    RemedyKind,
)
from proxy_core.upstream.parameters.refusals import (
    Refusal,
    Refusals,
    RefusedBeta,
    RefusedDeveloper,
    RefusedItemId,
    RefusedMember,
    RenamedMember,
    could_be_the_clients_text,
    read_refusals,
)

FORM_HOLDERS = ("output_config", "text")
"""Members whose ``format`` is essential: fulfilled or refused, never removed after a refusal."""

_ROLE_MEMBERS = {Endpoint.CHAT_COMPLETIONS: "messages", Endpoint.RESPONSES: "input"}
_EFFORT_PATHS = {
    Endpoint.CHAT_COMPLETIONS: ("reasoning_effort",),
    Endpoint.RESPONSES: ("reasoning", "effort"),
}
"""Messages' effort is fitted together with its thinking, by the dialect."""
_DEVELOPER = b'"developer"'
_EVERY_ROLE = "messages[].role"


@dataclass(frozen=True, slots=True)
class OutboundBody:
    """A request as it will be sent. ``dropped`` has the endpoint's member names."""

    endpoint: Endpoint
    body: dict[str, Any]
    headers: Mapping[str, str]
    dropped: tuple[str, ...] = ()
    enforced_locally: tuple[str, ...] = ()

    @property
    def betas(self) -> tuple[str, ...]:
        return _betas(self.headers)

    def without(self, member: str, *, silently: bool = False) -> OutboundBody:
        """Return the request without one top-level member, named as dropped unless ``silently``."""
        if member not in self.body:
            return self
        form = _form_of_the_answer(self.body, member)
        if form is not None and open_container(self.body[member]) == form:
            return self
        if form is not None:
            return replace(self, body={**self.body, member: form})._note_dropped(f"{member}.*")
        body = {name: value for name, value in self.body.items() if name != member}
        changed = replace(self, body=body)
        return changed if silently else changed._note_dropped(member)

    def without_beta(self, name: str) -> OutboundBody:
        kept = tuple(each for each in self.betas if each != name)
        if kept == self.betas:
            return self
        headers = {k: v for k, v in self.headers.items() if k.lower() != betas.HEADER}
        if kept:
            headers[betas.HEADER] = ",".join(kept)
        return replace(self, headers=headers)._note_dropped(f"{betas.HEADER}: {name}")

    def without_path(self, dotted: str) -> OutboundBody:
        """Return the request without a member that may be nested, in every list element."""
        path = any_index(parse_path(dotted))
        if len(path) == 1:
            return self.without(path[0])
        body, removed = remove_path(self.body, path)
        return replace(self, body=body)._note_dropped(dotted) if removed else self

    def renamed(self, old: str, new: str) -> OutboundBody:
        if old not in self.body:
            return self
        # Both present: the new name's value is for this model, the old one is redundant.
        body = {
            (new if name == old else name): value
            for name, value in self.body.items()
            if name != old or new not in self.body
        }
        return replace(self, body=body)

    def with_system_role(self) -> OutboundBody:
        """Return the request with every ``developer`` turned into ``system``."""
        member = _ROLE_MEMBERS.get(self.endpoint)
        value = self.body.get(member) if member else None
        if value is None or member is None:
            return self
        if isinstance(value, msgspec.Raw) and _DEVELOPER not in bytes(value):
            return self
        turns = open_container(value)
        if not isinstance(turns, list):
            return self
        opened = [open_container(each) for each in turns]
        changed = [_as_system(each, turn) for each, turn in zip(opened, turns, strict=True)]
        if all(new is old for new, old in zip(changed, turns, strict=True)):
            return self
        return replace(self, body={**self.body, member: changed})

    def _note(self, text: str) -> OutboundBody:
        return self if text in self.dropped else replace(self, dropped=(*self.dropped, text))

    def _note_dropped(self, name: str) -> OutboundBody:
        if name in self.dropped:
            return self
        kept = (*self.enforced_locally, name) if name in ENFORCED_LOCALLY else self.enforced_locally
        return replace(
            self, dropped=(*self.dropped, name), enforced_locally=tuple(dict.fromkeys(kept))
        )


def _form_of_the_answer(body: Mapping[str, Any], member: str) -> dict[str, Any] | None:
    """Return the part of ``member`` that defines the response's format and must stay, else None."""
    holder = open_container(body[member]) if member in FORM_HOLDERS else None
    if not isinstance(holder, dict) or holder.get("format") is None:
        return None
    return {"format": holder["format"]}


def _as_system(opened: Any, turn: Any) -> Any:
    if not isinstance(opened, dict) or open_container(opened.get("role")) != "developer":
        return turn
    return {**opened, "role": "system"}


def _betas(headers: Mapping[str, str]) -> tuple[str, ...]:
    for name, value in headers.items():
        if name.lower() == betas.HEADER:
            return tuple(each.strip() for each in value.split(",") if each.strip())
    return ()


def prepare(
    call: UpstreamCall,
    mode: ParameterPolicy,
    refused: Iterable[RefusedParameter],
    measured: MeasuredFacts = NOTHING_MEASURED,
) -> OutboundBody:
    """Return the request to send first. What was ``measured`` of the account counts before what is known
    in general."""
    prepared = OutboundBody(call.endpoint, dict(call.body), call.headers)
    # ``stream: false`` is answered with 403; the client adds ``stream: true`` where it streams.
    prepared.body.pop("stream", None)
    if mode is ParameterPolicy.FORWARD:
        if call.endpoint is Endpoint.RESPONSES:
            prepared.body.setdefault("store", False)  # absent means true, which is refused
        return prepared
    if call.endpoint is Endpoint.RESPONSES:
        prepared = _without_storing(prepared)
    for member in _left_out(call.endpoint, call.model, measured):
        asks_nothing = open_container(prepared.body.get(member)) in (None, False)
        prepared = prepared.without(member, silently=asks_nothing)
    for beta in prepared.betas:
        if _is_held_back(beta, call.model, mode, measured):
            prepared = prepared.without_beta(beta)
    if mode is ParameterPolicy.STRICT and call.endpoint is Endpoint.CHAT_COMPLETIONS:
        for member in STRICT_CHAT_MEMBERS:
            prepared = prepared.without(member)
    prepared = _fit_output_limits(prepared, call.model)
    prepared = _fit_effort(prepared, call.model)
    return _apply_refused(prepared, refused)


def _left_out(endpoint: Endpoint, model: Model, measured: MeasuredFacts) -> tuple[str, ...]:
    known = (m for m in refused_members(endpoint, model) if not measured.takes(endpoint, m))
    return (*known, *measured.refused_at(endpoint))


def _is_held_back(beta: str, model: Model, mode: ParameterPolicy, measured: MeasuredFacts) -> bool:
    if beta in measured.taken_betas:
        return False
    if beta in measured.refused_betas:
        return True
    if betas.is_refused(beta, thinks_adaptively=model.supports.adaptive_thinking):
        return True
    return mode is ParameterPolicy.STRICT and not betas.was_accepted(beta)


def _without_storing(prepared: OutboundBody) -> OutboundBody:
    """``store: true`` is refused, and absent means true."""
    stored = open_container(prepared.body.get("store"))
    body = {**prepared.body, "store": False}
    return (
        replace(prepared, body=body)._note("store")
        if stored is True
        else replace(prepared, body=body)
    )


def _fit_output_limits(prepared: OutboundBody, model: Model) -> OutboundBody:
    """One rule for every endpoint: within the model's maximum, not below the endpoint's minimum.

    If the limit had to be raised, the client's own is enforced locally.
    """
    for name in OUTPUT_LIMIT_MEMBERS.get(prepared.endpoint, ()):
        wanted = open_container(prepared.body.get(name))
        if isinstance(wanted, bool) or not isinstance(wanted, int):
            continue
        fitted = limits.fit_output_limit(wanted, model.limits, prepared.endpoint)
        if fitted == wanted:
            continue
        prepared = replace(prepared, body={**prepared.body, name: fitted})._note(
            f"{name} ({fitted} instead of {wanted})"
        )
        if fitted > wanted:
            kept = (*prepared.enforced_locally, name)
            prepared = replace(prepared, enforced_locally=kept)
    return prepared


def _fit_effort(prepared: OutboundBody, model: Model) -> OutboundBody:
    """Clamp the effort: an unlisted one is refused, and tools send one effort to all models."""
    path = _EFFORT_PATHS.get(prepared.endpoint)
    if path is None or path[0] not in prepared.body:
        return prepared
    holder = open_container(prepared.body[path[0]]) if len(path) > 1 else prepared.body
    wanted = open_container(holder.get(path[-1])) if isinstance(holder, dict) else None
    if not isinstance(wanted, str):
        return prepared
    listed = model.supports.reasoning_efforts
    fitted = clamp_effort(wanted, listed)
    if fitted is None and prepared.endpoint is Endpoint.RESPONSES:
        # If the model lists none, upstream decides, except for a value no model accepts there.
        fitted = "low" if wanted == "minimal" else wanted
    if fitted == wanted:
        return prepared
    dotted = ".".join(path)
    if fitted is None:
        return prepared.without(dotted)
    changed: Any = fitted if len(path) == 1 else {**holder, path[-1]: fitted}
    body = {**prepared.body, path[0]: changed}
    return replace(prepared, body=body)._note(f"{dotted} ({fitted} instead of {wanted})")


def _apply_refused(prepared: OutboundBody, refused: Iterable[RefusedParameter]) -> OutboundBody:
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
    mode: ParameterPolicy
    now: float
    account: str = ""
    refused: tuple[RefusedParameter, ...] = ()


def repair(
    prepared: OutboundBody, failure: UpstreamErrorResponse, context: RetryContext
) -> tuple[ParameterRetry | None, bool]:
    """Return what to send in place of a refused request, and whether the refusal named it.

    None with True: upstream named a member that is absent or must stay.
    """
    if context.mode is ParameterPolicy.FORWARD:
        return None, True
    refusals = read_refusals(failure, prepared.endpoint)
    if not refusals:
        return None, False
    return repair_refusals(prepared, refusals, context), True


def may_guess(mode: ParameterPolicy, failure: UpstreamErrorResponse) -> bool:
    """Whether, after a refusal that names nothing, the likely members may be removed."""
    return mode is ParameterPolicy.ADAPTIVE and may_be_a_parameter(failure)


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
    if lifetime and could_be_the_clients_text(_plain(wire_body(prepared))):
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
    role = f"{model} does not know the role developer; sent again in the system role"
    return "; ".join(filter(None, (left_out, role if _EVERY_ROLE in names else "")))


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
    return f"{model} refused {quoted}; sent again without" if quoted else ""


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


def optional_members(prepared: OutboundBody) -> tuple[str, ...]:
    """Return the optional members this request carries."""
    known = (*STRICT_CHAT_MEMBERS, *OPTIONAL_MEMBERS.get(prepared.endpoint, ()))
    return tuple(each for each in known if each in prepared.body)


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


def wire_body(prepared: OutboundBody) -> bytes:
    """Return the body as bytes, always asking for a stream where the endpoint can stream."""
    body = prepared.body
    if prepared.endpoint is not Endpoint.EMBEDDINGS:
        body = {**body, "stream": True}
    if prepared.endpoint is Endpoint.CHAT_COMPLETIONS:
        options = open_container(body.get("stream_options"))
        body["stream_options"] = {
            **(options if isinstance(options, dict) else {}),
            "include_usage": True,
        }
    return msgspec.json.encode(body)
