"""The operating system's keychain, called in its own thread with a time limit.

A locked keychain may show a prompt and block indefinitely: neither our loops nor our exit wait for
it (daemon threads; an executor's threads would delay the exit). The backend is chosen explicitly: a
package that stores secrets in plain text must not be used because it happens to be installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from proxy_core.errors import translatable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "g-copilot-proxy"
TIME_LIMIT_SECONDS = 30.0
"""Time to type a password into the system's prompt."""

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
    """The keychain cannot be used now; the text says why, and contains no secret.

    ``absent``: there is none at all, so nothing can be in it.
    """

    def __init__(self, message: str, *, absent: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.absent = absent


class _NoKeychain(KeychainFailed):
    def __init__(self) -> None:
        super().__init__(translatable("This system offers no keychain."), absent=True)


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
        raise KeychainFailed(
            translatable("The keychain is switched off by configuration."), absent=True
        )
    if named is not None and not _module(named).startswith(_PLAIN_TEXT):
        return named  # such as a password manager's backend: the user configured it
    if not _may_have_session_bus(os.environ):
        raise _NoKeychain
    found = [each for each in get_all_keyring() if _module(each).startswith(_SYSTEM_BACKENDS)]
    if not found:
        # keyring caches its search, so a service that starts later would be missed.
        reset = getattr(get_all_keyring, "reset", None)
        if reset is not None:
            reset()
        raise _NoKeychain
    return max(found, key=lambda each: each.priority)


def _may_have_session_bus(environ: Mapping[str, str]) -> bool:
    """Whether a Linux keychain can be reached at all, as on no server and in no container.

    Where it cannot, 8 MB of libraries need not be loaded to find that out. With a ``DISPLAY`` some
    libraries start a bus.
    """
    if sys.platform in ("darwin", "win32"):
        return True
    if environ.get("DBUS_SESSION_BUS_ADDRESS") or environ.get("DISPLAY"):
        return True
    folder = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    # Not pathlib's, which raises for a folder that is another user's: su leaves the variable as it was.
    return os.path.exists(f"{folder}/bus")  # noqa: PTH110


def _module(backend: KeyringBackend) -> str:
    return type(backend).__module__


def start_daemon_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="keychain", daemon=True).start()


@dataclass(eq=False, slots=True)
class _Intent:
    """The final value wanted for one entry; ``value`` None: no entry.

    ``undoes``: restore the value from before that other intent. ``found`` is the value before this
    intent began.
    """

    value: str | None = field(default=None, repr=False)
    undoes: _Intent | None = None
    was_begun: bool = False
    found: str | None = field(default=None, repr=False)


class Keychain:
    """``user`` is the account's GitHub host. ``backend`` is called in a worker thread.

    A call that timed out cannot be cancelled and may take effect much later. Every thread that
    changes an entry therefore checks at its end for a newer intent and carries that out: the last
    one holds, in whatever order calls complete.
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
        """Return the stored token, or None. Raises KeychainFailed."""
        return await self._ask(lambda store: store.get_password(SERVICE, user), time_limit)

    async def write(self, user: str, token: str) -> None:
        """Store the token and read it back. Raises KeychainFailed."""
        await self._ask(self._change(user, _Intent(token)))

    async def delete(self, user: str) -> None:
        """Remove the token, if there is one. Raises KeychainFailed."""
        await self._ask(self._change(user, _Intent(None)))

    def withdraw(self, user: str) -> None:
        """Remove the entry of ``user`` eventually, without waiting."""
        self._carry_out(user, _Intent(None))

    def undo(self, user: str) -> None:
        """Restore the value from before the last ``write`` eventually, without waiting."""
        with self._guard:
            last = self._intents.get(user)
        if last is not None:
            self._carry_out(user, _Intent(undoes=last))

    def _carry_out(self, user: str, wanted: _Intent) -> None:
        change = self._change(user, wanted)

        def work() -> None:
            with contextlib.suppress(Exception):  # a blocked thread tries again later
                change(self._backend())

        self._start(work)

    def note(self, user: str, token: str | None) -> None:
        """Note that another process wrote ``token``: a blocked call must not undo that."""
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
            with contextlib.suppress(RuntimeError):  # the loop was closed
                loop.call_soon_threadsafe(settle, result, error)

        self._start(work)
        try:
            # Not wait_for, which in Python 3.11 loses a cancellation concurrent with the result.
            async with asyncio.timeout(time_limit or self._time_limit):
                return await answer
        except TimeoutError:
            raise KeychainFailed(
                translatable("The keychain did not answer. It may be locked.")
            ) from None


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
            raise KeychainFailed(translatable("The keychain did not keep the sign-in."))
    elif store.get_password(SERVICE, user) is not None:
        # Not every backend distinguishes a missing entry from a failure: read first.
        store.delete_password(SERVICE, user)


def _failure(error: Exception) -> KeychainFailed:
    name = type(error).__name__
    if name == "NoKeyringError":
        return KeychainFailed(translatable("This system offers no keychain."), absent=True)
    if name in ("KeyringLocked", "InitError"):
        return KeychainFailed(translatable("The keychain is locked."))
    return KeychainFailed(translatable("The keychain refused ({error}).", error=name))
