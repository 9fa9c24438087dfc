"""The table in docs/clients.md, made of what was seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.agents.connected.scenes import Outcome
from tests.agents.connected.tool import Scene

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/clients.md"
BEGIN, END = "<!-- made by tests.agents.connected -->", "<!-- end -->"
HEAD = (
    *("Tool", "Version", "Passed through", "Translated", "Model switched"),
    *("Proxy restarted", "Image", "After compaction", "What it lacks"),
)


def row(outcomes: Sequence[Outcome]) -> str:
    """One tool's line; its outcomes are of the models it was begun with."""
    tool = outcomes[0].tool
    tasks = ["failed" if not each.works(Scene.TASK) else "works" for each in outcomes]
    passed, translated = (*tasks, "not tried")[:2]
    if len(tool.models) > 2:  # it speaks the API that the model has, whichever that is
        works = all(each == "works" for each in tasks)
        passed = f"works in {len(outcomes)} APIs" if works else "failed"
        translated = "not needed"
    if tool.always_translated:
        translated = "works" if all(each == "works" for each in tasks) else "failed"
        passed = "not to be had"
    cells = [tool.title, tool.version, passed, translated]
    cells += [_cell(scene, outcomes) for scene in Scene if scene is not Scene.TASK]
    return _line([*cells, tool.lacks])


def table(rows: Sequence[str]) -> str:
    return "\n".join([_line(HEAD), "|" + "---|" * len(HEAD), *rows])


def rows_in_document() -> dict[str, str]:
    """The lines that stand there, by the tool's name: a run of one tool leaves the others'."""
    text = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    lines = [each for each in text.splitlines() if each.count("|") == len(HEAD) + 1][2:]
    return {each.split("|")[1].strip(): each for each in lines}


def write(text: str) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    written = pattern.sub(lambda _: f"{BEGIN}\n{text}\n{END}", document)
    DOCUMENT.write_text(written, encoding="utf-8")


def _cell(scene: Scene, outcomes: Sequence[Outcome]) -> str:
    reason = outcomes[0].tool.cannot.get(scene)
    if reason is not None:
        return f"no: {reason}"
    tried = [each for each in outcomes if scene in each.tried]
    if not tried:
        return "not tried"
    if all(each.works(scene) for each in tried):
        return "works"
    failed = [each.models[0] for each in tried if not each.works(scene)]
    return "failed" if len(failed) == len(tried) else f"failed, begun with {', '.join(failed)}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
