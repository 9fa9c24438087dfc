"""A home with tools in it, keys in memory, and a disk that can die at any step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from proxy_core.auth.client_keys import ClientKey, NewClientKey
from proxy_core.canonical.model import Limits, Model
from proxy_core.clients.connecting.connector import Connector
from proxy_core.clients.connecting.receipt_folder import ReceiptFolder
from proxy_core.clients.connection import Connection
from proxy_core.clients.editing.file_operations import FileOperations, SystemFiles
from proxy_core.clients.location import Location
from proxy_core.clients.shells import Shell

BASE_URL = "http://127.0.0.1:4141"
MODELS = (
    Model("claude-one", "Claude One", "a", limits=Limits(200_000, 180_000, 32_000)),
    Model("claude-mini", "Claude Mini", "a"),
    Model("gpt-one", "GPT One", "o", limits=Limits(prompt=64_000)),
)
CONNECTION = Connection(BASE_URL, "unused", "claude-one", "claude-mini", listed=MODELS)
OTHER_MODEL = Connection(BASE_URL, "unused", "gpt-one", "claude-mini", listed=MODELS)


class Killed(BaseException):
    """The process is gone: nothing catches this, and nothing happens after it."""


@dataclass
class MemoryKeys:
    """Keys as ``ClientKeys`` keeps them; they outlive a killed process."""

    made: dict[str, NewClientKey] = field(default_factory=dict)
    number: int = 0

    def listed(self) -> tuple[ClientKey, ...]:
        return tuple(each.client_key for each in self.made.values())

    def make(self, name: str) -> NewClientKey:
        self.number += 1
        key = f"sk-local-key-number-{self.number:04}"
        client_key = ClientKey(f"key_{self.number}", name, 1000.0, None, key[-4:])
        self.made[client_key.key_id] = NewClientKey(key, client_key)
        return self.made[client_key.key_id]

    def revoke(self, key_id: str) -> bool:
        return self.made.pop(key_id, None) is not None


class DyingFiles:
    """The real disk until the step it is told to die at: before it, or after half of a write.

    From then on every step dies, as nothing runs in a process that is gone.
    """

    def __init__(self, dies_at: int = 10**9, *, midway: bool = False) -> None:
        self._disk = SystemFiles()
        self._dies_at = dies_at
        self._midway = midway
        self.steps = 0
        self.before_replace: Callable[[Path], None] = lambda path: None

    def _step(self, half: Callable[[], object] | None = None) -> None:
        self.steps += 1
        if self.steps >= self._dies_at:
            if half is not None and self._midway and self.steps == self._dies_at:
                half()
            raise Killed

    def read(self, path: Path) -> bytes | None:
        return self._disk.read(path)

    def write_beside(self, path: Path, content: bytes) -> Path:
        self._step(lambda: self._disk.write_beside(path, content[: len(content) // 2]))
        return self._disk.write_beside(path, content)

    def replace(self, new: Path, path: Path) -> bool:
        self.before_replace(path)
        self._step(lambda: self._disk.replace(new, path))
        return self._disk.replace(new, path)

    def move_aside(self, path: Path) -> Path:
        self.before_replace(path)
        self._step(lambda: self._disk.move_aside(path))
        return self._disk.move_aside(path)

    def remove(self, path: Path) -> None:
        self._step(lambda: self._disk.remove(path))
        self._disk.remove(path)

    def make_folder(self, path: Path) -> None:
        self._step(lambda: self._disk.make_folder(path))
        self._disk.make_folder(path)

    def remove_folder(self, path: Path) -> None:
        self._step(lambda: self._disk.remove_folder(path))
        self._disk.remove_folder(path)

    def store(self, path: Path, content: bytes) -> None:
        self._step(lambda: self._disk.store(path, content))
        self._disk.store(path, content)

    def load(self, path: Path) -> bytes | None:
        return self._disk.load(path)

    def discard(self, path: Path) -> None:
        self._step(lambda: self._disk.discard(path))
        self._disk.discard(path)


class Workbench:
    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.state = folder / "state"
        self.home.mkdir()
        self.keys = MemoryKeys()
        self.location = Location(self.home, {"SHELL": "/bin/bash"}, "linux", Shell.POSIX)

    def connector(self, files: FileOperations | None = None) -> Connector:
        files = files or SystemFiles()
        folder = ReceiptFolder(self.state, files)
        return Connector(folder, self.location, self.keys, files, lambda: 1000.0)

    def put(self, name: str, content: bytes) -> Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def tree(self) -> dict[str, bytes | None]:
        """Everything below the home: folders are None."""
        return {
            str(each.relative_to(self.home)): each.read_bytes() if each.is_file() else None
            for each in sorted(self.home.rglob("*"))
        }

    def leftovers(self) -> list[str]:
        return [name for name in self.tree() if name.endswith(".new")]

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        before, keys = self.tree(), dict(self.keys.made)
        yield
        assert self.tree() == before
        assert self.keys.made == keys
        assert not list(self.state.glob("*.json")), "no receipt is left"
        assert not list(self.state.glob("*.backup")), "no backup is left"
