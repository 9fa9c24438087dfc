"""What a model has shown to need is remembered for that model and endpoint, for a while."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from proxy_core.canonical.model import Endpoint, Model
from proxy_core.server.calls.memory import vendor_demands
from proxy_core.server.calls.memory.vendor_demands import (
    DEMAND_LIFETIME,
    MOST_MODELS,
    VendorDemands,
)

CHAT = Endpoint.CHAT_COMPLETIONS


def a_model(name: str = "m") -> Model:
    return Model(name, name, "OpenAI")


def test_a_demand_counts_for_its_model_and_endpoint_alone() -> None:
    demands = VendorDemands()
    demands.learn(a_model(), CHAT, frozenset({"effort left out"}), now=0.0)
    demands.learn(a_model(), CHAT, frozenset({"documents in words"}), now=1.0)
    assert demands.of(a_model(), CHAT, 2.0) == {"effort left out", "documents in words"}
    assert demands.of(a_model(), Endpoint.RESPONSES, 2.0) == frozenset()
    assert demands.of(a_model("other"), CHAT, 2.0) == frozenset()


def test_a_demand_is_tried_without_again_after_a_day() -> None:
    demands = VendorDemands()
    demands.learn(a_model(), CHAT, frozenset({"effort left out"}), now=0.0)
    assert demands.of(a_model(), CHAT, DEMAND_LIFETIME - 1)
    assert not demands.of(a_model(), CHAT, DEMAND_LIFETIME)


def test_the_models_remembered_are_bounded() -> None:
    demands = VendorDemands()
    for number in range(MOST_MODELS + 1):
        demands.learn(a_model(str(number)), CHAT, frozenset({"x"}), now=0.0)
    assert not demands.of(a_model("0"), CHAT, 1.0)
    assert demands.of(a_model(str(MOST_MODELS)), CHAT, 1.0)


RULES = frozenset({"system role"})


def saved(file: Path, now: float = 10.0) -> VendorDemands:
    demands = VendorDemands(file)
    demands.load(now)
    return demands


def test_a_demand_outlives_the_process(tmp_path: Path) -> None:
    file = tmp_path / "demands.json"
    first = saved(file)
    first.learn(a_model(), CHAT, RULES, now=5.0)
    first.synchronise(6.0)
    assert saved(file).of(a_model(), CHAT, 10.0) == RULES
    assert saved(file, DEMAND_LIFETIME + 6).of(a_model(), CHAT, DEMAND_LIFETIME + 6) == frozenset()
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0 or os.name != "posix"


def test_what_two_processes_learn_at_once_is_all_there(tmp_path: Path) -> None:
    file = tmp_path / "demands.json"
    one, two = saved(file), saved(file)
    one.learn(a_model("a"), CHAT, RULES, now=1.0)
    two.learn(a_model("a"), CHAT, frozenset({"documents in words"}), now=2.0)
    two.learn(a_model("b"), Endpoint.RESPONSES, RULES, now=2.0)
    for each in (one, two, one):
        each.synchronise(3.0)
    for each in (one, two, saved(file)):
        assert each.of(a_model("a"), CHAT, 4.0) == RULES | {"documents in words"}
        assert each.of(a_model("b"), Endpoint.RESPONSES, 4.0) == RULES or each is two


def test_what_one_process_forgets_another_does_not_bring_back(tmp_path: Path) -> None:
    file = tmp_path / "demands.json"
    server, command = saved(file), saved(file)
    server.learn(a_model(), CHAT, RULES, now=1.0)
    server.learn(a_model("other"), CHAT, RULES, now=1.0)
    server.synchronise(2.0)
    command.load(3.0)
    assert command.forget("m", 4.0) == ("system role",)
    command.synchronise(4.0)
    server.synchronise(5.0)
    assert server.of(a_model(), CHAT, 6.0) == frozenset()
    assert server.of(a_model("other"), CHAT, 6.0) == RULES
    server.learn(a_model(), CHAT, RULES, now=7.0)
    server.synchronise(8.0)
    assert saved(file).of(a_model(), CHAT, 9.0) == RULES, "learned anew"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"demands": 3, "forgotten": []}',
        b'{"demands": [{"model": "m"}, 1]}',
        b'{"demands": [{"model":"m","endpoint":"/nowhere","rule":"x","expires_at":99}]}',
        b'{"demands": [{"model":"m","endpoint":"/chat/completions","rule":"x","expires_at":9e9}]}',
    ],
)
def test_a_damaged_file_teaches_nothing_and_is_written_over(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "demands.json"
    file.write_bytes(content)
    demands = saved(file)
    assert demands.of(a_model(), CHAT, 10.0) == frozenset()
    demands.learn(a_model(), CHAT, RULES, now=10.0)
    demands.synchronise(11.0)
    assert saved(file, 12.0).of(a_model(), CHAT, 12.0) == RULES


def test_a_disk_that_refuses_costs_nothing_but_the_memory_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "demands.json"
    demands = saved(file)
    demands.learn(a_model(), CHAT, RULES, now=1.0)
    with monkeypatch.context() as patched:
        patched.setattr(vendor_demands, "write_private", full)
        with pytest.raises(OSError, match="No space"):
            demands.synchronise(2.0)
    assert demands.of(a_model(), CHAT, 3.0) == RULES
    demands.synchronise(4.0)
    assert saved(file).of(a_model(), CHAT, 5.0) == RULES, "written once there is room"


def test_the_file_is_bounded_too(tmp_path: Path) -> None:
    file = tmp_path / "demands.json"
    for start in (0, MOST_MODELS):
        demands = saved(file, 1.0)
        for number in range(start, start + MOST_MODELS):
            demands.learn(a_model(str(number)), CHAT, RULES, now=1.0 + start)
        demands.synchronise(2.0 + start)
    again = saved(file, 500.0)
    known = [n for n in range(2 * MOST_MODELS) if again.of(a_model(str(n)), CHAT, 500.0)]
    assert known == list(range(MOST_MODELS, 2 * MOST_MODELS))
