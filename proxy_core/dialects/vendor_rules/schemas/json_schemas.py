"""Traversal, references and unions of JSON schemas, independent of vendors.

Pure. Schemas are untrusted: any value may occur anywhere, references may be circular or dangling.
Nothing is changed in place; an unchanged schema is returned itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Schema = dict[str, Any]

DEEPEST = 100
"""Levels that are processed; deeper ones are left unchanged."""
MOST_NODES = 5_000
"""Maximum nodes of an expanded schema: definitions may double at every level."""
LEVELS_OF_A_CYCLE = 2
"""How often a circular definition is expanded within itself."""

_PERCENT = re.compile(r"%([0-7][0-9A-Fa-f])")
_SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_SCHEMA_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SCHEMA_MEMBERS = ("items", "additionalProperties", "not", "contains", "propertyNames")
_CONDITIONS = ("if", "then", "else", "unevaluatedProperties", "unevaluatedItems", "additionalItems")
_DEFINITIONS = ("$defs", "definitions")


def edit_children(schema: Schema, edit: Callable[[Any], Any]) -> Schema:
    """Return the schema with every direct subschema edited; itself if all came back unchanged."""
    changed: Schema = {}
    for name in _SCHEMA_MAPS:
        children = schema.get(name)
        if isinstance(children, dict):
            edited = {key: edit(child) for key, child in children.items()}
            if any(edited[key] is not children[key] for key in children):
                changed[name] = edited
    for name in (*_SCHEMA_LISTS, "items"):
        branches = schema.get(name)
        if isinstance(branches, list):
            listed = [edit(branch) for branch in branches]
            if any(new is not old for new, old in zip(listed, branches, strict=True)):
                changed[name] = listed
    for name in (*_SCHEMA_MEMBERS, *_CONDITIONS):
        child = schema.get(name)
        if isinstance(child, dict):
            new = edit(child)
            if new is not child:
                changed[name] = new
    return {**schema, **changed} if changed else schema


def edit_every(schema: Any, edit: Callable[[Schema], Schema], depth: int = 0) -> Any:
    """Edit a schema and all its subschemas, innermost first."""
    if not isinstance(schema, dict) or depth > DEEPEST:
        return schema
    return edit(edit_children(schema, lambda child: edit_every(child, edit, depth + 1)))


def any_node(schema: Any, test: Callable[[Schema], bool], depth: int = 0) -> bool:
    """Whether ``test`` is true of the schema or of any below it."""
    found = False

    def look(node: Schema) -> Schema:
        nonlocal found
        found = found or test(node)
        return node

    edit_every(schema, look, depth)
    return found


def _pointer_steps(reference: str) -> list[str]:
    """Return the steps of a JSON pointer (RFC 6901) in a URI fragment."""
    text = _PERCENT.sub(lambda found: chr(int(found[1], 16)), reference)
    return [each.replace("~1", "/").replace("~0", "~") for each in text.split("/")]


class References:
    """Resolves the local references of one schema.

    A definition that a wrapper moved off the root (MCP servers, nested models) is found by its name.
    """

    __slots__ = ("_found", "_named", "_root")

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._found: dict[str, Any] = {}
        self._named: Schema | None = None

    def resolve(self, reference: str) -> Any:
        """Return the target of a reference, or None if it is dangling."""
        if reference not in self._found:
            target = self.direct(reference)
            if target is None and reference.startswith("#/"):
                target = self._definitions().get(_pointer_steps(reference)[-1])
            self._found[reference] = target
        return self._found[reference]

    def direct(self, reference: str) -> Any:
        """Return the target of a JSON pointer, or None."""
        if not reference.startswith("#"):
            return None
        place: Any = self._root
        for step in _pointer_steps(reference)[1:]:
            if isinstance(place, dict) and step in place:
                place = place[step]
            elif isinstance(place, list) and step.isdigit() and int(step) < len(place):
                place = place[int(step)]
            else:
                return None
        return place

    def _definitions(self) -> Schema:
        if self._named is None:
            named: Schema = {}

            def look(node: Schema) -> Schema:
                for member in _DEFINITIONS:
                    definitions = node.get(member)
                    if isinstance(definitions, dict):
                        named.update(definitions)
                return node

            edit_every(dict(self._root), look)
            self._named = named
        return self._named


def has_reference(schema: Any) -> bool:
    return any_node(schema, lambda node: isinstance(node.get("$ref"), str))


def inline_references(root: Schema) -> Schema:
    """Return the schema with every reference expanded and without definitions.

    A circular one is expanded ``LEVELS_OF_A_CYCLE`` times and ends in an unconstrained value of its
    type; a dangling one becomes an unconstrained value.
    """
    budget = MOST_NODES
    references = References(root)

    def expand(node: Any, trail: tuple[str, ...]) -> Any:
        nonlocal budget
        if not isinstance(node, dict):
            return node
        budget -= 1
        reference = node.get("$ref")
        rest = {name: value for name, value in node.items() if name not in (*_DEFINITIONS, "$ref")}
        if not isinstance(reference, str):
            if len(trail) > DEEPEST:
                return rest
            return edit_children(rest, lambda child: expand(child, trail))
        target = references.resolve(reference)
        if not isinstance(target, dict):
            return rest
        too_deep = len(trail) > DEEPEST or trail.count(reference) >= LEVELS_OF_A_CYCLE
        if too_deep or budget <= 0:
            return {**_open_value(target), **rest}
        expanded: Schema = expand(target, (*trail, reference))
        return {**expanded, **edit_children(rest, lambda child: expand(child, trail))}

    expanded: Schema = expand(root, ())
    return expanded


def _open_value(schema: Schema) -> Schema:
    remaining: Schema = {n: schema[n] for n in ("type", "description") if n in schema}
    return remaining or {"type": "object"}


def is_circular(root: Schema) -> bool:
    """Whether a definition refers to itself."""
    states: dict[str, bool] = {}
    references = References(root)

    def leads_back(node: Any) -> bool:
        found = False

        def look(each: Schema) -> Schema:
            nonlocal found
            reference = each.get("$ref")
            if not found and isinstance(reference, str):
                if reference in states:
                    found = states[reference]
                else:
                    states[reference] = True
                    found = leads_back(references.resolve(reference))
                    states[reference] = found
            return each

        edit_every(node, look)
        return found

    return leads_back(root)


def without_dangling_references(root: Schema) -> Schema:
    """Replace dangling references by unconstrained values; move definitions found by name to the
    root.
    """
    references = References(root)
    wanted: Schema = {}

    def edit(node: Schema) -> Schema:
        reference = node.get("$ref")
        if not isinstance(reference, str) or references.direct(reference) is not None:
            return node
        rest = {name: value for name, value in node.items() if name != "$ref"}
        target = references.resolve(reference)
        if not isinstance(target, dict):
            return rest
        name = _pointer_steps(reference)[-1]
        wanted.setdefault(name, target)
        return {**rest, "$ref": f"#/$defs/{_as_step(name)}"}

    edited: Schema = edit_every(root, edit)
    found: Schema = {}
    while missing := [name for name in wanted if name not in found]:
        for name in missing:
            found[name] = edit_every(wanted[name], edit)
    if not found:
        return edited
    stated = edited.get("$defs")
    return {**edited, "$defs": {**found, **(stated if isinstance(stated, dict) else {})}}


def _as_step(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("%", "%25")


def merge_objects(base: Schema, branches: Iterable[Schema], *, every: bool) -> Schema:
    """Return one object schema for a base with alternatives, or (``every``) with additions.

    Of alternatives only what all require is required: the merged object allows everything one of
    them allows, and possibly more.
    """
    listed = list(branches)
    properties: Schema = {}
    for each in (base, *listed):
        stated = each.get("properties")
        for name, value in (stated if isinstance(stated, dict) else {}).items():
            properties[name] = (
                value if name not in properties else _both(properties[name], value, every)
            )
    required = list(_required(base))
    if every:
        required += [name for each in listed for name in _required(each)]
    elif listed:
        common = set.intersection(*(set(_required(each)) for each in listed))
        required += [name for name in _required(listed[0]) if name in common]
    merged = {**base, "type": "object", "properties": properties}
    if required:
        merged["required"] = list(dict.fromkeys(required))
    description = next(
        (each["description"] for each in listed if every and "description" in each), None
    )
    if description is not None:
        merged.setdefault("description", description)
    if not every and all(each.get("additionalProperties") is False for each in listed):
        merged.setdefault("additionalProperties", False)
    return merged


def _required(schema: Schema) -> list[str]:
    stated = schema.get("required")
    return [name for name in stated if isinstance(name, str)] if isinstance(stated, list) else []


def _both(one: Any, other: Any, every: bool) -> Any:
    if one == other or not isinstance(one, dict) or not isinstance(other, dict):
        return one
    if every:
        return {**one, **other}
    literals = _literals(one), _literals(other)
    if literals[0] is not None and literals[1] is not None:
        remaining = {name: value for name, value in one.items() if name not in ("const", "enum")}
        values = literals[0] + [each for each in literals[1] if each not in literals[0]]
        return {**remaining, "enum": values}
    alternatives = one["anyOf"] if set(one) == {"anyOf"} else [one]
    return {"anyOf": alternatives if other in alternatives else [*alternatives, other]}


def _literals(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return list(values) if isinstance(values, list) else None


def type_names(schema: Schema) -> list[str]:
    """Return the types a schema states: none, one or several."""
    stated = schema.get("type")
    if isinstance(stated, str):
        return [stated]
    return [each for each in stated if isinstance(each, str)] if isinstance(stated, list) else []


def json_type(value: object) -> str:
    """Return the JSON schema type of a value; whole numbers are integers."""
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((str, "string"), (int, "integer"), (float, "number"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "object"


def has_type(value: object, names: Iterable[str]) -> bool:
    kind = json_type(value)
    allowed = set(names)
    return kind in allowed or (kind == "integer" and "number" in allowed)
