"""Which members of a request are sent, and what to leave out when upstream refuses. Pure.

Sources disagree about Copilot's parameters: one investigation saw ``temperature`` and ``max_tokens``
on chat answered with 403, others saw them accepted, and reasoning models on ``/responses`` refuse
sampling altogether. So in ``adaptive`` mode only refusals that all sources agree on are left out
unseen; the disputed ones are sent, and left out for a while once a model refused them.

A limit that cannot be sent (``max_tokens``, ``stop``) is kept locally by the caller.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from proxy_core.model import Endpoint, Model
from proxy_core.settings import ParameterPolicy
from proxy_core.upstream.failure import Cause, Failure
from proxy_core.upstream.json_paths import any_index, open_container, parse_path, remove_path
from proxy_core.upstream.parameter_memory import (
    GUESSED_LIFETIME,
    STATED_LIFETIME,
    Lesson,
    LessonKind,
)
from proxy_core.upstream.refusal import (
    Refusal,
    RefusedBeta,
    RefusedItemId,
    RefusedMember,
    RenamedMember,
)
from proxy_core.upstream_call import UpstreamCall

BETA_HEADER = "anthropic-beta"
KEPT_LOCALLY = frozenset(
    {"max_tokens", "max_completion_tokens", "max_output_tokens", "stop", "stop_sequences"}
)
SMALLEST_OUTPUT_LIMIT = 16
"""``/responses`` refuses a smaller ``max_output_tokens``; connection tests send 1 or 8."""

FORM_HOLDERS = ("output_config", "text")
"""Members whose ``format`` is essential: fulfilled or refused, never left out to please upstream."""

STRICT_CHAT_MEMBERS = ("temperature", "max_tokens")
KNOWN_BETAS = frozenset(
    {"interleaved-thinking-2025-05-14", "context-management-2025-06-27"}
    | {"advanced-tool-use-2025-11-20", "extended-cache-ttl-2025-04-11", "compact-2026-01-12"}
    | {"computer-use-2025-11-24", "mid-conversation-system-2026-04-07"}
)
REFUSED_BETAS = frozenset({"context-1m-2025-08-07"})
"""Long context needs no beta here: it belongs to the model."""

_OPTIONAL = {
    Endpoint.CHAT_COMPLETIONS: (
        *("max_completion_tokens", "n", "stop", "seed", "frequency_penalty", "presence_penalty"),
        *("logit_bias", "logprobs", "top_logprobs", "user", "metadata", "service_tier", "store"),
        *("parallel_tool_calls", "verbosity", "prompt_cache_key", "safety_identifier"),
        "reasoning_effort",
    ),
    Endpoint.RESPONSES: (
        *("temperature", "top_p", "max_output_tokens", "metadata", "user", "service_tier"),
        *("truncation", "prompt_cache_key", "safety_identifier", "top_logprobs"),
    ),
    Endpoint.MESSAGES: (
        "temperature",
        "top_p",
        "top_k",
        "stop_sequences",
        "metadata",
        "service_tier",
    ),
    Endpoint.EMBEDDINGS: ("dimensions", "encoding_format", "user"),
}


@dataclass(frozen=True, slots=True)
class KnownRefusal:
    """A refusal that every source agrees on, as data."""

    endpoint: Endpoint
    member: str
    applies: Callable[[Model], bool] = lambda _: True


def _reasons(model: Model) -> bool:
    return bool(model.supports.reasoning_efforts)


KNOWN_REFUSALS = (
    KnownRefusal(Endpoint.RESPONSES, "service_tier"),
    KnownRefusal(Endpoint.RESPONSES, "background"),
    KnownRefusal(Endpoint.RESPONSES, "temperature", _reasons),
    KnownRefusal(Endpoint.RESPONSES, "top_p", lambda m: _reasons(m) and "codex" not in m.id),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request as it will be sent. ``dropped`` in the words of the endpoint."""

    endpoint: Endpoint
    body: dict[str, Any]
    headers: Mapping[str, str]
    dropped: tuple[str, ...] = ()
    kept_locally: tuple[str, ...] = ()

    @property
    def betas(self) -> tuple[str, ...]:
        return _betas(self.headers)

    def without(self, member: str) -> Prepared:
        """Return the request without one top-level member."""
        if member not in self.body:
            return self
        form = _form_of_the_answer(self.body, member)
        if form is not None and open_container(self.body[member]) == form:
            return self
        if form is not None:
            return replace(self, body={**self.body, member: form})._note_dropped(f"{member}.*")
        body = {name: value for name, value in self.body.items() if name != member}
        return replace(self, body=body)._note_dropped(member)

    def without_beta(self, name: str) -> Prepared:
        kept = tuple(each for each in self.betas if each != name)
        if kept == self.betas:
            return self
        headers = {k: v for k, v in self.headers.items() if k.lower() != BETA_HEADER}
        if kept:
            headers[BETA_HEADER] = ",".join(kept)
        return replace(self, headers=headers)._note_dropped(f"{BETA_HEADER}:{name}")

    def without_path(self, dotted: str) -> Prepared:
        """Return the request without a member that may be nested, in every list element."""
        path = any_index(parse_path(dotted))
        if len(path) == 1:
            return self.without(path[0])
        body, removed = remove_path(self.body, path)
        return replace(self, body=body)._note_dropped(dotted) if removed else self

    def renamed(self, old: str, new: str) -> Prepared:
        if old not in self.body:
            return self
        # Both present: the new name's value was meant for this model, the old one is surplus.
        body = {
            (new if name == old else name): value
            for name, value in self.body.items()
            if name != old or new not in self.body
        }
        return replace(self, body=body)

    def _note_dropped(self, name: str) -> Prepared:
        if name in self.dropped:
            return self
        kept = (*self.kept_locally, name) if name in KEPT_LOCALLY else self.kept_locally
        return replace(self, dropped=(*self.dropped, name), kept_locally=tuple(dict.fromkeys(kept)))


