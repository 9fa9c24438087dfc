"""Signing in: one attempt at a time, from requesting a code to its result.

The service reports from its own thread; ``post`` moves each report to the caller's thread.
Everything else here runs in one thread. ``monotonic`` measures the remaining time, ``now`` is only
used to read ``expires_at``.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from desktop.presenters.service_commands import ServiceCommands
from desktop.presenters.shapes import Shape
from desktop.presenters.sign_in.sign_in_view import SignInAction, SignInView, SignInViews, Stage
from desktop.presenters.words import LOOPBACK_HOSTS, Words
from proxy_core.config.settings import TokenStorage
from proxy_core.errors import ErrorKind, ProxyError
from proxy_core.status.sign_in_progress import SignInProgress, SignInState
from proxy_core.status.status import AccountStatus

PLANS_PAGE = "https://github.com/features/copilot/plans"
USUAL_LIFETIME = 15 * 60.0


@dataclass(slots=True)
class _Attempt:
    """One run of the device flow. Reports of an older one are ignored."""

    github_host: str | None
    code: str = ""
    page: str = ""
    browser_opened: bool = False
    deadline: float = 0.0
    lifetime: float = USUAL_LIFETIME
    state: SignInState | None = None
    future: Future[AccountStatus] | None = field(default=None, repr=False)


class SignInPresenter:
    """``changed`` gets each new view. ``open_page`` returns whether a browser accepted the address."""

    def __init__(
        self,
        commands: ServiceCommands,
        words: Words,
        *,
        open_page: Callable[[str], bool],
        copy: Callable[[str], None],
        post: Callable[[Callable[[], None]], object],
        monotonic: Callable[[], float],
        now: Callable[[], float],
        changed: Callable[[SignInView], None],
    ) -> None:
        self._commands = commands
        self._words = words
        self._views = SignInViews(commands, words)
        self._open_page = open_page
        self._copy = copy
        self._post = post
        self._monotonic = monotonic
        self._now = now
        self._changed = changed
        self._attempt: _Attempt | None = None
        self._address_problem = ""
        self._view = self._views.asking()

    @property
    def view(self) -> SignInView:
        return self._view

    def begin(self, github_host: str | None = None) -> None:
        """Request a code; a running attempt is cancelled."""
        self.cancel()
        self._address_problem = ""
        attempt = self._attempt = _Attempt(github_host)
        self._show(self._views.asking())

        def on_progress(progress: SignInProgress) -> None:
            self._post(lambda: self._on_progress(attempt, progress))

        def on_done(future: Future[AccountStatus]) -> None:
            self._post(lambda: self._on_done(attempt, future))

        try:
            attempt.future = self._commands.submit(
                lambda commands: commands.sign_in(on_progress, github_host)
            )
        except ProxyError as error:
            self._fail(error)
            return
        attempt.future.add_done_callback(on_done)

    def cancel(self) -> None:
        """Cancel the running attempt. Has no effect once GitHub has approved."""
        attempt, self._attempt = self._attempt, None
        running = self._view.stage in (Stage.ASKING, Stage.WAITING)
        if running and attempt is not None and attempt.future is not None:
            attempt.future.cancel()

    def act(self, action: SignInAction) -> None:
        match action:
            case SignInAction.OPEN_PAGE:
                self._open_again()
            case SignInAction.NEW_CODE:
                self.begin(self._attempt.github_host if self._attempt else None)
            case SignInAction.OPEN_PLANS_PAGE:
                self._open_page(PLANS_PAGE)
            case SignInAction.KEEP_IN_FILE:
                self._keep(TokenStorage.FILE)
            case SignInAction.KEEP_IN_MEMORY:
                self._keep(TokenStorage.MEMORY)

    def use_company_address(self, typed: str) -> None:
        """Start over at ``typed``: a host, or an address pasted from the browser."""
        host = _host_in(typed)
        if host is None:
            self._address_problem = self._words.tr(
                "Write it like company.ghe.com. Nothing was sent"
            )
            self._show(self._view)
            return
        self.begin(host)

    def tick(self) -> None:
        """Update the countdown; call about once a second while waiting."""
        if self._view.stage is Stage.WAITING and self._attempt is not None:
            self._show(self._waiting(self._attempt))

    def _on_progress(self, attempt: _Attempt, progress: SignInProgress) -> None:
        if attempt is not self._attempt:
            return
        attempt.state = progress.state
        match progress.state:
            case SignInState.WAITING | SignInState.OFFLINE:
                self._on_code(attempt, progress)
                self._show(self._waiting(attempt) if attempt.code else self._views.unreached())
            case SignInState.APPROVED:
                self._show(self._views.approved(progress.login, progress.plan))
            case SignInState.NEEDS_STORAGE_CHOICE:
                self._show(self._views.storage_choice(progress))
            case _:
                self._show(self._views.ending(progress, attempt.lifetime))

    def _on_code(self, attempt: _Attempt, progress: SignInProgress) -> None:
        if not progress.user_code or progress.user_code == attempt.code:
            return
        attempt.code = progress.user_code
        attempt.page = progress.verification_uri
        left = progress.expires_at - self._now() if progress.expires_at else USUAL_LIFETIME
        attempt.lifetime = max(1.0, left)
        attempt.deadline = self._monotonic() + attempt.lifetime
        self._copy(attempt.code)
        attempt.browser_opened = _is_web_page(attempt.page) and self._open_page(attempt.page)

    def _on_done(self, attempt: _Attempt, future: Future[AccountStatus]) -> None:
        """Show the future's result, unless a report already showed the end."""
        if attempt is not self._attempt or self._view.stage not in (Stage.ASKING, Stage.WAITING):
            return
        try:
            account = future.result()
        except CancelledError:
            return
        except ProxyError as error:
            self._fail(error)
            return
        self._show(self._views.approved(account.login, account.plan))

    def _open_again(self) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        attempt.browser_opened = _is_web_page(attempt.page) and self._open_page(attempt.page)
        self._show(self._waiting(attempt))

    def _keep(self, storage: TokenStorage) -> None:
        attempt = self._attempt
        if attempt is None:
            return
        future = self._commands.submit(lambda commands: commands.choose_token_storage(storage))
        future.add_done_callback(lambda done: self._post(lambda: self._on_stored(attempt, done)))

    def _on_stored(self, attempt: _Attempt, future: Future[None]) -> None:
        if attempt is not self._attempt:
            return
        try:
            future.result()
        except CancelledError:
            return
        except ProxyError as error:
            self._show(replace(self._view, line=self._words.said(error.said), shape=Shape.FAILED))
            return
        account = self._commands.status.account
        self._show(self._views.approved(account.login, account.plan))

    def _waiting(self, attempt: _Attempt) -> SignInView:
        return self._views.waiting(
            attempt.code,
            attempt.page,
            left=max(0.0, attempt.deadline - self._monotonic()),
            lifetime=attempt.lifetime,
            browser_opened=attempt.browser_opened,
            offline=attempt.state is SignInState.OFFLINE,
        )

    def _fail(self, error: ProxyError) -> None:
        attempt = self._attempt
        if (
            attempt is not None
            and attempt.github_host is not None
            and error.kind is ErrorKind.INVALID_REQUEST
        ):
            # The address cannot be used: report it at the field, and continue as before.
            self.begin()
            self._address_problem = self._words.said(error.said)
            self._show(self._view)
            return
        self._show(self._views.failed(*self._words.failed(error)))

    def _show(self, view: SignInView) -> None:
        if view.stage in (Stage.ASKING, Stage.WAITING):
            view = replace(view, company_address_problem=self._address_problem)
        if view != self._view:
            self._view = view
            self._changed(view)


def _host_in(typed: str) -> str | None:
    """Return the host of typed or pasted text, or None if it has none."""
    text = typed.strip().lower()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:
        return None
    labels = host.split(".")
    plausible = len(labels) >= 2 and all(
        label and label.replace("-", "").isalnum() and label.isascii() for label in labels
    )
    return host if plausible else None


def _is_web_page(address: str) -> bool:
    """Whether ``address`` may be opened: only https, or http on this computer (the demo)."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)
    )
