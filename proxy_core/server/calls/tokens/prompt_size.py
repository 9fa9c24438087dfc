"""How many tokens one call's prompt has: estimated when asked for, compared with upstream's count."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from proxy_core.canonical.events import Usage
from proxy_core.errors import ProxyError
from proxy_core.routing.call_plan import PlannedCall
from proxy_core.server.calls.body_threads import members_size
from proxy_core.server.calls.tokens.token_estimates import PromptEstimate, TokenEstimates

BYTES_A_TOKEN = 4
LARGEST_PARSED_TO_LEARN = 200_000
"""In bytes. A passed-through body is parsed only for calibration, which must not delay streams."""


class PromptSize:
    """One object per request. ``estimate`` is None until it was made."""

    __slots__ = ("_estimates", "estimate")

    def __init__(self, estimates: TokenEstimates) -> None:
        self._estimates = estimates
        self.estimate: PromptEstimate | None = None

    def measure(self, planned: PlannedCall) -> PlannedCall:
        """Make the estimate, by parsing the request unless it was; return the plan with it parsed.

        A request that our parser refuses is still passed through: upstream may accept it, and its
        length is an estimate.
        """
        if self.estimate is None:
            with contextlib.suppress(ProxyError):
                planned = replace(planned, request=planned.parsed())
                assert planned.request is not None
                self.estimate = self._estimates.prompt(planned.request, planned.model)
        return planned

    def tokens(self, planned: PlannedCall) -> int:
        if self.estimate is not None:
            return self.estimate.tokens
        return members_size(planned.members) // BYTES_A_TOKEN

    def learn(self, planned: PlannedCall, usage: Usage) -> None:
        """Calibrate with upstream's count; without an estimate nothing is learned."""
        if self.estimate is not None:
            self._estimates.learn(planned.model, self.estimate, usage)

    def is_to_be_measured(self, planned: PlannedCall) -> bool:
        """Whether it is this response's turn to be measured for calibration alone."""
        is_too_large = members_size(planned.members) > LARGEST_PARSED_TO_LEARN
        return not is_too_large and self._estimates.is_due(planned.model)
