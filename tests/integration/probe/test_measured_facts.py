"""What was measured counts before what is known in general; a file that cannot be used is told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from proxy_core.app.measured_account import read_facts
from proxy_core.canonical.model import Endpoint, Model, Supports
from proxy_core.clock import Clock
from proxy_core.config.settings import ParameterPolicy, ResponsesWebSocket, UpstreamSettings
from proxy_core.copilot_facts.measured import MeasuredFacts, facts_from_verdicts
from proxy_core.doctor.probe.report import FORMAT, VERSION, read_report
from proxy_core.errors import BadRequest
from proxy_core.routing.upstream_api import Initiator, UpstreamCall
from proxy_core.upstream.calls.websocket import WebSocketChoice
from proxy_core.upstream.catalog.parsing import parse_catalog
from proxy_core.upstream.parameters.policy import OutboundBody, prepare

THINKING = Model("m", "M", "OpenAI", supports=Supports(reasoning_efforts=("low",)))


def _prepared(
    endpoint: Endpoint, measured: MeasuredFacts, *, betas: str = "", **members: object
) -> OutboundBody:
    call = UpstreamCall(
        endpoint=endpoint,
        model=THINKING,
        body=members,
        initiator=Initiator.USER,
        has_images=False,
        request_id="r",
        headers={"anthropic-beta": betas} if betas else {},
    )
    return prepare(call, ParameterPolicy.ADAPTIVE, (), measured)


def test_a_member_that_was_measured_as_refused_is_left_out_and_named() -> None:
    facts = facts_from_verdicts({"chat_temperature": "refused", "chat_max_tokens": "taken"})
    sent = _prepared(Endpoint.CHAT_COMPLETIONS, facts, temperature=0.2, max_tokens=5)
    assert "temperature" not in sent.body
    assert sent.body["max_tokens"] == 5
    assert sent.dropped == ("temperature",)


def test_a_member_that_was_measured_as_taken_is_sent() -> None:
    facts = facts_from_verdicts(
        {"responses_temperature": "taken", "responses_service_tier": "taken"}
    )
    sent = _prepared(
        Endpoint.RESPONSES, facts, temperature=0.2, service_tier="auto", background=True
    )
    assert sent.body["temperature"] == 0.2
    assert sent.body["service_tier"] == "auto"
    assert "background" not in sent.body


@pytest.mark.parametrize("verdict", ["unclear", "not asked", "no model for it", "a new word"])
def test_what_was_not_settled_changes_nothing(verdict: str) -> None:
    facts = facts_from_verdicts(
        dict.fromkeys(("responses_temperature", "chat_temperature"), verdict)
    )
    assert facts == MeasuredFacts()


def test_a_beta_that_was_measured_as_taken_is_forwarded() -> None:
    beta = "context-1m-2025-08-07"
    members = {"max_tokens": 5}
    held = _prepared(Endpoint.MESSAGES, MeasuredFacts(), betas=beta, **members)
    assert held.betas == ()
    facts = facts_from_verdicts({"beta_long_context": "taken"})
    assert _prepared(Endpoint.MESSAGES, facts, betas=beta, **members).betas == (beta,)


def test_a_service_without_websockets_is_asked_over_http() -> None:
    model = Model("m", "M", "OpenAI", endpoints=(Endpoint.RESPONSES, Endpoint.RESPONSES_WEBSOCKET))
    settings = UpstreamSettings(responses_websocket=ResponsesWebSocket.ALWAYS)
    for verdict, expected in (("taken", True), ("refused", False)):
        facts = facts_from_verdicts({"websocket": verdict})
        choice = WebSocketChoice(lambda: settings, Clock(), lambda facts=facts: facts)  # type: ignore[misc]
        assert choice.pays(Endpoint.RESPONSES, model, 10) is expected


def test_a_model_that_was_listed_and_not_served_is_not_offered() -> None:
    entries = [{"id": name, "capabilities": {"type": "chat"}} for name in ("served", "other")]
    facts = facts_from_verdicts({"unserved_models": "refused: other"})
    models = {each.id: each.in_picker for each in parse_catalog(entries, facts.unserved)}
    assert models == {"served": True, "other": False}


def _content(**changes: object) -> bytes:
    whole = {"format": FORMAT, "version": VERSION, "verdicts": {}, "models": []}
    return msgspec.json.encode(whole | changes)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[1]", "was not written by"),
        (b'{"verdicts": {}}', "was not written by"),
        (_content(version=99), "version is 99"),
        (_content(verdicts=[]), "verdicts are missing"),
        (_content(verdicts={"plan": 1}), "verdicts are missing"),
        (_content(models="many"), "list of models"),
        (_content(models=[1]), "list of models"),
    ],
)
def test_a_bad_or_foreign_file_says_what_is_wrong_with_it(content: bytes, why: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_report(content)
    assert why in caught.value.message


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadRequest) as caught:
        read_facts(str(tmp_path / "nowhere.json"))
    assert "nowhere.json" in caught.value.message
