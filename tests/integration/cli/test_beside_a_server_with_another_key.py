"""Commands beside a server of one's own that was started with another key than the stored one."""

from __future__ import annotations

import json

import pytest

from tests.integration.cli.processes import Commands, Simulated, first_line

KEY = "sk-local-chosen-for-this-run-alone"
SAYS = "runs with another key than the stored one"


@pytest.fixture
def url(commands: Commands, simulated: Simulated) -> str:
    """A server that has its account from its environment, of which the commands know nothing."""
    commands.environ["COPILOT_GITHUB_TOKEN"] = simulated.token
    process = commands.start("serve", "--key", KEY)
    del commands.environ["COPILOT_GITHUB_TOKEN"]
    line = first_line(process)
    assert line.startswith("Listening on ")
    return line.removeprefix("Listening on ")


def test_no_command_says_that_nobody_is_signed_in(commands: Commands, url: str) -> None:
    for arguments in (["usage"], ["models"], ["approve"], ["resume", "Codex"]):
        refused = commands.run(*arguments)
        assert refused.returncode == 1, refused.stdout
        assert SAYS in refused.stderr
        assert url in refused.stderr
        assert "signed in" not in refused.stderr
    told = json.loads(commands.run("usage", "--json").stdout)
    assert told["error"]["code"] == "other_key"
    status = json.loads(commands.run("status", "--json").stdout)
    assert status["server"]["running"]
    assert status["account"]["state"] == "unknown"
    assert SAYS in status["problem"]
    key = commands.run("key")
    assert key.returncode == 0
    assert SAYS in key.stderr, "it prints a key that the server refuses"
    commands.environ["G_COPILOT_PROXY_KEY"] = "sk-local-neither-this-one-0123456789"
    wrong = commands.run("usage")
    assert "G_COPILOT_PROXY_KEY does not hold the key" in wrong.stderr
    commands.environ["G_COPILOT_PROXY_KEY"] = KEY
    assert commands.run("usage").returncode == 0
    assert "octocat" in commands.run("status").stdout
