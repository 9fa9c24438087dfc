"""Checks a request's scalar members against the vendor's rules, for pass-through and translation.

A repair may drop or adjust a valid member that a model does not support, but must never hide an
invalid one: this runs before anything is dropped, adjusted or translated. Conversations and tools
are not checked. Errors have the wording of the vendor whose API the client uses.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from proxy_core.canonical.model import Endpoint
from proxy_core.copilot_facts.betas import HEADER, INTERLEAVED_THINKING
from proxy_core.copilot_facts.member_rules import (
    FORMAT_TYPES,
    MEMBER_RULES,
    MemberRule,
    ValueType,
    is_content_block,
)
from proxy_core.dialects.shared.json_members import decode_raw, type_name
from proxy_core.errors import BadRequest


class VendorWords(Protocol):
    """A vendor's error messages for an invalid member."""

    def missing(self, param: str) -> BadRequest: ...

    def wrong_type(self, param: str, expected: ValueType, value: object) -> BadRequest: ...

    def out_of_range(self, rule: MemberRule, value: float) -> BadRequest: ...

    def unknown_word(self, param: str, value: str, words: tuple[str, ...]) -> BadRequest: ...


class OpenAiWords:
    def missing(self, param: str) -> BadRequest:
        text = f"Missing required parameter: '{param}'."
        return BadRequest(text, code="missing_required_parameter", param=param)

    def wrong_type(self, param: str, expected: ValueType, value: object) -> BadRequest:
        wanted = {
            ValueType.NUMBER: "a decimal",
            ValueType.INTEGER: "an integer",
            ValueType.BOOLEAN: "a boolean",
            ValueType.STRING: "a string",
            ValueType.ARRAY: "an array",
            ValueType.OBJECT: "an object",
            ValueType.STRING_OR_ARRAY: "one of a string or array of strings",
        }[expected]
        text = f"Invalid type for '{param}': expected {wanted}, but got {type_name(value)} instead."
        return BadRequest(text, code="invalid_type", param=param)

    def out_of_range(self, rule: MemberRule, value: float) -> BadRequest:
        kind = "integer" if rule.type is ValueType.INTEGER else "decimal"
        is_low = rule.least is not None and value < rule.least
        side, sign, bound = (
            ("below minimum", ">=", rule.least) if is_low else ("above maximum", "<=", rule.most)
        )
        text = (
            f"Invalid '{rule.path}': {kind} {side} value. Expected a value {sign} {bound}, but got "
            f"{value} instead."
        )
        code = f"{kind}_{'below_min' if is_low else 'above_max'}_value"
        return BadRequest(text, code=code, param=rule.path)

    def unknown_word(self, param: str, value: str, words: tuple[str, ...]) -> BadRequest:
        quoted = [f"'{each}'" for each in words]
        listed = f"{', '.join(quoted[:-1])}, and {quoted[-1]}" if len(quoted) > 1 else quoted[0]
        text = f"Invalid value: '{value[:100]}'. Supported values are: {listed}."
        return BadRequest(text, code="invalid_value", param=param)


class AnthropicWords:
    def missing(self, param: str) -> BadRequest:
        return BadRequest(f"{param}: Field required", param=param)

    def wrong_type(self, param: str, expected: ValueType, value: object) -> BadRequest:
        del value
        wanted = {ValueType.ARRAY: "list", ValueType.OBJECT: "dictionary"}.get(expected, expected)
        return BadRequest(f"{param}: Input should be a valid {wanted}", param=param)

    def out_of_range(self, rule: MemberRule, value: float) -> BadRequest:
        is_low = rule.least is not None and value < rule.least
        side, bound = ("greater", rule.least) if is_low else ("less", rule.most)
        param = rule.path.replace("thinking.budget", "thinking.enabled.budget")
        text = f"{param}: Input should be {side} than or equal to {bound}"
        return BadRequest(text, param=rule.path)

    def unknown_word(self, param: str, value: str, words: tuple[str, ...]) -> BadRequest:
        del value
        quoted = [f"'{each}'" for each in words]
        listed = f"{', '.join(quoted[:-1])} or {quoted[-1]}" if len(quoted) > 1 else quoted[0]
        return BadRequest(f"{param}: Input should be {listed}", param=param)


OPENAI, ANTHROPIC = OpenAiWords(), AnthropicWords()


def check_members(body: Mapping[str, Any], endpoint: Endpoint, words: VendorWords) -> None:
    """Raise the vendor's error for the first invalid member of a body of raw or decoded values."""
    decoded: dict[str, Any] = {}
    for rule, name, inner in _rules_of(endpoint, _RULED[endpoint].intersection(body)):
        if name not in body:
            raise words.missing(name)
        if name not in decoded:
            decoded[name] = decode_raw(body, name)
        holder = decoded[name]
        value = holder.get(inner) if inner and isinstance(holder, dict) else holder
        if value is None:
            if rule.required:
                raise words.missing(rule.path)
            continue
        _check_value(rule, value, words)


