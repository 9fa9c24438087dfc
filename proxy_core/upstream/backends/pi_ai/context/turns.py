"""A conversation as the library's messages, with what it cannot say grafted in. Pure.

Upstream's turns are read one by one. One that the library writes exactly as it stands is given to it
in its own words; any other (a document, a cache mark, a member nobody knows) becomes a message with a
mark, in whose place ``bridge.mjs`` puts the original. So nothing of a conversation is lost or changed.

The library also repairs conversations: it answers a tool call itself where no result follows. A turn
whose calls are not answered by the very next turns is therefore grafted too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from proxy_core.upstream.backends.pi_ai.context.raws import Raws


class Side(StrEnum):
    USER = "user"
    ASSISTANT = "assistant"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Turn:
    """One of upstream's turns.

    ``content`` is the library's message content, or None if it cannot be said. ``calls`` are the ids
    of an assistant's calls, ``results`` those that a result answers. ``raw`` is its JSON.
    """

    side: Side
    raw: str
    content: Any = None
    calls: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    is_error: bool = False


def library_messages(
    turns: list[Turn], raws: Raws, *, joins_results: bool = False, joins_turns: bool = False
) -> list[dict[str, Any]]:
    """Return the library's messages for ``turns``.

    ``joins_results``: the library writes results that follow each other as one turn (Messages).
    ``joins_turns``: an assistant's items that follow each other are one message (Responses).
    """
    messages: list[dict[str, Any]] = []
    for place, turn in enumerate(turns):
        is_said = turn.content is not None
        if turn.side is Side.ASSISTANT:
            is_said = is_said and _are_answered(turns, place, joins_turns=joins_turns)
            content = turn.content if is_said else [_text(raws.graft(turn.raw))]
            if joins_turns and messages and messages[-1]["role"] == "assistant":
                messages[-1]["content"] += content
            else:
                messages.append({"role": "assistant", "content": list(content)})
        elif turn.side is Side.RESULT and turn.results:
            if joins_results and _has_neighbour(turns, place):
                is_said = False
            messages += _result_messages(turn, raws, is_said=is_said)
        else:
            messages.append(
                {"role": "user", "content": turn.content if is_said else raws.graft(turn.raw)}
            )
    return messages


def _result_messages(turn: Turn, raws: Raws, *, is_said: bool) -> list[dict[str, Any]]:
    if is_said:
        return [
            _result(call_id, content, is_error=is_error)
            for call_id, content, is_error in turn.content
        ]
    marks = [raws.graft(turn.raw), *(raws.nothing for _ in turn.results[1:])]
    return [
        _result(call_id, [_text(mark)], is_error=False)
        for call_id, mark in zip(turn.results, marks, strict=True)
    ]


def _result(call_id: str, content: list[dict[str, Any]], *, is_error: bool) -> dict[str, Any]:
    return {
        "role": "toolResult",
        "toolCallId": call_id,
        "toolName": "",
        "content": content,
        "isError": is_error,
    }


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _has_neighbour(turns: list[Turn], place: int) -> bool:
    return any(
        0 <= each < len(turns) and turns[each].side is Side.RESULT
        for each in (place - 1, place + 1)
    )


def _are_answered(turns: list[Turn], place: int, *, joins_turns: bool) -> bool:
    """Whether the results of a turn's calls follow it at once, as the library expects."""
    open_calls = set(turns[place].calls)
    if not open_calls:
        return True
    following = place + 1
    while joins_turns and following < len(turns) and turns[following].side is Side.ASSISTANT:
        following += 1
    while following < len(turns) and turns[following].side is Side.RESULT:
        open_calls -= set(turns[following].results)
        following += 1
    return not open_calls
