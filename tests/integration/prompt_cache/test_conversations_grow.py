"""However a conversation is translated, its next request repeats the one before, byte for byte."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from proxy_core.canonical.request import DialectName
from tests.integration.prompt_cache.conversations import (
    golden_conversations,
    grown,
    recorded_conversations,
)
from tests.integration.prompt_cache.growing import check_growing, check_steps

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "reference" / "captures"
Conversation = tuple[str, DialectName, bytes]


@pytest.mark.parametrize("conversation", golden_conversations(), ids=lambda each: each[0])
def test_a_golden_conversation_grows_without_a_change(conversation: Conversation) -> None:
    check_growing(*conversation[1:])


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recordings are not beside the repository")
@pytest.mark.parametrize("conversation", recorded_conversations(RECORDED), ids=lambda each: each[0])
def test_a_recorded_conversation_grows_without_a_change(conversation: Conversation) -> None:
    check_growing(*conversation[1:])


@pytest.mark.parametrize(
    "conversation",
    [each for each in golden_conversations() if each[1] is DialectName.OPENAI_RESPONSES],
    ids=lambda each: each[0],
)
def test_a_compaction_asks_behind_the_conversation_as_it_stands(conversation: Conversation) -> None:
    """It comes when the conversation is at its longest: written anew, all of it would be paid again."""
    _, client, body = conversation
    said = msgspec.json.decode(body)
    said.pop("tool_choice", None)  # some let only some of the tools through
    items = said["input"] if isinstance(said["input"], list) else [user(said["input"])]
    asking = {**said, "input": [*items, {"type": "compaction_trigger"}]}
    check_steps(client, [msgspec.json.encode(said), msgspec.json.encode(asking)])


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_most_golden_conversations_have_turns_to_cut_behind() -> None:
    lengths = [len(grown(client, body)) for _, client, body in golden_conversations()]
    assert sum(length > 1 for length in lengths) > 15, lengths
    compared = sum(check_growing(*each[1:]) for each in golden_conversations())
    assert compared > 100
