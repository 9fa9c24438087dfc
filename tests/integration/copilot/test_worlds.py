"""The product in front of Copilot at each date: sign in, see the models, and work with what is listed.

No model is named here: each is taken from the live list by what it says it can do, one for every vendor
and way of being served; ``SDK_MATRIX=long`` takes all that are listed.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Mapping

import anthropic
import openai
import pytest
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from proxy_core.canonical.model import Model
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountState
from tests.integration.copilot.conftest import CHAT, Rig
from tests.integration.copilot.sdk_scenarios import OPENAI, SCENARIOS
from tests.integration.server.conftest import KEY

WORLDS = ("2026-06", "2026-08", "2026-11")
IS_LONG = os.environ.get("SDK_MATRIX") == "long"

ABILITIES: Mapping[str, Callable[[Model], bool]] = {
    "chat, streamed": lambda model: model.supports.streaming,
    "chat, tool loop": lambda model: model.supports.tool_calls,
    "chat, image": lambda model: model.supports.vision,
    "chat, thinking": lambda model: "high" in model.supports.reasoning_efforts,
    "responses, streamed": lambda model: model.supports.streaming,
    "responses, tool loop": lambda model: model.supports.tool_calls,
    "responses, thinking": lambda model: (
        "high" in model.supports.reasoning_efforts
        and any("responses" in each.value for each in model.endpoints)
    ),
    "messages, streamed": lambda model: model.supports.streaming,
    "messages, tool loop": lambda model: model.supports.tool_calls,
    "messages, image": lambda model: model.supports.vision,
    "messages, thinking": lambda model: (
        model.supports.thinking and any("messages" in each.value for each in model.endpoints)
    ),
}
"""What a model must say of itself for a scenario."""


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def clients(rig: Rig) -> AsyncIterator[tuple[AsyncOpenAI, AsyncAnthropic]]:
    """Without repeats of their own: what fails is seen."""
    first_http = openai.DefaultAsyncHttpxClient(verify=False, trust_env=False)
    second_http = anthropic.DefaultAsyncHttpxClient(verify=False, trust_env=False)
    async with (
        AsyncOpenAI(
            base_url=f"{rig.url}/v1", api_key=KEY, max_retries=0, http_client=first_http
        ) as first,
        AsyncAnthropic(
            base_url=rig.url, api_key=KEY, max_retries=0, http_client=second_http
        ) as second,
    ):
        yield first, second


async def listed(rig: Rig) -> list[Model]:
    """Chat models that a client is shown and a person may pick, once their terms are accepted."""
    for each in await rig.engine.commands.models():
        if each.awaits_consent and each.disabled_reason is None:
            await rig.engine.commands.enable_model(each.id)
    answer = await rig.get("/v1/models")
    shown = {each["id"] for each in (await answer.json())["data"]}
    return [
        each
        for each in await rig.engine.commands.models()
        if each.id in shown and each.kind == "chat" and each.in_picker
    ]


def one_of_each(models: list[Model]) -> list[Model]:
    """The first of every vendor and way of being served."""
    if IS_LONG:
        return models
    found: dict[object, Model] = {}
    for each in models:
        found.setdefault((each.vendor, each.endpoints), each)
    return list(found.values())


async def test_a_person_signs_in_and_sees_what_the_account_offers(rig: Rig) -> None:
    def authorize(progress: SignInProgress) -> None:
        if progress.state is SignInState.WAITING:
            rig.simulator.authorize(progress.user_code)

    await rig.engine.commands.sign_out()
    status = await rig.engine.commands.sign_in(authorize, None)
    assert status.state is AccountState.SIGNED_IN
    models = await listed(rig)
    assert len({each.vendor for each in models}) >= 3
    for path in ("chat", "responses", "messages"):
        assert any(path in endpoint.value for each in models for endpoint in each.endpoints), path


@pytest.mark.parametrize("name", ABILITIES)
async def test_what_the_list_says_a_model_can_do_works(
    rig: Rig, clients: tuple[AsyncOpenAI, AsyncAnthropic], name: str
) -> None:
    able = one_of_each([each for each in await listed(rig) if ABILITIES[name](each)])
    assert able, "somebody can"
    failed = {}
    for number, model in enumerate(able):
        client = clients[0] if name in OPENAI else clients[1]
        try:
            await SCENARIOS[name](client, model.id, f"plum-{number}")
        except (openai.APIError, anthropic.APIError, AssertionError) as error:
            failed[model.id] = f"{type(error).__name__}: {str(error)[:300]}"
    assert not failed
    await rig.idle()
    assert rig.calls()


async def test_a_model_that_is_gone_is_refused_with_what_there_is_instead(rig: Rig) -> None:
    answer = await rig.ask(CHAT, "no-such-model-9000", "hi")
    error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (404, "model_not_found")
    assert not rig.calls()
