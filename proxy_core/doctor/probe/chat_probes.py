"""``/chat/completions``: what it takes, one request for each disputed member."""

from __future__ import annotations

from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.copilot_facts.measured import REFUSED, TAKEN
from proxy_core.doctor.probe.chosen_models import chat_model, first, is_anthropic, is_google
from proxy_core.doctor.probe.question import (
    NO_MODEL,
    NOT_ASKED,
    Answers,
    PlannedRequest,
    ProbeEntry,
    ProbeRequest,
    Subject,
    Way,
    named,
    objects,
)
from proxy_core.doctor.probe.verdicts import outcome, taken_or_refused

OUR_OWN_NAME = "g-copilot-proxy"
_HELLO = [{"role": "user", "content": "Reply with the one word OK."}]
_PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGP4z8BAEiJN9X+GUQ2jGoaUBgA3l/4QpyoQEgAA"
    "AABJRU5ErkJggg=="
)
"""A red picture of 16 by 16 pixels."""


def tool(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": name, "description": "Looks something up.", "parameters": schema},
    }


_LOOKUP = tool("look_up", {"type": "object", "properties": {"word": {"type": "string"}}})


def chat(
    model: Model | None, *, headers: dict[str, str] | None = None, **members: Any
) -> ProbeRequest | None:
    """One streamed call at ``model``; None for no model."""
    if model is None:
        return None
    body = {"model": model.id, "messages": _HELLO, "stream": True, **members}
    return ProbeRequest(
        Way.MODEL,
        Endpoint.CHAT_COMPLETIONS.value,
        "POST",
        body,
        headers or {},
        model,
        Endpoint.CHAT_COMPLETIONS,
    )


def _ask(name: str, **members: Any) -> PlannedRequest:
    return PlannedRequest(name, lambda s: chat(chat_model(s.models), **members))


def _vision(subject: Subject) -> ProbeRequest | None:
    model = first(subject.models, Endpoint.CHAT_COMPLETIONS, lambda m: m.supports.vision)
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_PIXEL}"}}
    words = {"type": "text", "text": "Reply with the one word OK."}
    return chat(model, messages=[{"role": "user", "content": [words, picture]}])


def _gemini(subject: Subject) -> ProbeRequest | None:
    model = first(
        subject.models, Endpoint.CHAT_COMPLETIONS, is_google, lambda m: m.supports.tool_calls
    )
    call = {
        "id": "call_probe1",
        "type": "function",
        "function": {"name": "look_up", "arguments": '{"word":"red"}'},
    }
    messages = [
        {"role": "user", "content": "Look up red."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_probe1", "content": "a colour"},
    ]
    return chat(model, messages=messages, tools=[_LOOKUP])


def _claude_whole(subject: Subject) -> ProbeRequest | None:
    """Only where whole answers can be asked for at all."""
    if outcome(subject.answers.get(WHOLE.name)) != TAKEN:
        return None
    model = first(subject.models, Endpoint.CHAT_COMPLETIONS, is_anthropic)
    choice = {"type": "function", "function": {"name": "look_up"}}
    return chat(
        model,
        stream=False,
        messages=[{"role": "user", "content": "Look up the word red with look_up."}],
        tools=[_LOOKUP],
        tool_choice=choice,
    )


def _integrator(subject: Subject) -> ProbeRequest | None:
    """The dearest of few: the oldest models are open to every integration id."""
    found = [m for m in subject.models if Endpoint.CHAT_COMPLETIONS in m.endpoints]
    newest = [m for m in found if m.supports.reasoning_efforts or m.supports.thinking]
    model = next(iter(newest or found), None)
    return chat(model, headers={"Copilot-Integration-Id": OUR_OWN_NAME})


CHAT = _ask("chat")
TEMPERATURE = _ask("chat_temperature", temperature=0.5)
MAX_TOKENS = _ask("chat_max_tokens", max_tokens=32)
WHOLE = _ask("chat_whole", stream=False)
LOOSE_SCHEMA = _ask(
    "chat_loose_schema",
    tools=[tool("look_up", {"type": "object", "properties": {"words": {"type": "array"}}})],
)
VISION = PlannedRequest("chat_vision_header", _vision)
GEMINI = PlannedRequest("chat_gemini_replay", _gemini)
CLAUDE_WHOLE = PlannedRequest("chat_claude_whole", _claude_whole)
INTEGRATOR = PlannedRequest("chat_integrator", _integrator)


def _split(answers: Answers, subject: Subject) -> str:
    answer = answers.get(CLAUDE_WHOLE.name)
    if answer is None:
        whole = outcome(subject.answers.get(WHOLE.name))
        if whole == REFUSED:
            return "whole answers are refused"
        return NO_MODEL if whole == TAKEN and CLAUDE_WHOLE.build(subject) is None else NOT_ASKED
    if not answer.is_taken:
        return outcome(answer)
    choices = objects(answer.content.get("choices"))
    splits = len(choices) > 1 or any("index" not in each for each in choices)
    return "split over choices" if splits else "one choice"


def _pieces(answers: Answers, subject: Subject) -> str:
    del subject
    answer = answers.get(CHAT.name)
    if answer is None or not answer.is_taken:
        return outcome(answer)
    has_bill = any(named(each, "copilot_usage") for each in answer.frames)
    return "with a price" if has_bill else "without a price"


CHAT_PROBES = (
    ProbeEntry(
        "bill",
        "Does an answer tell its price?",
        ("protocol 9.3",),
        (CHAT,),
        _pieces,
    ),
    ProbeEntry(
        "chat_temperature",
        "Is temperature taken on chat?",
        ("protocol 5.1: a bare 403, seen by one inquiry",),
        (CHAT, TEMPERATURE),
        taken_or_refused(TEMPERATURE, CHAT),
    ),
    ProbeEntry(
        "chat_max_tokens",
        "Is max_tokens taken on chat?",
        ("protocol 5.1: a bare 403, or another name",),
        (CHAT, MAX_TOKENS),
        taken_or_refused(MAX_TOKENS, CHAT),
    ),
    ProbeEntry(
        "chat_whole",
        "May an answer be asked for whole, with stream: false?",
        ("protocol 5.1: a bare 403",),
        (CHAT, WHOLE),
        taken_or_refused(WHOLE, CHAT),
    ),
    ProbeEntry(
        "chat_claude_whole",
        "Are Claude's whole answers split over choices?",
        ("protocol 5.2: split choices",),
        (CLAUDE_WHOLE,),
        _split,
    ),
    ProbeEntry(
        "chat_loose_schema",
        "Is a tool's array without items refused, as OpenAI refuses it?",
        ("protocol 5.1: schemas",),
        (CHAT, LOOSE_SCHEMA),
        taken_or_refused(LOOSE_SCHEMA, CHAT),
    ),
    ProbeEntry(
        "chat_vision_header",
        "Is a picture taken without its header?",
        ("protocol 3.1: Copilot-Vision-Request",),
        (VISION,),
        taken_or_refused(VISION),
    ),
    ProbeEntry(
        "chat_gemini_replay",
        "Does Gemini take its call back without its signature?",
        ("protocol 5.2: Gemini 3 replay",),
        (GEMINI,),
        taken_or_refused(GEMINI),
    ),
    ProbeEntry(
        "own_integration",
        "Is a program that calls itself by its own name served?",
        ("protocol 14: integration id", "field 2: another program's id"),
        (INTEGRATOR,),
        taken_or_refused(INTEGRATOR),
    ),
)
