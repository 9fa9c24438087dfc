"""Endpoints of the user's commands:

``approve``, ``pause``, ``resume``, ``usage``, ``settings``. They control requests and their cost,
so they require the main local key even if requests need none: a program that calls models must not
be able to approve its own requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

import msgspec
from aiohttp import hdrs, web

from proxy_core.dialects.shared.json_members import decode_fully
from proxy_core.errors import BadRequest, ErrorKind, Refused
from proxy_core.server.access.key_auth import KeyCheck
from proxy_core.server.access.request_guard import AccessPolicy
from proxy_core.server.admin.model_json import model_json
from proxy_core.server.http.request_body import read_members
from proxy_core.server.http.responses import json_answer
from proxy_core.server.parts import ServerContext
from proxy_core.server.paths import (
    CONTROL_APPROVALS,
    CONTROL_MODELS,
    CONTROL_PAUSE,
    CONTROL_RECORDS,
    CONTROL_RESUME,
    CONTROL_SETTINGS,
    CONTROL_STATUS,
    CONTROL_USAGE,
)
from proxy_core.status.own_requests import of_a_probe
from proxy_core.status.status import RequestRecord
from proxy_core.usage.commands import UserCommands
from proxy_core.usage.limits.approvals import what_is_allowed
from proxy_core.usage.report_json import (
    account_json,
    approval_json,
    moment,
    report_json,
    totals_json,
)


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """``id`` or ``client``: one question, or all about one client."""

    send: bool
    id: str | None = None
    client: str | None = None
    stop_asking: bool = False


class _Pause(msgspec.Struct, forbid_unknown_fields=True):
    """``client`` None: all clients. ``seconds`` None: until resumed."""

    client: str | None = None
    seconds: float | None = None


class _Resume(msgspec.Struct, forbid_unknown_fields=True):
    client: str | None = None


class _Setting(msgspec.Struct, forbid_unknown_fields=True):
    """``value`` None: back to the default."""

    key: str
    value: Any = None


class _Records(msgspec.Struct, forbid_unknown_fields=True):
    records: list[RequestRecord]


MOST_RECORDS = 100
Body = TypeVar("Body", bound=msgspec.Struct)


class ControlHandlers:
    """``keys`` is shared with the middleware, so that wrong keys are counted together."""

    def __init__(self, parts: ServerContext, commands: UserCommands, keys: KeyCheck) -> None:
        self._parts = parts
        self._commands = commands
        self._keys = keys

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(CONTROL_STATUS, self.status, allow_head=False)
        app.router.add_get(CONTROL_MODELS, self.models, allow_head=False)
        app.router.add_get(CONTROL_USAGE, self.usage, allow_head=False)
        app.router.add_get(CONTROL_APPROVALS, self.approvals, allow_head=False)
        app.router.add_route(hdrs.METH_POST, CONTROL_APPROVALS, self.answer)
        app.router.add_route(hdrs.METH_POST, CONTROL_PAUSE, self.pause)
        app.router.add_route(hdrs.METH_POST, CONTROL_RESUME, self.resume)
        app.router.add_route(hdrs.METH_POST, CONTROL_SETTINGS, self.change_setting)
        app.router.add_route(hdrs.METH_POST, CONTROL_RECORDS, self.show_records)

    async def status(self, request: web.Request) -> web.Response:
        """Return this server's account: other processes cannot know a demo's."""
        await self._check(request)
        status = self._parts.board.current
        account = status.account
        problem = account.problem or status.settings_problem
        return json_answer(
            {
                "demo": status.demo,
                "key_required": status.requires_key,
                "account": {
                    "state": account.state.value,
                    "login": account.login,
                    "plan": account.plan,
                    "github_host": account.github_host,
                    "kept": account.token_place.value,
                    "auto_only": account.is_auto_only,
                    "note": account.auto_only_note or None,
                },
                "today": totals_json(status.today),
                "problem": None if problem is None else problem.message,
            }
        )

    async def models(self, request: web.Request) -> web.Response:
        """Return all models, including unusable ones with the reason."""
        await self._check(request)
        listed = await self._parts.upstream.models()
        note = self._parts.board.current.account.auto_only_note
        return json_answer({"models": [model_json(each) for each in listed], "note": note or None})

    async def usage(self, request: web.Request) -> web.Response:
        await self._check(request)
        query = request.query
        report = await self._commands.usage_report(
            _day(query, "first"), _day(query, "last"), query.get("client") or None
        )
        account = self._parts.board.published.account
        today = totals_json(self._parts.board.current.today)
        return json_answer({**account_json(account), **report_json(report), "today": today})

    async def approvals(self, request: web.Request) -> web.Response:
        await self._check(request)
        waiting = await self._commands.waiting_approvals()
        return json_answer({"approvals": [approval_json(each) for each in waiting]})

    async def answer(self, request: web.Request) -> web.Response:
        """``answered`` counts the answered questions; ``allowed`` says what is sent without asking
        from now on.
        """
        wanted = await self._body(request, _Answer)
        waiting = await self._commands.waiting_approvals()
        allowed = next(
            (
                what_is_allowed(each.question)
                for each in waiting
                if each.question.request_id == wanted.id and wanted.send and wanted.stop_asking
            ),
            None,
        )
        if wanted.id is not None and wanted.client is None:
            answered = int(
                await self._commands.answer_approval(
                    wanted.id, send=wanted.send, stop_asking=wanted.stop_asking
                )
            )
        elif wanted.client is not None and wanted.id is None:
            answered = await self._commands.answer_approvals_of(wanted.client, send=wanted.send)
        else:
            raise BadRequest("Name one question by id, or all of one client.", param="id")
        return json_answer({"answered": answered, "allowed": allowed if answered else None})

    async def pause(self, request: web.Request) -> web.Response:
        wanted = await self._body(request, _Pause)
        if wanted.client is None:
            await self._commands.pause(wanted.seconds)
        else:
            await self._commands.pause_client(wanted.client, wanted.seconds)
        return self._pauses()

    async def resume(self, request: web.Request) -> web.Response:
        wanted = await self._body(request, _Resume)
        if wanted.client is None:
            await self._commands.resume()
        else:
            await self._commands.resume_client(wanted.client)
        return self._pauses()

    async def change_setting(self, request: web.Request) -> web.Response:
        """Change one setting, through its owner in this process."""
        wanted = await self._body(request, _Setting)
        change = self._parts.change_setting
        if change is None:
            raise Refused("Nothing can be changed here.", kind=ErrorKind.NOT_FOUND, http_status=404)
        await change(wanted.key, wanted.value)
        return json_answer({"changed": wanted.key})

    async def show_records(self, request: web.Request) -> web.Response:
        """Show in the activity list what ``doctor --probe`` asked in a process of its own."""
        wanted = await self._body(request, _Records)
        probed = of_a_probe(wanted.records)
        if len(probed) != len(wanted.records) or len(probed) > MOST_RECORDS:
            raise BadRequest(f"At most {MOST_RECORDS} records of a probe.", param="records")
        self._parts.journal.show(probed)
        return json_answer({"shown": len(probed)})

    def _pauses(self) -> web.Response:
        status = self._parts.board.current
        return json_answer(
            {
                "paused": status.paused_until is not None,
                "until": moment(status.paused_until),
                "clients": [
                    {"client": each.client, "until": moment(each.until)}
                    for each in status.client_pauses
                ],
            }
        )

    async def _check(self, request: web.Request) -> None:
        main_key = self._parts.main_key
        if main_key is None:
            raise Refused("Nothing can be changed here.", kind=ErrorKind.NOT_FOUND, http_status=404)
        policy = AccessPolicy(host="", key=main_key())
        await self._keys.check(request.headers, request.remote or "", policy)

    async def _body(self, request: web.Request, kind: type[Body]) -> Body:
        await self._check(request)
        members = await read_members(
            request, self._parts.settings().max_body_megabytes, self._parts.threads
        )
        try:
            return msgspec.convert(decode_fully(dict(members)), kind)
        except msgspec.ValidationError as error:
            raise BadRequest(f"{error}.") from error


def _day(query: Mapping[str, Any], name: str) -> date | None:
    text = query.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{name} must be a day such as 2026-11-21.", param=name) from error
