"""One prompt to one model, through our own server and back: demo mode, no Qt."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from proxy_core.app.service import Overrides, ProxyService
from proxy_core.app.trial import LONGEST_PROMPT
from proxy_core.config.paths import find_paths
from proxy_core.errors import BadRequest, Cancelled, ProxyError


@pytest.fixture
def service() -> Iterator[ProxyService]:
    service = ProxyService(find_paths({}), demo=True, environ={}, overrides=Overrides(port=0))
    service.boot()
    yield service
    assert service.shutdown(60)


def test_a_trial_answers_with_time_tokens_and_credits(service: ProxyService) -> None:
    service.submit(lambda commands: commands.start()).result(90)
    trial = service.submit(
        lambda commands: commands.try_model(
            "claude-sonnet-4.6",
            "Repeat exactly the following text and nothing else:\n Hello there",
        )
    ).result(90)
    assert trial.answer == "Hello there"
    assert trial.model == "claude-sonnet-4.6"
    assert trial.seconds > 0
    assert trial.input_tokens > 0
    assert trial.output_tokens > 0
    assert trial.nano_credits is not None
    assert trial.nano_credits > 0
    last = service.status.last_request
    assert last is not None
    assert last.client == "g-copilot-proxy", "it is listed as what it is"


def test_a_model_that_only_speaks_another_dialect_is_tried_too(service: ProxyService) -> None:
    service.submit(lambda commands: commands.start()).result(90)
    trial = service.submit(
        lambda commands: commands.try_model("gpt-5.3-codex", "Say hello")
    ).result(90)
    assert trial.answer


def test_a_refusal_comes_in_the_servers_own_words(service: ProxyService) -> None:
    service.submit(lambda commands: commands.start()).result(90)
    with pytest.raises(ProxyError, match="no-such-model") as refused:
        service.submit(lambda commands: commands.try_model("no-such-model", "Say hello")).result(90)
    assert refused.value.title == "The model did not answer"
    with pytest.raises(ProxyError):
        service.submit(
            lambda commands: commands.try_model("gpt-4.1", "Say hello [sim:402]")
        ).result(90)


def test_while_the_server_is_off_nothing_is_sent(service: ProxyService) -> None:
    with pytest.raises(Cancelled, match="Start the server first"):
        service.submit(lambda commands: commands.try_model("gpt-4.1", "Say hello")).result(90)
    assert service.status.recent == ()


@pytest.mark.parametrize("prompt", ["", "  \n", "x" * (LONGEST_PROMPT + 1)])
def test_a_prompt_is_one_line_of_bounded_length(service: ProxyService, prompt: str) -> None:
    service.submit(lambda commands: commands.start()).result(90)
    with pytest.raises(BadRequest, match="one line"):
        service.submit(lambda commands: commands.try_model("gpt-4.1", prompt)).result(90)