def _form_of_the_answer(body: Mapping[str, Any], member: str) -> dict[str, Any] | None:
    """Return all that must stay of a member that holds the demanded form of the answer, else None."""
    holder = open_container(body[member]) if member in FORM_HOLDERS else None
    if not isinstance(holder, dict) or holder.get("format") is None:
        return None
    return {"format": holder["format"]}


def _betas(headers: Mapping[str, str]) -> tuple[str, ...]:
    for name, value in headers.items():
        if name.lower() == BETA_HEADER:
            return tuple(each.strip() for each in value.split(",") if each.strip())
    return ()


def prepare(call: UpstreamCall, mode: ParameterPolicy, lessons: Iterable[Lesson]) -> Prepared:
    """Return the request to send first."""
    prepared = Prepared(call.endpoint, dict(call.body), call.headers)
    # ``stream: false`` is answered with 403; the client adds ``stream: true`` where it streams.
    prepared.body.pop("stream", None)
    if call.endpoint is Endpoint.RESPONSES:
        prepared = _for_responses(prepared)
    if mode is ParameterPolicy.FORWARD:
        return prepared
    for known in KNOWN_REFUSALS:
        if known.endpoint is call.endpoint and known.applies(call.model):
            prepared = prepared.without(known.member)
    for beta in prepared.betas:
        if beta in REFUSED_BETAS or (mode is ParameterPolicy.STRICT and beta not in KNOWN_BETAS):
            prepared = prepared.without_beta(beta)
    if mode is ParameterPolicy.STRICT and call.endpoint is Endpoint.CHAT_COMPLETIONS:
        for member in STRICT_CHAT_MEMBERS:
            prepared = prepared.without(member)
    return _apply_lessons(prepared, lessons)


def _for_responses(prepared: Prepared) -> Prepared:
    """What ``/responses`` insists on, in every mode."""
    body = dict(prepared.body)
    stored = open_container(body.get("store"))
    body["store"] = False  # true is refused
    if stored is True:
        prepared = prepared._note_dropped("store")
    limit = open_container(body.get("max_output_tokens"))
    if isinstance(limit, int) and not isinstance(limit, bool) and limit < SMALLEST_OUTPUT_LIMIT:
        body["max_output_tokens"] = SMALLEST_OUTPUT_LIMIT
        kept = (*prepared.kept_locally, "max_output_tokens")
        prepared = replace(prepared, kept_locally=kept)
    return replace(prepared, body=body)


def _apply_lessons(prepared: Prepared, lessons: Iterable[Lesson]) -> Prepared:
    known = tuple(lessons)
    for lesson in known:
        if lesson.kind is LessonKind.BETA:
            prepared = prepared.without_beta(lesson.name)
    betas = tuple(sorted(prepared.betas))
    for lesson in known:
        if lesson.betas != betas:
            continue
        if lesson.kind is LessonKind.LEAVE_OUT:
            prepared = prepared.without_path(lesson.name)
        elif lesson.kind is LessonKind.RENAME and lesson.new_name is not None:
            prepared = prepared.renamed(lesson.name, lesson.new_name)
    return prepared


@dataclass(frozen=True, slots=True)
class Repair:
    """A request to send at once in place of the refused one, and what it teaches."""

    prepared: Prepared
    lessons: tuple[Lesson, ...] = ()
    note: str = ""


