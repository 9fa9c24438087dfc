"""Calibrates the token estimate per model by real prompt counts.

Two errors are distinguished: a factor (another tokenizer) and a constant (what the vendor adds to
every request). Only recent requests count, since a model may change under the same name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

WINDOW = 48
"""Pairs remembered per model."""

_ENOUGH_FOR_LINE = 6
_ENOUGH_SPREAD = 1.5
"""Least ratio of largest to smallest estimate at which a constant can be separated from a factor."""

_LINE_GAIN = 0.8
"""A line replaces the plain factor only if its error is below this share of the factor's."""

_LEAST_FACTOR = 0.25
_MOST_FACTOR = 8.0
"""Pairs beyond these are ignored (an empty usage, another prompt)."""

_REFITTED_EVERY = 8
"""Fitting takes as long as a tenth of a request: once a model's window is full, one pair in eight."""


class _Model:
    """What is known of one model."""

    __slots__ = ("_fitted", "_new", "_pairs")

    def __init__(self) -> None:
        self._pairs: deque[tuple[int, int]] = deque(maxlen=WINDOW)
        self._fitted: tuple[float, float] | None = None
        self._new = 0
        """Pairs that came since it was fitted."""

    def feed(self, estimate: int, prompt_tokens: int) -> None:
        self._pairs.append((estimate, prompt_tokens))
        self._new += 1
        if len(self._pairs) < WINDOW or self._new >= _REFITTED_EVERY:
            self._fitted = None

    def fitted(self) -> tuple[float, float]:
        """Return factor and constant."""
        if self._fitted is None:
            self._fitted, self._new = _fit(_usable(self._pairs)), 0
        return self._fitted


class TokenCalibration:
    """One object per process; fed after each response, used before the next request."""

    def __init__(self) -> None:
        self._models: dict[str, _Model] = {}

    def feed(self, model_id: str, estimate: int, prompt_tokens: int) -> None:
        """Take one pair: what was estimated, and what upstream counted for the whole prompt."""
        if estimate > 0 and prompt_tokens > 0:
            self._models.setdefault(model_id, _Model()).feed(estimate, prompt_tokens)

    def corrected(self, model_id: str, estimate: int) -> int:
        """Return the calibrated estimate; without data, the estimate itself.

        Never below a quarter of the estimate: too low a count would let a client overfill the
        model's context.
        """
        model = self._models.get(model_id)
        least = max(1, round(estimate * _LEAST_FACTOR))
        if model is None:
            return max(least, estimate)
        factor, constant = model.fitted()
        return max(least, round(estimate * factor + constant))


def _usable(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pairs without those that are far from the others; the middle one stays."""
    middle = _median([real / estimate for estimate, real in pairs])
    return [
        (estimate, real)
        for estimate, real in pairs
        if middle * _LEAST_FACTOR <= real / estimate <= middle * _MOST_FACTOR
    ]


def _fit(pairs: list[tuple[int, int]]) -> tuple[float, float]:
    """Return factor and constant with the least relative error."""
    factor = _median([real / estimate for estimate, real in pairs])
    sizes = [estimate for estimate, _ in pairs]
    if len(pairs) < _ENOUGH_FOR_LINE or max(sizes) < _ENOUGH_SPREAD * min(sizes):
        return factor, 0.0
    line = _line(pairs)
    if line is None or _error(pairs, *line) > _LINE_GAIN * _error(pairs, factor, 0.0):
        return factor, 0.0
    return line


def _line(pairs: list[tuple[int, int]]) -> tuple[float, float] | None:
    """Least squares with every pair weighted by its size, so that small prompts count as much."""
    total = at = ss = st = tt = 0.0
    for estimate, real in pairs:
        weight = 1.0 / (real * real)
        total += weight
        at += weight * real
        ss += weight * estimate
        st += weight * estimate * real
        tt += weight * estimate * estimate
    spread = total * tt - ss * ss
    if spread <= 0.0:
        return None
    factor = (total * st - ss * at) / spread
    constant = (at - factor * ss) / total
    return (factor, constant) if _LEAST_FACTOR <= factor <= _MOST_FACTOR else None


def _error(pairs: list[tuple[int, int]], factor: float, constant: float) -> float:
    return sum(abs(estimate * factor + constant - real) / real for estimate, real in pairs)


def _median(values: list[float]) -> float:
    if not values:
        return 1.0
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
