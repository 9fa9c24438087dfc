"""``usage``: what was used and what is left, for people and for programs.

A running server is asked first: it has requests not yet in the ledger and GitHub's latest figures.
Without one the ledger is read from here, and GitHub is asked.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from proxy_core.cli.control import ask_running, check_key_of_running, reported_other_key
from proxy_core.cli.exit_codes import DONE
from proxy_core.config.paths import find_paths
from proxy_core.errors import BadRequest, ProxyError, SignedOut
from proxy_core.status.logging import set_up_logging
from proxy_core.status.own_requests import OWN_CLIENT
from proxy_core.status.status import AccountState
from proxy_core.status.status_board import StatusBoard
from proxy_core.usage.limits.rejections import credits_words
from proxy_core.usage.report_json import account_json, report_json, totals_json

if TYPE_CHECKING:
    from proxy_core.app.engine import Engine


def usage(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    set_up_logging(find_paths(environ))
    first, last = _day(parsed.first, "--from"), _day(parsed.last, "--to")
    client = parsed.client or None
    report = _from_server(environ, first, last, client)
    if report is None:
        report = _from_here(environ, first, last, client)
        with reported_other_key():
            check_key_of_running(environ)
    if parsed.json:
        print(json.dumps(report, indent=2))
    else:
        print("\n".join(lines_of(report)))
    return DONE


def _from_server(
    environ: Mapping[str, str], first: date | None, last: date | None, client: str | None
) -> dict[str, Any] | None:
    """Return the running server's report, or None where none of ours runs with our key."""
    wanted = {"first": first, "last": last, "client": client}
    query = urlencode({name: str(value) for name, value in wanted.items() if value is not None})
    found = ask_running(environ, f"/control/usage?{query}")
    if found.status == 400:
        raise BadRequest(found.refusal)
    if not found.is_ours:
        return None
    running = ask_running(environ, "/v1/usage")
    return {**found.answer, "server": running.answer if running.is_ours else None}


def _from_here(
    environ: Mapping[str, str], first: date | None, last: date | None, client: str | None
) -> dict[str, Any]:
    # Importing the engine takes half a second, so it is done only without a server.
    from proxy_core.cli.command_engine import with_engine

    async def work(engine: Engine, board: StatusBoard) -> dict[str, Any]:
        await engine.commands.ask_account()
        report = await engine.commands.usage_report(first, last, client)
        if board.current.account.state is AccountState.SIGNED_OUT and report.since is None:
            check_key_of_running(environ)
            raise SignedOut("Nobody is signed in to GitHub; run `g-copilot-proxy login`.")
        return {
            **account_json(board.current.account),
            **report_json(report),
            "today": await today_here(engine),
            "server": None,
        }

    return with_engine(work, environ)


def lines_of(report: Mapping[str, Any]) -> list[str]:
    lines = [_quota_line(each) for each in report["quotas"] if not each["is_rate_limit"]]
    if not lines:
        lines.append("GitHub says nothing about this account's allowances.")
    lines += [_outlook_line(report["forecast"])]
    if report.get("today") is not None:
        lines.append(f"{'today':<22} {used_words(report['today'])}")
    totals = report["totals"]
    lines += ["", f"From {report['first']} to {report['last']}, counted on this computer:"]
    lines.append(_totals_line("all", totals))
    lines += [_totals_line(each["name"] or "(none)", each) for each in report["models"]]
    for each in report["clients"]:
        name = "(this app)" if each["name"] == OWN_CLIENT else each["name"] or "(unknown)"
        lines.append(_totals_line(name, each))
    for each in report["cache_misses"][:3]:
        lines.append(f"  cache missed {each['requests']}x: {each['meaning'] or each['reason']}")
    if report["server"] is not None:
        total = report["server"]["total"]
        agents = total["requests"] - total["asked_by_user"]
        lines.append(
            f"Since the server started: {total['asked_by_user']:,} requests told to GitHub as yours, "
            f"{agents:,} as an agent's own"
        )
    budget = report["budget"]
    for name, period in (("today", "day"), ("this month", "month")):
        limit = budget[f"{period}_limit"]
        if limit is not None:
            spent = budget[f"{period}_spent"]
            lines.append(
                f"Your budget {name}: {credits_words(spent)} of {credits_words(limit)} credits used"
            )
    if report["ledger_problem"]:
        lines.append(f"Problem: {report['ledger_problem']}")
    return lines


def _quota_line(quota: Mapping[str, Any]) -> str:
    resets = f", resets {quota['resets'][:10]}" if quota["resets"] else ""
    return f"{quota['name']:<22} {_quota_words(quota)}{resets}"


def _quota_words(quota: Mapping[str, Any]) -> str:
    if quota["unlimited"]:
        return "unlimited" if quota["used"] is None else f"unlimited, {quota['used']:,.1f} used"
    remaining, entitlement, percent = (
        quota["remaining"],
        quota["entitlement"],
        quota["percent_used"],
    )
    used = f"{percent:.0f} % used" if percent is not None else ""
    if remaining is None or entitlement is None:
        return used or "not known"
    return f"{remaining:,.1f} of {entitlement:,.0f} left" + (f" ({used})" if used else "")


def _outlook_line(forecast: Mapping[str, Any]) -> str:
    words = {
        "runs_out": f"runs out on {forecast['runs_out_on']}",
        "within": "lasts until it resets",
        "over": "used up",
        "no_limit": "no limit",
        "no_data": "not known yet",
    }
    return f"{'at this pace':<22} {words[forecast['outlook']]}"


def _totals_line(name: str, totals: Mapping[str, Any]) -> str:
    rate = totals["cache_hit_rate"]
    cached = f", {100 * rate:.0f} % of prompts from the cache" if rate is not None else ""
    estimated = " (partly estimated)" if totals["estimated_credits"] else ""
    by_user, by_agent = totals["asked_by_user"], totals["asked_by_agent"]
    asked = (
        f" (told as yours {by_user:,}, as an agent's {by_agent:,})" if by_user + by_agent else ""
    )
    return (
        f"  {name:<20} {totals['requests']:,} requests{asked}, {totals['prompt_tokens']:,} tokens in, "
        f"{totals['output_tokens']:,} out, {_credits(totals['credits'])} credits{estimated}{cached}"
    )


def _credits(value: float) -> str:
    return "less than 0.001" if 0 < value < 0.0005 else f"{value:,.3f}"


async def today_here(engine: Engine) -> dict[str, Any] | None:
    """Return what the ledger counts of today; None if it cannot be read."""
    try:
        report = await engine.commands.usage_report()
    except ProxyError:
        return None
    return totals_json(report.days[-1].totals)


def used_words(today: Mapping[str, Any]) -> str:
    count = "1 request" if today["requests"] == 1 else f"{today['requests']:,} requests"
    return f"{count}, {credits_words(today['credits'])} credits"


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{option} must be a day such as 2026-11-21, not {text!r}.") from error
