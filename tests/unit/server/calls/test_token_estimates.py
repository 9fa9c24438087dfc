"""Which answers are worth a look back at their request."""

from __future__ import annotations

from proxy_core.canonical.model import Model
from proxy_core.server.calls.tokens.token_estimates import TokenEstimates

ONE = Model(id="one", name="One", vendor="OpenAI")
OTHER = Model(id="other", name="Other", vendor="OpenAI")


def test_the_first_answers_of_a_model_all_teach_and_later_ones_now_and_then() -> None:
    estimates = TokenEstimates()
    due = [estimates.is_due(ONE) for _ in range(200)]
    assert all(due[:20])
    assert 5 < sum(due[40:]) < 20


def test_every_model_is_counted_by_itself() -> None:
    estimates = TokenEstimates()
    for _ in range(30):
        estimates.is_due(ONE)
    assert all(estimates.is_due(OTHER) for _ in range(20))
