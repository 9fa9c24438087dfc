"""Installs the pinned agents into ``.agents``: ``python -m tests.agents.install [name ...]``.

A name may be the beginning of several: ``copilot-cli`` means its three wire modes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv

from tests.agents.declared import AGENTS, Agent


def main(names: list[str]) -> int:
    chosen = [
        agent
        for agent in AGENTS.values()
        if not names or any(agent.name.startswith(name) for name in names)
    ]
    if not chosen:
        print(f"no such agent; there are {', '.join(AGENTS)}", file=sys.stderr)
        return 2
    return max(install(agent) for agent in chosen)


def install(agent: Agent) -> int:
    if agent.installed_program.exists():
        return 0
    print(f"Installing {agent.package} {agent.version} into {agent.folder} ...", flush=True)
    return install_python(agent) if agent.python else install_node(agent)


def install_node(agent: Agent) -> int:
    npm = shutil.which("npm")
    if npm is None:
        print("npm is missing: install Node.js first", file=sys.stderr)
        return 1
    agent.folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    return subprocess.call(
        [*command, "--prefix", str(agent.folder), f"{agent.package}@{agent.version}"]
    )


def install_python(agent: Agent) -> int:
    venv.create(agent.folder, with_pip=True)
    pip = agent.installed_program.with_name("pip")
    return subprocess.call([str(pip), "install", "--quiet", f"{agent.package}=={agent.version}"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
