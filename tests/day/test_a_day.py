"""A day at high speed, the short form; ``python -m tests.day`` is the long one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.day.working_day import Broken, simulated_day, text_of

ROUNDS = 28
"""Each thing that may happen, twice."""


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_day_keeps_its_promises(seed: int) -> None:
    async with simulated_day(seed) as day:
        try:
            report = await day.run(ROUNDS)
        except Broken as broken:
            pytest.fail(f"seed {seed}: {broken}")
    assert sum(report.fates.values()) > 100
    assert report.hours > 5
    assert report.calls <= 1.6 * sum(report.fates.values())


async def test_another_s_answer_would_be_noticed() -> None:
    async with simulated_day(1) as day:
        await day.rig.script(*[{"say": {"text": "day-999-day"}}] * 20)
        with pytest.raises(Broken, match=r"another's answer|looks finished|holds"):
            await day.run(ROUNDS)


async def test_a_request_sent_twice_would_be_noticed() -> None:
    async with simulated_day(1) as day:
        sends = day.rig.ask

        async def twice(*asked: Any, **members: Any) -> Any:
            await sends(*asked, **members)
            return await sends(*asked, **members)

        day.rig.ask = twice  # type: ignore[method-assign]
        with pytest.raises(Broken, match=r"was sent . times|exchanges"):
            await day.run(3)


@pytest.mark.parametrize(
    ("body", "streamed"),
    [
        ('{"choices": [{"message": {"content": "hi"}}]}', False),
        ('{"type": "message", "content": [{"type": "text", "text": "hi"}]}', False),
        ('{"output": [{"type": "message", "content": [{"text": "hi"}]}]}', False),
        ('data: {"choices": [{"delta": {"content": "hi"}}]}\n\ndata: [DONE]\n\n', True),
        ('data: {"type": "response.output_text.delta", "delta": "hi"}\n\n', True),
        ('data: {"type": "content_block_delta", "delta": {"text": "hi"}}\n\n', True),
    ],
)
def test_the_judge_reads_every_dialect(body: str, streamed: bool) -> None:
    assert text_of(body, streamed=streamed) == "hi"
