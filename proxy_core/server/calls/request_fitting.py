"""Adapts a planned call's body to its vendor, using this server's state about models."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.openai_chat.return_thinking import return_thinking
from proxy_core.dialects.vendor_rules import FittedRequest, Target, fit_request
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.server.calls.memory.thinking_cache import ThinkingCache

DEMAND_LIFETIME = 86_400.0
"""Seconds after which a demand expires, because models change under the same name."""
MOST_MODELS = 200


class VendorDemands:
    """Vendor rules that models were seen to require by refusing requests.

    In memory; one object per server.
    """

    def __init__(self) -> None:
        self._expiry: OrderedDict[tuple[str, Endpoint], dict[str, float]] = OrderedDict()

    def of(self, model: Model, endpoint: Endpoint, now: float) -> frozenset[str]:
        known = self._expiry.get((model.id, endpoint))
        if not known:
            return frozenset()
        return frozenset(rule for rule, expires_at in known.items() if now < expires_at)

    def learn(self, model: Model, endpoint: Endpoint, rules: frozenset[str], now: float) -> None:
        known = self._expiry.setdefault((model.id, endpoint), {})
        known.update(dict.fromkeys(rules, now + DEMAND_LIFETIME))
        while len(self._expiry) > MOST_MODELS:
            self._expiry.popitem(last=False)


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
        fitted = fit_request(planned.call.body, self._target(planned, demanded))
        if not fitted.rules and not fitted.dropped:
            return planned
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
        )

    def _with_thinking(self, planned: PlannedCall) -> PlannedCall:
        """Return the call with cached thinking its client did not return."""
        call = planned.call
        if planned.route.upstream is not DialectName.OPENAI_CHAT or not self.thinking:
            return planned
        find = functools.partial(self.thinking.find, planned.model.id)
        body = return_thinking(call.body, find)
        return planned if body is call.body else replace(planned, call=replace(call, body=body))


def _note(planned: PlannedCall, fitted: FittedRequest) -> str:
    return f"fitted to {planned.model.id}: {', '.join(fitted.rules)}"
