"""``g-copilot-proxy doctor --probe``: settles with one's own account what the sources disagree on."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import msgspec

from proxy_core.app.engine import Engine
from proxy_core.app.measured_account import SETTING
from proxy_core.app.probe_run import PROGRAM
from proxy_core.cli.command_engine import asked, with_engine
from proxy_core.cli.control import ask_noted
from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.config.paths import find_paths, named_file
from proxy_core.doctor.probe.entries import ENTRIES, UNSETTLED
from proxy_core.doctor.probe.plan import PlannedCost
from proxy_core.doctor.probe.question import PlannedRequest
from proxy_core.doctor.probe.report import to_json, verdicts_of
from proxy_core.doctor.probe.runner import MOST_CREDITS, MOST_REQUESTS, ProbeReport
from proxy_core.errors import BadRequest, ErrorKind, ProxyError
from proxy_core.server.paths import CONTROL_RECORDS
from proxy_core.status.logging import set_up_logging
from proxy_core.status.own_requests import of_a_probe
from proxy_core.status.status import RequestRecord
from proxy_core.status.status_board import StatusBoard
from proxy_core.status.totals import NANO_PER_CREDIT
from proxy_core.storage.private_files import write_private


class NotAllowed(ProxyError):
    """Nobody said yes: nothing was asked of any model."""

    kind = ErrorKind.PERMISSION
    title = "The probe was not started"

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not_accepted")


def probe(
    parsed: argparse.Namespace, environ: Mapping[str, str], is_demo: Callable[[], bool]
) -> int:
    """Show what would be asked, ask for a yes, ask GitHub, and write one file.

    ``is_demo``: whether the command is about a demo that runs; a simulator is asked then.
    """
    if not parsed.yes and not _has_terminal():
        raise NotAllowed(
            f"The probe sends up to {MOST_REQUESTS} requests on your account, for at most "
            f"{MOST_CREDITS} credits, and there is no terminal to ask you. Add --yes to allow it."
        )
    file = _file(parsed.output, environ, overwrite=parsed.overwrite)
    set_up_logging(find_paths(environ))
    return with_engine(
        lambda engine, board: _run(engine, board, parsed, environ, file), environ, demo=is_demo()
    )


async def _run(
    engine: Engine,
    board: StatusBoard,
    parsed: argparse.Namespace,
    environ: Mapping[str, str],
    file: Path,
) -> int:
    place = sys.stderr if parsed.json else sys.stdout
    _show_plan(await engine.commands.planned_probe(), place)
    if not parsed.yes and not asked("Ask all this on your account now? [y/N] "):
        raise NotAllowed("Nothing was asked of any model.")

    def on_asked(each: PlannedRequest) -> None:
        if not parsed.json:
            print(f"  asking {each.name} ...", flush=True)

    report = await engine.commands.probe(on_asked)
    measured_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    content = to_json(report, measured_at=measured_at, program=PROGRAM)
    write_file(file, content, overwrite=parsed.overwrite)
    if parsed.json:
        print(content.decode(), end="")
    else:
        _show(report)
    print(f"Written: {file}", file=place)
    await asyncio.to_thread(_tell_server, environ, of_a_probe(board.current.recent))
    await _offer(engine, parsed, report, file)
    return DONE if report.is_complete else FAILED


def _tell_server(environ: Mapping[str, str], records: Sequence[RequestRecord]) -> None:
    """Have the running server show what was asked in its activity list; the ledger has it anyway."""
    shown = [msgspec.to_builtins(each) for each in reversed(records[:MOST_REQUESTS])]
    try:
        ask_noted(find_paths(environ), environ, CONTROL_RECORDS, {"records": shown})
    except (ProxyError, OSError) as error:
        print(f"g-copilot-proxy: the server that runs does not show it: {error}", file=sys.stderr)


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _file(output: str | None, environ: Mapping[str, str], *, overwrite: bool) -> Path:
    """Return where the file goes. Raises BadRequest where one is there and may not be replaced."""
    if output is None:
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        folder = find_paths(environ).state
        endings = ("", *(f"-{number}" for number in range(2, 100)))
        files = [folder / f"probe-{stamp}{ending}.json" for ending in endings]
        return next((each for each in files if not each.exists()), files[-1])
    file = named_file(output).absolute()
    if file.is_dir() or (file.exists() and not overwrite):
        raise BadRequest(
            f"{file} is there already, and is not replaced unless you add --overwrite."
            if not file.is_dir()
            else f"{file} is a folder; name a file.",
            code="file_exists",
        )
    if not file.parent.is_dir():
        raise BadRequest(f"There is no folder {file.parent}.", code="file")
    return file


def write_file(file: Path, content: bytes, *, overwrite: bool) -> None:
    """Write the person's file; in their own folder only what they named. Raises OSError."""
    if overwrite:
        write_private(file, content)
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("xb") as opened:  # never over one that came meanwhile
        file.chmod(0o600)
        opened.write(content)


def _show_plan(planned: Sequence[PlannedCost], stream: TextIO) -> None:
    print("This asks GitHub, on your account:", file=stream)
    width = max((len(each.name) for each in planned), default=0)
    for each in planned:
        what = each.model or ("only if another answer fits" if each.depends else "no model")
        cost = (
            f"up to {each.nano_credits / NANO_PER_CREDIT:.3f} credits" if each.nano_credits else ""
        )
        print(f"  {each.name:<{width}}  {what:<28} {cost}".rstrip(), file=stream)
    total = sum(each.nano_credits for each in planned) / NANO_PER_CREDIT
    print(
        f"{len(planned)} requests, expected to cost up to {total:.2f} credits; it ends at "
        f"{MOST_REQUESTS} requests or {MOST_CREDITS} credits, at GitHub's first limit (429), and at a "
        f"budget of yours. {len(UNSETTLED)} questions are left open on purpose; the file says why.",
        file=stream,
    )
    print(
        "The prompts are fixed (“Reply with the one word OK.”). The file holds no token, no name and "
        "no account number.",
        file=stream,
    )


def _show(report: ProbeReport) -> None:
    verdicts = verdicts_of(report)
    width = max(len(each) for each in verdicts)
    questions = {each.id: each.question for each in ENTRIES}
    for name, verdict in verdicts.items():
        print(f"{name:<{width}}  {verdict}")
        if name in questions:
            print(f"{'':<{width}}    {questions[name]}")
    print(
        f"{report.requests} requests, {report.nano_credits / NANO_PER_CREDIT:.3f} credits."
        + ("" if report.is_complete else f" It ended early: {report.ended}.")
    )


async def _offer(
    engine: Engine, parsed: argparse.Namespace, report: ProbeReport, file: Path
) -> None:
    """Let the product act on what was measured, by the person's own word."""
    uses = parsed.use
    if not uses and not parsed.yes and _has_terminal() and report.is_complete:
        uses = asked("Act on these facts from now on, where they differ from what is known? [y/N] ")
    place = sys.stderr if parsed.json else sys.stdout
    if uses:
        await engine.commands.change_settings(SETTING, str(file))
        print(f"In use from now on ({SETTING}).", file=place)
    else:
        print(
            f"To act on it: g-copilot-proxy settings set {SETTING} {json.dumps(str(file))}",
            file=place,
        )
