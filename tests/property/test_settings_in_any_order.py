"""Any order of changes, resets, edits by hand, broken files and restarts, with two stores over one file.

However they are mixed: once everybody has looked, there is one truth, it is what was said last of every
setting, and no change is lost.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import tomllib
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from proxy_core.config.paths import find_paths
from proxy_core.config.setting_effects import Commit, SettingOwner
from proxy_core.config.setting_names import default_of, value_of
from proxy_core.config.settings_file import edit_settings
from proxy_core.config.settings_store import SettingsStore, open_settings
from proxy_core.errors import ProxyError

VALUES: Mapping[str, tuple[Any, ...]] = {
    "server.require_key": (True, False),
    "server.allowed_hosts": (("one",), ("one", "two")),
    "budget.daily_credits": (1.0, 60.0),
    "budget.action": ("warn", "ask", "stop"),
    "upstream.idle_seconds": (60.0, 90.0),
    "usage.retention_days": (30, 60),
}
STORAGE = "account.token_storage"
GARBAGE = "?? what is this\n"
_CHANGE = st.sampled_from([(key, each) for key, values in VALUES.items() for each in values])
_WHO = st.integers(0, 1)


class AnyOrder(RuleBasedStateMachine):
    """``said`` is the model: what was said last. Store 0 is the server, which owns the token's place."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="g-copilot-proxy-settings-"))
        self.paths = find_paths({"G_COPILOT_PROXY_HOME": str(self.folder)})
        self.file = self.paths.settings_file
        self.loop = asyncio.new_event_loop()
        self.said: dict[str, Any] = {}
        self.storage = "ask"
        self.owner_refuses = False
        self.edits = 0
        self.stores = [self.opened(0), self.opened(1)]

    def opened(self, number: int) -> SettingsStore:
        store = open_settings(self.paths)
        if number == 0:
            self.storage = str(store.settings.account.token_storage)
            store.own(SettingOwner.TOKEN_STORAGE, self.move_token)
        return store

    async def move_token(self, changes: Mapping[str, Any], commit: Commit) -> None:
        if self.owner_refuses:
            raise ProxyError("The keychain is locked.")
        await commit()
        self.storage = str(changes[STORAGE])

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def write_by_hand(self, text: str) -> None:
        self.edits += 1
        self.file.write_text(text)
        # A file system's clock is coarse; a person is slower than it.
        os.utime(self.file, ns=(self.edits * 10**9, self.edits * 10**9))

    @property
    def text(self) -> str:
        return self.file.read_text() if self.file.exists() else ""

    @property
    def is_broken(self) -> bool:
        try:
            tomllib.loads(self.text)
        except tomllib.TOMLDecodeError:
            return True
        return False

    @rule(who=_WHO, change=_CHANGE)
    def update(self, who: int, change: tuple[str, Any]) -> None:
        key, value = change
        self.do(self.stores[who].update(key, value))
        self.said[key] = value
        assert value_of(self.stores[who].settings, key) == value

    @rule(who=_WHO, key=st.sampled_from(tuple(VALUES)))
    def reset(self, who: int, key: str) -> None:
        self.do(self.stores[who].reset(key))
        self.said.pop(key, None)
        assert value_of(self.stores[who].settings, key) == default_of(key)

    @rule(one=_CHANGE, other=_CHANGE)
    def update_both_at_once(self, one: tuple[str, Any], other: tuple[str, Any]) -> None:
        if one[0] == other[0]:
            return

        async def both() -> None:
            await asyncio.gather(self.stores[0].update(*one), self.stores[1].update(*other))

        self.do(both())
        self.said.update(dict((one, other)))

    @precondition(lambda self: not self.is_broken)
    @rule(change=_CHANGE)
    def edit_by_hand(self, change: tuple[str, Any]) -> None:
        self.write_by_hand(edit_settings(self.text, *change))
        self.said[change[0]] = change[1]

    @precondition(lambda self: not self.is_broken)
    @rule()
    def break_the_file(self) -> None:
        self.write_by_hand(self.text + GARBAGE)

    @precondition(lambda self: not self.is_broken)
    @rule(key=st.sampled_from(tuple(VALUES)))
    def break_one_line(self, key: str) -> None:
        """Only where everybody knows what it said: nobody can know a value that was never read."""
        self.look()
        section, name = key.split(".")
        lines = self.text.splitlines(keepends=True)
        header, found = "", False
        for at, line in enumerate(lines):
            header = line.strip() if line.startswith("[") else header
            if header == f"[{section}]" and line.startswith(f"{name} ="):
                lines[at], found = line.replace("=", "= =", 1), True
        if found:
            self.write_by_hand("".join(lines))

    @precondition(lambda self: self.is_broken)
    @rule()
    def correct_the_file(self) -> None:
        lines = self.text.splitlines(keepends=True)
        right = (
            each if each.startswith("#") else each.replace("= =", "=")
            for each in lines
            if each != GARBAGE
        )
        self.write_by_hand("".join(right))

    @rule(value=st.sampled_from(["ask", "file", "memory"]), refuses=st.booleans())
    def move_the_token(self, value: str, refuses: bool) -> None:
        self.owner_refuses = refuses
        try:
            self.do(self.stores[0].update(STORAGE, value))
        except ProxyError:
            assert refuses
        assert str(self.stores[0].settings.account.token_storage) == self.storage

    @rule(who=_WHO)
    def restart(self, who: int) -> None:
        self.stores[who] = self.opened(who)

    @rule()
    def look(self) -> None:
        for store in self.stores:
            self.do(store.poll())
            self.do(store.poll())
            self.do(store.settle())
        fresh = open_settings(self.paths)
        for key in VALUES:
            wanted = self.said.get(key, default_of(key))
            held = [value_of(each.settings, key) for each in (*self.stores, fresh)]
            if any(key in each.loaded.unread for each in self.stores):
                assert held[0] == held[1] == held[2], f"{key} has more than one truth: {held}"
                if key in self.said:
                    assert held[0] == wanted, f"{key} was lost with its broken line"
            else:
                assert held == [wanted] * 3, f"{key}: {held}, and {wanted} was said"

    @invariant()
    def the_token_lies_where_the_settings_in_force_say(self) -> None:
        if hasattr(self, "stores"):
            server = self.stores[0]
            assert str(server.settings.account.token_storage) == self.storage

    def teardown(self) -> None:
        if hasattr(self, "stores"):
            try:
                self.look()
            finally:
                self.do(self.loop.shutdown_default_executor())
                self.loop.close()
                shutil.rmtree(self.folder)


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
