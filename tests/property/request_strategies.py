"""Hypothesis strategies for requests in each dialect's canonical form: what it can say and no more."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec
from hypothesis import strategies as st

from proxy_core.canonical.model import Limits, Model, Supports
from proxy_core.canonical.request import (
    AssistantMessage,
    CacheMark,
    Context,
    DialectName,
    DocumentPart,
    ImagePart,
    Message,
    Opaque,
    Part,
    Reasoning,
    ReasoningMode,
    RefusalPart,
    Request,
    ResponseFormat,
    Sampling,
    SystemMessage,
    SystemRole,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolChoiceKind,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from tests.property.strategies import names, said

CHAT = DialectName.OPENAI_CHAT
MESSAGES = DialectName.ANTHROPIC_MESSAGES

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
ABLE_MODEL = Model(
    "able-model",
    "Able Model",
    "OpenAI",
    limits=Limits(output=64_000),
    supports=Supports(
        tool_calls=True,
        parallel_tool_calls=True,
        vision=True,
        structured_outputs=True,
        thinking=True,
        adaptive_thinking=True,
        min_thinking_budget=1024,
        max_thinking_budget=32_000,
        reasoning_efforts=EFFORTS,
    ),
)
"""Can do all a dialect can say: nothing has to be fitted or left out."""

base64_texts = st.binary(min_size=1, max_size=6).map(lambda raw: b64encode(raw).decode())
json_objects = st.dictionaries(names, st.integers() | said | st.booleans(), max_size=3)
schemas = json_objects.map(lambda extra: {"type": "object", "properties": {}, **extra})
maybe_true = st.none() | st.booleans()


def marks(ttls: st.SearchStrategy[Any]) -> st.SearchStrategy[CacheMark | None]:
    return st.none() | st.builds(CacheMark, ttls)


def images(cache: st.SearchStrategy[Any], details: st.SearchStrategy[Any]) -> Any:
    inline = st.builds(
        ImagePart,
        st.sampled_from(["image/png", "image/jpeg"]),
        base64_texts,
        detail=details,
        cache=cache,
    )
    linked = st.builds(ImagePart, url=st.just("https://x/y.png"), detail=details, cache=cache)
    return inline | linked


def functions(extra: st.SearchStrategy[Any], cache: st.SearchStrategy[Any]) -> Any:
    return st.builds(
        Tool, names, st.none() | said, schemas, strict=maybe_true, cache=cache, extra=extra
    )


@st.composite
def tool_choices(draw: st.DrawFn, tools: tuple[Tool, ...], allowed: bool) -> ToolChoice | None:
    if not tools:
        return None
    kinds = [ToolChoiceKind.AUTO, ToolChoiceKind.NONE, ToolChoiceKind.REQUIRED]
    kind = draw(st.none() | st.sampled_from([*kinds, ToolChoiceKind.TOOL]))
    if kind is None:
        return None
    if kind is not ToolChoiceKind.TOOL:
        return ToolChoice(kind)
    if allowed and draw(st.booleans()):
        picked = tuple(tool.name for tool in tools)
        return ToolChoice(ToolChoiceKind.ALLOWED, picked, required=draw(st.booleans()))
    return ToolChoice(kind, (draw(st.sampled_from(tools)).name,))


@st.composite
def turns(
    draw: st.DrawFn,
    user: st.SearchStrategy[tuple[Part, ...]],
    assistant_start: st.SearchStrategy[tuple[Part, ...]],
    call_kinds: list[ToolKind],
    result: Any,
) -> list[Message]:
    """User and assistant in turn; every call has its result, every id is used once."""
    messages: list[Message] = [UserMessage(draw(user))]
    for turn in range(draw(st.integers(0, 3))):
        calls = [
            ToolCallPart(
                f"call_{turn}_{number}",
                draw(names),
                msgspec.json.encode(draw(json_objects)).decode(),
                draw(st.sampled_from(call_kinds)),
            )
            for number in range(draw(st.integers(0, 3)))
        ]
        start = draw(assistant_start)
        messages.append(AssistantMessage((*start, *calls)))
        messages.extend(draw(result(call)) for call in calls)
        if not calls or draw(st.booleans()):
            messages.append(UserMessage(draw(user)))
    return messages


plain_text = st.builds(TextPart, said)


@st.composite
def chat_requests(draw: st.DrawFn) -> Request:
    last_mark = marks(st.none())
    details = st.sampled_from([None, "low", "high"])
    part = (
        plain_text
        | images(st.none(), details)
        | st.builds(DocumentPart, st.just("application/pdf"), base64_texts, title=st.none() | said)
    )
    user = st.tuples(st.lists(part, max_size=2), st.builds(TextPart, said, last_mark)).map(
        lambda drawn: (*drawn[0], drawn[1])
    )
    thinking = st.builds(
        ThinkingPart,
        said,
        st.none() | said.map(lambda data: Opaque(CHAT, "reasoning_opaque", data)),
    )
    start = st.tuples(
        st.lists(thinking, max_size=1),
        st.builds(TextPart, said),
        st.lists(st.builds(RefusalPart, said), max_size=1),
    ).map(lambda drawn: (*drawn[0], drawn[1], *drawn[2]))

    def result(call: ToolCallPart) -> Any:
        return st.builds(
            ToolResultMessage,
            st.just(call.id),
            st.tuples(plain_text),
            kind=st.just(call.kind),
            tool_name=st.none() | names,
            cache=st.none(),
        )

    messages = draw(turns(user, start, [ToolKind.FUNCTION, ToolKind.CUSTOM], result))
    if draw(st.booleans()):
        messages.insert(draw(st.integers(1, 1)), SystemMessage((draw(plain_text),)))
    messages = _limit_marks(messages, 3)
    custom = st.builds(Tool, names, st.none() | said, kind=st.just(ToolKind.CUSTOM))
    tools = draw(
        st.lists(
            functions(st.just({}), st.none()) | custom, max_size=3, unique_by=lambda t: t.name
        ).map(tuple)
    )
    system = tuple(draw(st.lists(st.builds(TextPart, said), max_size=2)))
    role = draw(st.sampled_from(SystemRole)) if system else SystemRole.SYSTEM
    return Request(
        "able-model",
        Context(system, tuple(messages), tools, role),
        CHAT,
        sampling=draw(
            st.builds(
                Sampling,
                max_output_tokens=st.none() | st.integers(1, 64_000),
                temperature=st.none() | st.floats(0, 2),
                top_p=st.none() | st.floats(0, 1),
                stop=st.lists(said, max_size=4).map(tuple),
                seed=st.none() | st.integers(0, 99),
                frequency_penalty=st.none() | st.floats(-2, 2),
                presence_penalty=st.none() | st.floats(-2, 2),
                logprobs=maybe_true,
                top_logprobs=st.none() | st.integers(0, 20),
                verbosity=st.sampled_from([None, "low", "high"]),
                parallel_tool_calls=maybe_true if tools else st.none(),
            )
        ),
        tool_choice=draw(tool_choices(tools, allowed=True)),
        reasoning=draw(
            st.none()
            | st.just(Reasoning(ReasoningMode.DISABLED))
            | st.builds(Reasoning, st.just(ReasoningMode.EFFORT), st.sampled_from(EFFORTS[1:]))
        ),
        response_format=draw(
            st.none()
            | st.just(ResponseFormat("json_object"))
            | st.builds(
                ResponseFormat,
                st.just("json_schema"),
                names,
                st.none() | schemas,
                maybe_true,
                st.none() | said,
            )
        ),
        include_usage=True,
        user=draw(st.none() | names),
        extra=draw(st.just({}) | st.just({"logit_bias": {"1": 2}, "prompt_cache_key": "k"})),
    )


def _limit_marks(messages: list[Message], limit: int) -> list[Message]:
    """No more marks than upstream takes, or the renderer has to take some away."""
    kept: list[Message] = []
    for message in messages:
        marked = any(getattr(part, "cache", None) for part in message.content)
        limit -= marked
        if marked and limit < 0:
            parts = tuple(
                TextPart(p.text) if isinstance(p, TextPart) else p for p in message.content
            )
            message = UserMessage(parts)
        kept.append(message)
    return kept


@st.composite
def messages_requests(draw: st.DrawFn) -> Request:
    ttl = st.sampled_from([None, "5m", "1h"])
    text = st.builds(TextPart, said)
    documents = st.builds(
        DocumentPart,
        st.just("application/pdf"),
        base64_texts,
        title=st.none() | said,
        context=st.none() | said,
        citations=st.booleans(),
    ) | st.builds(DocumentPart, text=said, title=st.none() | said)
    part = text | images(st.none(), st.none()) | documents
    user = st.tuples(st.lists(part, max_size=2), st.builds(TextPart, said, marks(ttl))).map(
        lambda drawn: (*drawn[0], drawn[1])
    )
    thinking = st.one_of(
        st.builds(ThinkingPart, said, said.map(lambda d: Opaque(MESSAGES, "signature", d))),
        said.map(lambda d: ThinkingPart("", Opaque(MESSAGES, "redacted_thinking", d))),
    )
    start = st.tuples(st.lists(thinking, min_size=1, max_size=2), text).map(
        lambda drawn: (*drawn[0], drawn[1])
    )

    def result(call: ToolCallPart) -> Any:
        content = st.tuples(text) | st.tuples(text, images(st.none(), st.none())) | st.just(())
        return st.builds(
            ToolResultMessage, st.just(call.id), content, is_error=st.booleans(), cache=st.none()
        )

    messages = draw(turns(user, start, [ToolKind.FUNCTION], result))
    messages = _limit_marks(messages, 3)
    tools = draw(
        st.lists(
            functions(st.just({}) | st.just({"defer_loading": True}), st.none()),
            max_size=3,
            unique_by=lambda tool: tool.name,
        ).map(tuple)
    )
    choice = draw(tool_choices(tools, allowed=False))
    forced = choice is not None and choice.kind in (ToolChoiceKind.REQUIRED, ToolChoiceKind.TOOL)
    said_parallel = choice is not None and choice.kind is not ToolChoiceKind.NONE
    effort = st.none() | st.sampled_from(EFFORTS[2:])
    display = st.sampled_from([None, "omitted", "summarized"])
    modes = [
        st.none(),
        st.builds(Reasoning, st.just(ReasoningMode.DISABLED), effort),
        st.builds(Reasoning, st.just(ReasoningMode.EFFORT), st.sampled_from(EFFORTS[2:])),
    ]
    if not forced:
        modes.append(st.builds(Reasoning, st.just(ReasoningMode.ADAPTIVE), effort, display=display))
        modes.append(
            st.builds(
                Reasoning,
                st.just(ReasoningMode.BUDGET),
                effort,
                st.integers(1024, 31_000),
                display,
            )
        )
    return Request(
        "able-model",
        Context(
            tuple(draw(st.lists(st.builds(TextPart, said, st.none()), max_size=2))),
            tuple(messages),
            tools,
        ),
        MESSAGES,
        sampling=draw(
            st.builds(
                Sampling,
                max_output_tokens=st.integers(32_000, 64_000),
                temperature=st.none() | st.floats(0, 1),
                top_p=st.none() | st.floats(0, 1),
                top_k=st.none() | st.integers(0, 99),
                stop=st.lists(said, max_size=6).map(tuple),
                parallel_tool_calls=maybe_true if said_parallel else st.none(),
            )
        ),
        tool_choice=choice,
        reasoning=draw(st.one_of(modes)),
        response_format=draw(
            st.none() | st.builds(ResponseFormat, st.just("json_schema"), schema=schemas)
        ),
        include_usage=True,
        user=draw(st.none() | said),
        extra=draw(st.just({}) | st.just({"service_tier": "auto", "context_management": {}})),
    )
