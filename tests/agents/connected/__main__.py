"""Real tools and libraries, connected by our own command and back: ``python -m tests.agents.connected``.

Each in a home of its own, with settings a person may have had. In one session it finishes a task that
needs a tool, goes on with another model, with a proxy that was restarted, with a picture, and after its
past was compacted; then its settings must be what they were. ``--write`` puts the table into
docs/clients.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.agents.connected.agents import AGENT_TOOLS
from tests.agents.connected.libraries import LIBRARY_TOOLS
from tests.agents.connected.proxy import running_proxy
from tests.agents.connected.scenes import Outcome, all_scenes, try_chain
from tests.agents.connected.table import row, rows_in_document, table, write
from tests.agents.connected.tool import AnyTool, Scene

CONNECTED_TOOLS: Mapping[str, AnyTool] = {**AGENT_TOOLS, **LIBRARY_TOOLS}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agents.connected")
    parser.add_argument("tools", nargs="*", metavar="TOOL", help="all where none is named")
    parser.add_argument("--write", action="store_true", help="put each line into docs/clients.md")
    parser.add_argument("--one-model", action="store_true", help="only the model passed through")
    parser.add_argument(
        "--scene",
        action="append",
        default=[],
        choices=[scene.name.lower() for scene in Scene],
        help="only this one, after the task; may be repeated",
    )
    parsed = parser.parse_args(arguments)
    unknown = [each for each in parsed.tools if each not in CONNECTED_TOOLS]
    if unknown:
        parser.error(f"no such tool: {unknown[0]}; there are {', '.join(CONNECTED_TOOLS)}")
    scenes = list(all_scenes(parsed.scene))
    rows = rows_in_document() if parsed.tools else {}
    good = True
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with running_proxy(folder) as proxy:
            for key in parsed.tools or list(CONNECTED_TOOLS):
                tool = CONNECTED_TOOLS[key]
                outcomes: list[Outcome] = []
                for models in tool.chains[: 1 if parsed.one_model else None]:
                    place = folder / f"{key}-{models[0]}"
                    outcomes.append(try_chain(tool, models, proxy, place, scenes))
                    report(key, outcomes[-1])
                rows[tool.title] = row(outcomes)
                if parsed.write:
                    write(table(list(rows.values())))
                good = good and all(each.is_right for each in outcomes)
    print(table(list(rows.values())))
    return 0 if good else 1


def report(key: str, outcome: Outcome) -> None:
    """Print how a session went, and what was not as promised."""
    fine = [scene.value for scene in outcome.tried if outcome.works(scene)]
    begun = f"{key} {outcome.tool.version}, begun with {outcome.models[0]}"
    print(f"{begun}: {', '.join(fine) or 'nothing'} ({outcome.requests} requests)", flush=True)
    for scene, problem in outcome.problems.items():
        print(f"  {scene.value} FAILED: {problem}", flush=True)
    if outcome.left:
        print(f"  LEFT BEHIND: {outcome.left}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
