"""What a sign-in reports while it runs, for a dialog or a terminal to show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from proxy_core.errors import Problem


class SignInState(StrEnum):
    WAITING = "waiting"
    """The code is shown; GitHub waits for the user."""
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    NO_PLAN = "no_plan"
    """Signed in, but this account has no Copilot."""
    OFFLINE = "offline"
    """GitHub does not answer; polling continues while the code is valid."""
    FAILED = "failed"
    NEEDS_STORAGE_CHOICE = "needs_storage_choice"
    """Approved, but there is no keychain: the sign-in is in memory until the user chooses."""


@dataclass(frozen=True, slots=True)
class SignInProgress:
    """One report. The last one of a sign-in is any state but ``WAITING`` and ``OFFLINE``.

    ``expires_at`` is in seconds since 1970 and for display only: deadlines use monotonic time.
    """

    state: SignInState
    user_code: str = ""
    verification_uri: str = ""
    expires_at: float = 0.0
    login: str | None = None
    plan: str | None = None
    problem: Problem | None = None
