"""``g-copilot-proxy doctor``: runs all checks and says what to do about failures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict

from proxy_core.app.engine import Engine
from proxy_core.cli.command_engine import with_engine
from proxy_core.cli.control import UNAUTHORIZED, ask_running, other_key
from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.config.paths import find_paths
from proxy_core.doctor.finding import Finding, FindingState, is_healthy
from proxy_core.doctor.report import program_line
from proxy_core.errors import BadRequest, ProxyError
from proxy_core.server.paths import CONTROL_STATUS
from proxy_core.status.logging import set_up_logging
from proxy_core.status.status_board import StatusBoard

_INDENT = " " * 28


def doctor(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print findings as they complete; with ``--json`` in declared order, at the end."""
    if parsed.probe:
        from proxy_core.cli.diagnostics.probe import probe

        return probe(parsed, environ, lambda: _is_demo(environ))
    if parsed.yes or parsed.output or parsed.overwrite or parsed.use:
        raise BadRequest("--yes, --output, --overwrite and --use belong to --probe.")
    set_up_logging(find_paths(environ))

    async def work(engine: Engine, board: StatusBoard) -> tuple[Finding, ...]:
        del board
        return await engine.commands.run_doctor(_ignore if parsed.json else _print)

    if not parsed.json:
        print(program_line(), flush=True)
    try:
        findings = with_engine(work, environ, demo=_is_demo(environ))
    except ProxyError as error:  # settings with which no engine can be built
        findings = (
            Finding(
                "settings", "Settings", FindingState.FAILED, error.message, "Correct the setting."
            ),
        )
        if not parsed.json:
            _print(findings[0])
    healthy = is_healthy(findings)
    if parsed.json:
        report = {
            "ok": healthy,
            "program": program_line(),
            "checks": [asdict(each) for each in findings],
        }
        print(json.dumps(report, indent=2))
    return DONE if healthy else FAILED


def _is_demo(environ: Mapping[str, str]) -> bool:
    """Whether the running server is a demo; then GitHub is not checked."""
    asked = ask_running(environ, CONTROL_STATUS)
    if asked.status == UNAUTHORIZED:
        print(f"g-copilot-proxy: {other_key(asked, environ).message}", file=sys.stderr)
    return asked.is_ours and asked.answer["demo"] is True


def _print(finding: Finding) -> None:
    print(f"{finding.state.value:<10}{finding.name:<18}{finding.finding}", flush=True)
    if finding.next_step:
        print(f"{_INDENT}{finding.next_step}", flush=True)


def _ignore(finding: Finding) -> None:
    del finding
