"""What needs nothing leaves as it came, to the byte; fitting twice changes nothing more.

Real requests lie beside the repository where it is developed; elsewhere their tests are skipped.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.registry import dialect
from proxy_core.dialects.vendor_rules import Target, client_items, fit_request
from proxy_core.dialects.vendor_rules.outgoing import OutgoingBody, Rule, VendorFamily
from proxy_core.dialects.vendor_rules.tables import TABLE
from proxy_core.errors import ProxyError
from tests.golden.cases import SPOKEN, request_cases
from tests.unit.dialects.vendor_rules.bodies import (
    CHAT,
    CLAUDE,
    GEMINI,
    GPT,
    GROK,
    KIMI,
    MESSAGES,
    OLD_CLAUDE,
    RESPONSES,
    plain,
    raw,
)

CAPTURES = Path(__file__).resolve().parents[4].parent / "shared" / "reference" / "captures"
PATHS = {"/v1/chat/completions": CHAT, "/v1/messages": MESSAGES, "/v1/responses": RESPONSES}
OWN_MODEL = {CHAT: GPT, MESSAGES: CLAUDE, RESPONSES: GPT}
ALL_RULES = tuple(rule for rules in TABLE.values() for rule in rules)
DEMANDS = frozenset(rule.name for rule in ALL_RULES if rule.when_refused)

NEEDED = {
    "claude-code": {"tool schemas"},  # "$schema"
    "opencode-anthropic": {"tool schemas"},  # the same
}
"""Clients whose requests their own vendor would not take from us as they are, and for what."""


def captured() -> list[Any]:
    found = []
    for path in sorted(CAPTURES.glob("*/*.json")):
        capture = json.loads(path.read_text(encoding="utf-8"))
        name = PATHS.get(str(capture.get("path")).split("?")[0])
        if name is not None and isinstance(capture.get("body"), dict):
            where = f"{path.parent.name}/{path.stem}"
            found.append(pytest.param(where, name, capture["body"], id=where))
    return found


REAL = captured()
each_real_request = pytest.mark.parametrize(
    ("client", "name", "body"),
    REAL
    or [pytest.param("", CHAT, {}, marks=pytest.mark.skip("no captures beside the repository"))],
)
with_each_model = pytest.mark.parametrize(
    ("model", "upstream"),
    [
        (GPT, CHAT),
        (CLAUDE, CHAT),
        (GEMINI, CHAT),
        (KIMI, CHAT),
        (GROK, CHAT),
        (GPT, RESPONSES),
        (CLAUDE, MESSAGES),
        (OLD_CLAUDE, MESSAGES),
    ],
    ids=lambda value: value.id if isinstance(value, Model) else str(value),
)


@each_real_request
def test_a_real_request_to_its_own_vendor_is_changed_only_where_it_must(
    client: str, name: DialectName, body: dict[str, Any]
) -> None:
    model = OWN_MODEL[name]
    edited = dialect(name).pass_through_request(raw(body), model)
    fitted = fit_request(edited.body, Target(model, dialect(name).endpoint, name))
    allowed = set().union(*(v for k, v in NEEDED.items() if client.startswith(k)), set())
    assert set(fitted.rules) <= allowed
    changed = {k for k in edited.body if fitted.body.get(k) is not edited.body[k]}
    assert changed <= {"tools", "messages"}
    assert bool(changed) == bool(fitted.rules)
    if not changed:
        assert msgspec.json.encode(fitted.body) == msgspec.json.encode(edited.body)


@pytest.mark.parametrize("upstream", SPOKEN)
@pytest.mark.parametrize("case", request_cases(SPOKEN), ids=lambda case: case.name)
def test_fitting_twice_is_fitting_once(case: Path, upstream: DialectName) -> None:
    name = DialectName(case.name.split("-")[0])
    body = msgspec.json.decode((case / "request.json").read_bytes())
    for model in (GPT, CLAUDE, GEMINI, KIMI, GROK, OLD_CLAUDE):
        try:
            rendered = dialect(upstream).render_request(dialect(name).parse_request(body), model)
        except ProxyError:
            continue
        before = plain(rendered.body)
        for refused in (frozenset(), DEMANDS):
            target = Target(model, dialect(upstream).endpoint, name, refused)
            once = fit_request(rendered.body, target)
            assert plain(rendered.body) == before, "what was handed in is not altered"
            twice = fit_request(once.body, target)
            assert plain(twice.body) == plain(once.body)
            assert (twice.rules, twice.dropped) == ((), ())


@with_each_model
@pytest.mark.parametrize("case", request_cases(SPOKEN), ids=lambda case: case.name)
def test_raw_and_decoded_bodies_are_fitted_alike(
    case: Path, model: Model, upstream: DialectName
) -> None:
    """No look into raw bytes may miss what decoding would show."""
    name = DialectName(case.name.split("-")[0])
    if name is not upstream:
        return
    body = msgspec.json.decode((case / "request.json").read_bytes())
    target = Target(model, dialect(name).endpoint, name)
    assert plain(fit_request(raw(body), target).body) == plain(fit_request(body, target).body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
TYPE_NAMES = ("string", "integer", "number", "boolean", "null", "array", "object", "odd")
schemas = st.recursive(
    st.sampled_from([True, {}, {"type": "string"}, {"$ref": "#/$defs/A"}, {"$ref": "#/nowhere"}])
    | json_values,
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(TYPE_NAMES) | st.lists(st.sampled_from(TYPE_NAMES), max_size=3),
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | json_values,
            "items": inner | st.lists(inner, max_size=2),
            "required": st.lists(st.sampled_from("abcd")) | st.just(True),
            "anyOf": st.lists(inner, max_size=3) | json_values,
            "oneOf": st.lists(inner, max_size=2),
            "allOf": st.lists(inner, max_size=2),
            "enum": st.lists(json_values, max_size=3),
            "const": json_values,
            "$defs": st.dictionaries(st.sampled_from("AB"), inner, max_size=2),
            "$ref": st.sampled_from(["#", "#/$defs/A", "#/$defs/B", "x", "#/properties/a"]),
            "$schema": st.just("http://json-schema.org/draft-07/schema#"),
            "exclusiveMinimum": st.booleans() | st.integers(0, 3),
            "minimum": st.integers(0, 3),
            "additionalProperties": st.booleans() | inner,
            "description": st.text(max_size=3),
            "default": json_values,
        },
    ),
    max_leaves=8,
)
_FORM = {"type": "json_schema", "schema": {"anyOf": [{"type": "array"}]}, "strict": True}
_PROVOKING: dict[str, Any] = {
    "tools": [
        {"type": "function", "function": {"name": "f", "strict": True, "parameters": {}}},
        {"type": "function", "name": "f", "strict": True, "parameters": {"type": "array"}},
        {"name": "f", "input_schema": {"$schema": "draft-07", "properties": {}}},
    ],
    "tool_choice": {"type": "any"},
    "thinking": {"type": "enabled", "budget_tokens": 2000},
    "output_config": {"effort": "odd", "format": _FORM},
    "output_format": _FORM,
    "response_format": {"type": "json_schema", "json_schema": {"name": "n", **_FORM}},
    "text": {"format": _FORM},
    "metadata": {"user_id": "a@example.com", "long": "x" * 600},
    **dict.fromkeys(("user", "safety_identifier", "prompt_cache_key"), "x" * 80),
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "temperature", "top_k"), 0),
    **dict.fromkeys(("logprobs", "top_logprobs"), 1),
    "top_p": 0.5,
    "reasoning_effort": "high",
    "thinking_budget": 2000,
    "system": "S",
}
"""Members as some rule would change them."""

other_members = st.fixed_dictionaries(
    {}, optional={name: st.just(value) | json_values for name, value in _PROVOKING.items()}
)
TARGETS = [(GPT, CHAT), (CLAUDE, CHAT), (GEMINI, CHAT), (GPT, RESPONSES), (CLAUDE, MESSAGES)]


LEADS_NOWHERE = {"allOf": [{"properties": {"a": {"$ref": "#/properties/a"}}}]}
"""Its reference would lead somewhere, and in a circle, once the branch stands at the top."""


@settings(max_examples=300, deadline=None)
@example(schema=LEADS_NOWHERE, strict=False, target=TARGETS[1])
@given(schema=schemas, strict=st.booleans(), target=st.sampled_from(TARGETS))
def test_any_schema_is_fitted_and_stays_fitted(
    schema: Any, strict: bool, target: tuple[Model, DialectName]
) -> None:
    model, name = target
    declared = {"name": "f", "strict": strict}
    body: dict[str, Any] = {"model": "m", "messages": [], "input": []}
    if name is CHAT:
        body["tools"] = [{"type": "function", "function": {**declared, "parameters": schema}}]
        form = {"name": "n", "schema": schema, "strict": strict}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    elif name is RESPONSES:
        body["tools"] = [{"type": "function", **declared, "parameters": schema}]
        body["text"] = {"format": {"type": "json_schema", "schema": schema, "strict": strict}}
    else:
        body["tools"] = [{**declared, "input_schema": schema}]
        body["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    aim = Target(model, dialect(name).endpoint, name)
    once = fit_request(raw(body), aim)
    tool = plain(once.body)["tools"][0]
    holder = tool.get("function", tool)
    parameters = holder.get("parameters", holder.get("input_schema"))
    assert parameters["type"] == "object"
    assert not parameters.keys() & {"anyOf", "oneOf", "allOf", "not", "enum"}
    assert plain(fit_request(once.body, aim).body) == plain(once.body)


messages = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "role": st.sampled_from(["user", "assistant", "system", "tool", "developer"]),
            "content": json_values
            | st.lists(
                st.fixed_dictionaries(
                    {"type": st.sampled_from(["text", "image", "image_url", "file", "tool_use"])},
                    optional=dict.fromkeys(("text", "source", "image_url", "input"), json_values),
                ),
                max_size=3,
            ),
            "tool_calls": json_values
            | st.lists(st.fixed_dictionaries({"function": json_values}), max_size=2),
            "type": st.sampled_from(["message", "function_call", "reasoning"]),
            "id": json_values,
        },
    )
    | json_values,
    max_size=4,
)


conversations = st.fixed_dictionaries({}, optional={"messages": messages, "input": messages})


@settings(max_examples=300, deadline=None)
@given(
    conversation=messages,
    members=other_members,
    target=st.sampled_from([*TARGETS, (KIMI, CHAT)]),
)
def test_whatever_a_client_sends_a_rule_does_not_stumble(
    conversation: Any, members: dict[str, Any], target: tuple[Model, DialectName]
) -> None:
    """What is wrong with such a body is upstream's to say."""
    model, name = target
    member = "input" if name is RESPONSES else "messages"
    body = {"model": "m", member: conversation, **members}
    endpoint: Endpoint = dialect(name).endpoint
    for refused in (frozenset(), DEMANDS):
        fit_request(raw(body), Target(model, endpoint, name, refused))


