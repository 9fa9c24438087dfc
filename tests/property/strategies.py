"""Hypothesis strategies for what the canonical vocabulary can say."""

from __future__ import annotations

from hypothesis import strategies as st

from proxy_core.canonical.events import (
    Bill,
    Done,
    Error,
    RefusalDelta,
    RefusalEnd,
    Start,
    StopReason,
    StreamEvent,
    TextDelta,
    TextEnd,
    ThinkingDelta,
    ThinkingEnd,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Usage,
)
from proxy_core.canonical.request import DialectName, Opaque
from proxy_core.errors import ErrorKind, UpstreamBroke, UpstreamRefused

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
said = texts.filter(lambda text: bool(text.strip()))
names = st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True)
counts = st.integers(0, 10_000)

usages = st.builds(Usage, counts, counts, counts, counts).flatmap(
    lambda usage: st.integers(0, usage.output_tokens).map(
        lambda reasoning: Usage(
            usage.input_tokens,
            usage.output_tokens,
            usage.cache_read_tokens,
            usage.cache_write_tokens,
            reasoning,
        )
    )
)
errors = st.builds(
    UpstreamRefused, texts, kind=st.sampled_from(ErrorKind), code=st.none() | names
) | st.builds(UpstreamBroke, texts)

_PROOFS = [
    (DialectName.ANTHROPIC_MESSAGES, "signature"),
    (DialectName.OPENAI_CHAT, "reasoning_opaque"),
    (DialectName.OPENAI_RESPONSES, "encrypted_content"),
]


def proofs(dialect: DialectName | None = None) -> st.SearchStrategy[Opaque]:
    kinds = [each for each in _PROOFS if dialect in (None, each[0])]
    return st.builds(
        lambda kind, data, model: Opaque(kind[0], kind[1], data, model),
        st.sampled_from(kinds),
        texts.filter(bool),
        st.just("a-model"),
    )


@st.composite
def blocks(draw: st.DrawFn, index: int, dialect: DialectName | None) -> list[StreamEvent]:
    """One block's events in their order."""
    kind = draw(st.sampled_from(["text", "thinking", "tool_call", "refusal"]))
    pieces = draw(st.lists(texts, max_size=4))
    if kind == "text":
        return [*(TextDelta(index, each) for each in pieces), TextEnd(index)]
    if kind == "thinking":
        deltas = [ThinkingDelta(index, each) for each in pieces]
        return [*deltas, ThinkingEnd(index, draw(st.none() | proofs(dialect)))]
    if kind == "refusal":
        return [*(RefusalDelta(index, each) for each in pieces), RefusalEnd(index)]
    start = ToolCallStart(index, f"call_{index}", draw(names))
    return [start, *(ToolCallDelta(index, each) for each in pieces), ToolCallEnd(index)]


def _is_call(event: StreamEvent) -> bool:
    return isinstance(event, ToolCallStart | ToolCallDelta | ToolCallEnd)


@st.composite
def streams(draw: st.DrawFn, dialect: DialectName | None = None) -> list[StreamEvent]:
    """Any legal stream: blocks that overlap as they do in life, ended by Done or Error.

    With ``dialect`` every proof in it is of that one issuer, as in a real stream.
    """
    queues = [draw(blocks(index, dialect)) for index in range(draw(st.integers(0, 5)))]
    events: list[StreamEvent] = [Start("", "upstream-model", draw(st.none() | usages))]
    open_text: list[StreamEvent] | None = None
    while queues:
        # Only tool calls overlap each other in real streams; a text may overlap a call.
        free = [q for q in queues if open_text is None or q is open_text or _is_call(q[0])]
        queue = draw(st.sampled_from(free))
        event = queue.pop(0)
        if not _is_call(event):
            open_text = queue or None
        events.append(event)
        queues = [each for each in queues if each]
    done = st.builds(
        Done,
        st.sampled_from(StopReason),
        usages,
        st.none() | texts,
        st.none() | st.builds(Bill, counts),
    )
    events.append(draw(done | st.builds(Error, errors)))
    return events
