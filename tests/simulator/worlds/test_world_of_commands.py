"""The world a person asks for: of the simulator alone, and of a demo."""

from __future__ import annotations

import pytest

from proxy_core.app.demo import make_simulator
from proxy_core.cli import main as cli
from proxy_core.cli.exit_codes import environment_of_demo
from proxy_core.config.overrides import WORLD_VARIABLE
from proxy_core.errors import BadRequest


def test_simulate_names_the_worlds_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "--world", "1999-12"]) == cli.USAGE
    assert "known are undated, 2026-06, 2026-08, 2026-11" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--demo", "--world", "2026-11"], ["serve", "--demo", "--world", "2026-11"]]
)
def test_a_demo_plays_the_world_of_its_command(arguments: list[str]) -> None:
    environ = environment_of_demo(cli.build_parser().parse_args(arguments))
    assert make_simulator(environ).simulation.world.name == "2026-11"


def test_a_demo_is_undated_unless_it_is_told() -> None:
    environ = environment_of_demo(cli.build_parser().parse_args(["--demo"]))
    assert make_simulator(environ).simulation.world.name == "undated"


def test_a_demo_of_an_unknown_world_says_so() -> None:
    with pytest.raises(BadRequest, match="2026-08"):
        make_simulator({WORLD_VARIABLE: "1999-12"})


def test_the_demo_lists_no_model_that_is_broken_on_purpose() -> None:
    listed = {each["id"] for each in make_simulator({}).simulation.catalogue.listing()["data"]}
    assert "gpt-4.1" in listed
    assert "broken-entry" not in listed
