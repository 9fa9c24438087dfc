"""How large a prompt is before upstream says so; learns from what upstream says later."""

from __future__ import annotations

from dataclasses import dataclass

from proxy_core.conversation import Request
from proxy_core.dialects.token_calibration import TokenCalibration
from proxy_core.dialects.token_count import estimate
from proxy_core.model import Model
from proxy_core.stream_events import Usage


@dataclass(frozen=True, slots=True)
class PromptEstimate:
    """``tokens`` is the best guess; ``uncorrected`` is what experience is measured against."""

    tokens: int
    uncorrected: int


class TokenEstimates:
    """One object per process."""

    def __init__(self) -> None:
        self._calibration = TokenCalibration()

    def prompt(self, request: Request, model: Model) -> PromptEstimate:
        uncorrected = estimate(request, model)
        return PromptEstimate(self._calibration.corrected(model.id, uncorrected), uncorrected)

    def learn(self, model: Model, prompt: PromptEstimate, usage: Usage) -> None:
        """Compare an estimate with what upstream counted."""
        self._calibration.feed(model.id, prompt.uncorrected, usage.prompt_tokens)
