"""``serve --smoke``: whether this installation is whole, in one line and an exit code.

Everything runs in the demo, in a temporary folder, on a free port of this computer; no file or
sign-in of the user is touched. Made for a bundle, where a library, data file or keychain backend may
have been left out.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import ssl
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Self

from proxy_core import __version__
from proxy_core.app.demo import make_simulator
from proxy_core.app.event_loop import new_event_loop
from proxy_core.app.service import ProxyService
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import HOME_VARIABLE, find_paths
from proxy_core.errors import ProxyError
from proxy_core.upstream.transport.transport import system_certificates

SECONDS = 30.0
_PROMPT = "Say hello."
_BACKENDS = {
    "darwin": ("keyring.backends.macOS",),
    "win32": ("keyring.backends.Windows",),
}
_LINUX_BACKENDS = ("keyring.backends.SecretService", "keyring.backends.kwallet")
_CERTIFICATE_FILES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
"""Where Linux distributions keep them; truststore looks there when OpenSSL's own places are empty."""

Check = Callable[[], str]
"""Return a few words about what was found; raises what is wrong."""


class SmokeFailed(Exception):
    """A part of the installation does not do its work; the text says which and how."""


def smoke(environ: Mapping[str, str]) -> int:
    """Check the parts that need no window; print one line and return 0, or 1 if one failed."""
    with DemoServer(environ) as server:
        return report(checks_without_window(server, environ))


def report(checks: Sequence[tuple[str, Check]]) -> int:
    """Run all ``checks``, print the line and return the exit code. A failure stops no other check."""
    found: list[str] = []
    code = 0
    for name, check in checks:
        try:
            found.append(f"{name} {check()}")
        except Exception as error:  # noqa: BLE001 - whatever is missing in a bundle is the finding
            found.append(f"{name} FAILED ({type(error).__name__}: {' '.join(str(error).split())})")
            code = 1
    verdict = "ok" if code == 0 else "FAILED"
    print(f"smoke {verdict}: g-copilot-proxy {__version__}; " + "; ".join(found), flush=True)
    return code


class DemoServer:
    """The service in the demo with its server on a free port, in a folder that is removed.

    As a context manager: raises ProxyError when it does not start.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="g-copilot-proxy-smoke-")
        own = {**environ, HOME_VARIABLE: self._folder.name}
        self.service = ProxyService(
            find_paths(own),
            demo=True,
            environ=own,
            overrides=Overrides(host="127.0.0.1", port=0, require_key=True),
        )

    def __enter__(self) -> Self:
        try:
            self.service.boot()
            self.service.submit(lambda commands: commands.start()).result(SECONDS)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.service.shutdown()
        self._folder.cleanup()

    def get(self, path: str) -> bytes:
        """Raises SmokeFailed where the server refuses, OSError where it is not there."""
        return self._send(path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> bytes:
        """Raises SmokeFailed where the server refuses, OSError where it is not there."""
        return self._send(path, json.dumps(body).encode())

    def _send(self, path: str, body: bytes | None) -> bytes:
        headers = {
            "Authorization": f"Bearer {self.service.local_key}",
            "Content-Type": "application/json",
        }
        url = f"{self.service.status.server.url}{path}"
        return fetch(urllib.request.Request(url, body, headers))  # noqa: S310 - our own address


def fetch(request: urllib.request.Request) -> bytes:
    """Read a page of this computer, without the system's proxy. Raises SmokeFailed or OSError."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            content: bytes = answer.read()
            return content
    except urllib.error.HTTPError as error:
        text = error.read(300).decode("utf-8", "replace")
        raise SmokeFailed(f"{request.selector}: {error.code} {text}") from error


def checks_without_window(
    server: DemoServer, environ: Mapping[str, str]
) -> Sequence[tuple[str, Check]]:
    """Return every check that needs no Qt. ``server`` must run."""
    return (
        ("chat", lambda: _ask_chat(server)),
        ("responses", lambda: _ask_responses(server)),
        ("messages", lambda: _ask_messages(server)),
        ("keyring", _keyring_backends),
        ("TLS store", _tls_store),
        ("simulator", lambda: _simulator_pages(environ)),
        ("event loop", _event_loop),
    )


