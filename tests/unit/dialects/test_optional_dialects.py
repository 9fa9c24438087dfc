"""The table of optional dialects: off they cost nothing, on they are whole."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from proxy_core.canonical.request import DialectName
from proxy_core.config.settings import ServerSettings
from proxy_core.dialects.optional_dialects import OPTIONAL_DIALECTS, surface, surface_of
from proxy_core.dialects.registry import DIALECTS
from proxy_core.dialects.surface import ModelCall
from proxy_core.errors import ErrorKind, ProxyError

each = pytest.mark.parametrize("name", OPTIONAL_DIALECTS)
PATHS = {
    DialectName.GEMINI: "/v1beta/models/m:generateContent",
    DialectName.OLLAMA: "/api/chat",
}
LOADED = """
import sys
import proxy_core.server.app
print([each for each in sys.modules if each.startswith(("proxy_core.dialects.gemini.",
                                                        "proxy_core.dialects.ollama."))])
"""


def test_the_server_starts_without_their_modules() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.strip() == "[]"


@each
def test_each_is_a_switch_of_the_server_that_is_off(name: DialectName) -> None:
    switch = OPTIONAL_DIALECTS[name].setting
    assert msgspec.to_builtins(ServerSettings())[switch] is False
    assert surface_of(PATHS[name], {}, {}, lambda _: False) is None
    assert surface_of(PATHS[name], {}, {}, switch.__eq__) is surface(name)


@each
def test_each_answers_for_itself_alone(name: DialectName) -> None:
    found = surface(name)
    assert name not in DIALECTS
    assert found.dialect.name is name
    served = found.find(PATHS[name], {})
    assert served is not None
    assert isinstance(served.operation, ModelCall)
    assert served.operation.dialect.name is name
    assert found.find(f"{OPTIONAL_DIALECTS[name].own}nothing/of/it", {}) is None


@each
@pytest.mark.parametrize("kind", ErrorKind)
def test_every_kind_of_error_has_a_status_and_words(name: DialectName, kind: ErrorKind) -> None:
    dialect = surface(name).dialect
    error = ProxyError("Something happened.", kind=kind)
    assert 400 <= dialect.error_status(error) <= 504
    assert b"Something happened." in msgspec.json.encode(dialect.write_error(error, "req_1"))
    assert not dialect.owns_error({"error": {"type": "error", "param": None, "code": None}})