def with_every_rule(body: dict[str, Any], target: Target) -> dict[str, Any]:
    """Return what becomes of a body where every rule looks at it, whatever members it has."""
    fitted = OutgoingBody(body, target)
    for rule in TABLE[target.family, target.endpoint]:
        is_on = not rule.when_refused or rule.name in target.refused
        if is_on and rule.may_apply(fitted):
            rule.apply(fitted)
    return plain(fitted.result(()).body)


AMONG_ITEMS = {
    "input": [{"type": "additional_tools", "tools": [{"type": "function", "name": "f"}]}]
}
"""A rule for models that refuse it adds ``tools``, which rules further down look at."""


@settings(max_examples=100, deadline=None)
@example(AMONG_ITEMS, TARGETS[3], frozenset({client_items.HOISTED_TOOLS.name}))
@given(
    body=st.builds(lambda said, rest: {**rest, **said}, conversations, other_members),
    target=st.sampled_from([*TARGETS, (KIMI, CHAT)]),
    refused=st.just(frozenset()) | st.frozensets(st.sampled_from(sorted(DEMANDS))),
)
def test_a_rule_is_passed_over_only_where_it_would_change_nothing(
    body: dict[str, Any], target: tuple[Model, DialectName], refused: frozenset[str]
) -> None:
    model, name = target
    aim = Target(model, dialect(name).endpoint, name, refused)
    assert plain(fit_request(raw(body), aim).body) == with_every_rule(raw(body), aim)


