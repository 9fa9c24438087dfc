"""A release page on this computer: a signed channel with bundles that say their version."""

from __future__ import annotations

import functools
import http.server
import ssl
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from proxy_core.app.updates.installed_versions import InstalledVersions
from proxy_core.app.updates.release_channel import HttpsFetcher, ReleaseChannel
from proxy_core.app.updates.update_source import UpdateSource
from proxy_core.app.updates.updates import Updates

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
if str(PACKAGING) not in sys.path:
    sys.path.append(str(PACKAGING))

from release.update_metadata import add_release, make_keys, make_root  # noqa: E402 - needs the path

CHANNEL = "app-linux-x86_64"
INSTALLED = "1.0.0"

WORKS = """#!{python}
import sys
from pathlib import Path
print("smoke ok" if "--smoke" in sys.argv else "{version}", *sys.argv[1:])
"""
"""A program that works. What it says is its version and its arguments."""

BREAKS = """#!{python}
import sys
if "--smoke" in sys.argv:
    print("smoke FAILED: no window")
sys.exit(1)
"""


class ReleasePage:
    """The folder behind the page, and who may sign for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.keys = folder / "keys"
        self.published = folder / "published"
        make_keys(self.keys)
        self.root = make_root(self.keys, self.published, datetime.now(UTC)).read_bytes()

    def release(self, version: str, program: str = WORKS, *, keys: Path | None = None) -> None:
        bundle = self._folder / version / "g-copilot-proxy"
        bundle.mkdir(parents=True)
        starter = bundle / "g-copilot-proxy"
        starter.write_text(program.format(python=sys.executable, version=version), "utf-8")
        starter.chmod(0o755)
        (bundle / "data").write_bytes(version.encode() * 20_000)
        archive = self._folder / f"g-copilot-proxy-{version}-linux-x86_64.tar.xz"
        with tarfile.open(archive, "w:xz", preset=0) as packed:
            packed.add(bundle, bundle.name)
        add_release(
            keys or self.keys, self.published, version, [(CHANNEL, archive)], datetime.now(UTC)
        )

    def file(self, ending: str) -> Path:
        (found,) = self.published.glob(f"*{ending}")
        return found


@contextmanager
def served(folder: Path, cut: str = "") -> Iterator[str]:
    """Serve ``folder`` on a free port of this computer; yield its address.

    ``cut``: how every archive breaks off in its middle, ``length`` or ``chunked``.
    """
    handler = functools.partial(_Quiet, directory=str(folder))
    if cut:
        handler = functools.partial(_CutOff, cut, directory=str(folder))
    server = _QuietServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _QuietServer(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        return  # a client that was killed


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        return


class _CutOff(_Quiet):
    """Sends half an archive, and says beforehand that there is more."""

    def __init__(self, cut: str, *args: Any, **members: Any) -> None:
        self._cut = cut
        super().__init__(*args, **members)

    def do_GET(self) -> None:
        if not self.path.endswith(".tar.xz"):
            super().do_GET()
            return
        content = Path(self.translate_path(self.path)).read_bytes()
        half = content[: len(content) // 2]
        self.protocol_version = "HTTP/1.1"
        self.close_connection = True
        self.send_response(200)
        if self._cut == "length":
            self.send_header("Content-Length", str(len(content)))
        else:
            self.send_header("Transfer-Encoding", "chunked")
            half = b"%x\r\n%b" % (len(content), half)
        self.end_headers()
        self.wfile.write(half)


def updates_at(address: str, root: bytes, folder: Path) -> tuple[Updates, InstalledVersions]:
    """Return the updates of a program of version ``INSTALLED`` whose state is in ``folder``."""
    source = UpdateSource(address, CHANNEL, root)
    fetcher = HttpsFetcher(ssl.create_default_context(), "tests")
    versions = InstalledVersions(folder / source.edition)
    return Updates(ReleaseChannel(source, folder, fetcher), versions, INSTALLED), versions
