"""The result of a check, as values that window and command both show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

CHECKS: Mapping[str, str] = {
    "network": "Network",
    "web_proxy": "Web proxy",
    "certificates": "Certificates",
    "clock": "Clock",
    "sign_in": "Sign-in",
    "plan": "Plan",
    "models": "Models and policy",
    "port": "Port",
    "keychain": "Keychain",
    "settings": "Settings",
    "files": "Files",
    "tools": "Tools",
    "backend": "Backend",
}
"""The checks in the order shown: a stable key for programs, and a name for people."""


class FindingState(StrEnum):
    """In order of urgency."""

    FAILED = "failed"
    """Requests do not work, or not reliably, until this is fixed."""
    ATTENTION = "attention"
    UNKNOWN = "unknown"
    """Could not be determined, mostly because an earlier check failed."""
    OK = "ok"


class DoctorAction(StrEnum):
    """What one button in the window can do about a finding."""

    NONE = ""
    SIGN_IN = "sign_in"
    OPEN_PLANS_PAGE = "open_plans_page"
    USE_NEXT_PORT = "use_next_port"
    OPEN_SETTINGS = "open_settings"
    CONNECT_TOOLS = "connect_tools"
    SHOW_TRAY_HELP = "show_tray_help"
    INSTALL_BACKEND = "install_backend"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check returns: one sentence, and one on what to do, if anything.

    Both are :class:`~proxy_core.errors.TranslatableText`, except what others said word for word.
    """

    state: FindingState
    finding: str
    next_step: str = ""
    action: DoctorAction = DoctorAction.NONE


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` is a stable key for programs (``network``), ``name`` is for people."""

    check: str
    name: str
    state: FindingState
    finding: str
    next_step: str = ""
    action: DoctorAction = DoctorAction.NONE


def ok(finding: str) -> CheckResult:
    return CheckResult(FindingState.OK, finding)


def attention(
    finding: str, next_step: str, action: DoctorAction = DoctorAction.NONE
) -> CheckResult:
    return CheckResult(FindingState.ATTENTION, finding, next_step, action)


def failed(finding: str, next_step: str, action: DoctorAction = DoctorAction.NONE) -> CheckResult:
    return CheckResult(FindingState.FAILED, finding, next_step, action)


def unknown(finding: str, next_step: str = "") -> CheckResult:
    return CheckResult(FindingState.UNKNOWN, finding, next_step)


def is_healthy(findings: Iterable[Finding]) -> bool:
    """Whether nothing is known to prevent requests from working."""
    return all(each.state is not FindingState.FAILED for each in findings)
