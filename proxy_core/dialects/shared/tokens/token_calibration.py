"""Calibrates the token estimate per model by real prompt counts.

Two errors are distinguished: a factor (another tokenizer) and a constant (what the vendor adds to
every request). Only recent requests count, since a model may change under the same name.
"""

from __future__ import annotations

from collections import deque

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

NO_DATA = (1.0, 0.0)
"""Factor and constant that leave an estimate as it is."""


class TokenCalibration:
    """One object per process; fed after each response, used before the next request."""

    def __init__(self) -> None:
        self._pairs: dict[str, deque[tuple[int, int]]] = {}
        self._fitted: dict[str, tuple[float, float]] = {}
        """Factor and constant of a model, until its next pair."""

    def feed(self, model_id: str, estimate: int, prompt_tokens: int) -> None:
        """Take one pair: what was estimated, and what upstream counted for the whole prompt."""
        if estimate <= 0 or prompt_tokens <= 0:
            return
        self._pairs.setdefault(model_id, deque(maxlen=WINDOW)).append((estimate, prompt_tokens))
        self._fitted.pop(model_id, None)

    def corrected(self, model_id: str, estimate: int) -> int:
        """Return the calibrated estimate; without data, the estimate itself.

        Never below a quarter of the estimate: too low a count would let a client overfill the
        model's context.
        """
        fitted = self._fitted.get(model_id)
        if fitted is None:
            pairs = self._usable(model_id)
            fitted = self._fitted[model_id] = _fit(pairs) if pairs else NO_DATA
        factor, constant = fitted
        return max(1, round(estimate * _LEAST_FACTOR), round(estimate * factor + constant))

    def _usable(self, model_id: str) -> list[tuple[int, int]]:
        pairs = list(self._pairs.get(model_id, ()))
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
