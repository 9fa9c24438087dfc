"""Free and Student: who uses the commands is told that GitHub chooses the model."""

from __future__ import annotations

import json

import pytest

from tests.integration.cli.processes import Commands, first_line

SENTENCE = "GitHub chooses the model"


@pytest.mark.parametrize(
    ("profile", "plan", "is_told"),
    [("free_plan", "Free", True), ("student_plan", "Student", True), ("strict", "Pro", False)],
)
def test_status_and_models_say_so_where_it_is_so(
    commands: Commands, profile: str, plan: str, is_told: bool
) -> None:
    simulator = commands.start("simulate", "--profile", profile, "--world", "2026-11")
    commands.environ["G_COPILOT_PROXY_GITHUB_URL"] = first_line(simulator).rsplit(" ", 1)[1]
    token = first_line(simulator).removeprefix("GitHub token: ")
    commands.environ["COPILOT_GITHUB_TOKEN"] = token
    account = json.loads(commands.run("status", "--json").stdout)["account"]
    assert (account["plan"], account["auto_only"]) == (plan, is_told)
    assert (SENTENCE in commands.run("status").stdout) == is_told
    models = commands.run("models")
    assert models.returncode == 0, models.stderr
    assert (SENTENCE in models.stdout) == is_told
    assert isinstance(json.loads(commands.run("models", "--json").stdout), list)


def test_models_beside_a_running_server_says_so_too(commands: Commands) -> None:
    simulator = commands.start("simulate", "--profile", "free_plan", "--world", "2026-11")
    commands.environ["G_COPILOT_PROXY_GITHUB_URL"] = first_line(simulator).rsplit(" ", 1)[1]
    token = first_line(simulator).removeprefix("GitHub token: ")
    commands.environ["COPILOT_GITHUB_TOKEN"] = token
    server = commands.start("serve")
    assert first_line(server).startswith("Listening on ")
    models = commands.run("models")
    assert models.returncode == 0, models.stderr
    assert SENTENCE in models.stdout
    listed = commands.run("models", "--json")
    assert isinstance(json.loads(listed.stdout), list)
    assert SENTENCE in listed.stderr
