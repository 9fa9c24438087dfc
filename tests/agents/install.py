"""Installs the pinned agents into ``.agents``: ``python tests/agents/install.py [name ...]``."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tests.agents.declared import AGENTS, Agent


def main(names: list[str]) -> int:
    unknown = set(names) - set(AGENTS)
    if unknown:
        print(
            f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(AGENTS)}", file=sys.stderr
        )
        return 2
    npm = shutil.which("npm")
    if npm is None:
        print("npm is missing: install Node.js first", file=sys.stderr)
        return 1
    return max((install(AGENTS[name], npm) for name in names or AGENTS), default=0)


def install(agent: Agent, npm: str) -> int:
    if (agent.folder / "node_modules" / ".bin" / agent.program).exists():
        return 0
    agent.folder.mkdir(parents=True, exist_ok=True)
    print(f"Installing {agent.package}@{agent.version} into {agent.folder} ...", flush=True)
    # A newer Node than ours is asked for by some packages whose program is a binary of its own.
    command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    return subprocess.call(
        [*command, "--prefix", str(agent.folder), f"{agent.package}@{agent.version}"]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