def _model(server: DemoServer, maker: str) -> str:
    models = json.loads(server.get("/v1/models"))["data"]
    return next(str(each["id"]) for each in models if str(each["id"]).startswith(maker))


def _ask_chat(server: DemoServer) -> str:
    body = {
        "model": _model(server, "gpt"),
        "messages": [{"role": "user", "content": _PROMPT}],
        "stream": True,
    }
    return _whole(server.post("/v1/chat/completions", body), b"data: [DONE]", b'"content"')


def _ask_responses(server: DemoServer) -> str:
    body = {"model": _model(server, "gpt"), "input": _PROMPT, "stream": True}
    last, text = b'"response.completed"', b'"response.output_text.delta"'
    return _whole(server.post("/v1/responses", body), last, text)


def _ask_messages(server: DemoServer) -> str:
    body = {
        "model": _model(server, "claude"),
        "max_tokens": 200,
        "messages": [{"role": "user", "content": _PROMPT}],
        "stream": True,
    }
    return _whole(server.post("/v1/messages", body), b"message_stop", b"text_delta")


def _whole(stream: bytes, last: bytes, text: bytes) -> str:
    """Raises SmokeFailed for a stream without text or without its last event."""
    events = stream.strip().split(b"\n\n")
    if last not in events[-1] or text not in stream:
        raise SmokeFailed(f"the stream ends with {events[-1][-200:]!r}")
    return f"{len(events)} events"


def _keyring_backends() -> str:
    """Raises SmokeFailed or ImportError when a backend for this system's keychains was left out.

    That the keychain itself is there is not asked: a server or build machine has none.
    """
    declared = {each.value: each for each in entry_points(group="keyring.backends")}
    wanted = _BACKENDS.get(sys.platform, _LINUX_BACKENDS)
    missing = [each for each in wanted if each not in declared]
    if missing:
        raise SmokeFailed(f"without {', '.join(missing)}")
    for each in wanted:
        declared[each].load()
    if sys.platform == "linux":
        importlib.import_module("secretstorage")  # whose absence keyring's backend passes over
    return ", ".join(each.rpartition(".")[2] for each in wanted)


def _tls_store() -> str:
    """Raises SmokeFailed if no certificate of the system would be trusted."""
    context = system_certificates()
    # truststore loads the system's store when a connection begins.
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
    if sys.platform != "linux":
        return type(context).__module__.partition(".")[0]  # the system itself verifies
    openssl = ssl.get_default_verify_paths()
    if openssl.capath and any(Path(openssl.capath).glob("*.0")):
        return openssl.capath
    for place in (openssl.cafile, *_CERTIFICATE_FILES):
        if place is not None and Path(place).is_file():
            return place
    raise SmokeFailed("the system has no trusted certificates (package ca-certificates)")


def _simulator_pages(environ: Mapping[str, str]) -> str:
    """Raises SmokeFailed if the page for the device code cannot be shown."""
    page: list[bytes] = []
    errors: list[Exception] = []

    def read() -> None:
        async def show() -> None:
            async with make_simulator(environ) as simulator:
                request = urllib.request.Request(f"{simulator.url}/login/device")  # noqa: S310 - of this computer
                page.append(await asyncio.to_thread(fetch, request))

        try:
            asyncio.run(show())
        except (SmokeFailed, OSError, ProxyError) as error:
            errors.append(error)

    # A thread of its own: the caller's may have an event loop that runs, the window's.
    thread = threading.Thread(target=read)
    thread.start()
    thread.join(SECONDS)
    if errors:
        raise errors[0]
    if not page or b"<form" not in page[0]:
        raise SmokeFailed("no page for the device code")
    return "device page"


def _event_loop() -> str:
    """Raises SmokeFailed if the fast event loop was left out."""
    loop = new_event_loop()
    loop.close()
    name = type(loop).__module__.partition(".")[0]
    if name == "asyncio":
        raise SmokeFailed("neither uvloop nor winloop can be loaded")
    return name
