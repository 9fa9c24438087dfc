"""Estimates a prompt's size before upstream reports it, calibrated by upstream's counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from proxy_core.canonical.model import Model
from proxy_core.canonical.usage import Usage
from proxy_core.dialects.shared.tokens.token_calibration import TokenCalibration

if TYPE_CHECKING:
    from proxy_core.canonical.request import Request

_ALWAYS_UNTIL = 24
_THEN_EVERY = 16
"""Answers whose request was not parsed anyway: the first ones of a model teach much, later ones keep
up with a model that changes behind its name."""


@dataclass(frozen=True, slots=True)
class PromptEstimate:
    """``tokens`` is the calibrated estimate; ``uncorrected`` is used for calibration."""

    tokens: int
    uncorrected: int


class TokenEstimates:
    """One object per process."""

    def __init__(self) -> None:
        self._calibration = TokenCalibration()
        self._answers: dict[str, int] = {}

    @cached_property
    def _estimate(self) -> Callable[[Request, Model], int]:
        # Imported with the first prompt: it looks at every part of a request.
        from proxy_core.dialects.shared.tokens.token_estimate import estimate

        return estimate

    def prompt(self, request: Request, model: Model) -> PromptEstimate:
        uncorrected = self._estimate(request, model)
        return PromptEstimate(self._calibration.corrected(model.id, uncorrected), uncorrected)

    def is_due(self, model: Model) -> bool:
        """Whether to parse the request of ``model``'s next response for calibration.

        Counts responses.
        """
        seen = self._answers.get(model.id, 0)
        self._answers[model.id] = seen + 1
        return seen < _ALWAYS_UNTIL or seen % _THEN_EVERY == 0

    def learn(self, model: Model, prompt: PromptEstimate, usage: Usage) -> None:
        """Compare an estimate with what upstream counted."""
        self._calibration.feed(model.id, prompt.uncorrected, usage.prompt_tokens)
