"""A request's body: read within limits, checked to be JSON, its members left undecoded."""

from __future__ import annotations

import asyncio
import codecs
import zlib
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.client_exceptions import ClientConnectionError
from aiohttp.http_exceptions import HttpProcessingError

from proxy_core.errors import BadRequest, Cancelled, ErrorKind, Refused
from proxy_core.server.calls.body_threads import LIGHT_BYTES, BodyThreads

COMPRESSED = frozenset({"gzip", "x-gzip", "deflate", "zstd"})
ACCEPTED_ENCODINGS = COMPRESSED | {"", "identity"}
READ_SECONDS = 120.0
"""Seconds a caller may take to send its whole body."""
SILENCE_SECONDS = 30.0
"""Seconds it may pause while sending."""
MOST_OBJECTS = 200_000
MOST_VALUES = 4_000_000
"""Maximum JSON objects, and values, of a body, counting braces and commas in texts.

Far above a prompt of a million tokens; parsing a larger body would take seconds.
"""
LARGEST_WINDOW = 8 * 1024 * 1024
"""Bytes of memory a zstd frame may ask for; what RFC 9659 allows in HTTP."""
_SLICE = 1 << 20
_UTF8_SLICE = 1 << 16
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def check_media_type(request: web.BaseRequest) -> None:
    """Raise Refused (415) for anything but JSON.

    A web page can send a form or plain text to any port without a preflight request, but not JSON.
    """
    stated = request.headers.get("Content-Type", "")
    media_type = "application/json"
    if stated != media_type:
        media_type = request.content_type if stated else ""
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        found = f"not {media_type}" if media_type else "and the header is missing"
        raise _unsupported(
            f"The body must be JSON: send 'Content-Type: application/json', {found}."
        )
    encoding = _encoding(request)
    if encoding not in ACCEPTED_ENCODINGS:
        raise _unsupported(
            f"The content encoding {encoding[:40]!r} is not supported; use gzip, zstd or none."
        )


def _encoding(request: web.BaseRequest) -> str:
    return request.headers.get("Content-Encoding", "").strip().lower()


def _unsupported(message: str) -> Refused:
    return Refused(message, kind=ErrorKind.UNSUPPORTED_MEDIA_TYPE, http_status=415)


def check_announced_size(request: web.BaseRequest, limit: int) -> None:
    """Raise Refused (413) when the caller announces more than ``limit`` bytes."""
    announced = request.content_length
    if announced is not None and announced > limit:
        raise too_large(limit)


def too_large(limit: int) -> Refused:
    return Refused(
        f"The request is larger than the {limit // 1_000_000} MB that server.max_body_megabytes allows.",
        kind=ErrorKind.TOO_LARGE,
        http_status=413,
        title="The request is too large",
    )


async def read_body(request: web.BaseRequest, limit: int) -> list[bytes]:
    """Return the body as it came, in pieces, at most ``limit`` bytes.

    Raises:
        Refused: it is larger, or took longer than ``READ_SECONDS``.
        BadRequest: its framing is broken.
    """
    check_announced_size(request, limit)
    if request.content.is_eof() and request.content.exception() is None:
        # A short body arrives together with its headers.
        body = request.content.read_nowait(-1)
        if len(body) > limit:
            raise too_large(limit)
        return [body]
    return await _receive(request, limit)


