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

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.config.settings import ParameterPolicy
from proxy_core.copilot_facts import betas, limits
from proxy_core.copilot_facts.efforts import clamp_effort
from proxy_core.copilot_facts.measured import NOTHING_MEASURED, MeasuredFacts
from proxy_core.copilot_facts.members import (
    OUTPUT_LIMIT_MEMBERS,
    STRICT_CHAT_MEMBERS,
    refused_members,
)
from proxy_core.routing.upstream_api import UpstreamCall
from proxy_core.upstream.calls.error_response import UpstreamErrorResponse
from proxy_core.upstream.parameters.json_paths import (
    open_container,
)
from proxy_core.upstream.parameters.memory import (
    RefusedParameter,
)
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from proxy_core.upstream.parameters.refusals import (
    read_refusals,
)
from proxy_core.upstream.parameters.repairs import (
    ParameterRetry,
    RetryContext,
    apply_refused,
    may_be_a_parameter,
    repair_refusals,
)

_EFFORT_PATHS = {
    Endpoint.CHAT_COMPLETIONS: ("reasoning_effort",),
    Endpoint.RESPONSES: ("reasoning", "effort"),
}
"""Messages' effort is fitted together with its thinking, by the dialect."""


def prepare(
    call: UpstreamCall,
    mode: ParameterPolicy,
    refused: Iterable[RefusedParameter],
    measured: MeasuredFacts = NOTHING_MEASURED,
) -> OutboundBody:
    """Return the request to send first. What was ``measured`` of the account counts before what is known
    in general."""
    is_unedited = mode is ParameterPolicy.FORWARD and call.unedited is not None
    members = call.unedited() if is_unedited and call.unedited is not None else call.body
    prepared = OutboundBody(call.endpoint, dict(members), call.headers, is_unedited=is_unedited)
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
    return apply_refused(prepared, refused)


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
        replace(prepared, body=body).noted("store")
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
        prepared = replace(prepared, body={**prepared.body, name: fitted}).noted(
            f"{name} ({fitted} instead of {wanted})"
        )
        if fitted > wanted:
            enforced = (*prepared.enforced_locally, name)
            prepared = replace(prepared, enforced_locally=enforced)
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
    return replace(prepared, body=body).noted(f"{dotted} ({fitted} instead of {wanted})")


def repair(
    prepared: OutboundBody,
    failure: UpstreamErrorResponse,
    context: RetryContext,
    mode: ParameterPolicy,
) -> tuple[ParameterRetry | None, bool]:
    """Return what to send in place of a refused request, and whether the refusal named it.

    None with True: upstream named a member that is absent or must stay.
    """
    if mode is ParameterPolicy.FORWARD:
        return None, True
    refusals = read_refusals(failure, prepared.endpoint)
    if not refusals:
        return None, False
    return repair_refusals(prepared, refusals, context), True


def may_guess(mode: ParameterPolicy, failure: UpstreamErrorResponse) -> bool:
    """Whether, after a refusal that names nothing, the likely members may be removed."""
    return mode is ParameterPolicy.ADAPTIVE and may_be_a_parameter(failure)
