"""Real agents in long sessions: ``python -m tests.agents.long_sessions codex | claude-code``.

``codex`` grows a conversation through 300,000 tokens and says when Codex compacted it; ``claude-code``
has 200 turns with thinking and counts signatures that were refused and requests that were repeated.
Each prints its figures and returns 1 if a promise is broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.agents import long_claude_code, long_codex
from tests.agents.profile_server import running_profile_server
from tests.integration.prompt_cache.checker import breaks_in


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.agents.long_sessions")
    parser.add_argument("which", choices=("codex", "claude-code"))
    parser.add_argument("--model", help="of the simulator's list")
    parser.add_argument("--tokens", type=int, default=300_000, help="how far codex's prompt grows")
    parser.add_argument("--turns", type=int, default=200, help="of claude-code")
    parser.add_argument("--websocket", action="store_true", help="codex over a WebSocket")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="long-session-") as folder:
        place = Path(folder)
        (place / "state").mkdir()
        with running_profile_server("strict", place / "state") as server:
            server.control("account", {"remaining": 1_000_000})
            if options.which == "codex":
                model = options.model or long_codex.MODEL
                figures = long_codex.run(
                    server, place, model, options.tokens, websockets=options.websocket
                )
            else:
                model = options.model or long_claude_code.MODEL
                figures = long_claude_code.run(server, place, model, options.turns)
            lost = [str(found) for _, _, found in breaks_in(server.received())]
    for name, value in figures.shown().items():
        print(f"{name}: {value}")
    print(f"requests that lost the prompt cache: {len(lost)}", *lost[:3], sep="\n  ")
    problems = figures.problems()
    for problem in problems:
        print(f"BROKEN: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
