"""Adapts a planned call's body to its vendor, using this server's state about models."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from proxy_core.dialects.openai_chat.return_thinking import return_thinking
from proxy_core.dialects.shared.json_members import encode_array
from proxy_core.dialects.vendor_rules import FittedRequest, Target, fit_request
from proxy_core.dialects.vendor_rules.outgoing import CONVERSATIONS
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.server.calls.body_threads import LIGHT_BYTES
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache
from proxy_core.server.calls.memory.vendor_demands import VendorDemands

_ENCODED = (*CONVERSATIONS, "system", "tools")


@dataclass(frozen=True, slots=True)
class RequestFitter:
    """``now`` returns seconds since 1970."""

    thinking: ThinkingCache
    demands: VendorDemands = field(default_factory=VendorDemands)
    now: Callable[[], float] = lambda: 0.0

    def fit(self, planned: PlannedCall, demanded: frozenset[str] = frozenset()) -> PlannedCall:
        """Return the call with its final body; ``demanded`` rules are applied in addition to
        remembered ones. Raises BadRequest for a member that is not JSON.
        """
        if planned.own_answer is not None:
            return planned
        planned = self._with_thinking(planned)
        body, is_long = _encoded(planned.call.body), planned.size >= LIGHT_BYTES
        fitted = fit_request(body, self._target(planned, demanded))
        if not fitted.rules and not fitted.dropped:
            # A long body is not encoded twice; for a short one that costs less than another plan.
            if not is_long or body is planned.call.body:
                return planned
            return replace(planned, call=replace(planned.call, body=body))
        return replace(
            planned,
            call=replace(planned.call, body=fitted.body),
            dropped=tuple(dict.fromkeys((*planned.dropped, *fitted.dropped))),
            notes=tuple(dict.fromkeys((*planned.notes, _note(planned, fitted)))),
        )

    def learn(self, planned: PlannedCall, rules: frozenset[str]) -> None:
        """Remember the rules of an accepted call."""
        if rules:
            self.demands.learn(planned.model, planned.route.endpoint, rules, self.now())

    def _target(self, planned: PlannedCall, demanded: frozenset[str]) -> Target:
        model, endpoint = planned.model, planned.route.endpoint
        return Target(
            model=model,
            endpoint=endpoint,
            client=planned.client.name,
            refused=demanded | self.demands.of(model, endpoint, self.now()),
            issuer=self.thinking.issuer,
            outline=planned.facts.outline,
        )

    def _with_thinking(self, planned: PlannedCall) -> PlannedCall:
        """Return the call with cached thinking its client did not return."""
        call = planned.call
        if not planned.upstream.traits.needs_thinking_back or not self.thinking:
            return planned
        find = functools.partial(self.thinking.find, planned.model.id)
        body = return_thinking(call.body, find)
        return planned if body is call.body else replace(planned, call=replace(call, body=body))


def _encoded(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the body with a conversation and tools that were written anew as JSON: they are encoded
    anyway when they are sent, and rules search the text where they would walk through every object.
    """
    written = [name for name in _ENCODED if isinstance(body.get(name), list)]
    if not written:
        return body
    return {**body, **{name: msgspec.Raw(encode_array(body[name])) for name in written}}


def _note(planned: PlannedCall, fitted: FittedRequest) -> str:
    return f"fitted to {planned.model.id}: {', '.join(fitted.rules)}"