@pytest.mark.parametrize(
    "rule", dict.fromkeys(each for each in ALL_RULES if each.members), ids=lambda rule: rule.name
)
def test_a_rule_changes_something_only_where_it_has_one_of_its_members(rule: Rule) -> None:
    def changes(body: dict[str, Any]) -> bool:
        for family, endpoint in (key for key, rules in TABLE.items() if rule in rules):
            model = Model("m", "M", family)
            fitted = OutgoingBody(raw(body), Target(model, endpoint, CHAT))
            if rule.may_apply(fitted):
                rule.apply(fitted)
            if fitted.changes:
                return True
        return False

    assert changes(_PROVOKING)
    assert not changes({n: value for n, value in _PROVOKING.items() if n not in rule.members})


def test_every_family_and_endpoint_that_can_meet_has_its_rules() -> None:
    for family in VendorFamily:
        assert TABLE[family, Endpoint.CHAT_COMPLETIONS]
        assert TABLE[family, Endpoint.RESPONSES]
    assert TABLE[VendorFamily.ANTHROPIC, Endpoint.MESSAGES]
    for rules in TABLE.values():
        refused = [rule.name for rule in rules if rule.when_refused]
        assert len(refused) == len(set(refused))
        assert not {rule.name for rule in rules if not rule.when_refused} & set(refused)


def test_a_thinking_block_is_never_rewritten() -> None:
    """A signature covers it, byte for byte, and the order of what stands around it."""
    thought = {"type": "thinking", "thinking": " Hm.\n", "signature": "U2ln"}
    redacted = {"type": "redacted_thinking", "data": "ZGF0YQ=="}
    use = {"type": "tool_use", "id": "a.b:1", "name": "read", "input": None}
    answer = {"type": "tool_result", "tool_use_id": "a.b:1", "content": "x"}
    body = {
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": [thought, redacted, use]},
            {"role": "user", "content": [answer]},
            {"role": "system", "content": "Reminder."},
        ]
    }
    sent = plain(fit_request(raw(body), Target(CLAUDE, Endpoint.MESSAGES, MESSAGES)).body)
    assert sent["messages"][1]["content"][:2] == [thought, redacted]
    assert [b["type"] for b in sent["messages"][1]["content"]] == [
        "thinking",
        "redacted_thinking",
        "tool_use",
    ]
