"""A request as it will be sent upstream, and what may be removed from it or renamed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from proxy_core.canonical.model import Endpoint
from proxy_core.copilot_facts import betas
from proxy_core.copilot_facts.members import ENFORCED_LOCALLY
from proxy_core.upstream.parameters.json_paths import (
    any_index,
    open_container,
    parse_path,
    remove_path,
)
from proxy_core.upstream.transport.body_pieces import BodyPieces, json_pieces

FORM_HOLDERS = ("output_config", "text")
"""Members whose ``format`` is essential: fulfilled or refused, never removed after a refusal."""

_ROLE_MEMBERS = {Endpoint.CHAT_COMPLETIONS: "messages", Endpoint.RESPONSES: "input"}
_DEVELOPER = b'"developer"'


@dataclass(frozen=True, slots=True)
class OutboundBody:
    """A request as it will be sent. ``dropped`` has the endpoint's member names."""

    endpoint: Endpoint
    body: dict[str, Any]
    headers: Mapping[str, str]
    dropped: tuple[str, ...] = ()
    enforced_locally: tuple[str, ...] = ()
    is_unedited: bool = False
    """The members are the client's own, though the plan had edited them."""

    @property
    def betas(self) -> tuple[str, ...]:
        return _betas(self.headers)

    def without(self, member: str, *, silently: bool = False) -> OutboundBody:
        """Return the request without one top-level member, named as dropped unless ``silently``."""
        if member not in self.body:
            return self
        form = _form_of_the_answer(self.body, member)
        if form is not None and open_container(self.body[member]) == form:
            return self
        if form is not None:
            return replace(self, body={**self.body, member: form})._note_dropped(f"{member}.*")
        body = {name: value for name, value in self.body.items() if name != member}
        changed = replace(self, body=body)
        return changed if silently else changed._note_dropped(member)

    def without_beta(self, name: str) -> OutboundBody:
        remaining = tuple(each for each in self.betas if each != name)
        if remaining == self.betas:
            return self
        headers = {k: v for k, v in self.headers.items() if k.lower() != betas.HEADER}
        if remaining:
            headers[betas.HEADER] = ",".join(remaining)
        return replace(self, headers=headers)._note_dropped(f"{betas.HEADER}: {name}")

    def without_path(self, dotted: str) -> OutboundBody:
        """Return the request without a member that may be nested, in every list element."""
        path = any_index(parse_path(dotted))
        if len(path) == 1:
            return self.without(path[0])
        body, removed = remove_path(self.body, path)
        return replace(self, body=body)._note_dropped(dotted) if removed else self

    def renamed(self, old: str, new: str) -> OutboundBody:
        if old not in self.body:
            return self
        # Both present: the new name's value is for this model, the old one is redundant.
        body = {
            (new if name == old else name): value
            for name, value in self.body.items()
            if name != old or new not in self.body
        }
        return replace(self, body=body)

    def with_system_role(self) -> OutboundBody:
        """Return the request with every ``developer`` turned into ``system``."""
        member = _ROLE_MEMBERS.get(self.endpoint)
        value = self.body.get(member) if member else None
        if value is None or member is None:
            return self
        if isinstance(value, msgspec.Raw) and _DEVELOPER not in bytes(value):
            return self
        turns = open_container(value)
        if not isinstance(turns, list):
            return self
        opened = [open_container(each) for each in turns]
        changed = [_as_system(each, turn) for each, turn in zip(opened, turns, strict=True)]
        if all(new is old for new, old in zip(changed, turns, strict=True)):
            return self
        return replace(self, body={**self.body, member: changed})

    def noted(self, text: str) -> OutboundBody:
        return self if text in self.dropped else replace(self, dropped=(*self.dropped, text))

    def _note_dropped(self, name: str) -> OutboundBody:
        if name in self.dropped:
            return self
        remaining = (
            (*self.enforced_locally, name) if name in ENFORCED_LOCALLY else self.enforced_locally
        )
        return replace(
            self, dropped=(*self.dropped, name), enforced_locally=tuple(dict.fromkeys(remaining))
        )


def _form_of_the_answer(body: Mapping[str, Any], member: str) -> dict[str, Any] | None:
    """Return the part of ``member`` that defines the response's format and must stay, else None."""
    holder = open_container(body[member]) if member in FORM_HOLDERS else None
    if not isinstance(holder, dict) or holder.get("format") is None:
        return None
    return {"format": holder["format"]}


def _as_system(opened: Any, turn: Any) -> Any:
    if not isinstance(opened, dict) or open_container(opened.get("role")) != "developer":
        return turn
    return {**opened, "role": "system"}


def _betas(headers: Mapping[str, str]) -> tuple[str, ...]:
    for name, value in headers.items():
        if name.lower() == betas.HEADER:
            return tuple(each.strip() for each in value.split(",") if each.strip())
    return ()


def wire_body(prepared: OutboundBody) -> BodyPieces:
    """Return the body as it is sent, always asking for a stream where the endpoint can stream."""
    body = prepared.body
    if prepared.endpoint is not Endpoint.EMBEDDINGS:
        body = {**body, "stream": True}
    if prepared.endpoint is Endpoint.CHAT_COMPLETIONS:
        options = open_container(body.get("stream_options"))
        body["stream_options"] = {
            **(options if isinstance(options, dict) else {}),
            "include_usage": True,
        }
    return json_pieces(body)
