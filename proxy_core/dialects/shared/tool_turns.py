"""Pairs a conversation's tool calls with their results before it is rendered.

Upstream refuses a conversation in which a call has no result right after it, a result has no call,
or two calls share an id; agents produce all three after interruptions and model switches
(anthropics/claude-code#21083, #7796, #63897). Repairs are named, never hidden.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from proxy_core.canonical.request import (
    AssistantMessage,
    Message,
    Part,
    TextPart,
    ToolCallPart,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.shared.tool_names import wire_call_id

NO_RESULT = "No result: this tool call was interrupted."


def prefix_error(message: ToolResultMessage, text: str) -> str:
    """Return a result's text for OpenAI's dialects, which have no member for a failed call."""
    if message.is_error and "error" not in text[:64].lower():
        return f"Error: {text}"
    return text


@dataclass(slots=True)
class _Settled:
    messages: list[Message] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used_ids: set[str] = field(default_factory=set)
    repeated: Counter[str] = field(default_factory=Counter)


def settle_tool_turns(messages: tuple[Message, ...]) -> tuple[list[Message], list[str]]:
    """Return the messages so that every assistant turn is followed by exactly its results.

    Results come first after their calls and in the order of the calls; ids are valid and unique. A
    missing result is added, a result without a call becomes the user's text. The second value names
    these changes.
    """
    settled = _Settled()
    position = 0
    while position < len(messages):
        message = messages[position]
        position += 1
        if not isinstance(message, AssistantMessage) or not _has_calls(message):
            settled.messages.append(_orphan(settled, message))
            continue
        # Some clients write parallel calls as one message each, and all results after them.
        while position < len(messages) and isinstance(messages[position], AssistantMessage):
            message = replace(message, content=message.content + messages[position].content)
            position += 1
        start = position
        while position < len(messages) and not isinstance(messages[position], AssistantMessage):
            position += 1
        _settle_turn(settled, message, messages[start:position])
    return settled.messages, settled.notes


def _has_calls(message: AssistantMessage) -> bool:
    for part in message.content:  # noqa: SIM110 - no generator: asked for each message
        if isinstance(part, ToolCallPart):
            return True
    return False


def _calls(message: AssistantMessage) -> list[ToolCallPart]:
    return [part for part in message.content if isinstance(part, ToolCallPart)]


def _settle_turn(
    settled: _Settled, assistant: AssistantMessage, replies: tuple[Message, ...]
) -> None:
    calls = _calls(assistant)
    if _is_answered(settled, calls, replies):
        settled.messages.append(assistant)
        settled.messages.extend(replies[: len(calls)])
        settled.messages.extend([_orphan(settled, each) for each in replies[len(calls) :]])
        return
    # A queue per id: an id repeated within one turn gets as many results.
    results: dict[str, list[ToolResultMessage]] = {call.id: [] for call in calls}
    open_calls = Counter(call.id for call in calls)
    others: list[Message] = []
    for reply in replies:
        if isinstance(reply, ToolResultMessage) and open_calls[reply.tool_call_id] > 0:
            open_calls[reply.tool_call_id] -= 1
            results[reply.tool_call_id].append(reply)
        else:
            others.append(_orphan(settled, reply))
    content: list[Part] = []
    ordered: list[Message] = []
    for part in assistant.content:
        if not isinstance(part, ToolCallPart):
            content.append(part)
            continue
        fresh = _fresh_id(settled, part.id)
        content.append(part if part.id == fresh else replace(part, id=fresh))
        if results[part.id]:
            result = results[part.id].pop(0)
            if result.tool_call_id != fresh or result.kind is not part.kind:
                result = replace(result, tool_call_id=fresh, kind=part.kind)
        else:
            settled.notes.append(f"messages[] (tool call {part.id} has no result)")
            result = ToolResultMessage(fresh, (TextPart(NO_RESULT),), True, part.kind, part.name)
        ordered.append(result)
    settled.messages.append(replace(assistant, content=tuple(content)))
    settled.messages.extend(ordered)
    settled.messages.extend(others)


def _is_answered(
    settled: _Settled, calls: list[ToolCallPart], replies: tuple[Message, ...]
) -> bool:
    """Whether nothing is to be changed, as mostly: the results begin the replies in the order of their
    calls, whose ids are valid and new. Takes the ids as used where that is so.
    """
    if len(replies) < len(calls):
        return False
    ids = [call.id for call in calls]
    if len(set(ids)) < len(ids) or not settled.used_ids.isdisjoint(ids):
        return False
    for call, reply in zip(calls, replies, strict=False):
        if (
            not isinstance(reply, ToolResultMessage)
            or reply.tool_call_id != call.id
            or reply.kind is not call.kind
            or wire_call_id(call.id) != call.id
        ):
            return False
    settled.used_ids.update(ids)
    return True


def _fresh_id(settled: _Settled, call_id: str) -> str:
    """Return a valid id that no earlier call had; deterministic for the messages before it."""
    fresh = wire_call_id(call_id)
    while fresh in settled.used_ids:
        settled.repeated[call_id] += 1
        fresh = wire_call_id(f"{call_id}_{settled.repeated[call_id] + 1}")
    settled.used_ids.add(fresh)
    return fresh


def _orphan(settled: _Settled, message: Message) -> Message:
    if not isinstance(message, ToolResultMessage):
        return message
    settled.notes.append(f"messages[] (tool result {message.tool_call_id} has no call)")
    label = TextPart(f"Result of an earlier tool call ({message.tool_call_id}):")
    return UserMessage((label, *message.content))
