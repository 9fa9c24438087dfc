"""The bytes on the wire: where they are cut, how lines end, who is still listening."""

from __future__ import annotations

import asyncio
import random

import pytest

from proxy_core.simulator.http.byte_splitter import ByteSplitter
from tests.simulator.answers import read
from tests.simulator.conftest import Client, StartSimulator

ECHO = "Repeat exactly the following text and nothing else: "


def portions(frames: list[bytes], seed: int) -> list[bytes]:
    splitter = ByteSplitter(random.Random(seed))
    return [*map(splitter.feed, frames), splitter.flush()]


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_or_reordered(seed: int) -> None:
    frames = [f"data: {n} żółć 🎉\r\n\r\n".encode() for n in range(50)]
    assert b"".join(portions(frames, seed)) == b"".join(frames)


def test_a_character_of_several_bytes_is_cut_inside() -> None:
    cut = portions(["data: ż\n\n".encode()], 0)
    with pytest.raises(UnicodeDecodeError):
        cut[0].decode()


def test_sometimes_cr_and_lf_come_apart() -> None:
    cut = portions([b"data: x\r\n\r\n"] * 100, 1)
    assert any(portion.endswith(b"\r") for portion in cut)


async def arriving(client: Client, text: str) -> list[bytes]:
    body = {
        "model": "gpt-4.1",
        "messages": [{"role": "user", "content": ECHO + text}],
        "stream": True,
    }
    async with client.session.post(
        f"{client.server.url}/chat/completions", json=body, headers=client.headers
    ) as response:
        return [chunk async for chunk in response.content.iter_any()]


async def test_a_reader_sees_portions_that_end_inside_characters(client: Client) -> None:
    seen = await arriving(client, "żółć 🎉 " * 40)

    def is_torn(chunk: bytes) -> bool:
        try:
            chunk.decode()
        except UnicodeDecodeError:
            return True
        return False

    assert sum(map(is_torn, seen)) > 10
    b"".join(seen).decode()


async def test_without_splits_every_portion_is_whole_frames(start: StartSimulator) -> None:
    client = await start(random_splits=False)
    for chunk in await arriving(client, "żółć 🎉 " * 40):
        assert chunk.endswith(b"\n\n")


async def test_lines_end_with_lf_and_on_request_with_crlf(start: StartSimulator) -> None:
    plain = await start()
    assert b"\r" not in (await plain.chat("hi", stream=True)).raw
    other = await start(crlf=True)
    for endpoint, answer in (
        ("chat", await other.chat("hi", stream=True)),
        ("messages", await other.messages("hi", stream=True)),
        ("responses", await other.responses("hi", stream=True)),
    ):
        assert answer.raw.count(b"\n") == answer.raw.count(b"\r\n")
        assert read(endpoint, answer).text


async def test_active_counts_open_calls_and_forgets_a_client_that_leaves(client: Client) -> None:
    assert (await client.get("/_sim/active")).json() == {"active": 0}
    body = {
        "model": "gpt-4.1",
        "messages": [{"role": "user", "content": "[sim:stall]"}],
        "stream": True,
    }
    async with client.session.post(
        f"{client.server.url}/chat/completions", json=body, headers=client.headers
    ) as response:
        await response.content.readany()
        assert (await client.get("/_sim/active")).json() == {"active": 1}
        response.close()
    async with asyncio.timeout(30):
        while (await client.get("/_sim/active")).json() != {"active": 0}:
            pass


async def test_two_hundred_streams_at_once_all_end_well(client: Client) -> None:
    answers = await asyncio.gather(
        *(client.chat("one hundred numbered lines", stream=True) for _ in range(200))
    )
    assert {len(read("chat", answer).text.split("\n")) for answer in answers} == {100}
    assert client.server.active == 0


async def test_a_slow_network_takes_its_time_before_the_first_event(start: StartSimulator) -> None:
    client = await start(profile="slow")
    loop = asyncio.get_running_loop()
    began = loop.time()
    await client.chat("hi", stream=True)
    assert loop.time() - began >= 0.3
