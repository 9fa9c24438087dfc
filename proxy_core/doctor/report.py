"""The findings as a text to paste into an issue: no token, key, account name or home folder in it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

import aiohttp

from proxy_core import __version__
from proxy_core.doctor.finding import Finding
from proxy_core.status.redaction import redact
from proxy_core.status.status import AccountStatus

_LEAST_LOGIN = 3
"""A shorter account name would hide parts of words."""


def program_line() -> str:
    system = platform.system() or sys.platform
    return (
        f"g-copilot-proxy {__version__}, Python {platform.python_version()}, aiohttp "
        f"{aiohttp.__version__}, {system} {platform.release()} {platform.machine()}"
    )


def report_text(
    findings: Iterable[Finding], checked: datetime, hidden: Mapping[str, str] | None = None
) -> str:
    """Return the report. ``hidden`` maps identifying words to their replacements."""
    lines = [program_line(), f"checked {checked.isoformat(timespec='seconds')}", ""]
    for each in findings:
        lines.append(f"{each.state.value:<10}{each.name:<18}{each.finding}")
        if each.next_step:
            lines.append(f"{'':<28}{each.next_step}")
    text = redact("\n".join(lines))
    for word, shown in (hidden or {}).items():
        text = text.replace(word, shown)
    return text + "\n"


def words_to_hide(account: AccountStatus, home: Path) -> dict[str, str]:
    """Return replacements for :func:`report_text`: home folder, account name, the company's host."""
    hidden = {str(home): "~"} if len(str(home)) > 1 else {}
    if account.login and len(account.login) >= _LEAST_LOGIN:
        hidden[account.login] = "<account>"
    if account.github_host != "github.com":
        hidden[account.github_host.removesuffix(".ghe.com")] = "<company>"
    return hidden
