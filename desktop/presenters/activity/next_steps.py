"""What a person can do about a request that failed or was not sent. Pure."""

from __future__ import annotations

from desktop.presenters.words import Words
from proxy_core.errors import ErrorKind
from proxy_core.status.status import RequestRecord


def next_step(record: RequestRecord, words: Words) -> str:
    """Return one sentence for every kind of failure; an unknown one leads to Doctor."""
    tr = words.tr
    steps = {
        ErrorKind.AUTHENTICATION: tr("Give the tool the local key that Connect shows."),
        ErrorKind.PERMISSION: tr(
            "Look at Doctor: your plan or your organisation may not allow it."
        ),
        ErrorKind.NOT_SENT: tr(
            "Resume the proxy or the tool, or answer “Send” when you are asked; then ask again."
        ),
        ErrorKind.OWN_BUDGET: tr("Allow more on Usage, or raise the budget in Settings."),
        ErrorKind.TOO_MANY: tr("Wait a moment; let fewer tools ask at once."),
        ErrorKind.NOT_FOUND: tr("Compare the tool's address with the one that Connect shows."),
        ErrorKind.METHOD_NOT_ALLOWED: tr(
            "Compare the tool's address with the one that Connect shows."
        ),
        ErrorKind.MODEL_NOT_FOUND: tr("Choose a model in the tool that the Models page lists."),
        ErrorKind.TOO_LARGE: tr("Send less at once, or raise the largest request in Settings."),
        ErrorKind.UNSUPPORTED_MEDIA_TYPE: tr("The tool must send JSON; look for its update."),
        ErrorKind.CONTEXT_OVERFLOW: tr(
            "Shorten the conversation, or choose a model that reads more."
        ),
        ErrorKind.CONTENT_FILTER: tr("Word the request otherwise."),
        ErrorKind.RATE_LIMIT: tr("Wait until the limit ends; Home shows when."),
        ErrorKind.QUOTA: tr("Look at your billing page at GitHub, or wait for the reset on Usage."),
        ErrorKind.SIGNED_OUT: tr("Sign in on Home, then ask again."),
        ErrorKind.SIGN_IN_PENDING: tr("Unlock the keychain or sign in on Home, then ask again."),
        ErrorKind.BACKEND: tr("Doctor says what the backend pi_ai lacks, and installs it."),
        ErrorKind.OVERLOADED: tr("Ask again in a moment, or choose another model."),
        ErrorKind.STOPPED: tr("Start the proxy, then ask again."),
        ErrorKind.UPSTREAM: tr("Ask again; if it stays, choose another model or look at Doctor."),
        ErrorKind.UPSTREAM_UNREACHABLE: tr("Check the network; Doctor shows how far it gets."),
        ErrorKind.TIMEOUT: tr("Ask again; a shorter request is answered sooner."),
        ErrorKind.CANCELLED: tr("The tool or you ended it; nothing is left to do."),
        ErrorKind.INVALID_REQUEST: tr(
            "The tool sent what this model does not take; see the message."
        ),
        ErrorKind.INTERNAL: tr("Look at the log, and report it if it happens again."),
    }
    by_kind: dict[str, str] = {kind.value: step for kind, step in steps.items()}
    return by_kind.get(record.error or "", tr("Look at Doctor."))
