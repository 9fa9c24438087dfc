"""What a model has shown to need is remembered for that model and endpoint, for a while."""

from __future__ import annotations

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.server.calls.request_fitting import DEMAND_LIFETIME, MOST_MODELS, VendorDemands

CHAT = Endpoint.CHAT_COMPLETIONS


def a_model(name: str = "m") -> Model:
    return Model(name, name, "OpenAI")


def test_a_demand_counts_for_its_model_and_endpoint_alone() -> None:
    demands = VendorDemands()
    demands.learn(a_model(), CHAT, frozenset({"effort left out"}), now=0.0)
    demands.learn(a_model(), CHAT, frozenset({"documents in words"}), now=1.0)
    assert demands.of(a_model(), CHAT, 2.0) == {"effort left out", "documents in words"}
    assert demands.of(a_model(), Endpoint.RESPONSES, 2.0) == frozenset()
    assert demands.of(a_model("other"), CHAT, 2.0) == frozenset()


def test_a_demand_is_tried_without_again_after_a_day() -> None:
    demands = VendorDemands()
    demands.learn(a_model(), CHAT, frozenset({"effort left out"}), now=0.0)
    assert demands.of(a_model(), CHAT, DEMAND_LIFETIME - 1)
    assert not demands.of(a_model(), CHAT, DEMAND_LIFETIME)


def test_the_models_remembered_are_bounded() -> None:
    demands = VendorDemands()
    for number in range(MOST_MODELS + 1):
        demands.learn(a_model(str(number)), CHAT, frozenset({"x"}), now=0.0)
    assert not demands.of(a_model("0"), CHAT, 1.0)
    assert demands.of(a_model(str(MOST_MODELS)), CHAT, 1.0)
