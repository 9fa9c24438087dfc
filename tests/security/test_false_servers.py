"""Another user's program has taken the port and answers in our name: it is shown no key."""

from __future__ import annotations

import http.server
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from proxy_core.app.service import Overrides, ProxyService
from proxy_core.auth.local_key import load_or_make
from proxy_core.auth.server_proof import is_proven, load_or_make_secret, new_nonce, proof
from proxy_core.cli import main
from proxy_core.config.paths import find_paths
from proxy_core.discovery.running_address import note_address

Answer = Callable[[bytes], object]


class FalseServer:
    """Says that it is g-copilot-proxy; keeps the bytes of every request."""

    def __init__(self, prove: Answer = lambda _: {}) -> None:
        self.seen: list[tuple[str, str, str]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._reply({"status": "ok", "name": "g-copilot-proxy", "version": "1"})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._reply(prove(body))

            def _reply(self, answer: object) -> None:
                outer.seen.append((self.command, self.path, str(self.headers)))
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def version_string(self) -> str:
                return "g-copilot-proxy"

            def log_message(self, *_: object) -> None: ...

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    environ = {"G_COPILOT_PROXY_HOME": str(tmp_path)}
    paths = find_paths(environ)
    load_or_make(paths.local_key_file)
    return environ


def listens_at(environ: dict[str, str], port: int) -> None:
    """The last server of this home was noted there."""
    note_address(find_paths(environ), ("127.0.0.1", port))
    find_paths(environ).settings_file.write_text(f"[server]\nport = {port}\n")


COMMANDS = (["status"], ["usage"], ["approve"], ["pause"], ["resume"], ["approve", "req_1"])


def run(arguments: list[str], environ: dict[str, str]) -> int:
    return main.run(main.build_parser().parse_args(arguments), environ)


@pytest.mark.parametrize("arguments", COMMANDS)
def test_who_answers_in_our_name_is_shown_no_key(
    arguments: list[str], environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    false = FalseServer()
    try:
        listens_at(environ, false.port)
        run(arguments, environ)
    finally:
        false.close()
    key = load_or_make(find_paths(environ).local_key_file)
    assert false.seen, "it was asked to prove itself"
    assert key not in str(false.seen)
    assert "Authorization" not in str(false.seen)
    out, err = capsys.readouterr()
    assert "running at" not in out
    if arguments[0] in ("approve", "pause", "resume"):
        assert "it was shown no key" in err


@pytest.fixture
def served(environ: dict[str, str]) -> Iterator[ProxyService]:
    service = ProxyService(
        find_paths(environ), demo=True, environ=environ, overrides=Overrides(port=0)
    )
    service.boot()
    service.submit(lambda commands: commands.start()).result(90)
    deadline = time.monotonic() + 60
    while not find_paths(environ).running_file.exists():  # noted behind the start
        assert time.monotonic() < deadline, "the server never noted its address"
        time.sleep(0.01)
    yield service
    assert service.shutdown(60)


def challenge(port: int, body: bytes) -> object:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/control/challenge",
        body,
        {"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_who_passes_the_question_on_to_our_real_server_is_shown_no_key(
    environ: dict[str, str], served: ProxyService
) -> None:
    real = served.status.server.port
    false = FalseServer(lambda body: challenge(real, body))
    try:
        listens_at(environ, false.port)
        assert run(["pause"], environ) == main.DONE, "the real one is asked where it noted itself"
    finally:
        false.close()
    assert "Authorization" not in str(false.seen)
    assert served.status.paused_until is not None


def test_our_own_server_proves_itself_and_does_what_it_is_told(
    environ: dict[str, str], served: ProxyService, capsys: pytest.CaptureFixture[str]
) -> None:
    listens_at(environ, served.status.server.port)
    assert run(["pause"], environ) == main.DONE
    assert served.status.paused_until is not None
    assert run(["resume"], environ) == main.DONE
    assert served.status.paused_until is None
    assert "All requests are refused until resumed" in capsys.readouterr().out


def test_a_challenge_tells_nothing_to_who_does_not_know_the_secret(
    environ: dict[str, str], served: ProxyService
) -> None:
    port, nonce = served.status.server.port, new_nonce()
    answer = challenge(port, json.dumps({"nonce": nonce}).encode())
    assert isinstance(answer, dict)
    assert set(answer) == {"run_id", "proof"}
    secret = load_or_make_secret(find_paths(environ).server_proof_file)
    address = f"127.0.0.1 {port}"
    assert is_proven(secret, nonce, answer, address)
    assert not is_proven(secret, new_nonce(), answer, address), "an old answer"
    assert not is_proven(secret, nonce, answer, "127.0.0.1 1"), "another port"
    assert not is_proven(secret, nonce, {**answer, "run_id": "x"}, address), "another run"
    key = served.local_key
    assert answer["proof"] != proof(key.encode(), nonce, answer["run_id"], address)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"nonce": 1}', b'{"nonce": "short"}'])
def test_what_is_no_challenge_is_refused(served: ProxyService, body: bytes) -> None:
    assert challenge(served.status.server.port, body) == 400


def test_a_flood_of_challenges_is_refused(served: ProxyService) -> None:
    body = json.dumps({"nonce": new_nonce()}).encode()
    assert 429 in (challenge(served.status.server.port, body) for _ in range(1_000))
