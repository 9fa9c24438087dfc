"""The requests of a run and their possible cost, shown before anything is sent. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proxy_core.canonical.model import Model
from proxy_core.doctor.probe.chosen_models import usable
from proxy_core.doctor.probe.entries import ENTRIES, requests_of
from proxy_core.doctor.probe.question import Subject
from proxy_core.doctor.probe.runner import expected_cost


@dataclass(frozen=True, slots=True)
class PlannedCost:
    """``model`` is empty where none is asked; ``depends``: only asked if another answer fits."""

    name: str
    model: str
    nano_credits: int
    depends: bool = False


def planned_costs(
    models: Sequence[Model], *, is_free: bool, token_is_direct: bool
) -> tuple[PlannedCost, ...]:
    """Return every request of a run, in its order."""
    subject = Subject(usable(models, is_free=is_free), token_is_direct)
    planned = []
    for each in requests_of(ENTRIES):
        request = each.build(subject)
        if request is None:
            planned.append(PlannedCost(each.name, "", 0, depends=True))
            continue
        model = "" if request.model is None else request.model.id
        planned.append(PlannedCost(each.name, model, expected_cost(request)))
    return tuple(planned)
