"""The form of the answer: fulfilled or refused, never left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.model import Endpoint
from proxy_core.canonical.request import DialectName
from proxy_core.upstream.calls.error_response import read_failure
from proxy_core.upstream.parameters.outbound_body import OutboundBody
from proxy_core.upstream.parameters.refusals import read_refusals
from tests.unit.dialects.vendor_rules.bodies import (
    CHAT,
    CLAUDE,
    GPT,
    MESSAGES,
    RESPONSES,
    fit,
    passed_through,
    translated,
)

BOOK: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 2, "description": "As printed"},
        "year": {"type": ["integer", "null"], "minimum": 1450},
        "authors": {
            "type": "array",
            "minItems": 2,
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
        "kind": {"oneOf": [{"const": "novel"}, {"const": "essay"}]},
        "link": {"type": "string", "format": "uri-reference"},
        "mail": {"type": "string", "format": "email"},
    },
    "required": ["title"],
}
HELLO = [{"role": "user", "content": "a book"}]


def objects(schema: Any) -> list[dict[str, Any]]:
    found = []
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            found.append(schema)
        for each in schema.values():
            found += objects(each)
    elif isinstance(schema, list):
        for each in schema:
            found += objects(each)
    return found


def for_claude(**members: Any) -> Any:
    body = {"model": "m", "max_tokens": 9, "messages": HELLO, **members}
    return passed_through(body, CLAUDE, MESSAGES)


def test_output_format_is_output_config_format_by_its_old_name() -> None:
    result = for_claude(output_format={"type": "json_schema", "schema": BOOK})
    assert "output_format" not in result.body
    assert result.body["output_config"]["format"]["type"] == "json_schema"
    assert all(each["additionalProperties"] is False for each in objects(result.body))


def test_the_new_name_wins_and_the_effort_beside_it_stays() -> None:
    newer = {"type": "json_schema", "schema": {"type": "object", "properties": {"a": {}}}}
    result = for_claude(
        output_config={"format": newer, "effort": "low"},
        output_format={"type": "json_schema", "schema": BOOK},
    )
    assert set(result.body["output_config"]["format"]["schema"]["properties"]) == {"a"}
    assert result.body["output_config"]["effort"] == "low"


def test_what_claude_cannot_enforce_is_told_in_the_description() -> None:
    sent = for_claude(output_config={"format": {"type": "json_schema", "schema": BOOK}}).body
    schema = sent["output_config"]["format"]["schema"]
    assert schema["required"] == ["title"]
    assert len(objects(schema)) == 2
    assert all(each["additionalProperties"] is False for each in objects(schema))
    properties = schema["properties"]
    assert properties["title"] == {
        "type": "string",
        "description": "As printed\n\n{minLength: 2}",
    }
    assert properties["year"]["anyOf"] == [{"type": "integer"}, {"type": "null"}]
    assert "minimum: 1450" in properties["year"]["description"]
    assert "minItems: 2" in properties["authors"]["description"]
    assert properties["kind"] == {"anyOf": [{"const": "novel"}, {"const": "essay"}]}
    assert "format" not in properties["link"]
    assert properties["mail"]["format"] == "email"


def test_a_name_and_strictness_are_openai_s_and_stay_behind() -> None:
    wanted = {"type": "json_schema", "name": "b", "strict": True, "schema": {"type": "object"}}
    wanted["schema"] = {"type": "object", "properties": {}}
    sent = for_claude(output_config={"format": wanted}).body
    assert set(sent["output_config"]["format"]) == {"type", "schema"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"m": {"type": "object", "additionalProperties": {}}}},
        {
            "type": "object",
            "properties": {"t": {"$ref": "#/$defs/T"}},
            "$defs": {
                "T": {"type": "object", "properties": {"kids": {"items": {"$ref": "#/$defs/T"}}}}
            },
        },
    ],
    ids=["a map", "a tree"],
)
def test_what_no_grammar_can_hold_is_asked_for_in_words(schema: dict[str, Any]) -> None:
    wanted = {"type": "json_schema", "schema": schema}
    result = for_claude(output_config={"format": wanted, "effort": "low"}, system="Be brief.")
    assert result.body["output_config"] == {"effort": "low"}
    first, second = result.body["system"]
    assert first["text"] == "Be brief."
    assert json.dumps(schema, separators=(",", ":")) in second["text"]
    assert "output_config.format (asked for in words)" in result.dropped


@pytest.mark.parametrize(("client", "upstream"), [(CHAT, MESSAGES), (RESPONSES, MESSAGES)])
def test_openai_s_lax_schema_is_closed_for_claude(
    client: DialectName, upstream: DialectName
) -> None:
    if client is CHAT:
        form: dict[str, Any] = {"type": "json_schema"}
        form["json_schema"] = {"name": "b", "schema": BOOK}
        body = {"model": "m", "messages": HELLO, "response_format": form}
    else:
        flat = {"type": "json_schema", "name": "b", "schema": BOOK}
        body = {"model": "m", "input": "a book", "text": {"format": flat}}
    sent = translated(body, CLAUDE, client, upstream).body["output_config"]["format"]["schema"]
    assert [each["additionalProperties"] for each in objects(sent)] == [False, False]
    assert sent["required"] == ["title"]


def test_claude_behind_chat_gets_the_same_subset() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "b", "schema": BOOK, "strict": True}}
    body = {"model": "m", "messages": HELLO, "response_format": form}
    sent = passed_through(body, CLAUDE, CHAT).body["response_format"]["json_schema"]["schema"]
    assert all(each["additionalProperties"] is False for each in objects(sent))
    assert sent["properties"]["title"]["description"].endswith("{minLength: 2}")


def test_openai_s_strict_form_is_completed() -> None:
    flat = {"type": "json_schema", "name": "b", "schema": BOOK, "strict": True}
    body = {"model": "m", "input": "a book", "text": {"format": flat, "verbosity": "low"}}
    sent = passed_through(body, GPT, RESPONSES).body["text"]
    schema = sent["format"]["schema"]
    assert sent["verbosity"] == "low"
    assert schema["required"] == list(BOOK["properties"])
    assert all(each["additionalProperties"] is False for each in objects(schema))
    assert schema["properties"]["title"]["type"] == "string"
    assert schema["properties"]["mail"]["type"] == ["string", "null"]
    assert {"type": "null"} in schema["properties"]["kind"]["anyOf"]


def test_a_lax_form_for_openai_stays_lax() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "b", "schema": {"type": "object"}}}
    body = {"model": "m", "messages": HELLO, "response_format": form}
    assert passed_through(body, GPT, CHAT).body["response_format"] == form


def test_a_strict_form_with_a_map_becomes_lax_and_is_mended_like_one() -> None:
    odd = {"type": ["object"], "additionalProperties": {"type": "string"}}
    form = {"type": "json_schema", "json_schema": {"name": "b", "schema": odd, "strict": True}}
    sent = passed_through({"model": "m", "messages": HELLO, "response_format": form}, GPT, CHAT)
    fitted = sent.body["response_format"]["json_schema"]
    assert fitted == {"name": "b", "schema": {**odd, "type": "object"}, "strict": False}
    assert sent.dropped == ("response_format.strict",)
    again = passed_through(
        {"model": "m", "messages": HELLO, "response_format": sent.body["response_format"]},
        GPT,
        CHAT,
    )
    assert again.body["response_format"] == sent.body["response_format"]


def test_a_refused_schema_is_asked_for_in_words() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "b", "schema": BOOK}}
    body = {"model": "m", "messages": HELLO, "response_format": form}
    result = fit(body, GPT, CHAT, refused=("structured output in words",))
    assert result.body["response_format"] == {"type": "json_object"}
    assert "authors" in result.body["messages"][0]["content"]


@pytest.mark.parametrize("member", ["output_config", "text", "output_format"])
def test_the_form_is_never_learned_away(member: str) -> None:
    text = f'{{"error":{{"message":"{member}: Extra inputs are not permitted"}}}}'
    failure = read_failure(400, {}, text.encode(), 0.0)
    form = {"format": {"type": "json_schema", "schema": {}}, "effort": "low"}
    prepared = OutboundBody(Endpoint.MESSAGES, {member: form}, {})
    for refusal in read_refusals(failure, Endpoint.MESSAGES).named:
        prepared = prepared.without_path(".".join(refusal.path))  # type: ignore[union-attr]
    assert prepared.body[member]["format"] == form["format"]
