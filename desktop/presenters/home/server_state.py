"""Interprets the status for tray, sidebar and page, so that all three agree."""

from __future__ import annotations

import math

from desktop.presenters.shapes import Shape
from desktop.presenters.words import Words, isolated
from proxy_core.config.settings import Settings
from proxy_core.status.status import AccountState, ServerState, Status, UpstreamState

_CHANGING = (ServerState.STARTING, ServerState.STOPPING)
_SIGNED_OUT = (AccountState.SIGNED_OUT, AccountState.EXPIRED)


def is_signed_out(status: Status) -> bool:
    return status.account.state in _SIGNED_OUT


def is_changing(status: Status) -> bool:
    return status.server.state in _CHANGING


def is_serving(status: Status) -> bool:
    return status.server.state is ServerState.RUNNING


def is_paused(status: Status, now: float) -> bool:
    """Whether the user paused the whole proxy. ``now`` is in seconds since 1970."""
    return status.paused_until is not None and status.paused_until > now


def paused_line(status: Status, words: Words) -> str:
    """``Paused until 15:10``."""
    until = status.paused_until
    if until is None or math.isinf(until):
        return words.tr("Paused until you resume it")
    return words.tr("Paused until {time}").format(time=words.locale.hours_and_minutes(until))


def needs_attention(status: Status) -> bool:
    """Whether something needs the user while requests continue."""
    account = status.account
    return (
        account.state in (AccountState.NO_PLAN, AccountState.WAITING_FOR_KEYCHAIN)
        or status.settings_problem is not None
        or (account.state is AccountState.SIGNED_IN and account.problem is not None)
        or status.upstream.state is UpstreamState.LIMITED
        or bool(status.approvals)
    )


def can_start(status: Status) -> bool:
    stopped = status.server.state in (ServerState.OFF, ServerState.FAILED)
    return stopped and not is_signed_out(status)


def port_of(status: Status, settings: Settings) -> int:
    """Return the port in use, or the configured one."""
    return status.server.port or settings.server.port


def host_of(status: Status) -> str:
    """The host as part of a URL that a tool on this computer can use."""
    host = status.server.host
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  # compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def address_of(status: Status, settings: Settings) -> str:
    """``127.0.0.1:4141``."""
    return f"{host_of(status)}:{port_of(status, settings)}"


def anthropic_base_url(status: Status, settings: Settings) -> str:
    return f"http://{address_of(status, settings)}"


def openai_base_url(status: Status, settings: Settings) -> str:
    return f"http://{address_of(status, settings)}/v1"


def state_shape(status: Status, now: float) -> Shape:
    if status.server.state is ServerState.FAILED:
        return Shape.FAILED
    if is_changing(status):
        return Shape.STREAMING
    if needs_attention(status):
        return Shape.ATTENTION
    if is_signed_out(status) or not is_serving(status):
        return Shape.OFF
    return Shape.CANCELLED if is_paused(status, now) else Shape.RUNNING


def state_word(status: Status, words: Words, now: float) -> str:
    match status.server.state:
        case ServerState.FAILED:
            return words.tr("Could not start")
        case ServerState.STARTING:
            return words.tr("Starting…")
        case ServerState.STOPPING:
            return words.tr("Stopping…")
    if is_signed_out(status):
        return words.tr("Signed out")
    if not is_serving(status):
        return words.tr("Off")
    return words.tr("Paused") if is_paused(status, now) else words.tr("Running")


def state_words(words: Words) -> tuple[str, ...]:
    """Every word that :func:`state_word` may say: they share one place."""
    tr = words.tr
    return (
        tr("Could not start"),
        tr("Starting…"),
        tr("Stopping…"),
        tr("Signed out"),
        tr("Off"),
        tr("Paused"),
        tr("Running"),
    )


def state_line(status: Status, settings: Settings, words: Words, now: float) -> str:
    """The sentence under the state's word. ``now`` is in seconds since 1970."""
    server = status.server
    match server.state:
        case ServerState.FAILED:
            return words.tr("Tools cannot connect. Your settings are unchanged")
        case ServerState.STARTING:
            return words.tr("Opening port {port}").format(port=port_of(status, settings))
        case ServerState.STOPPING:
            return words.tr("Closing connections")
    if is_signed_out(status):
        if is_serving(status):
            return words.tr("Tools are told to wait until you sign in")
        return words.tr("Tools cannot connect until you sign in")
    if not is_serving(status):
        return words.tr("Tools cannot connect while it is off")
    if is_paused(status, now):
        return words.tr("{paused}. Requests are refused politely").format(
            paused=paused_line(status, words)
        )
    reach = words.reach(server.host)
    if server.since is None:
        return reach
    return words.tr("{reach}, up {span}").format(reach=reach, span=words.span(now - server.since))


def footer_line(status: Status, settings: Settings, words: Words) -> str:
    """Return the line under the state at the bottom of the sidebar."""
    if is_serving(status) or is_changing(status):
        return isolated(address_of(status, settings))
    return words.tr("not listening")
