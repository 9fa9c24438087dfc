"""What of aiohttp is overridden: a release that changes it must be told by name, not by a stream that
hangs.

The listener counts and times connections and answers broken HTTP in JSON; aiohttp offers no public
way to either. Therefore its version is bounded above as well, and this names what no longer fits.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path
from types import FunctionType

import aiohttp
import pytest
from aiohttp import web

from proxy_core.server.calls.relay.client_stream import _EventStreamResponse
from proxy_core.server.http.connection import Connection

ROOT = Path(__file__).resolve().parents[3]
CLASSES = (Connection, _EventStreamResponse)
OVERRIDDEN = [
    (ours, ours.__mro__[1], name)
    for ours in CLASSES
    for name, member in vars(ours).items()
    if not name.startswith("__") and hasattr(ours.__mro__[1], name) and callable(member)
]
USED = {
    web.RequestHandler: ("force_close", "connection_made", "connection_lost", "data_received"),
    aiohttp.ClientResponse: ("start",),
}
BUILT_WITH = ("access_log", "logger", "keepalive_timeout", "read_bufsize", "auto_decompress")
BUILT_WITH += ("max_line_size", "max_field_size")


def test_something_is_overridden() -> None:
    assert {name for _, _, name in OVERRIDDEN} >= {"finish_response", "handle_error"}


@pytest.mark.parametrize(("ours", "base", "name"), OVERRIDDEN)
def test_an_overridden_method_is_still_called_as_ours_expects(
    ours: type, base: type, name: str
) -> None:
    theirs = getattr(base, name)
    told = f"aiohttp {aiohttp.__version__} changed {base.__name__}.{name}; see {ours.__module__}"
    assert isinstance(theirs, FunctionType), told
    expected = list(inspect.signature(theirs).parameters)
    assert list(inspect.signature(getattr(ours, name)).parameters) == expected, told
    assert inspect.iscoroutinefunction(theirs) == inspect.iscoroutinefunction(
        getattr(ours, name)
    ), told


@pytest.mark.parametrize(
    ("base", "name"), [(base, n) for base, names in USED.items() for n in names]
)
def test_a_method_that_is_used_is_still_there(base: type, name: str) -> None:
    assert callable(getattr(base, name, None)), f"aiohttp has no {base.__name__}.{name} any more"


def test_a_connection_is_still_built_the_same_way() -> None:
    known = inspect.signature(web.RequestHandler.__init__).parameters
    assert [each for each in BUILT_WITH if each not in known] == []
    slots = {name for each in web.RequestHandler.__mro__ for name in getattr(each, "__slots__", ())}
    assert {"_loop", "transport"} <= slots, "Connection reads these"


def test_an_event_stream_still_holds_its_headers_back() -> None:
    assert hasattr(web.StreamResponse, "_send_headers_immediately")


def test_aiohttp_is_bounded_above_where_it_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (wanted,) = (each for each in project["dependencies"] if re.match(r"aiohttp\b", each))
    bound = re.search(r"<(\d+)\.(\d+)", wanted)
    assert bound is not None, f"{wanted} takes any later release"
    pinned = re.search(
        r"^aiohttp==(\d+)\.(\d+)",
        (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert pinned is not None
    assert (int(pinned[1]), int(pinned[2])) < (int(bound[1]), int(bound[2]))
