"""The lines that the Node process writes; ``bridge.mjs`` says what each of them means."""

from __future__ import annotations

import msgspec


class Head(msgspec.Struct):
    """The start of upstream's answer. Header names are lower case."""

    status: int
    headers: list[tuple[str, str]]


class NetworkFailure(msgspec.Struct):
    """Why there is no answer: Node's or OpenSSL's error code, and their words."""

    code: str = ""
    message: str = ""


class CallHead(msgspec.Struct):
    id: str
    name: str


class Line(msgspec.Struct):
    """One line. ``id`` is the request's; 0: the process speaks of itself."""

    id: int = 0
    ready: bool = False
    node: str = ""
    http: Head | None = None
    body: str | None = None
    network: NetworkFailure | None = None
    note: str | None = None
    alive: bool = False
    end: bool = False
    e: str = ""
    """The library's event (``text_delta``); the members below are its own."""
    i: int = 0
    d: str | None = None
    call: CallHead | None = None
    sig: str | None = None
    redacted: bool | None = None
    reason: str = ""
    message: str | None = None


read_line = msgspec.json.Decoder(Line).decode
"""Raises msgspec.DecodeError for bytes that are no such line."""
