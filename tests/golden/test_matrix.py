"""Every kind of content is shown for every dialect, by a case that really has it."""

from __future__ import annotations

import re

import pytest

from proxy_core.canonical.request import DialectName
from tests.golden.cases import CLIENTS, HERE, SPOKEN, stream_file
from tests.golden.matrix import REQUESTS, STREAMS, UNSAYABLE, Shown

OUTSIDE_STRINGS = re.compile(r'("(?:[^"\\]|\\.)*")\s*|\s+')


def squeezed(text: str) -> str:
    """JSON text without the blanks between its tokens."""
    return OUTSIDE_STRINGS.sub(lambda match: match[1] or "", text)


def cells(side: str, table: dict[str, dict[DialectName, Shown]]) -> list[object]:
    return [
        pytest.param(side, kind, name, row.get(name), id=f"{side}-{kind}-{name}".replace(" ", "_"))
        for kind, row in table.items()
        for name in (CLIENTS if side == "request" else SPOKEN)
    ]


@pytest.mark.parametrize(
    ("side", "kind", "name", "shown"), cells("request", REQUESTS) + cells("stream", STREAMS)
)
def test_the_cell_has_a_case_that_shows_it(
    side: str, kind: str, name: DialectName, shown: Shown | None
) -> None:
    if shown is None:
        assert (side, kind, name) in UNSAYABLE
        return
    if side == "request":
        folder, given = HERE / "requests" / f"{name}-{shown.case}", "request.json"
        outputs = {f"to_{target}.json" for target in SPOKEN}
        outputs |= {"passed.json"} if name in SPOKEN else set()
    else:
        folder, given = HERE / name / shown.case, "upstream.sse"
        outputs = {f"to_{to}.json" for to in CLIENTS} | {stream_file(to) for to in CLIENTS}
        outputs |= {"passed.sse"}
    assert shown.proof in squeezed((folder / given).read_text(encoding="utf-8"))
    assert {path.name for path in folder.iterdir()} == outputs | {given, "note.md"}
