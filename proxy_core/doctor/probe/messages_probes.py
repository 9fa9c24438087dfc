"""``/v1/messages``: betas, cache marks, thinking, counting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.copilot_facts.betas import (
    EXTENDED_CACHE,
    HEADER,
    INVENTED_BETA,
    MID_CONVERSATION_SYSTEM,
)
from proxy_core.copilot_facts.measured import (
    COUNT_TOKENS,
    MEASURED_BETAS,
    REFUSED,
    TAKEN,
    UNKNOWN_BETA,
)
from proxy_core.doctor.probe.chosen_models import budget_model, first, is_anthropic
from proxy_core.doctor.probe.question import (
    NO_MODEL,
    NOT_ASKED,
    UNCLEAR,
    Answers,
    PlannedRequest,
    ProbeAnswer,
    ProbeEntry,
    ProbeRequest,
    Subject,
    Way,
    named,
)
from proxy_core.doctor.probe.verdicts import outcome, taken_or_refused

_HELLO = [{"role": "user", "content": "Reply with the one word OK."}]
_SUM = [{"role": "user", "content": "Think step by step: what is 17 times 23? Reply briefly."}]
_BUDGET = 1024
_TOOL = {
    "name": "look_up",
    "description": "Looks something up.",
    "input_schema": {"type": "object", "properties": {"word": {"type": "string"}}},
}


def messages(
    model: Model | None, *, betas: str = "", output: int = 64, **members: Any
) -> ProbeRequest | None:
    """One streamed call at ``model``; None for no model."""
    if model is None:
        return None
    body = {
        "model": model.id,
        "max_tokens": output,
        "messages": _HELLO,
        "stream": True,
        **members,
    }
    return ProbeRequest(
        Way.MODEL,
        Endpoint.MESSAGES.value,
        "POST",
        body,
        {HEADER: betas} if betas else {},
        model,
        Endpoint.MESSAGES,
        output_tokens=output,
    )


def _ask(name: str, *, betas: str = "", **members: Any) -> PlannedRequest:
    return PlannedRequest(name, lambda s: messages(budget_model(s.models), betas=betas, **members))


def _budget(model: Model | None) -> int:
    least = model.supports.min_thinking_budget if model is not None else None
    return max(_BUDGET, least or 0)


def _thoughtful(subject: Subject, **members: Any) -> ProbeRequest | None:
    model = budget_model(subject.models)
    budget = _budget(model)
    wanted = {"type": "enabled", "budget_tokens": budget}
    return messages(model, output=budget + 64, thinking=wanted, **members)


def _cache(name: str, betas: str) -> PlannedRequest:
    mark = {"type": "ephemeral", "ttl": "1h"}
    system = [{"type": "text", "text": "You are terse.", "cache_control": mark}]
    return _ask(name, betas=betas, system=system)


def _thinking_first(subject: Subject) -> ProbeRequest | None:
    call = {"type": "tool_use", "id": "toolu_probe1", "name": "look_up", "input": {"word": "red"}}
    result = {"type": "tool_result", "tool_use_id": "toolu_probe1", "content": "a colour"}
    turns = [
        {"role": "user", "content": "Look up red."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    return _thoughtful(subject, messages=turns, tools=[_TOOL])


def _thought(answer: ProbeAnswer | None) -> dict[str, Any] | None:
    """The thinking block of a streamed answer, put together; None where there is none."""
    if answer is None or not answer.is_taken:
        return None
    text, signature = "", ""
    for frame in answer.frames:
        delta = frame.get("delta")
        if isinstance(delta, Mapping):
            text += str(delta.get("thinking") or "")
            signature += str(delta.get("signature") or "")
    return {"type": "thinking", "thinking": text, "signature": signature} if signature else None


def _rewritten(subject: Subject) -> ProbeRequest | None:
    """The thought goes back into the middle of its own turn, under another system prompt."""
    thought = _thought(subject.answers.get(THINKING.name))
    if thought is None:
        return None
    turns = [
        *_SUM,
        {"role": "assistant", "content": [thought, {"type": "text", "text": "391"}]},
        *_HELLO,
    ]
    return _thoughtful(subject, messages=turns, system="You are somebody else.")


def _adaptive(subject: Subject) -> ProbeRequest | None:
    """A model that lists both ways of thinking."""
    model = first(
        subject.models,
        Endpoint.MESSAGES,
        is_anthropic,
        lambda m: m.supports.adaptive_thinking and m.supports.max_thinking_budget is not None,
    )
    return messages(model, output=256, thinking={"type": "adaptive"})


def _mid_system(subject: Subject) -> ProbeRequest | None:
    model = first(
        subject.models,
        Endpoint.MESSAGES,
        is_anthropic,
        lambda m: m.supports.adaptive_thinking and m.supports.max_thinking_budget is None,
    )
    turns = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello."},
        {"role": "system", "content": "From now on you are terse."},
        *_HELLO,
    ]
    return messages(model, betas=MID_CONVERSATION_SYSTEM, messages=turns)


def _count(subject: Subject) -> ProbeRequest | None:
    model = budget_model(subject.models)
    if model is None:
        return None
    body = {"model": model.id, "messages": _HELLO}
    return ProbeRequest(
        Way.COPILOT,
        f"{Endpoint.MESSAGES.value}/count_tokens",
        "POST",
        body,
        model=model,
        endpoint=Endpoint.MESSAGES,
    )


THINKING = PlannedRequest("messages_thinking", lambda s: _thoughtful(s, messages=_SUM))
INVENTED = _ask("beta_unknown", betas=INVENTED_BETA)
LONG_CONTEXT = _ask("beta_long_context", betas=MEASURED_BETAS["beta_long_context"])
LONG_CACHE = _cache("cache_one_hour", "")
LONG_CACHE_WITH_BETA = PlannedRequest(
    "cache_one_hour_with_beta",
    lambda s: (
        _cache("", EXTENDED_CACHE).build(s)
        if outcome(s.answers.get(LONG_CACHE.name)) == REFUSED
        else None
    ),
)
SEARCH = _ask("messages_web_search", tools=[{"type": "web_search_20250305", "name": "web_search"}])
UNKNOWN_MEMBER = _ask("messages_unknown_member", g_copilot_proxy_probe=True)
THINKING_FIRST = PlannedRequest("messages_thinking_first", _thinking_first)
REWRITTEN = PlannedRequest("messages_rewritten", _rewritten)
ADAPTIVE = PlannedRequest("messages_adaptive", _adaptive)
MID_SYSTEM = PlannedRequest("messages_mid_system", _mid_system)
COUNT = PlannedRequest("count_tokens", _count)


def _judge_cache(answers: Answers, subject: Subject) -> str:
    verdict = taken_or_refused(LONG_CACHE, THINKING)(answers, subject)
    if verdict != REFUSED:
        return verdict
    with_beta = outcome(answers.get(LONG_CACHE_WITH_BETA.name))
    return {TAKEN: "with its beta", REFUSED: REFUSED}.get(with_beta, UNCLEAR)


def _judge_rewritten(answers: Answers, subject: Subject) -> str:
    if REWRITTEN.name in answers:
        return outcome(answers[REWRITTEN.name])
    if THINKING.build(subject) is None:
        return NO_MODEL
    answer = subject.answers.get(THINKING.name)
    return "no thinking came" if answer is not None and answer.is_taken else NOT_ASKED


def _judge_count(answers: Answers, subject: Subject) -> str:
    answer = answers.get(COUNT.name)
    if answer is None:
        return NO_MODEL if COUNT.build(subject) is None else NOT_ASKED
    if answer.is_taken and not isinstance(named(answer.content, "input_tokens"), int):
        return UNCLEAR
    return outcome(answer)


MESSAGES_PROBES = (
    ProbeEntry(
        UNKNOWN_BETA,
        "Is a beta that nobody knows refused?",
        ("protocol 14: betas", "protocol 7.2", "field F10"),
        (THINKING, INVENTED),
        taken_or_refused(INVENTED, THINKING),
    ),
    ProbeEntry(
        "beta_long_context",
        "Is the beta of long context refused?",
        ("protocol 7.2",),
        (THINKING, LONG_CONTEXT),
        taken_or_refused(LONG_CONTEXT, THINKING),
    ),
    ProbeEntry(
        "cache_one_hour",
        "Is a cache lifetime of one hour taken?",
        ("protocol 14: cache ttl 1h", "protocol 7.1"),
        (THINKING, LONG_CACHE, LONG_CACHE_WITH_BETA),
        _judge_cache,
    ),
    ProbeEntry(
        "messages_web_search",
        "Is Anthropic's web search taken?",
        ("protocol 14: web_search", "protocol 7.1"),
        (THINKING, SEARCH),
        taken_or_refused(SEARCH, THINKING),
    ),
    ProbeEntry(
        "messages_unknown_member",
        "Is an unknown member refused on /v1/messages?",
        ("protocol 7.1",),
        (THINKING, UNKNOWN_MEMBER),
        taken_or_refused(UNKNOWN_MEMBER, THINKING),
    ),
    ProbeEntry(
        "thinking_first",
        "Must a turn with calls begin with its thought?",
        ("protocol 7.3: thinking signatures",),
        (THINKING, THINKING_FIRST),
        taken_or_refused(THINKING_FIRST, THINKING),
    ),
    ProbeEntry(
        "rewritten_thinking",
        "Is a thought taken back under another system prompt?",
        ("field F9",),
        (REWRITTEN,),
        _judge_rewritten,
    ),
    ProbeEntry(
        "listed_adaptive",
        "Does a model that lists both ways of thinking take the adaptive one?",
        ("field 2: the list can be wrong",),
        (ADAPTIVE,),
        taken_or_refused(ADAPTIVE),
    ),
    ProbeEntry(
        "mid_system",
        "Do the newest models take a system message in mid-conversation?",
        ("field 2: opus-4.8", "protocol 7.2"),
        (MID_SYSTEM,),
        taken_or_refused(MID_SYSTEM),
    ),
    ProbeEntry(
        COUNT_TOKENS,
        "Does count_tokens answer?",
        ("protocol 14: count_tokens", "protocol 7.1"),
        (COUNT,),
        _judge_count,
    ),
)
