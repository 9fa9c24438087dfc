"""Repairs of tool schemas that more than one vendor needs. Pure."""

from __future__ import annotations

from typing import Any

from proxy_core.dialects.vendor_rules.schemas.json_schemas import (
    References,
    Schema,
    edit_every,
    has_type,
    merge_objects,
    type_names,
    without_dangling_references,
)

_COMBINATIONS = ("anyOf", "oneOf", "allOf")
_NOT_AT_THE_TOP = ("enum", "not", "const")
_DEEPEST_UNION = 8


def object_at_the_top(schema: Schema | None) -> Schema:
    """Return a schema whose top level is one plain object; itself if it already is."""
    if schema is None:
        return {"type": "object", "properties": {}}
    if schema.get("type") == "object" and not any(
        word in schema for word in (*_COMBINATIONS, *_NOT_AT_THE_TOP, "$ref")
    ):
        return schema
    # What leads nowhere now must not lead somewhere once the branches' properties are at the top.
    schema = without_dangling_references(schema)
    top = _without_reference(schema, schema)
    merged = _merged(top, schema, _DEEPEST_UNION)
    remaining = {name: value for name, value in merged.items() if name not in _NOT_AT_THE_TOP}
    return {**remaining, "type": "object"}


def _without_reference(node: Schema, root: Schema) -> Schema:
    """Expand a reference that is the whole node; inner ones keep their definitions."""
    seen = set()
    references = References(root)
    while isinstance(reference := node.get("$ref"), str) and reference not in seen:
        seen.add(reference)
        target = references.resolve(reference)
        rest = {name: value for name, value in node.items() if name != "$ref"}
        node = {**target, **rest} if isinstance(target, dict) else rest
    return {name: value for name, value in node.items() if name != "$ref"}


def _merged(node: Schema, root: Schema, depth: int) -> Schema:
    for word in _COMBINATIONS:
        branches = node.get(word)
        if word not in node:
            continue
        node = {name: value for name, value in node.items() if name != word}
        if not isinstance(branches, list) or depth == 0:
            continue
        opened = [
            _merged(_without_reference(each, root), root, depth - 1)
            for each in branches
            if isinstance(each, dict)
        ]
        objects = [each for each in opened if _may_be_object(each)]
        is_all = word == "allOf"
        alternatives = _alternatives(objects) if not is_all else ""
        node = merge_objects(node, objects, every=is_all)
        if alternatives:
            description = node.get("description")
            node["description"] = (
                f"{description}\n\n{alternatives}" if description else alternatives
            )
    return node


def _may_be_object(schema: Schema) -> bool:
    names = type_names(schema)
    return not names or "object" in names


def _alternatives(branches: list[Schema]) -> str:
    """Describe which properties belong together."""
    groups = []
    for each in branches:
        required = each.get("required")
        if isinstance(required, list) and required:
            groups.append(", ".join(str(name) for name in required))
    return (
        f"Give one of these sets of properties: {'; or '.join(groups)}." if len(groups) > 1 else ""
    )


def well_formed(schema: Schema, *, needs_items: bool) -> Schema:
    """Repair what is not valid in JSON Schema draft 2020-12: older drafts' forms and generators'
    errors.
    """
    repaired: Schema = edit_every(
        without_dangling_references(schema), lambda node: _repair(node, needs_items)
    )
    return repaired


def _repair(node: Schema, needs_items: bool) -> Schema:
    repaired = node
    names = type_names(node)
    if isinstance(node.get("items"), list):  # a tuple of drafts before 2020-12
        repaired = {**repaired, "items": _any_of(node["items"])}
    elif needs_items and "array" in names and not isinstance(node.get("items"), (dict, bool)):
        repaired = {**repaired, "items": {}}
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        flag = repaired.get(exclusive)
        if isinstance(flag, bool):  # draft 4
            repaired = {name: value for name, value in repaired.items() if name != exclusive}
            if flag and bound in repaired:
                repaired[exclusive] = repaired.pop(bound)
    if "required" in repaired and not isinstance(repaired["required"], list):  # draft 3
        repaired = {name: value for name, value in repaired.items() if name != "required"}
    if "properties" in repaired and not isinstance(repaired["properties"], dict):
        repaired = {**repaired, "properties": {}}
    return _with_fitting_enum(repaired, names)


def _any_of(items: list[Any]) -> Schema:
    kinds = [each for position, each in enumerate(items) if each not in items[:position]]
    kinds = [each for each in kinds if isinstance(each, dict)]
    if not kinds:
        return {}
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _with_fitting_enum(node: Schema, names: list[str]) -> Schema:
    """Remove enumerated values that the stated type does not allow, which vendors refuse."""
    values = node.get("enum")
    if not isinstance(values, list) or not names:
        return node
    fitting = [value for value in values if has_type(value, names)]
    if len(fitting) == len(values):
        return node
    rest = {name: value for name, value in node.items() if name != "enum"}
    if fitting:
        return {**rest, "enum": fitting}
    if "array" in names:  # meant for the array's items (github/copilot-cli#4835)
        items = rest.get("items")
        inner = _with_fitting_enum(
            {**(items if isinstance(items, dict) else {}), "enum": values}, []
        )
        return {**rest, "items": _with_fitting_enum(inner, type_names(inner))}
    return {**{name: value for name, value in rest.items() if name != "type"}, "enum": values}


def without_schema_keyword(schema: Schema) -> Schema:
    """Remove ``$schema``, which names a draft and does not constrain the value."""

    def edit(node: Schema) -> Schema:
        if not isinstance(node.get("$schema"), str):
            return node
        return {name: value for name, value in node.items() if name != "$schema"}

    edited: Schema = edit_every(schema, edit)
    return edited
