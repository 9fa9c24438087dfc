"""Schemas of tools, as each vendor takes them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.vendor_rules.schemas.json_schemas import inline_references, is_circular
from tests.unit.dialects.vendor_rules.bodies import (
    CHAT,
    CLAUDE,
    GEMINI,
    GPT,
    GROK,
    MESSAGES,
    RESPONSES,
    fit,
    passed_through,
    translated,
)

NODE = {
    "type": "object",
    "properties": {"next": {"$ref": "#/$defs/Node"}, "label": {"type": "string"}},
}


def tool(name: DialectName, schema: Any, **more: Any) -> dict[str, Any]:
    if name is CHAT:
        return {"type": "function", "function": {"name": "t", "parameters": schema, **more}}
    if name is RESPONSES:
        return {"type": "function", "name": "t", "parameters": schema, **more}
    return {"name": "t", "input_schema": schema, **more}


def schema_of(body: Any) -> Any:
    first = body["tools"][0]
    return (first.get("function") or first).get("parameters", first.get("input_schema"))


def asked(name: DialectName, *tools: dict[str, Any]) -> dict[str, Any]:
    hello = [{"role": "user", "content": "hello"}]
    body: dict[str, Any] = {"model": "m", "tools": list(tools)}
    body["input" if name is RESPONSES else "messages"] = hello
    return body | ({"max_tokens": 9} if name is MESSAGES else {})


def fitted(schema: Any, model: Model = GPT, name: DialectName = CHAT) -> Any:
    return schema_of(fit(asked(name, tool(name, schema)), model, name).body)


@pytest.mark.parametrize("name", [CHAT, RESPONSES])
def test_a_function_without_parameters_is_an_object_without_properties(name: DialectName) -> None:
    empty = {"type": "object", "properties": {}}
    assert fitted({"type": "object"}, GPT, name) == empty
    assert fitted({}, GPT, name) == empty
    assert fitted(None, GPT, name) == empty
    closed = {"additionalProperties": False, "type": "object"}
    assert fitted(closed, GPT, name) == {**closed, "properties": {}}


def test_the_parameters_may_be_missing_altogether() -> None:
    body = asked(CHAT, {"type": "function", "function": {"name": "ping"}})
    assert schema_of(fit(body, GPT, CHAT).body) == {"type": "object", "properties": {}}


def test_an_array_says_what_it_holds_wherever_it_stands() -> None:
    schema = {
        "type": "object",
        "properties": {
            "tags": {"type": "array"},
            "grid": {"type": "array", "items": {"type": ["array", "null"]}},
            "either": {"anyOf": [{"type": "array"}, {"type": "string"}]},
        },
    }
    properties = fitted(schema)["properties"]
    assert properties["tags"]["items"] == {}
    assert properties["grid"]["items"]["items"] == {}
    assert properties["either"]["anyOf"][0]["items"] == {}


def test_forms_of_older_drafts_become_those_of_today() -> None:
    schema = {
        "type": "object",
        "properties": {
            "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
            "cap": {"type": "number", "maximum": 9, "exclusiveMaximum": False},
            "pair": {"type": "array", "items": [{"type": "string"}, {"type": "number"}]},
            "name": {"type": "string", "required": True},
        },
    }
    for model, name in ((GPT, CHAT), (CLAUDE, MESSAGES)):
        properties = fitted(schema, model, name)["properties"]
        assert properties["age"] == {"type": "integer", "exclusiveMinimum": 0}
        assert properties["cap"] == {"type": "number", "maximum": 9}
        assert properties["pair"]["items"] == {"anyOf": [{"type": "string"}, {"type": "number"}]}
        assert properties["name"] == {"type": "string"}


def test_an_enum_that_contradicts_its_type_is_put_where_it_was_meant() -> None:
    schema = {
        "type": "object",
        "properties": {
            "level": {"type": "string", "enum": ["low", 3]},
            "port": {"type": "string", "enum": [80, 443]},
            "days": {"type": "array", "items": {"type": "integer"}, "enum": [1, 2]},
        },
    }
    properties = fitted(schema)["properties"]
    assert properties["level"]["enum"] == ["low"]
    assert properties["port"] == {"enum": [80, 443]}
    assert properties["days"] == {"type": "array", "items": {"type": "integer", "enum": [1, 2]}}


def test_a_reference_that_leads_nowhere_becomes_an_open_value() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Gone", "description": "x"}}}
    assert fitted(schema)["properties"]["a"] == {"description": "x"}


def test_a_definition_that_a_wrapper_moved_is_found_by_its_name() -> None:
    inner = {"$defs": {"P": {"type": "string", "maxLength": 3}}, "$ref": "#/$defs/P"}
    schema = {"type": "object", "properties": {"a": inner}}
    sent = fitted(schema)
    assert sent["properties"]["a"]["$ref"] == "#/$defs/P"
    assert sent["$defs"]["P"] == {"type": "string", "maxLength": 3}
    assert fitted(schema, GEMINI)["properties"]["a"] == {"type": "string", "maxLength": 3}


def test_references_that_lead_somewhere_travel_with_their_definitions() -> None:
    schema = {
        "type": "object",
        "properties": {"head": {"$ref": "#/$defs/Node"}},
        "$defs": {"Node": NODE},
    }
    for model, name in ((GPT, CHAT), (GPT, RESPONSES), (CLAUDE, MESSAGES)):
        assert fitted(schema, model, name) == schema


@pytest.mark.parametrize("word", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    ("model", "name"), [(GPT, CHAT), (GPT, RESPONSES), (CLAUDE, MESSAGES), (CLAUDE, CHAT)]
)
def test_alternatives_at_the_top_become_one_object(
    word: str, model: Model, name: DialectName
) -> None:
    schema = {
        "type": "object",
        "properties": {"url": {"type": "string"}},
        word: [
            {"required": ["url"]},
            {"properties": {"path": {"type": "string"}}, "required": ["path"]},
        ],
    }
    result = fit(asked(name, tool(name, schema)), model, name)
    merged = schema_of(result.body)
    assert word not in merged
    assert set(merged["properties"]) == {"url", "path"}
    assert "required" not in merged
    assert "url; or path" in merged["description"]
    assert any("merged into one object" in note for note in result.dropped)


def test_a_union_told_apart_by_a_constant_keeps_what_its_branches_share() -> None:
    schema = {
        "oneOf": [
            {
                "type": "object",
                "properties": {"op": {"const": "add"}, "n": {"type": "integer"}},
                "required": ["op", "n"],
            },
            {"type": "object", "properties": {"op": {"const": "clear"}}, "required": ["op"]},
            {"type": "null"},
        ]
    }
    merged = fitted(schema, CLAUDE, MESSAGES)
    assert merged["properties"]["op"] == {"enum": ["add", "clear"]}
    assert merged["required"] == ["op"]


def test_additions_at_the_top_are_all_required_and_references_written_out() -> None:
    schema = {
        "allOf": [{"$ref": "#/$defs/Base"}, {"properties": {"b": {}}, "required": ["b"]}],
        "$defs": {"Base": {"type": "object", "properties": {"a": {}}, "required": ["a"]}},
    }
    merged = fitted(schema)
    assert set(merged["required"]) == {"a", "b"}
    assert set(merged["properties"]) == {"a", "b"}
    assert "allOf" not in merged


def test_a_whole_schema_behind_a_reference_is_an_object_all_the_same() -> None:
    schema = {"$ref": "#/definitions/Args", "definitions": {"Args": NODE}}
    merged = fitted(schema, CLAUDE, MESSAGES)
    assert merged["type"] == "object"
    assert "$ref" not in merged
    assert set(merged["properties"]) == {"next", "label"}


@pytest.mark.parametrize("name", [MESSAGES, CHAT])
def test_claude_is_told_no_draft(name: DialectName) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "x": {"$schema": "https://example.org/s", "type": "string"},
            "$schema": {"type": "string"},
        },
    }
    sent = fitted(schema, CLAUDE, name)
    assert "$schema" not in sent
    assert sent["properties"] == {"x": {"type": "string"}, "$schema": {"type": "string"}}


def keywords(schema: Any) -> set[str]:
    found: set[str] = set()
    if isinstance(schema, dict):
        for name, value in schema.items():
            found.add(name)
            if name == "properties":
                for each in value.values():
                    found |= keywords(each)
            elif name == "items":
                found |= keywords(value)
    return found


SUBSET = {"type", "description", "properties", "required", "items", "enum", "nullable", "pattern"}
SUBSET |= {"minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"}

WILD: dict[str, Any] = {
    "type": "object",
    "title": "Search",
    "additionalProperties": False,
    "properties": {
        "query": {"type": "string", "minLength": 1, "format": "uri", "default": "x"},
        "limit": {"type": ["integer", "null"], "exclusiveMinimum": 0, "maximum": 50},
        "mode": {"anyOf": [{"const": "fast"}, {"const": "slow"}, {"type": "null"}]},
        "codes": {"type": "array", "items": {"type": ["object", "null"], "properties": {"a": {}}}},
        "size": {"type": "integer", "enum": [1, 2, 4]},
        "ratio": {"type": "number", "exclusiveMaximum": 1.5},
        "filter": {"$ref": "#/$defs/Filter"},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}]},
        "either": {"oneOf": [{"type": "string"}, {"type": "number"}]},
        "map": {"type": "object", "additionalProperties": {"type": "string"}},
        "any": {},
        "yes": True,
        "never": {"not": {"type": "string"}, "type": "string"},
    },
    "required": ["query", "ghost"],
    "$defs": {
        "Filter": {
            "allOf": [
                {"type": "object", "properties": {"field": {"type": "string"}}},
                {"properties": {"value": {"type": "string"}}, "required": ["value"]},
            ]
        }
    },
}


def test_gemini_sees_only_its_subset() -> None:
    sent = fitted(WILD, GEMINI)
    assert keywords(sent) <= SUBSET
    assert sent["required"] == ["query"]
    properties = sent["properties"]
    assert properties["limit"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 50,
        "nullable": True,
    }
    assert properties["mode"] == {"type": "string", "enum": ["fast", "slow"], "nullable": True}
    assert properties["codes"]["items"]["type"] == "object"
    assert properties["size"] == {"type": "integer", "description": "(one of: 1, 2, 4)"}
    assert set(properties["filter"]["properties"]) == {"field", "value"}
    assert properties["filter"]["required"] == ["value"]
    assert properties["pair"]["items"] == {"type": "string"}
    assert properties["either"]["type"] == "string"
    assert "default" in properties["query"]["description"]
    assert properties["any"]["type"] == "string"


def test_gemini_s_answer_form_is_fitted_the_same_way() -> None:
    body = asked(CHAT) | {
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": WILD}}
    }
    sent = fit(body, GEMINI, CHAT).body["response_format"]["json_schema"]
    assert keywords(sent["schema"]) <= SUBSET
    assert sent["name"] == "n"


def test_a_circular_definition_is_written_out_to_a_bounded_depth() -> None:
    schema = {"type": "object", "properties": {"n": {"$ref": "#/$defs/N"}}, "$defs": {"N": NODE}}
    schema["$defs"]["Node"] = {**NODE, "properties": {"n": {"$ref": "#/$defs/N"}}}  # type: ignore[index]
    assert is_circular(schema)
    sent = json.dumps(fitted(schema, GEMINI))
    assert "$ref" not in sent
    assert len(sent) < 3000


def test_definitions_that_double_at_every_level_do_not_explode() -> None:
    levels = {
        f"L{n}": {"properties": {s: {"$ref": f"#/$defs/L{n + 1}"} for s in "abcd"}}
        for n in range(30)
    }
    schema = {"type": "object", "properties": {"x": {"$ref": "#/$defs/L0"}}, "$defs": levels}
    assert len(json.dumps(inline_references(schema))) < 5_000_000


def test_what_fits_already_is_not_touched() -> None:
    good = {
        "type": "object",
        "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"type": "array", "items": {}}},
        "required": ["a"],
    }
    for model, name in ((GPT, CHAT), (GPT, RESPONSES), (CLAUDE, MESSAGES), (GROK, CHAT)):
        result = fit(asked(name, tool(name, good)), model, name)
        assert "tool schemas" not in result.rules
        assert schema_of(result.body) == good


@pytest.mark.parametrize("schema", [True, "text", [1], 7])
def test_a_schema_that_is_no_schema_is_an_empty_object(schema: Any) -> None:
    assert fitted(schema) == {"type": "object", "properties": {}}
    assert fitted(schema, GEMINI) == {"type": "object", "properties": {}}


def test_a_strict_tool_is_closed_for_openai_or_asks_no_more() -> None:
    whole = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    result = fit(asked(CHAT, tool(CHAT, whole, strict=True)), GPT, CHAT)
    assert schema_of(result.body) == {**whole, "additionalProperties": False}
    assert result.body["tools"][0]["function"]["strict"] is True
    optional = {**whole, "required": []}
    result = fit(asked(RESPONSES, tool(RESPONSES, optional, strict=True)), GPT, RESPONSES)
    assert result.body["tools"][0]["strict"] is False
    assert "tools[].strict" in result.dropped


def test_a_strict_tool_of_claude_may_have_optional_members_but_no_bounds() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    result = fit(asked(MESSAGES, tool(MESSAGES, schema, strict=True)), CLAUDE, MESSAGES)
    sent = schema_of(result.body)
    assert sent["additionalProperties"] is False
    assert sent["properties"]["n"] == {"type": "integer", "description": "{minimum: 1}"}


@pytest.mark.parametrize("client", [CHAT, MESSAGES, RESPONSES])
@pytest.mark.parametrize(
    ("model", "upstream"), [(GPT, CHAT), (GPT, RESPONSES), (CLAUDE, MESSAGES), (GEMINI, CHAT)]
)
def test_every_way_ends_in_the_same_schema(
    client: DialectName, model: Model, upstream: DialectName
) -> None:
    schema = {"type": "object", "$schema": "http://json-schema.org/draft-07/schema#"}
    schema |= {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    schema |= {"properties": {"a": {"type": "array"}, "b": {"type": ["string", "null"]}}}
    body = asked(client, tool(client, schema))
    if client is upstream:
        sent = schema_of(passed_through(body, model, client).body)
    else:
        sent = schema_of(translated(body, model, client, upstream).body)
    assert sent == fitted(schema, model, upstream)
