from __future__ import annotations

import pytest

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.interface import RequestFacts
from proxy_core.dialects.registry import DIALECTS
from proxy_core.errors import BadRequest
from proxy_core.routing.route import Route, plan

CHAT, RESPONSES, MESSAGES = Endpoint.CHAT_COMPLETIONS, Endpoint.RESPONSES, Endpoint.MESSAGES


def facts(must_translate: bool = False, has_documents: bool = False) -> RequestFacts:
    return RequestFacts(
        "m", True, True, False, must_translate=must_translate, has_documents=has_documents
    )


def model(*endpoints: Endpoint, kind: str = "chat") -> Model:
    return Model(id="m", name="M", vendor="", kind=kind, endpoints=endpoints)


@pytest.mark.parametrize("client", DIALECTS)
def test_a_client_s_own_dialect_is_passed_through(client: DialectName) -> None:
    route = plan(client, facts(), model(CHAT, RESPONSES, MESSAGES), DIALECTS)
    assert route == Route(client, client, DIALECTS[client].endpoint, translated=False)


@pytest.mark.parametrize(
    ("client", "offered", "chosen"),
    [
        (DialectName.ANTHROPIC_MESSAGES, (CHAT, RESPONSES), DialectName.OPENAI_RESPONSES),
        (DialectName.ANTHROPIC_MESSAGES, (CHAT,), DialectName.OPENAI_CHAT),
        (DialectName.OPENAI_CHAT, (MESSAGES, RESPONSES), DialectName.OPENAI_RESPONSES),
        (DialectName.OPENAI_CHAT, (MESSAGES,), DialectName.ANTHROPIC_MESSAGES),
        (DialectName.OPENAI_RESPONSES, (MESSAGES, CHAT), DialectName.ANTHROPIC_MESSAGES),
        (DialectName.GEMINI, (CHAT, RESPONSES, MESSAGES), DialectName.OPENAI_RESPONSES),
        (DialectName.OLLAMA, (CHAT, MESSAGES), DialectName.ANTHROPIC_MESSAGES),
    ],
)
def test_otherwise_it_is_translated_to_what_keeps_most(
    client: DialectName, offered: tuple[Endpoint, ...], chosen: DialectName
) -> None:
    route = plan(client, facts(), model(*offered), DIALECTS)
    assert (route.upstream, route.endpoint, route.translated) == (
        chosen,
        DIALECTS[chosen].endpoint,
        True,
    )


def test_a_request_that_cannot_be_passed_through_is_translated_within_its_dialect() -> None:
    route = plan(DialectName.OPENAI_CHAT, facts(must_translate=True), model(CHAT), DIALECTS)
    assert route == Route(DialectName.OPENAI_CHAT, DialectName.OPENAI_CHAT, CHAT, translated=True)


def test_a_dialect_we_cannot_speak_upstream_is_not_chosen() -> None:
    spoken = {DialectName.OPENAI_CHAT: DIALECTS[DialectName.OPENAI_CHAT]}
    route = plan(DialectName.ANTHROPIC_MESSAGES, facts(), model(RESPONSES, CHAT), spoken)
    assert route.endpoint is CHAT


def test_a_model_with_no_endpoint_of_ours_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"/embeddings"):
        plan(DialectName.OPENAI_CHAT, facts(), model(Endpoint.EMBEDDINGS), DIALECTS)


@pytest.mark.parametrize("client", DialectName)
def test_a_model_with_the_websocket_alone_is_asked_in_the_words_of_responses(
    client: DialectName,
) -> None:
    route = plan(client, facts(), model(Endpoint.RESPONSES_WEBSOCKET), DIALECTS)
    assert (route.upstream, route.endpoint) == (DialectName.OPENAI_RESPONSES, RESPONSES)
    assert route.translated is (client is not DialectName.OPENAI_RESPONSES)


def test_an_embeddings_model_is_refused_as_such() -> None:
    with pytest.raises(BadRequest, match="is for embeddings"):
        plan(DialectName.OPENAI_CHAT, facts(), model(CHAT, kind="embeddings"), DIALECTS)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ((CHAT, MESSAGES), MESSAGES),
        ((CHAT, RESPONSES), RESPONSES),
        ((CHAT,), CHAT),
    ],
)
def test_a_document_goes_where_documents_are_taken(
    offered: tuple[Endpoint, ...], chosen: Endpoint
) -> None:
    shown = facts(has_documents=True)
    assert plan(DialectName.OPENAI_CHAT, shown, model(*offered), DIALECTS).endpoint is chosen
    route = plan(DialectName.ANTHROPIC_MESSAGES, shown, model(CHAT, RESPONSES, MESSAGES), DIALECTS)
    assert route.endpoint is MESSAGES
