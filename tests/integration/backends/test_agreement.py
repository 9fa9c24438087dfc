"""Both backends say the same to GitHub and to clients.

The long form: ``python -m tests.integration.backends``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.backends.agreement import (
    Difference,
    both_backends,
    differences,
    faults_that_differ,
    loops_that_differ,
)
from tests.integration.backends.conversations import FAULTS, KINDS, PATHS, generated
from tests.integration.backends.installed import needs_pi_ai

pytestmark = [
    needs_pi_ai,
    pytest.mark.prompt_cache_break("conversations are drawn at random", always=False),
]


async def test_every_kind_of_content_reaches_github_and_comes_back_alike(tmp_path: Path) -> None:
    chosen = [each for each in generated(3 * len(KINDS)) if each.number % 3 == each.number // 3 % 3]
    found: list[Difference] = []
    async with both_backends(tmp_path) as sides:
        for said in chosen:
            found += await differences(sides, said, streamed=said.number % 2 == 0)
        for dialect in PATHS:
            found += await loops_that_differ(sides, dialect)
        for fault in FAULTS[:6]:
            found += await faults_that_differ(sides, fault)
    assert len(chosen) == len(KINDS)
    assert not found, "\n".join(map(str, found))
