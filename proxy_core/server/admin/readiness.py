"""Whether a model call would be served now. Pure."""

from __future__ import annotations

from proxy_core.status.status import AccountState, ServerState, Status


def why_not_ready(status: Status, now: float, *, accepts_guests: bool) -> str | None:
    """Return a word for what keeps model calls from being served; None if nothing does.

    ``now`` is in seconds since 1970. ``accepts_guests``: callers may bring a GitHub token of their
    own, so that nobody need be signed in. GitHub's limits and failures do not count: they pass by
    themselves, and an orchestrator must neither restart nor replace a server for them.
    """
    if status.server.state is not ServerState.RUNNING:
        return f"server_{status.server.state.value}"
    if status.paused_until is not None and status.paused_until > now:
        return "paused"
    if status.account.state is AccountState.SIGNED_IN or accepts_guests:
        return None
    return f"account_{status.account.state.value}"
