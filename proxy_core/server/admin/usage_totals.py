"""Totals of responses since the program started: counts by model, never content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from proxy_core.status.status import RequestRecord, RequestState


@dataclass(frozen=True, slots=True)
class ModelTotals:
    requests: int = 0
    failed: int = 0
    asked_by_user: int = 0
    """Requests made by a person; the others are an agent's."""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    nano_credits: int = 0

    def plus(self, record: RequestRecord) -> ModelTotals:
        return replace(
            self,
            requests=self.requests + 1,
            failed=self.failed + (record.state is RequestState.FAILED),
            asked_by_user=self.asked_by_user + (record.initiator == "user"),
            input_tokens=self.input_tokens + record.input_tokens,
            output_tokens=self.output_tokens + record.output_tokens,
            cache_read_tokens=self.cache_read_tokens + record.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + record.cache_write_tokens,
            reasoning_tokens=self.reasoning_tokens + record.reasoning_tokens,
            nano_credits=self.nano_credits + (record.nano_credits or 0),
        )


class UsageTotals:
    """Gets each record of the user's own requests once, at its end."""

    def __init__(self, since: float) -> None:
        """``since`` is in seconds since 1970."""
        self._since = since
        self._by_model: dict[str, ModelTotals] = {}

    @property
    def since(self) -> float:
        """When the counts began, in seconds since 1970."""
        return self._since

    @property
    def by_model(self) -> dict[str, ModelTotals]:
        return dict(self._by_model)  # it grows in another thread

    def as_json(self) -> dict[str, Any]:
        by_model = self.by_model
        total = ModelTotals()
        for each in by_model.values():
            total = ModelTotals(*(getattr(total, n) + getattr(each, n) for n in _FIELDS))
        return {
            "object": "usage",
            "since": int(self._since),
            "total": _shown(total),
            "models": {name: _shown(each) for name, each in sorted(by_model.items())},
        }

    def add(self, record: RequestRecord) -> None:
        if record.model:
            before = self._by_model.get(record.model, ModelTotals())
            self._by_model[record.model] = before.plus(record)


_FIELDS = tuple(ModelTotals.__dataclass_fields__)
_NANO = 1_000_000_000


def _shown(totals: ModelTotals) -> dict[str, Any]:
    """``credits`` are AI credits; one is 0.01 USD."""
    shown = {name: getattr(totals, name) for name in _FIELDS if name != "nano_credits"}
    return {**shown, "credits": totals.nano_credits / _NANO}
