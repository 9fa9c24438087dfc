"""A settings file damaged in any way never weakens what protects money and access."""

from __future__ import annotations

import tempfile
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from proxy_core.config.paths import find_paths
from proxy_core.config.protective_settings import CLOSED
from proxy_core.config.setting_names import default_of, value_of
from proxy_core.config.settings_reading import LoadedSettings
from proxy_core.config.settings_store import open_settings

GOOD = """\
# mine
[server]
port = 5000
host = "127.0.0.1"
require_key = true
allowed_hosts = ["box"]

[budget] # what I may spend
daily_credits = 60.0
monthly_credits = 900.0
action = "stop"
ask_before_sending = true

[account]
accept_client_tokens = false
github_host = "github.com"

[desktop]
theme = "dark"
"""
BYTES = GOOD.encode()
JUNK = st.one_of(
    st.binary(max_size=6),
    st.sampled_from(
        [b"[", b"]", b"=", b'"', b"'''", b"\n", b"\r\n", b"\x00" * 40, b"<<<<<<< HEAD\n"]
    ),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Bytes replaced, up to three times: a cut, a wrong byte, a merge's marks, zeros of a power cut."""
    content = bytearray(BYTES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        content[at : at + draw(st.sampled_from([0, 1, 2, 9, 60, 999]))] = draw(JUNK)
    return bytes(content)


def is_as_safe(key: str, value: Any, known: Any) -> bool:
    if key.endswith("_credits"):
        return value is not None and value <= known
    return bool(value in (known, CLOSED[key]))


def removed_from(content: bytes) -> frozenset[str]:
    """Protective settings that a valid file does not name anywhere: their lines were taken out."""
    try:
        document = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return frozenset()
    tables = [each for each in document.values() if isinstance(each, dict)]
    names = {*document, *(name for table in tables for name in table)}
    return frozenset(key for key in CLOSED if key.partition(".")[2] not in names)


def weakened(
    loaded: LoadedSettings, known: LoadedSettings, removed: frozenset[str] = frozenset()
) -> list[str]:
    """Settings weaker than they were, though no readable line of the file asks for it."""
    asked_for = loaded.stated - loaded.unread | removed
    return [
        f"{key} = {value_of(loaded.settings, key)!r}"
        for key in CLOSED
        if key not in asked_for
        and not is_as_safe(key, value_of(loaded.settings, key), value_of(known.settings, key))
    ]


@given(content=damaged())
def test_protection_never_weakens_and_nothing_is_overwritten(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = find_paths({"G_COPILOT_PROXY_HOME": folder})
        paths.settings_file.write_bytes(BYTES)
        store = open_settings(paths)
        store._file.remember()
        known = store.loaded
        paths.settings_file.write_bytes(content)
        loaded = open_settings(paths).loaded
        assert paths.settings_file.read_bytes() == content
        if loaded.problem is None:
            event("still a settings file")
            return
        event("told")
        assert not weakened(loaded, known, removed_from(content))


@settings(max_examples=settings.default.max_examples // 4)
@given(content=damaged(), key=st.sampled_from(["desktop.notices", "budget.daily_credits"]))
def test_a_change_then_keeps_the_protection_and_the_persons_file(content: bytes, key: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = find_paths({"G_COPILOT_PROXY_HOME": folder})
        paths.settings_file.write_bytes(BYTES)
        first = open_settings(paths)
        first._file.remember()
        paths.settings_file.write_bytes(content)
        file = open_settings(paths)._file
        before = file.loaded
        changed = file.change(key, {"desktop.notices": False}.get(key, 5.0))
        after = open_settings(paths).loaded
        protected = [each for each in CLOSED if each != key]
        for each in protected:
            held = value_of(before.settings, each)
            assert value_of(changed.settings, each) == held, each
            assert value_of(after.settings, each) == held, each
        if changed.kept_as is not None:
            assert Path(changed.kept_as).read_bytes() == content
        assert default_of("desktop.notices") is True
