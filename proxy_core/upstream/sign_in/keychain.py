"""The operating system's keychain, asked in a thread of its own and for a limited time.

A locked keychain may show a prompt and block for as long as it likes: neither our loops nor our exit
wait for it (daemon threads; an executor's threads would hold up the exit). The backend is chosen
explicitly: a package that keeps secrets in plain text must not win because it happens to be installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "g-copilot-proxy"
TIME_LIMIT_SECONDS = 30.0
"""Long enough to type a password into the system's prompt."""

_SYSTEM_BACKENDS = (
    "keyring.backends.macOS",
    "keyring.backends.Windows",
    "keyring.backends.SecretService",
    "keyring.backends.libsecret",
    "keyring.backends.kwallet",
)
_OFF = ("keyring.backends.null", "keyring.backends.fail")
_PLAIN_TEXT = "keyrings.alt"

Result = TypeVar("Result")


class KeychainFailed(Exception):
    """The keychain cannot be used now; the text says why, and holds no secret.

    ``absent``: there is none at all, so nothing can be in it.
    """

    def __init__(self, message: str, *, absent: bool = False) -> None:
        super().__init__(message)
        self.absent = absent


class PasswordStore(Protocol):
    """The part of a keyring backend that is used."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def system_backend() -> PasswordStore:
    """Return the system's keychain. Raises KeychainFailed. Slow: imports and probes backends."""
    import keyring.core
    from keyring.backend import get_all_keyring

    named = keyring.core.load_env() or keyring.core.load_config()
    if named is not None and _module(named).startswith(_OFF):
        raise KeychainFailed("The keychain is switched off by configuration.", absent=True)
    if named is not None and not _module(named).startswith(_PLAIN_TEXT):
        return named  # a password manager's own backend, say: the user asked for it
    found = [each for each in get_all_keyring() if _module(each).startswith(_SYSTEM_BACKENDS)]
    if not found:
        # keyring remembers what it found: a service that starts later would stay unseen.
        reset = getattr(get_all_keyring, "reset", None)
        if reset is not None:
            reset()
        raise KeychainFailed("This system offers no keychain.", absent=True)
    return max(found, key=lambda each: each.priority)


def _module(backend: KeyringBackend) -> str:
    return type(backend).__module__


def start_daemon_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="keychain", daemon=True).start()


@dataclass(eq=False, slots=True)
class _Intent:
    """What shall stand under one name in the end; ``value`` None: nothing.

    ``undoes``: instead, what stood there before that other intent was carried out. ``found`` is what
    stood there before this one was begun.
    """

    value: str | None = field(default=None, repr=False)
    undoes: _Intent | None = None
    was_begun: bool = False
    found: str | None = field(default=None, repr=False)


class Keychain:
    """``user`` is the account's GitHub host. ``backend`` is called in a worker thread.

    A call that did not answer in time cannot be recalled and may take effect much later. Whichever
    thread changes an entry therefore ends by looking whether something newer was wanted meanwhile, and
    brings that about: the last wish holds, in whatever order the answers come.
    """

    def __init__(
        self,
        backend: Callable[[], PasswordStore] = system_backend,
        *,
        time_limit: float = TIME_LIMIT_SECONDS,
        start: Callable[[Callable[[], None]], None] = start_daemon_thread,
    ) -> None:
        self._backend = backend
        self._time_limit = time_limit
        self._start = start
        self._guard = threading.Lock()
        self._intents: dict[str, _Intent] = {}

    async def read(self, user: str, *, time_limit: float | None = None) -> str | None:
        """Return the kept token, or None. Raises KeychainFailed."""
        return await self._ask(lambda store: store.get_password(SERVICE, user), time_limit)

    async def write(self, user: str, token: str) -> None:
        """Keep the token and read it back. Raises KeychainFailed."""
        await self._ask(self._change(user, _Intent(token)))

    async def delete(self, user: str) -> None:
        """Remove the token; nothing to remove is fine. Raises KeychainFailed."""
        await self._ask(self._change(user, _Intent(None)))

    def withdraw(self, user: str) -> None:
        """Bring about that nothing stands under ``user`` in the end, unwaited for."""
        self._bring_about(user, _Intent(None))

    def undo(self, user: str) -> None:
        """Bring about that what stood there before the last ``write`` does so again, unwaited for."""
        with self._guard:
            last = self._intents.get(user)
        if last is not None:
            self._bring_about(user, _Intent(undoes=last))

    def _bring_about(self, user: str, wanted: _Intent) -> None:
        change = self._change(user, wanted)

        def work() -> None:
            with contextlib.suppress(Exception):  # a thread that is stuck now tries once more later
                change(self._backend())

        self._start(work)

    def note(self, user: str, token: str | None) -> None:
        """Another process put ``token`` there: a call that is stuck must not undo that."""
        with self._guard:
            if user in self._intents:
                self._intents[user] = _Intent(token)

    def _change(self, user: str, wanted: _Intent) -> Callable[[PasswordStore], None]:
        with self._guard:
            self._intents[user] = wanted

        def change(store: PasswordStore) -> None:
            applied: _Intent | None = None
            while (newest := self._newest(user)) is not applied:
                _carry_out(store, user, newest)
                applied = newest

        return change

    def _newest(self, user: str) -> _Intent:
        with self._guard:
            return self._intents[user]

    async def _ask(
        self, question: Callable[[PasswordStore], Result], time_limit: float | None = None
    ) -> Result:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()

        def settle(result: Result | None, error: KeychainFailed | None) -> None:
            if answer.done():
                return
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(result)  # type: ignore[arg-type]  # None only if Result allows it

        def work() -> None:
            result: Result | None = None
            error: KeychainFailed | None = None
            try:
                result = question(self._backend())
            except KeychainFailed as failed:
                error = failed
            except Exception as raised:  # noqa: BLE001 - Windows' errors share no base with keyring's
                error = _failure(raised)
            with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(settle, result, error)

        self._start(work)
        try:
            # Not wait_for, which in Python 3.11 loses a cancellation that meets the answer.
            async with asyncio.timeout(time_limit or self._time_limit):
                return await answer
        except TimeoutError:
            raise KeychainFailed("The keychain did not answer. It may be locked.") from None


def _carry_out(store: PasswordStore, user: str, intent: _Intent) -> None:
    undone = intent.undoes
    if undone is not None:
        if undone.was_begun:
            _put(store, user, undone.found)
        return
    if not intent.was_begun:
        intent.found = store.get_password(SERVICE, user)
        intent.was_begun = True
    _put(store, user, intent.value)


def _put(store: PasswordStore, user: str, token: str | None) -> None:
    if token is not None:
        store.set_password(SERVICE, user, token)
        if store.get_password(SERVICE, user) != token:
            raise KeychainFailed("The keychain did not keep the sign-in.")
    elif store.get_password(SERVICE, user) is not None:
        # Not every backend tells a missing entry from a failure: look first.
        store.delete_password(SERVICE, user)


def _failure(error: Exception) -> KeychainFailed:
    name = type(error).__name__
    if name == "NoKeyringError":
        return KeychainFailed("This system offers no keychain.", absent=True)
    if name in ("KeyringLocked", "InitError"):
        return KeychainFailed("The keychain is locked.")
    return KeychainFailed(f"The keychain refused ({name}).")
