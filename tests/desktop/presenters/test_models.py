"""What the Models page says in each state; plain data, no Qt."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from desktop.presenters.models.model_list import Availability, ModelFilter, ModelOrder
from desktop.presenters.models.models import ListState, ModelsPresenter
from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words
from proxy_core.app.trial import Trial
from proxy_core.canonical.model import Endpoint, Limits, Model, Prices, Supports
from proxy_core.errors import UpstreamBroke, UpstreamRefused
from proxy_core.status.status import AccountState, AccountStatus, ServerState, ServerStatus
from tests.desktop.fake_service import Clock, FakeService


def model(model_id: str, **changes: Any) -> Model:
    values: dict[str, Any] = {
        "id": model_id,
        "name": model_id,
        "vendor": "Anthropic",
        "endpoints": (Endpoint.MESSAGES, Endpoint.CHAT_COMPLETIONS),
        "limits": Limits(prompt=936_000, output=64_000),
        "supports": Supports(tool_calls=True, vision=True, thinking=True),
        "prices": Prices(1_000_000, 300, 1500, 30),
        "premium_multiplier": 1.0,
    }
    return Model(**{**values, **changes})


SONNET = model("claude-sonnet-4.6")
OPUS = model(
    "claude-opus-4.7",
    prices=Prices(1_000_000, 500, 2500, 50),
    disabled_reason="It needs one of the plans Pro+.",
    raw={"policy": {"state": "disabled"}, "billing": {"restricted_to": ["max", "pro_plus"]}},
)
FLASH = model(
    "gemini-3-flash-preview",
    vendor="Google",
    endpoints=(Endpoint.CHAT_COMPLETIONS,),
    supports=Supports(tool_calls=True, vision=True),
    prices=Prices(1_000_000, 50, 300, 5),
    raw={"policy": {"state": "unconfigured", "terms": "Terms of Flash."}},
)
INCLUDED = model(
    "gpt-4.1",
    vendor="OpenAI",
    endpoints=(Endpoint.CHAT_COMPLETIONS,),
    premium_multiplier=0.0,
    supports=Supports(tool_calls=True),
)
CODEX = model(
    "gpt-5.3-codex",
    endpoints=(Endpoint.RESPONSES, Endpoint.RESPONSES_WEBSOCKET),
    prices=Prices(1_000_000, 175, 1400, 17.5),
)
EMBEDDING = model(
    "text-embedding-3-small",
    kind="embeddings",
    endpoints=(Endpoint.EMBEDDINGS,),
    limits=Limits(prompt=8_191),
    supports=Supports(),
    prices=None,
    premium_multiplier=None,
)
COSTLY = model("gpt-6-astra", prices=Prices(1_000_000, 1000, 5000, 100))
ALL = (SONNET, OPUS, FLASH, INCLUDED, CODEX, EMBEDDING)


@pytest.fixture
def page(service: FakeService, clock: Clock) -> ModelsPresenter:
    return ModelsPresenter(service, Words(), now=clock, monotonic=clock, changed=lambda: None)


async def filled(
    page: ModelsPresenter, service: FakeService, models: tuple[Model, ...] = ALL
) -> None:
    service.answer("models", result=models)
    await page.read()


async def test_rows_say_endpoints_limits_prices_abilities_and_state(
    page: ModelsPresenter, service: FakeService
) -> None:
    await filled(page, service)
    rows = {row.model_id: row for row in page.view().rows}
    sonnet = rows["claude-sonnet-4.6"]
    assert (sonnet.endpoints, sonnet.limits) == ("messages, chat", "936k, 64k")
    assert (sonnet.input, sonnet.cached, sonnet.output) == ("300", "30", "1,500")
    assert (sonnet.abilities, sonnet.state, sonnet.shape) == ("images, thinking", "On", Shape.DONE)
    assert sonnet.sentence == "claude-sonnet-4.6, On, images, thinking"
    assert rows["gpt-5.3-codex"].endpoints == "responses", "a socket is the same interface"
    assert rows["gpt-5.3-codex"].cached == "17.5"
    assert rows["gpt-4.1"].output == "included in plan"
    assert rows["gpt-4.1"].input == ""
    assert rows["text-embedding-3-small"].limits == "8k, –"
    assert rows["text-embedding-3-small"].abilities == "no tools"


async def test_off_rows_say_why_in_two_words(page: ModelsPresenter, service: FakeService) -> None:
    await filled(page, service)
    rows = {row.model_id: row for row in page.view().rows}
    assert (rows["claude-opus-4.7"].state, rows["claude-opus-4.7"].shape) == (
        "Needs Pro+",
        Shape.OFF,
    )
    assert rows["gemini-3-flash-preview"].availability is Availability.WAITS
    by_policy = model("x", disabled_reason="Switched off.", raw={"policy": {"state": "disabled"}})
    await filled(page, service, (by_policy,))
    assert page.view().rows[0].state == "Off at GitHub"
    account = AccountStatus(AccountState.SIGNED_IN, "octocat", "business")
    service.change(account=account)
    assert page.view().rows[0].state == "Off by your organisation"


async def test_counts_and_source_have_an_age(
    page: ModelsPresenter, service: FakeService, clock: Clock
) -> None:
    await filled(page, service)
    clock.advance(12 * 60)
    view = page.view()
    assert view.counts == "4 on, 2 off"
    assert view.source_line.startswith("GitHub's list, 12 min ago.")
    assert view.off_line == "1 off, 1 waits for you"


@pytest.mark.parametrize(("plan", "is_told"), [("Free", True), ("Student", True), ("Pro", False)])
async def test_a_plan_that_leaves_the_model_to_github_is_told_at_the_list(
    page: ModelsPresenter, service: FakeService, plan: str, is_told: bool
) -> None:
    await filled(page, service)
    service.change(account=AccountStatus(AccountState.SIGNED_IN, "octocat", plan))
    line = page.view().source_line
    assert (f"On Copilot {plan} GitHub chooses the model" in line) == is_told
    assert "GitHub's list" in line


@pytest.mark.parametrize(
    ("search", "show", "expected"),
    [
        ("", ModelFilter.ON, 4),
        ("", ModelFilter.OFF, 2),
        ("google", ModelFilter.ALL, 1),
        ("IMAGES thinking", ModelFilter.ALL, 3),
        ("opus", ModelFilter.ON, 0),
    ],
)
async def test_search_and_filter(
    page: ModelsPresenter, service: FakeService, search: str, show: ModelFilter, expected: int
) -> None:
    await filled(page, service)
    page.search(search)
    page.show(show)
    assert len(page.view().rows) == expected


async def test_nothing_found_says_so_and_can_be_cleared(
    page: ModelsPresenter, service: FakeService
) -> None:
    await filled(page, service)
    page.search("opus 9")
    view = page.view()
    assert view.state is ListState.NOTHING_MATCHES
    assert view.heading == "No model matches “opus 9”"
    assert view.details is None
    page.clear()
    assert len(page.view().rows) == len(ALL)


async def test_the_order_turns_round_when_it_is_asked_for_again(
    page: ModelsPresenter, service: FakeService
) -> None:
    await filled(page, service)
    page.sort(ModelOrder.OUTPUT)
    assert [row.model_id for row in page.view().rows][:2] == ["gpt-4.1", "text-embedding-3-small"]
    page.sort(ModelOrder.OUTPUT)
    assert page.view().rows[0].model_id == "claude-opus-4.7"
    assert page.view().descending


async def test_nothing_is_said_for_300_ms_and_then_what_is_awaited(
    page: ModelsPresenter, service: FakeService, clock: Clock
) -> None:
    reading = asyncio.ensure_future(page.read())
    await asyncio.sleep(0)
    assert page.view().state is ListState.QUIET
    clock.advance(0.31)
    view = page.view()
    assert (view.state, view.heading) == (ListState.LOADING, "Asking GitHub for the models")
    service.futures["models"].set_result(())
    await reading
    assert page.view().state is ListState.EMPTY
    assert page.view().heading == "GitHub lists no models"


async def test_a_failure_without_a_list_says_what_failed(
    page: ModelsPresenter, service: FakeService
) -> None:
    service.answer("models", UpstreamBroke("GitHub does not answer.", title="No list"))
    await page.read()
    view = page.view()
    assert (view.state, view.heading) == (ListState.FAILED, "No list")
    assert view.sentence == "GitHub does not answer."
    assert not page.needs_reading, "the person tries again, not a loop"


async def test_a_failed_refresh_keeps_the_old_list_with_its_age(
    page: ModelsPresenter, service: FakeService, clock: Clock
) -> None:
    await filled(page, service)
    clock.advance(3600)
    service.answer("models", UpstreamBroke("GitHub does not answer."))
    await page.read(refresh=True)
    assert service.called("models") == [(False,), (True,)]
    view = page.view()
    assert len(view.rows) == len(ALL)
    assert view.problem == "GitHub does not answer."
    assert "1 h ago" in view.source_line


async def test_signed_out_asks_for_the_sign_in(page: ModelsPresenter, service: FakeService) -> None:
    service.change(account=AccountStatus(AccountState.SIGNED_OUT))
    assert page.view().state is ListState.SIGNED_OUT
    assert not page.needs_reading


async def test_it_reads_again_when_the_service_knows_of_other_models(
    page: ModelsPresenter, service: FakeService
) -> None:
    assert page.needs_reading
    await filled(page, service)
    service.change(model_count=5)
    assert not page.needs_reading
    service.change(model_count=6)
    assert page.needs_reading


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        (SONNET, "Messages and Chat unchanged, Responses translated."),
        (CODEX, "Responses unchanged, Messages and Chat translated."),
        (EMBEDDING, "Embeddings unchanged. It answers no prompts."),
    ],
)
async def test_the_details_say_what_passes_unchanged(
    page: ModelsPresenter, service: FakeService, chosen: Model, line: str
) -> None:
    await filled(page, service)
    page.choose(chosen.id)
    details = page.view().details
    assert details is not None
    assert (details.model_id, details.line) == (chosen.id, line)


async def test_what_cannot_be_tried_says_why(page: ModelsPresenter, service: FakeService) -> None:
    await filled(page, service)
    reasons = {}
    for each in (OPUS, FLASH, EMBEDDING, SONNET):
        page.choose(each.id)
        details = page.view().details
        assert details is not None
        reasons[each.id] = (details.can_try, details.why)
    assert reasons["claude-opus-4.7"] == (False, "It needs one of the plans Pro+.")
    assert "agree to its terms" in reasons["gemini-3-flash-preview"][1]
    assert "answers no prompts" in reasons["text-embedding-3-small"][1]
    assert reasons["claude-sonnet-4.6"] == (True, "")
    service.change(server=ServerStatus(ServerState.OFF))
    details = page.view().details
    assert details is not None
    assert (details.can_try, details.why) == (False, "Start the server to try a model.")


async def test_a_costly_model_says_so_before(page: ModelsPresenter, service: FakeService) -> None:
    await filled(page, service, (SONNET, COSTLY))
    page.choose("gpt-6-astra")
    details = page.view().details
    assert details is not None
    assert details.warning == "A long answer may cost 10.1 credits."
    page.choose("claude-sonnet-4.6")
    details = page.view().details
    assert details is not None
    assert details.warning == ""


async def test_trying_counts_the_seconds_and_shows_answer_time_tokens_and_credits(
    page: ModelsPresenter, service: FakeService, clock: Clock
) -> None:
    await filled(page, service)
    page.choose("claude-sonnet-4.6")
    trying = asyncio.ensure_future(page.try_it("Say hello in five words."))
    await asyncio.sleep(0)
    clock.advance(3.2)
    details = page.view().details
    assert details is not None
    assert details.is_trying
    assert not details.can_try
    assert details.trial is not None
    assert (details.trial.shape, details.trial.figures) == (Shape.STREAMING, "3.2 s")
    answer = Trial("claude-sonnet-4.6", "Hello there.", 0.9, 14, 11, 20_000_000)
    service.futures["try_model"].set_result(answer)
    await trying
    details = page.view().details
    assert details is not None
    assert details.trial is not None
    assert details.trial.line == "Hello there."
    assert details.trial.figures == "0.9 s, 14 → 11 tokens, 0.02 credits"
    assert service.called("try_model") == [("claude-sonnet-4.6", "Say hello in five words.")]


async def test_a_refused_trial_is_shown_in_place_and_a_stopped_one_too(
    page: ModelsPresenter, service: FakeService
) -> None:
    await filled(page, service)
    page.choose("claude-sonnet-4.6")
    service.answer("try_model", UpstreamRefused("Slow down."))
    await page.try_it("hello")
    details = page.view().details
    assert details is not None
    assert details.trial is not None
    assert (details.trial.shape, details.trial.line) == (Shape.FAILED, "Slow down.")
    trying = asyncio.ensure_future(page.try_it("hello"))
    await asyncio.sleep(0)
    page.stop_trying()
    await trying
    details = page.view().details
    assert details is not None
    assert details.trial is not None
    assert details.trial.shape is Shape.CANCELLED
    assert details.can_try


async def test_quitting_during_a_trial_is_not_taken_for_an_answer(
    page: ModelsPresenter, service: FakeService
) -> None:
    await filled(page, service)
    page.choose("claude-sonnet-4.6")
    trying = asyncio.ensure_future(page.try_it("hello"))
    await asyncio.sleep(0)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying


async def test_enabling_takes_over_the_new_model(
    page: ModelsPresenter, service: FakeService
) -> None:
    await filled(page, service)
    page.choose("gemini-3-flash-preview")
    details = page.view().details
    assert details is not None
    assert (details.can_enable, details.terms) == (True, "Terms of Flash.")
    enabled = model("gemini-3-flash-preview", raw={"policy": {"state": "enabled"}})
    service.answer("enable_model", result=enabled)
    await page.enable("gemini-3-flash-preview")
    details = page.view().details
    assert details is not None
    assert not details.can_enable
    assert details.can_try
    assert page.view().counts == "5 on, 1 off"


async def test_terms_that_could_not_be_accepted_leave_the_model_waiting(
    page: ModelsPresenter, service: FakeService
) -> None:
    await filled(page, service)
    page.choose("gemini-3-flash-preview")
    service.answer("enable_model", UpstreamRefused("Your organisation decides."))
    await page.enable("gemini-3-flash-preview")
    details = page.view().details
    assert details is not None
    assert details.can_enable
    assert details.trial is not None
    assert details.trial.line == "Your organisation decides."
