"""What the model says: the table of ``docs/simulator.md``, row by row."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from proxy_core.simulator.behaviour.prompt import Prompt, without_the_past
from proxy_core.simulator.behaviour.prompt_facts import secret_word_in, start_of, text_to_repeat
from proxy_core.simulator.behaviour.reply import Finish, Reply, within_limits
from proxy_core.simulator.behaviour.safety_classifier import verdict
from proxy_core.simulator.behaviour.schema_filling import fill
from proxy_core.simulator.behaviour.schema_in_prompt import schema_in
from proxy_core.simulator.behaviour.tool_choosing import calls_for, closing_calls

_STEP_BY_STEP = re.compile(r"step by step", re.IGNORECASE)
_HUNDRED_LINES = re.compile(r"one hundred numbered lines", re.IGNORECASE)
_ASKS_FOR_JSON = re.compile(
    r"\b(?:as|in|valid|only|with|a|an|return|reply|respond|answer|output|produce|give)\b[^.\n]{0,40}\bJSON\b"
    r"|\bJSON\s+(?:object|only|format|answer|reply|response)\b"
)
_KEYS = re.compile(r"\b(?:keys?|fields?|properties|members)\b[:\s]+([^.\n]+)", re.IGNORECASE)
_KEY = re.compile(r"[`'\"]?([A-Za-z_]\w*)[`'\"]?")
_NO_KEYS = {"and", "or", "the", "with", "a", "an", "named", "called", "as", "string", "number"}


def reply_to(prompt: Prompt) -> Reply:
    """The reply to ``prompt``, within its limits."""
    reply = _unlimited(prompt)
    return within_limits(reply, prompt.max_tokens, prompt.stop)


def _unlimited(prompt: Prompt) -> Reply:
    asked = prompt.wants_thinking or _STEP_BY_STEP.search(prompt.request) is not None
    thinks = asked and not prompt.forbids_thinking
    thinking = _thought(prompt) if thinks else ""
    if prompt.fresh_results and (closing := closing_calls(prompt)):
        return Reply(_text(prompt), thinking, thinks, closing, Finish.TOOL_CALLS)
    calls = () if prompt.fresh_results or _only_repeats(prompt) else calls_for(prompt)
    if calls:
        text = "" if len(calls) == 1 else "I will look at both."
        return Reply(text, thinking, thinks, calls, Finish.TOOL_CALLS)
    return Reply(_text(prompt), thinking, thinks)


def _only_repeats(prompt: Prompt) -> bool:
    """A text to repeat may name weather and files without asking for them."""
    words = without_the_past(prompt.last_words)
    return prompt.tool_choice == "auto" and text_to_repeat(words) is not None


def _thought(prompt: Prompt) -> str:
    if prompt.fresh_results:
        return "The tool has answered. I only have to say what it found."
    return (
        "**Looking at the request**\n"
        f"The request begins with “{start_of(prompt.request, 40)}”. "
        "First I see what is asked, then I choose the shortest answer that is true."
    )


def _text(prompt: Prompt) -> str:
    repeated = text_to_repeat(without_the_past(prompt.last_words))
    if repeated is not None and not prompt.fresh_results:
        return repeated
    if (checked := verdict(prompt)) is not None:
        return checked
    if prompt.json_schema is not None:
        return json.dumps(_structured(prompt, prompt.json_schema), ensure_ascii=False)
    if prompt.fresh_results:
        return _about_results(prompt)
    if _HUNDRED_LINES.search(prompt.request):
        return "\n".join(f"{n}. This is simulated line number {n}." for n in range(1, 101))
    if _ASKS_FOR_JSON.search(prompt.request):
        return json.dumps(_structured(prompt, {}), ensure_ascii=False)
    if (word := _secret_in_prompt(prompt)) is not None:
        return f"The secret word is {word}."
    if _STEP_BY_STEP.search(prompt.request):
        return (
            f"Step by step: I read “{start_of(prompt.request)}”, and this is my simulated answer."
        )
    if not prompt.request:
        return "This is a simulated answer to an empty request."
    return f"This is a simulated answer. You said: “{start_of(prompt.request)}”"


def _about_results(prompt: Prompt) -> str:
    for result in prompt.fresh_results:
        if (word := secret_word_in(result)) is not None:
            return f"The secret word is {word}."
    quoted = " and ".join(f"“{start_of(result, 200)}”" for result in prompt.fresh_results)
    return f"The tool answered: {quoted}"


def _secret_in_prompt(prompt: Prompt) -> str | None:
    """The word from anything the model has read, when the person asks for it or wrote it down."""
    if re.search(r"secret word", prompt.request, re.IGNORECASE) is None:
        return None
    for turn in reversed(prompt.turns):
        if turn.role in ("user", "tool") and (word := secret_word_in(turn.text)) is not None:
            return word
    return None


def _structured(prompt: Prompt, schema: Mapping[str, Any]) -> Any:
    schema = schema or schema_in(prompt) or {}
    if not schema:
        return _requested_object(prompt.request)
    if prompt.fresh_results:
        word = next(filter(None, map(secret_word_in, prompt.fresh_results)), None)
        statement = word or start_of(prompt.fresh_results[-1])
    else:
        statement = _secret_in_prompt(prompt) or start_of(prompt.request)

    def hint(_name: str, wanted: Mapping[str, Any]) -> Any:
        kind = wanted.get("type", "string")
        return statement if "string" in (kind if isinstance(kind, list) else [kind]) else None

    return fill(schema, hint, optional=True)


def _requested_object(request: str) -> dict[str, Any]:
    match = _KEYS.search(request)
    names = [name for name in _KEY.findall(match.group(1)) if name not in _NO_KEYS] if match else []
    return dict.fromkeys(names, "simulated") or {
        "simulated": True,
        "answer": start_of(request),
    }
