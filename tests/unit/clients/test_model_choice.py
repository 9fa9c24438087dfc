"""Which model each role of a tool gets, and what becomes of one that retired."""

from __future__ import annotations

from proxy_core.canonical.model import Endpoint, Model, Prices, Supports
from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.model_choice import choose_models, credits_per_million, successor


def model(name: str, vendor: str, price: float = 0.0, *endpoints: Endpoint) -> Model:
    prices = Prices(1_000_000, price, price * 5, price / 10) if price else None
    return Model(
        name,
        name,
        vendor,
        endpoints=endpoints or (Endpoint.CHAT_COMPLETIONS,),
        supports=Supports(tool_calls=True),
        prices=prices,
    )


LISTED = (
    model("claude-sonnet-5", "a", 200, Endpoint.MESSAGES),
    model("claude-opus-5.5", "a", 400, Endpoint.MESSAGES),
    model("claude-haiku-5.5", "a", 100, Endpoint.MESSAGES),
    model("gpt-5.6-sol", "o", 400),
    model("gpt-5.6-luna", "o", 20),
    model("grok-mini", "x", 5),
)


def test_small_work_goes_to_a_small_model_of_the_same_vendor() -> None:
    claude = choose_models(TOOLS["claude-code"], LISTED, {})
    assert claude.models == {
        "main": "claude-sonnet-5",
        "small": "claude-haiku-5.5",
        "subagent": "claude-sonnet-5",
    }
    aider = choose_models(TOOLS["aider"], LISTED, {"main": "gpt-5.6-sol"})
    assert aider.models["small"] == "gpt-5.6-luna", "not another vendor's, however cheap"
    assert aider.models["editor"] == "gpt-5.6-sol"


def test_what_a_person_says_counts_most_then_what_it_was_connected_with() -> None:
    before = {"main": "claude-opus-5.5", "small": "gpt-5.6-luna", "subagent": "claude-opus-5.5"}
    choice = choose_models(TOOLS["claude-code"], LISTED, {}, before)
    assert choice.models == before
    changed = choose_models(TOOLS["claude-code"], LISTED, {"main": "claude-sonnet-5"}, before)
    assert changed.models["main"] == changed.models["subagent"] == "claude-sonnet-5"
    assert changed.models["small"] == "gpt-5.6-luna"


def test_a_model_that_is_gone_is_named_with_the_newest_of_its_family() -> None:
    before = {"main": "claude-opus-4.6", "small": "claude-haiku-4.5"}
    choice = choose_models(TOOLS["claude-code"], LISTED, {}, before)
    assert choice.models["main"] == "claude-opus-5.5"
    assert [(each.model, each.successor) for each in choice.retired] == [
        ("claude-opus-4.6", "claude-opus-5.5"),
        ("claude-haiku-4.5", "claude-haiku-5.5"),
    ]
    assert (
        choose_models(TOOLS["claude-code"], LISTED, {"main": "claude-sonnet-5"}, before)
        .retired[0]
        .role
        == "small"
    ), "what was chosen anew needs no word"
    assert successor("gemini-3-pro", LISTED) == ""


def test_without_a_list_nothing_is_called_retired() -> None:
    before = {"main": "claude-opus-4.6"}
    choice = choose_models(TOOLS["claude-code"], (), {}, before)
    assert (choice.main, choice.retired) == ("claude-opus-4.6", ())


def test_prices_are_for_a_million_tokens_whatever_the_batch() -> None:
    batch = Model("m", "m", "v", prices=Prices(1000, 0.3, 1.5, 0.03))
    assert credits_per_million(batch) == (300, 30, 1500)
    assert credits_per_million(model("free", "v")) is None
