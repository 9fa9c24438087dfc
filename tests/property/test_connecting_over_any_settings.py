"""Whatever a person's settings look like: connect and disconnect, and they are what they were."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy_core.clients.catalogue import TOOLS
from proxy_core.clients.editing.document import CannotEdit
from tests.property.settings_texts import (
    json_sources,
    line_sources,
    toml_sources,
    yaml_sources,
)
from tests.unit.clients.connecting.workbench import CONNECTION, OTHER_MODEL, Workbench

FILES = {
    "claude-code": (".claude/settings.json", json_sources()),
    "opencode": (".config/opencode/opencode.json", json_sources()),
    "qwen-code": (".qwen/settings.json", json_sources()),
    "codex": (".codex/config.toml", toml_sources()),
    "aider": (".aider.conf.yml", yaml_sources()),
    "continue": (".continue/config.yaml", yaml_sources()),
    "copilot-cli": (".bashrc", line_sources()),
}
THEIRS = [
    ("claude-code", b'{"env": null}'),
    ("claude-code", b'{"env": {"ANTHROPIC_BASE_URL": "https://gw", "ANTHROPIC_API_KEY": "k"}}'),
    ("codex", b'model_providers = {x = {name="a"}} # c\n'),
    ("codex", b'model_providers.foo.name = "x"\nfeatures = {}\n[profiles.a]\nmodel = "b"\n'),
    ("continue", b"models: []\n"),
    ("continue", b"models:\n  # none yet\nname: x\n"),
    ("aider", b"{model: a}\n"),
    ("aider", b"---\nmodel: a # c\n"),
]
cases = st.sampled_from(list(FILES)).flatmap(
    lambda app_id: st.tuples(st.just(app_id), FILES[app_id][1].map(lambda source: source.content))
)


@settings(max_examples=int(os.environ.get("CONNECT_EXAMPLES", "25")))
@given(cases | st.sampled_from(THEIRS), st.booleans(), st.sampled_from([0o600, 0o644, 0o400]))
def test_connect_and_disconnect_leave_the_very_bytes(
    case: tuple[str, bytes], linked: bool, mode: int
) -> None:
    app_id, content = case
    tool = TOOLS[app_id]
    with tempfile.TemporaryDirectory() as name:
        bench = Workbench(Path(name))
        path = bench.put(
            f"real/{Path(FILES[app_id][0]).name}" if linked else FILES[app_id][0], content
        )
        path.chmod(mode)
        if linked:
            link = bench.home / FILES[app_id][0]
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
        connector = bench.connector()
        with bench.unchanged():
            try:
                connector.connect(tool, CONNECTION)
            except CannotEdit:
                assert mode == 0o400, "only what may not be written is refused"
                return
            assert mode != 0o400
            once = bench.tree()
            assert not connector.connect(tool, CONNECTION).changed
            assert bench.tree() == once
            connector.connect(tool, OTHER_MODEL)
            assert path.stat().st_mode & 0o777 == mode
            connector.disconnect(tool)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o777 == mode


@settings(max_examples=int(os.environ.get("CONNECT_EXAMPLES", "25")))
@given(cases)
def test_an_edit_of_another_program_survives_the_way_back(case: tuple[str, bytes]) -> None:
    """Something is written at the file's end while the tool is connected: it is there afterwards."""
    app_id, content = case
    later = {"json": b"\n// later", "toml": b"\n# later", "yaml": b"\n# later"}
    ending = Path(FILES[app_id][0]).suffix.lstrip(".").replace("yml", "yaml")
    with tempfile.TemporaryDirectory() as name:
        bench = Workbench(Path(name))
        path = bench.put(FILES[app_id][0], content)
        connector = bench.connector()
        connector.connect(TOOLS[app_id], CONNECTION)
        path.write_bytes(path.read_bytes() + later.get(ending, b"\n# later"))
        connector.disconnect(TOOLS[app_id])
        left = path.read_bytes()
        assert b"later" in left
        assert b"127.0.0.1:4141" not in left
        assert bench.keys.made == {}
