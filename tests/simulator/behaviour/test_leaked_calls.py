"""``[sim:leak]``: the call a model meant to make, written out as text."""

from __future__ import annotations

import pytest

from tests.simulator.answers import WAYS, ask, read, tool
from tests.simulator.conftest import Client

QUESTION = "[sim:leak] What is the weather in Paris?"


@pytest.mark.parametrize(("endpoint", "streamed"), WAYS)
async def test_the_call_comes_as_text_and_the_turn_ends(
    client: Client, endpoint: str, streamed: bool
) -> None:
    weather = tool(endpoint, "get_weather", {"location": {"type": "string"}})
    said = read(endpoint, await ask(client, endpoint, streamed, QUESTION, tools=[weather]))
    assert said.calls == []
    assert said.text == (
        'court\n<invoke name="get_weather">\n<parameter name="location">Paris</parameter>\n</invoke>'
    )
    assert said.finish in ("stop", "end_turn", "completed")


async def test_without_a_call_nothing_leaks(client: Client) -> None:
    said = read("chat", await client.chat("[sim:leak] hello"))
    assert "<invoke" not in said.text


async def test_thinking_that_belongs_elsewhere_is_refused_on_request(client: Client) -> None:
    refused = await client.messages("[sim:bound-thinking*1] hello")
    assert "bound to a different conversation" in refused.message
    assert (await client.messages("[sim:bound-thinking*1] hello")).status == 200