_RULED = {
    endpoint: frozenset(rule.path.partition(".")[0] for rule in rules)
    for endpoint, rules in MEMBER_RULES.items()
}


@functools.lru_cache(maxsize=256)
def _rules_of(endpoint: Endpoint, names: frozenset[str]) -> tuple[tuple[MemberRule, str, str], ...]:
    """Return the rules of a body with members of these names, each with its member's and its own name.

    A client's requests have the same few members, so there is little to remember."""
    parts = [(rule, *rule.path.partition(".")) for rule in MEMBER_RULES[endpoint]]
    return tuple(
        (rule, name, inner) for rule, name, _, inner in parts if rule.required or name in names
    )


def check_format(stated: object, path: str, endpoint: Endpoint, words: VendorWords) -> None:
    """Raise the vendor's error for an invalid response format: ``stated`` is the object at ``path``."""
    if not isinstance(stated, dict):
        return
    kind = stated.get("type")
    if kind is None:
        raise words.missing(f"{path}.type")
    if not isinstance(kind, str):
        raise words.wrong_type(f"{path}.type", ValueType.STRING, kind)
    if kind not in FORMAT_TYPES[endpoint]:
        raise words.unknown_word(f"{path}.type", kind, FORMAT_TYPES[endpoint])
    if kind != "json_schema":
        return
    if endpoint is Endpoint.CHAT_COMPLETIONS:
        path, stated = f"{path}.json_schema", stated.get("json_schema")
        if stated is None:
            raise words.missing(path)
        if not isinstance(stated, dict):
            raise words.wrong_type(path, ValueType.OBJECT, stated)
    if endpoint is not Endpoint.MESSAGES:
        _require(stated, "name", path, str, ValueType.STRING, words)
    schema = stated.get("schema")
    if schema is None and endpoint is Endpoint.CHAT_COMPLETIONS:
        return
    _require(stated, "schema", path, dict, ValueType.OBJECT, words)


def check_thinking_budget(body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Raise Anthropic's error for a budget that leaves no room for a response.

    With interleaved thinking the budget is that of the whole turn and may be larger.
    """
    thinking = decode_raw(body, "thinking")
    if not isinstance(thinking, dict) or thinking.get("type") != "enabled":
        return
    budget, limit = thinking.get("budget_tokens"), decode_raw(body, "max_tokens")
    if budget is None:
        raise ANTHROPIC.missing("thinking.enabled.budget_tokens")
    if INTERLEAVED_THINKING in headers.get(HEADER, "") or not isinstance(limit, (int, float)):
        return
    if budget >= limit:
        raise BadRequest(
            "`max_tokens` must be greater than `thinking.budget_tokens`.", param="max_tokens"
        )


def refuse_unknown_blocks(messages: object) -> None:
    """Raise Anthropic's error for a content block of unknown type.

    Passed through, upstream decides; translated, such a block would be lost.
    """
    for i, message in enumerate(messages if isinstance(messages, list) else ()):
        content = message.get("content") if isinstance(message, dict) else None
        for j, block in enumerate(content if isinstance(content, list) else ()):
            kind = block.get("type") if isinstance(block, dict) else None
            if kind != "text" and isinstance(kind, str) and not is_content_block(kind):
                _refuse_block(f"messages.{i}.content.{j}", kind)


def _refuse_block(param: str, kind: str) -> NoReturn:
    raise BadRequest(
        f"{param}: Input tag '{kind[:100]}' found using 'type' does not match any of the expected tags",
        param=param,
    )


def _require(
    holder: dict[str, Any],
    name: str,
    path: str,
    wanted: type,
    expected: ValueType,
    words: VendorWords,
) -> None:
    value = holder.get(name)
    if value is None:
        raise words.missing(f"{path}.{name}")
    if not isinstance(value, wanted):
        raise words.wrong_type(f"{path}.{name}", expected, value)


def _check_value(rule: MemberRule, value: object, words: VendorWords) -> None:
    if not _has_type(value, rule.type):
        raise words.wrong_type(rule.path, rule.type, value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        too_low = rule.least is not None and value < rule.least
        if too_low or (rule.most is not None and value > rule.most):
            raise words.out_of_range(rule, value)
    if isinstance(value, str) and rule.words and value not in rule.words:
        raise words.unknown_word(rule.path, value, rule.words)


def _has_type(value: object, expected: ValueType) -> bool:
    if isinstance(value, bool):
        return expected is ValueType.BOOLEAN
    match expected:
        case ValueType.NUMBER:
            return isinstance(value, (int, float))
        case ValueType.INTEGER:
            return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
        case ValueType.STRING:
            return isinstance(value, str)
        case ValueType.ARRAY:
            return isinstance(value, list)
        case ValueType.OBJECT:
            return isinstance(value, dict)
        case ValueType.STRING_OR_ARRAY:
            return isinstance(value, (str, list))
        case ValueType.BOOLEAN:
            return False
