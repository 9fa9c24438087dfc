"""Thoughts belong to the conversation and the model they came from."""

from __future__ import annotations

from typing import Any

from tests.simulator.answers import read
from tests.simulator.conftest import Client, StartSimulator
from tests.simulator.vendor_rules.requests import user

MODEL = "claude-opus-5"
SYSTEM = "Be short."


async def thought(client: Client, messages: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The assistant's turn that answers ``messages``, thinking block first."""
    answer = await client.messages(
        "", MODEL, messages=messages, thinking={"type": "adaptive", "display": "summarized"}, **more
    )
    assert answer.status == 200, answer.text
    assert answer.json()["content"][0]["type"] == "thinking"
    return {"role": "assistant", "content": answer.json()["content"]}


async def test_a_block_goes_on_in_its_own_conversation_for_many_turns(vendor: Client) -> None:
    messages = [user("one")]
    for word in ("two", "three", "four"):
        messages += [await thought(vendor, messages, system=SYSTEM), user(word)]
    assert (await vendor.messages("", MODEL, messages=messages, system=SYSTEM)).status == 200


async def test_a_block_is_refused_under_another_system_prompt(vendor: Client) -> None:
    turn = await thought(vendor, [user("one")], system=SYSTEM)
    messages = [user("one"), turn, user("two")]
    refused = await vendor.messages("", MODEL, messages=messages, system="Be long.")
    assert refused.message == (
        "messages.1.content.0: Invalid `signature` in `thinking` block. The block is "
        "bound to a different conversation. Remove the block, or set "
        "`thinking.block_binding.prefix_mismatch_behavior` to "
        '"drop_block". That setting requires the `thinking-binding-controls-2026-08-01` value in the '
        "`anthropic-beta` header. The `system` prompt differs from the one this block was created with."
    )


async def test_a_block_is_refused_behind_other_words(vendor: Client) -> None:
    turn = await thought(vendor, [user("one")], system=SYSTEM)
    refused = await vendor.messages(
        "", MODEL, messages=[user("uno"), turn, user("two")], system=SYSTEM
    )
    assert "bound to a different conversation" in refused.message


async def test_marks_and_an_agent_s_own_blocks_do_not_count(vendor: Client) -> None:
    turn = await thought(vendor, [user("one")], system=SYSTEM)
    mark = {"cache_control": {"type": "ephemeral"}}
    reminded = "<system-reminder>It rains.</system-reminder>one"
    messages = [user([{"type": "text", "text": reminded, **mark}]), turn, user("two")]
    system = [{"type": "text", "text": SYSTEM, **mark}]
    assert (await vendor.messages("", MODEL, messages=messages, system=system)).status == 200


async def test_without_the_vendors_rules_a_block_may_move(start: StartSimulator) -> None:
    lax = await start(switches={"vendor_rules": False})
    turn = await thought(lax, [user("one")])
    assert (await lax.messages("", MODEL, messages=[user("uno"), turn, user("two")])).status == 200


async def test_opaque_reasoning_of_another_model_is_refused_on_chat(vendor: Client) -> None:
    said = read("claude chat", await vendor.chat("hi", "claude-opus-4.6", reasoning_effort="high"))
    turn = {
        "role": "assistant",
        "content": said.text,
        "reasoning_text": said.thinking,
        "reasoning_opaque": said.opaque,
    }
    messages = [user("hi"), turn, user("again")]
    assert (await vendor.chat("", "claude-opus-4.6", messages=messages)).status == 200
    refused = await vendor.chat("", "claude-sonnet-4.6", messages=messages)
    assert refused.message == "messages.1.content.0: Invalid `signature` in `thinking` block"
    refused = await vendor.chat("", "gemini-3.1-pro-preview", messages=messages)
    assert refused.message == "messages[1].reasoning_opaque: Thought signature is not valid."
