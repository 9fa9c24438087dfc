"""github.com's part: the device flow over HTTP and the page on which a person types the code."""

from __future__ import annotations

import html
from collections.abc import Mapping
from importlib.resources import files
from string import Template
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec
from aiohttp import web

from proxy_core.simulator.account.device_flow import oauth_error
from proxy_core.simulator.simulation import SIMULATION

FORM = """<p>Enter the code displayed by the app.</p>
  <form method="post" action="/login/device">
    <input name="user_code" aria-label="User code" value="$code" placeholder="XXXX-XXXX" maxlength="9"
           autocomplete="off" autofocus required>
    <div class="buttons">
      <button name="decision" value="deny">Deny</button>
      <button name="decision" value="authorize">Authorize</button>
    </div>
  </form>"""


async def start(request: web.Request) -> web.Response:
    """POST /login/device/code: JSON or form in, form out unless JSON is asked for."""
    simulation = request.app[SIMULATION]
    members = await _members(request)
    answer = simulation.device_flow.start(
        members.get("client_id", ""),
        members.get("scope", ""),
        f"{simulation.login_address(request)}/login/device",
    )
    if answer is None:
        return _answer(request, {"error": "Not Found"}, status=404)
    return _answer(request, answer)


async def poll(request: web.Request) -> web.Response:
    """POST /login/oauth/access_token: poll the device flow, or renew a token."""
    members = await _members(request)
    if members.get("grant_type") == "refresh_token":
        renewed = request.app[SIMULATION].tokens.refresh(members.get("refresh_token", ""))
        wrong = oauth_error(
            "bad_refresh_token", "The refresh token passed is incorrect or expired."
        )
        return _answer(request, {**renewed, "scope": ""} if renewed else wrong)
    return _answer(
        request,
        request.app[SIMULATION].device_flow.poll(
            members.get("client_id", ""),
            members.get("device_code", ""),
            members.get("grant_type", ""),
        ),
    )


async def show_page(request: web.Request) -> web.Response:
    """GET /login/device; ``?user_code=`` fills the field in."""
    return _page("Device activation", _form(request.query.get("user_code", "")))


async def decide(request: web.Request) -> web.Response:
    """POST /login/device: the person pressed Authorize or Deny."""
    members = await _members(request)
    flow = request.app[SIMULATION].device_flow
    code = members.get("user_code", "")
    denied = members.get("decision") == "deny"
    if not (flow.deny(code) if denied else flow.authorize(code)):
        problem = "<p role='alert'>That code is not valid, or has been used already.</p>"
        return _page("Device activation", problem + _form(code), status=422)
    if denied:
        return _page(
            "Sign-in refused", "<p>The app was not authorized. You may close this tab.</p>"
        )
    return _page("Congratulations, you're all set!", "<p>Your device is now connected.</p>")


async def _members(request: web.Request) -> dict[str, str]:
    raw = await request.read()
    if raw.lstrip()[:1] == b"{":
        try:
            decoded = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            return {}
        return {str(k): str(v) for k, v in decoded.items()}
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


def _answer(request: web.Request, members: Mapping[str, Any], status: int = 200) -> web.Response:
    if "json" in request.headers.get("Accept", ""):
        return web.Response(
            body=msgspec.json.encode(members),
            status=status,
            content_type="application/json",
            charset="utf-8",
        )
    return web.Response(
        text=urlencode(members), status=status, content_type="application/x-www-form-urlencoded"
    )


def _form(code: str) -> str:
    return Template(FORM).substitute(code=html.escape(code, quote=True))


def _page(heading: str, content: str, status: int = 200) -> web.Response:
    template = files("proxy_core.simulator.account").joinpath("device_page.html").read_text("utf-8")
    page = Template(template).substitute(heading=html.escape(heading), content=content)
    return web.Response(text=page, status=status, content_type="text/html")
