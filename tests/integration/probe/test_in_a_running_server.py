"""What ``doctor --probe`` measured of the account is acted upon while the server runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proxy_core.errors import BadRequest
from tests.integration.copilot.conftest import CHAT, Rig

SETTING = "upstream.probe_facts"


def measured(folder: Path, **verdicts: str) -> str:
    file = folder / "measured.json"
    content = {"format": "g-copilot-proxy probe", "version": 1, "models": [], "verdicts": verdicts}
    file.write_text(json.dumps(content))
    return str(file)


async def test_a_member_that_was_refused_is_not_tried_first(rig: Rig, tmp_path: Path) -> None:
    file = measured(tmp_path, chat_temperature="refused")
    await rig.engine.commands.change_settings(SETTING, file)
    answer = await rig.ask(CHAT, "gpt-5-mini", "hi", temperature=0.5)
    assert answer.status == 200
    (call,) = rig.calls()
    assert "temperature" not in call.body
    assert "temperature" in answer.headers["x-g-copilot-proxy-dropped"]


async def test_without_a_file_the_member_is_sent_as_before(rig: Rig, tmp_path: Path) -> None:
    await rig.engine.commands.change_settings(
        SETTING, measured(tmp_path, chat_temperature="refused")
    )
    await rig.engine.commands.change_settings(SETTING, None)
    answer = await rig.ask(CHAT, "gpt-5-mini", "hi", temperature=0.5)
    assert answer.status == 200
    assert rig.calls()[0].body["temperature"] == 0.5


async def test_a_file_that_cannot_be_used_leaves_what_was_in_force(
    rig: Rig, tmp_path: Path
) -> None:
    file = measured(tmp_path, chat_temperature="refused")
    await rig.engine.commands.change_settings(SETTING, file)
    other = tmp_path / "other.json"
    other.write_text("{}")
    with pytest.raises(BadRequest, match="measured facts"):
        await rig.engine.commands.change_settings(SETTING, str(other))
    assert rig.engine.settings.upstream.probe_facts == file
    await rig.ask(CHAT, "gpt-5-mini", "hi", temperature=0.5)
    assert "temperature" not in rig.calls()[0].body
