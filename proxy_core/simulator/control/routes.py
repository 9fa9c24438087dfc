"""``/_sim``: what tests and people ask of the simulator itself."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from proxy_core.simulator.behaviour.reply import Finish
from proxy_core.simulator.catalog.catalog import CHAT, MESSAGES, RESPONSES
from proxy_core.simulator.faults.faults import KNOWN, REFUSALS
from proxy_core.simulator.profiles import PROFILES
from proxy_core.simulator.scripted_step import ScriptedStep
from proxy_core.simulator.simulation import SIMULATION
from proxy_core.simulator.worlds.table import WORLDS

PREFIX = "/_sim"


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json"
    )


def _wrong(message: str) -> web.Response:
    return _json({"error": message}, 400)


async def active(request: web.Request) -> web.Response:
    """GET: how many model calls are open now."""
    return _json({"active": request.app[SIMULATION].active})


async def requests(request: web.Request) -> web.Response:
    """GET: what arrived, oldest first; with ``?raw=1`` bodies are the text that came."""
    raw = request.query.get("raw") == "1"
    entries = request.app[SIMULATION].log.entries
    return _json({"requests": [entry.as_json(raw=raw) for entry in entries]})


async def reset(request: web.Request) -> web.Response:
    """POST: start over; ``{"profile": ..., "switches": {...}}`` as another account, "
    "``"world"`` at another date."""
    wanted = await _members(request)
    if isinstance(wanted, web.Response):
        return wanted
    switches = wanted.get("switches")
    if switches is not None and not isinstance(switches, dict):
        return _wrong("switches is an object of booleans")
    try:
        request.app[SIMULATION].reset(wanted.get("profile"), switches, wanted.get("world"))
    except ValueError as problem:
        return _wrong(str(problem))
    return _json({"profile": request.app[SIMULATION].profile.name})


async def lay_script(request: web.Request) -> web.Response:
    """POST ``{"steps": [...]}``: what the next model calls meet, in order."""
    try:
        laid = msgspec.json.decode(await request.read(), type=_Script)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return _wrong(str(problem))
    for step in laid.steps:
        if step.fault is not None and step.fault not in KNOWN:
            return _wrong(f"unknown fault {step.fault!r}; known: {', '.join(KNOWN)}")
        if step.say is not None and step.say.finish not in (None, *Finish):
            return _wrong(f"unknown finish {step.say.finish!r}; known: {', '.join(Finish)}")
        if [step.fault, step.say, step.answer].count(None) < 2:
            return _wrong("a step has one of fault, say and answer")
        speaks = step.path in (None, CHAT, MESSAGES, RESPONSES)
        if not speaks and (step.say is not None or step.fault not in (None, *REFUSALS)):
            return _wrong(f"{step.path} can only meet {', '.join(REFUSALS)} or an answer")
    script = request.app[SIMULATION].script
    script.extend(laid.steps)
    return _json({"waiting": len(script)})


async def waiting(request: web.Request) -> web.Response:
    """GET: the steps nobody has met yet."""
    return _json({"steps": list(request.app[SIMULATION].script)})


async def authorize(request: web.Request) -> web.Response:
    """POST ``{"user_code": ...}`` (and ``"deny": true``): press the button of the device page."""
    wanted = await _members(request)
    if isinstance(wanted, web.Response):
        return wanted
    flow = request.app[SIMULATION].device_flow
    code = str(wanted.get("user_code", ""))
    done = flow.deny(code) if wanted.get("deny") is True else flow.authorize(code)
    return _json({"done": done}) if done else _wrong("no open sign-in has that code")


async def expire_tokens(request: web.Request) -> web.Response:
    """POST: every session token dies now; ``{"github": TOKEN}`` revokes that GitHub token too."""
    wanted = await _members(request)
    if isinstance(wanted, web.Response):
        return wanted
    tokens = request.app[SIMULATION].tokens
    tokens.kill_all_sessions()
    if isinstance(wanted.get("github"), str):
        tokens.revoke(wanted["github"])
    return _json({})


async def account(request: web.Request) -> web.Response:
    """GET: plan and use. POST ``{"remaining": n}`` sets what is left of the allowance."""
    account = request.app[SIMULATION].account
    if request.method == "POST":
        wanted = await _members(request)
        if isinstance(wanted, web.Response):
            return wanted
        remaining = wanted.get("remaining")
        if isinstance(remaining, bool) or not isinstance(remaining, int | float):
            return _wrong("remaining is a number")
        account.used = account.profile.allowance.entitlement - remaining
    log = request.app[SIMULATION].tokens.security_log
    return _json({**account.state(), "security_log": log})


async def change_catalogue(request: web.Request) -> web.Response:
    """POST ``{"MODEL": {members}}``; null takes it off, ``like`` names whom a new one copies."""
    wanted = await _members(request)
    if isinstance(wanted, web.Response):
        return wanted
    catalogue = request.app[SIMULATION].catalogue
    for model_id, members in wanted.items():
        if members is not None and not isinstance(members, dict):
            return _wrong(f"{model_id}: an object of members, or null")
        try:
            catalogue.change(model_id, members)
        except LookupError:
            return _wrong(f"no such model: {model_id}")
    return _json({"models": len(catalogue.listing()["data"])})


async def refuse_sockets(request: web.Request) -> web.Response:
    """POST ``{"status": 502}``: every WebSocket handshake gets that answer; null lets them in again.

    ``{"closes": true}``: sockets are opened, and closed at their first frame.
    """
    wanted = await _members(request)
    if isinstance(wanted, web.Response):
        return wanted
    status = wanted.get("status")
    if status is not None and (isinstance(status, bool) or not isinstance(status, int)):
        return _wrong("status is a number or null")
    closes = wanted.get("closes", False)
    if not isinstance(closes, bool):
        return _wrong("closes is true or false")
    request.app[SIMULATION].socket_refusal = status
    request.app[SIMULATION].closes_sockets = closes
    return _json({})


async def about(request: web.Request) -> web.Response:
    """GET: what this is, and what it can be asked for."""
    return _json(
        {
            "simulator": "GitHub and the Copilot API; nothing here reaches them",
            "profile": request.app[SIMULATION].profile.name,
            "profiles": list(PROFILES),
            "world": request.app[SIMULATION].world.name,
            "worlds": list(WORLDS),
            "faults": list(KNOWN),
        }
    )


class _Script(msgspec.Struct, forbid_unknown_fields=True):
    steps: list[ScriptedStep]


async def _members(request: web.Request) -> dict[str, Any] | web.Response:
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return _wrong(str(problem))