async def _receive(request: web.BaseRequest, limit: int) -> list[bytes]:
    pieces: list[bytes] = []
    size = 0
    now = asyncio.get_running_loop().time
    last = now() + READ_SECONDS
    try:
        # One limit moved along: a limit of its own for each piece would be a task and a timer.
        async with asyncio.timeout_at(min(last, now() + SILENCE_SECONDS)) as silence:
            while piece := await request.content.readany():
                silence.reschedule(min(last, now() + SILENCE_SECONDS))
                size += len(piece)
                if size > limit:
                    raise too_large(limit)
                pieces.append(piece)
    except TimeoutError as error:
        raise Refused(
            f"The request's body did not arrive: it may take {READ_SECONDS:g} seconds, and pause for "
            f"{SILENCE_SECONDS:g}.",
            kind=ErrorKind.TIMEOUT,
            http_status=408,
        ) from error
    except (ClientConnectionError, ConnectionError) as error:
        raise Cancelled("The caller went away while it was sending the request.") from error
    except (web.RequestPayloadError, HttpProcessingError) as error:
        raise BadRequest("The request's body is broken: it does not match its headers.") from error
    return pieces


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Return ``body`` decompressed, never holding more than ``limit`` bytes of it.

    Not done by aiohttp, whose parser reports decompression errors in plain text.

    Raises:
        Refused: it is larger.
        BadRequest: its compression is broken, or not the one its header names.
    """
    return _expand_zstd(body, limit) if encoding == "zstd" else _inflate(body, limit)


def _expand_zstd(body: bytes, limit: int) -> bytes:
    import zstandard  # imported only when needed, as few clients compress

    try:
        stated = zstandard.frame_content_size(body)
        if stated > limit:
            raise too_large(limit)
        decompressor = zstandard.ZstdDecompressor(max_window_size=LARGEST_WINDOW)
        with decompressor.stream_reader(body, read_across_frames=True) as reader:
            plain = reader.read(limit + 1)
    except zstandard.ZstdError as error:
        raise _not_compressed_so() from error
    if len(plain) > limit:
        raise too_large(limit)
    if len(plain) < stated:
        raise _not_compressed_so()
    return plain


def _inflate(body: bytes, limit: int) -> bytes:
    # 32 + 15: zlib detects gzip or deflate by their headers; -15: deflate without one, as some
    # clients send it.
    for window in (47, -15):
        inflater = zlib.decompressobj(window)
        try:
            plain = inflater.decompress(body, limit + 1)
        except zlib.error:
            continue
        if len(plain) > limit:
            raise too_large(limit)
        if inflater.eof:
            return plain
    raise _not_compressed_so()


def _not_compressed_so() -> BadRequest:
    return BadRequest("The request's body is not compressed as its Content-Encoding says.")


async def read_members(
    request: web.BaseRequest, max_megabytes: int, threads: BodyThreads
) -> dict[str, Any]:
    """Return the members of a request that must be a JSON object, as ``decode_members`` does."""
    limit = max_megabytes * 1_000_000
    check_media_type(request)
    pieces = await read_body(request, limit)
    size = sum(map(len, pieces))
    encoding = _encoding(request)
    if encoding not in COMPRESSED:
        return await threads.run(lambda: decode_members(_whole(pieces)), heavy=size > _SLICE)
    return await threads.run(
        lambda: decode_members(decompress(_whole(pieces), encoding, limit)),
        heavy=size > LIGHT_BYTES // 16,
    )


def _whole(pieces: list[bytes]) -> bytes:
    """Return the body, put together: above a megabyte the interpreter's lock is free meanwhile.

    The pieces are given up, so that the body is not held twice.
    """
    whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    pieces.clear()
    return whole


def decode_members(body: bytes) -> dict[str, Any]:
    """Return the top-level members of a JSON object, each as ``msgspec.Raw``.

    Raises BadRequest without quoting the content, Refused for too many values.
    """
    body = body.removeprefix(_BYTE_ORDER_MARK)
    if not body or body.isspace():
        raise BadRequest("The body is empty; a JSON object is expected.")
    if not body.isascii():
        _check_utf8(body)
    check_bounds(body)
    try:
        return _decode_members(body)
    except msgspec.ValidationError as error:
        raise BadRequest("The body must be a JSON object.") from error
    except msgspec.DecodeError as error:
        raise BadRequest(f"The body is not valid JSON: {error}.") from error
    except RecursionError as error:
        raise BadRequest("The body is nested too deeply.") from error


def _check_utf8(body: bytes) -> None:
    """Check the encoding: raw members are not decoded, so invalid bytes would be forwarded."""
    if len(body) <= _UTF8_SLICE:
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise _not_utf8(error.start) from error
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(body)
    # In slices: one call for all would block the interpreter for 30 ms, and takes twice as long, as the
    # memory for its result comes from the system.
    for start in range(0, len(body), _UTF8_SLICE):
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(view[start : start + _UTF8_SLICE], start + _UTF8_SLICE >= len(body))
        except UnicodeDecodeError as error:
            raise _not_utf8(start - held + error.start) from error


def _not_utf8(position: int) -> BadRequest:
    return BadRequest(f"The body is not valid UTF-8 (byte {position}).")


def check_bounds(body: bytes) -> None:
    """Raise Refused (413) for a body with too many values."""
    if (
        _count(body, b"{", MOST_OBJECTS) > MOST_OBJECTS
        or _count(body, b",", MOST_VALUES) > MOST_VALUES
    ):
        raise Refused(
            f"The request holds more than {MOST_OBJECTS:,} objects or {MOST_VALUES:,} values; no model "
            "reads as much. Shorten the conversation.",
            kind=ErrorKind.TOO_LARGE,
            http_status=413,
            title="The request has too many parts",
            code="too_many_values",
        )


def _count(body: bytes, sign: bytes, most: int) -> int:
    """Count a sign, in slices; not at all where the body is too short to hold too many values.

    An object and the comma behind it are three bytes, a value and its comma two.
    """
    if len(body) <= most * (3 if sign == b"{" else 2):
        return 0
    return sum(body.count(sign, start, start + _SLICE) for start in range(0, len(body), _SLICE))
