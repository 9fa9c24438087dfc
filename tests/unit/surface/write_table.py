"""``python -m tests.unit.surface.write_table`` makes ``docs/vendor-surface.md`` of ``classified.py``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.unit.surface.answers.classified_answers import ANSWERS
from tests.unit.surface.classified import BETAS, LEDGER
from tests.unit.surface.ledger_line import Classified

TABLE = Path(__file__).parents[3] / "docs" / "vendor-surface.md"
HEAD = """# The vendors' surface

Made by `python -m tests.unit.surface.write_table` from `tests/unit/surface/classified.py`; do not edit.
The names are those of the installed SDKs' types; each line is checked by sending an example through the
dialects to a Claude model (`tests/unit/surface/test_surface_ledger.py`).

Columns are the dialects that upstream may speak. *passed*: as the client wrote it; *translated*: said
otherwise; *told*: left out and named in `x-g-copilot-proxy-dropped`; *refused*: a 400 that names it;
*needless*: says nothing to another model, as an item's id in a store. Nothing else is lost unsaid.
`{a,b}.c` is `a.c` and `b.c`: the member `c` of the kinds `a` and `b`. Below a kind that every
translation leaves out whole, only the first level of members is listed.

| Where | Names | Messages | Chat | Responses | Why |
|---|---|---|---|---|---|
"""

ANSWERS_HEAD = """
## Answers

Columns are the dialects of the client; each line is checked by sending an answer that holds the name
through the product (`tests/unit/surface/answers/`). *told*: left out and named in the record of the
request. *member* is of a whole answer, *chunk* of chat's stream.

| Where | Names | Messages | Chat | Responses | Why |
|---|---|---|---|---|---|
"""


def table() -> str:
    """Return the document as it must be."""
    betas = (
        "\n## Betas\n\nForwarded unless upstream is known, or was seen, to refuse one: "
        f"{_code(BETAS)}.\n"
    )
    return HEAD + _rows(LEDGER) + betas + ANSWERS_HEAD + _rows(ANSWERS)


def _rows(lines: Iterable[Classified]) -> str:
    return "".join(
        f"| {each.area} | {_code(each.names.split())} | {each.messages} | {each.chat} "
        f"| {each.responses} | {each.reason} |\n"
        for each in lines
    )


def _code(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