def repair_refusals(
    prepared: Prepared, refusals: Iterable[Refusal], model: str, now: float
) -> Repair | None:
    """Return the request without what upstream named, or None if there is nothing to change."""
    changed = prepared
    lessons: list[Lesson] = []
    for refusal in refusals:
        before = changed
        changed = _without_refused(changed, refusal)
        if changed is not before and not isinstance(refusal, RefusedItemId):
            lessons.append(_lesson(refusal, prepared, model, now))
    if changed is prepared:
        return None
    return Repair(changed, tuple(lessons), _note(model, [each.name for each in lessons]))


def _without_refused(prepared: Prepared, refusal: Refusal) -> Prepared:
    match refusal:
        case RefusedBeta(name):
            return prepared.without_beta(name)
        case RenamedMember(old, new):
            return prepared.renamed(old, new)
        case RefusedMember(path):
            return prepared.without_path(".".join(any_index(path)))
        case RefusedItemId(index):
            return _without_item_ids(prepared, index)


def _lesson(
    refusal: RefusedBeta | RenamedMember | RefusedMember,
    prepared: Prepared,
    model: str,
    now: float,
) -> Lesson:
    lesson = functools.partial(
        Lesson,
        model=model,
        endpoint=prepared.endpoint,
        expires_at=now + STATED_LIFETIME,
        learned_at=now,
    )
    betas = tuple(sorted(prepared.betas))
    match refusal:
        case RefusedBeta(name):
            return lesson(kind=LessonKind.BETA, name=name)
        case RenamedMember(old, new):
            return lesson(kind=LessonKind.RENAME, name=old, new_name=new, betas=betas)
        case RefusedMember(path):
            name = ".".join(any_index(path))
            return lesson(kind=LessonKind.LEAVE_OUT, name=name, betas=betas)


def _note(model: str, names: Iterable[str]) -> str:
    quoted = ", ".join(f"“{name}”" for name in names)
    return f"{model} refused {quoted}; sent again without" if quoted else ""


def _without_item_ids(prepared: Prepared, index: int) -> Prepared:
    """Take the ids off all input items of the kind that was refused: one retry, not one per item."""
    items = open_container(prepared.body.get("input"))
    if not isinstance(items, list) or index >= len(items):
        return prepared
    opened = [open_container(each) for each in items]
    refused = opened[index]
    if not isinstance(refused, dict) or "id" not in refused:
        return prepared
    kind = open_container(refused.get("type"))
    changed = [
        {name: value for name, value in each.items() if name != "id"}
        if isinstance(each, dict) and open_container(each.get("type")) == kind
        else original
        for each, original in zip(opened, items, strict=True)
    ]
    return replace(prepared, body={**prepared.body, "input": changed})


def suspects(prepared: Prepared, accepted: frozenset[str]) -> tuple[str, ...]:
    """Return the members a 403 without a reason may be about: the notorious ones, else any optional.

    ``accepted``: what the same model took a short while ago, and so cannot be the reason.
    """
    notorious = STRICT_CHAT_MEMBERS if prepared.endpoint is Endpoint.CHAT_COMPLETIONS else ()
    for group in (notorious, _OPTIONAL.get(prepared.endpoint, ())):
        found = tuple(each for each in group if each in prepared.body and each not in accepted)
        if found:
            return found
    return ()


def optional_members(prepared: Prepared) -> tuple[str, ...]:
    """Return the optional members this request carries."""
    known = (*STRICT_CHAT_MEMBERS, *_OPTIONAL.get(prepared.endpoint, ()))
    return tuple(each for each in known if each in prepared.body)


def may_be_a_parameter(failure: Failure) -> bool:
    """Whether a refusal without a named part may still be about one."""
    return failure.cause in (Cause.OPAQUE_FORBIDDEN, Cause.PERMISSION)


def repair_by_guess(
    prepared: Prepared, accepted: frozenset[str], model: str, now: float
) -> Repair | None:
    """Return the request without its suspects; what it teaches counts only if it is accepted."""
    found = suspects(prepared, accepted)
    if not found:
        return None
    changed = prepared
    for member in found:
        changed = changed.without(member)
    lessons = tuple(
        Lesson(
            model=model,
            endpoint=prepared.endpoint,
            kind=LessonKind.LEAVE_OUT,
            name=member,
            betas=tuple(sorted(prepared.betas)),
            expires_at=now + GUESSED_LIFETIME,
            guessed=True,
            learned_at=now,
        )
        for member in found
    )
    return Repair(changed, lessons, _note(model, found))


def wire_body(prepared: Prepared) -> bytes:
    """Return the body as bytes, always asking for a stream where the endpoint can stream."""
    body = prepared.body
    if prepared.endpoint is not Endpoint.EMBEDDINGS:
        body = {**body, "stream": True}
    if prepared.endpoint is Endpoint.CHAT_COMPLETIONS:
        options = open_container(body.get("stream_options"))
        body["stream_options"] = {
            **(options if isinstance(options, dict) else {}),
            "include_usage": True,
        }
    return msgspec.json.encode(body)
