"""Thought signatures after a change of model: each is valid only for its issuer.

``reasoning_opaque`` is chat's one field for all issuers. A signature issued by another model is
dropped; a turn of Gemini's tool loop must have one: “Function call is missing a thought_signature
in functionCall parts”.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from proxy_core.dialects.shared.client_words import client_field_name
from proxy_core.dialects.vendor_rules.outgoing import (
    OutgoingBody,
    Rule,
    edit_items,
    text_of,
)

SKIP_VALIDATION = "skip_thought_signature_validator"
"""Google's value for calls that Gemini did not make itself, such as another model's history
(ai.google.dev/gemini-api/docs/thought-signatures, FAQ).
"""
_DEMANDS_PROOFS_FROM = 3
"""The first Gemini generation that requires them; before it they are optional and not checked (same
source).
"""
_GENERATION = re.compile(r"gemini-(\d+)")
_RESULT = "(Result of the tool "
_MEMBERS = ("reasoning_opaque", "reasoning_text", "reasoning_content")


def drop_foreign_proofs(body: OutgoingBody) -> None:
    """Remove the thinking of turns known to be issued by another model."""
    model = body.target.model

    def edit(message: dict[str, Any]) -> dict[str, Any]:
        opaque = message.get("reasoning_opaque")
        if not isinstance(opaque, str) or not opaque or opaque == SKIP_VALIDATION:
            return message
        if body.target.issuer(opaque) in (None, model.id):
            return message
        word = client_field_name(body.target.client, "thinking_part")
        body.drop(f"messages[].{word} (issued by another model)")
        return {name: value for name, value in message.items() if name not in _MEMBERS}

    messages = body.items("messages")
    edited = edit_items(messages, edit)
    if edited is not messages:
        body.write("messages", edited)


def drop_unsigned_text(body: OutgoingBody) -> None:
    """Remove unsigned thinking for OpenAI's models, which do not accept it on this endpoint."""
    if _thinks(body):
        return

    def edit(message: dict[str, Any]) -> dict[str, Any]:
        if not any(name in message for name in _MEMBERS):
            return message
        word = client_field_name(body.target.client, "thinking_part")
        body.drop(f"messages[].{word} (this model does not think)")
        return {name: value for name, value in message.items() if name not in _MEMBERS}

    messages = body.items("messages")
    edited = edit_items(messages, edit)
    if edited is not messages:
        body.write("messages", edited)


def _thinks(body: OutgoingBody) -> bool:
    supports = body.target.model.supports
    budget = supports.max_thinking_budget
    return bool(
        supports.reasoning_efforts or supports.thinking or supports.adaptive_thinking or budget
    )


def sign_foreign_calls(body: OutgoingBody) -> None:
    """Add to every turn with calls and without a signature the value that skips validation."""
    generation = _GENERATION.search(body.target.model.id)
    if generation is not None and int(generation[1]) < _DEMANDS_PROOFS_FROM:
        return

    def edit(message: dict[str, Any]) -> dict[str, Any]:
        return (
            {**message, "reasoning_opaque": SKIP_VALIDATION} if _is_unsigned(message) else message
        )

    messages = body.items("messages")
    edited = edit_items(messages, edit)
    if edited is not messages:
        body.write("messages", edited)


def _is_unsigned(message: dict[str, Any]) -> bool:
    calls = message.get("tool_calls")
    if message.get("role") != "assistant" or not isinstance(calls, list) or not calls:
        return False
    return not message.get("reasoning_opaque") and not any(_is_signed(call) for call in calls)


def _is_signed(call: object) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return isinstance(function, dict) and bool(function.get("thought_signature"))


def unsigned_calls_as_text(body: OutgoingBody) -> None:
    """Replace unsigned calls and their results by text, for a model that refused them.

    The loop continues: calls and results are still in the conversation, as text.
    """
    text_calls: dict[str, str] = {}
    edited: list[Any] = []
    for message in body.items("messages"):
        if not isinstance(message, dict):
            edited.append(message)
        elif _is_unsigned(message) or message.get("reasoning_opaque") == SKIP_VALIDATION:
            edited.append(_call_as_text(message, text_calls))
        elif message.get("role") == "tool" and message.get("tool_call_id") in text_calls:
            _add_result(edited, message, text_calls[message["tool_call_id"]])
        else:
            edited.append(message)
    if text_calls:
        body.write("messages", edited)
        body.drop("messages[].tool_calls (told in words: another model's)")


def _call_as_text(message: dict[str, Any], text_calls: dict[str, str]) -> dict[str, Any]:
    lines = [text] if (text := text_of(message.get("content"))) else []
    for call in message.get("tool_calls", ()):
        function = call.get("function") if isinstance(call, dict) else None
        function = function if isinstance(function, dict) else {}
        name = str(function.get("name", "a tool"))
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            arguments = msgspec.json.encode(arguments or {}).decode()
        lines.append(f"(I called the tool {name} with {arguments})")
        if isinstance(call, dict) and isinstance(call.get("id"), str):
            text_calls[call["id"]] = name
    rest = {k: v for k, v in message.items() if k not in ("tool_calls", *_MEMBERS)}
    return {**rest, "content": "\n\n".join(lines)}


def _add_result(edited: list[Any], message: dict[str, Any], name: str) -> None:
    words = f"{_RESULT}{name}:)\n{text_of(message.get('content'))}"
    last = edited[-1] if edited else None
    text_calls = (
        last.get("content") if isinstance(last, dict) and last.get("role") == "user" else None
    )
    if isinstance(text_calls, str) and text_calls.startswith(_RESULT):
        edited[-1] = {"role": "user", "content": f"{text_calls}\n\n{words}"}
    else:
        edited.append({"role": "user", "content": words})


def _has_proofs(body: OutgoingBody) -> bool:
    return body.holds("messages", b'"reasoning_opaque"')


FOREIGN_PROOFS = Rule("thinking of another model", drop_foreign_proofs, _has_proofs)
NO_THINKING_BACK = Rule(
    "thinking of another model",
    drop_unsigned_text,
    lambda body: body.holds("messages", b'"reasoning_opaque"', b'"reasoning_text"'),
)
SIGNED_CALLS = Rule(
    "thought signatures", sign_foreign_calls, lambda body: body.holds("messages", b'"tool_calls"')
)
CALLS_IN_WORDS = Rule("tool calls in words", unsigned_calls_as_text, when_refused=True)
