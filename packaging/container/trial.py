#!/usr/bin/env python3
"""Builds the image's file system from Containerfile's own steps and tries it, without an engine.

    sudo python3 packaging/container/trial.py [--root FOLDER] [--keep] [--within SECONDS]

Linux, root, debootstrap and a way to Debian's and Python's packages. What is tried: as the image's own
user, in a mount namespace of its own, on a read-only root, without capabilities, with one writable
folder, the demo answers both dialects within two seconds of its start; the health check holds;
SIGTERM ends running streams with an error event and the process with 0; Qt is nowhere in the image.
An existing FOLDER with a built root is used again.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from steps import Image, copied, read_image

ROOT = Path(__file__).resolve().parents[2]
CONTAINERFILE = ROOT / "packaging" / "container" / "Containerfile"
MIRROR = "http://deb.debian.org/debian"
MOST_SECONDS = 2.0
"""From the start of the process to the second dialect's answer."""
END_SECONDS = 8.0
BUILT = "etc/g-copilot-proxy-built"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
KEY = "sk-local-of-this-trial"
NETWORK_FILES = ("/etc/resolv.conf", "/etc/ssl/certs/ca-certificates.crt")
"""Lent by this computer to the build; a company's proxy has a certificate of its own."""
PASSED_ON = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT")

CHAT = {"model": "gpt-4.1", "messages": [{"role": "user", "content": "Say hello."}]}
MESSAGES = {**CHAT, "model": "claude-sonnet-4.5", "max_tokens": 50}
DIALECTS = {"/v1/chat/completions": CHAT, "/v1/messages": MESSAGES}


class Failed(Exception):
    """Something the image promises does not hold."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--root", type=Path, help="where the file system is built (default: temporary)"
    )
    parser.add_argument("--keep", action="store_true", help="leave it there")
    parser.add_argument(
        "--within",
        type=float,
        default=MOST_SECONDS,
        metavar="SECONDS",
        help=f"for both answers, on a computer that is busy otherwise (default: {MOST_SECONDS:g})",
    )
    options = parser.parse_args(arguments)
    if os.name != "posix" or os.geteuid() != 0:
        return complain("this needs Linux and root: it builds and mounts a file system")
    missing = [each for each in ("debootstrap", "unshare", "setpriv") if not shutil.which(each)]
    if missing:
        return complain(f"not installed here: {', '.join(missing)}")
    image = read_image(CONTAINERFILE.read_text())
    root = options.root or Path(tempfile.mkdtemp(prefix="g-copilot-proxy-image-"))
    try:
        build(image, root)
        no_qt(root)
        try_out(image, root, options.within)
    except (Failed, subprocess.CalledProcessError) as error:
        return complain(str(error))
    finally:
        if options.root is None and not options.keep:
            shutil.rmtree(root, ignore_errors=True)
    return 0


def complain(text: str) -> int:
    print(f"trial: {text}", file=sys.stderr)
    return 1


def build(image: Image, root: Path) -> None:
    """Run the steps that make files. Raises CalledProcessError."""
    if (root / BUILT).exists():
        print(f"using the file system in {root}")
        return
    suite = image.base.rpartition(":")[2].removesuffix("-slim")
    root.mkdir(parents=True, exist_ok=True)
    if not (root / "usr").exists():
        print(f"base: {suite} by debootstrap", flush=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(root), MIRROR],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    environment = {"PATH": PATH, "DEBIAN_FRONTEND": "noninteractive"}
    passed = {name: value for name in PASSED_ON if (value := os.environ.get(name))}
    with lent(root):
        for name, rest in image.build:
            print(f"{name} {rest[:90]}", flush=True)
            if name == "COPY":
                copy(root, *copied(rest))
            else:
                subprocess.run(
                    ["chroot", str(root), "/bin/sh", "-c", rest],
                    env={**environment, **passed},
                    check=True,
                    stdout=subprocess.DEVNULL,
                )
    (root / BUILT).touch()


@contextmanager
def lent(root: Path) -> Iterator[None]:
    """Lend the build this computer's names of hosts and certificates; they do not stay."""
    resolver = root / "etc/resolv.conf"
    with mounted("proc", root / "proc", "-t", "proc"):
        shutil.copyfile(NETWORK_FILES[0], resolver)
        pip = root / "etc/pip.conf"
        if Path(NETWORK_FILES[1]).exists():
            bundle = root / "etc/trial-certificates.crt"
            shutil.copyfile(NETWORK_FILES[1], bundle)
            pip.write_text("[global]\ncert = /etc/trial-certificates.crt\n")
        try:
            yield
        finally:
            for each in (resolver, pip, root / "etc/trial-certificates.crt"):
                each.unlink(missing_ok=True)


@contextmanager
def mounted(what: str, where: Path, *options: str) -> Iterator[None]:
    where.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *options, what, str(where)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(where)], check=True)


def copy(root: Path, sources: list[str], target: str) -> None:
    """Copy as COPY does: a file into a folder named with a slash, a folder's content into its target."""
    below = root / target.lstrip("/")
    for each in sources:
        source = ROOT / each
        if source.is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, below, dirs_exist_ok=True, ignore=ignore)
        else:
            below.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, below / source.name)


def no_qt(root: Path) -> None:
    """Raise Failed if anything of Qt is in the image."""
    found = [
        path
        for pattern in ("**/PySide6*", "**/libQt*", "**/shiboken*")
        for path in (root / "opt").glob(pattern)
    ]
    found += list((root / "usr/lib").glob("**/libQt*"))
    if found:
        raise Failed(f"Qt is in the image: {found[0]}")
    print("no Qt in the image")


def try_out(image: Image, root: Path, most_seconds: float) -> None:
    """Start the image as its own user on a read-only root, ask, end it. Raises Failed."""
    with tempfile.TemporaryDirectory(prefix="g-copilot-proxy-data-") as name:
        data = Path(name)
        user, group = (int(each) for each in image.user.split(":"))
        os.chown(data, user, group)
        port = free_port()
        began = time.monotonic()
        process = start(image, root, data, port)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(url, process)
            for path, body in DIALECTS.items():
                answer = ask(url + path, body)
                if answer.get("error") or not (answer.get("choices") or answer.get("content")):
                    raise Failed(f"{path} answered {answer}")
            seconds = time.monotonic() - began
            if seconds > most_seconds:
                raise Failed(f"both dialects took {seconds:.2f} s, more than {most_seconds:g} s")
            print(f"both dialects answered {seconds:.2f} s after the start")
            with opened(request(f"{url}/readyz")) as ready:
                print(f"/readyz: {ready.read().decode()}")
            end_politely(url, process)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


ENTER = """
mount --bind "$1" "$1"
mount --bind "$2" "$1$3"
mount -t tmpfs -o size=64m,noexec,nosuid,nodev tmpfs "$1/tmp"
mount -t proc proc "$1/proc"
mount -o remount,bind,ro "$1"
if touch "$1/opt/written" 2>/dev/null; then echo "the root can be written to" >&2; exit 1; fi
root=$1 user=$4 group=$5
shift 5
exec chroot "$root" /usr/bin/setpriv --no-new-privs --bounding-set=-all --inh-caps=-all \\
    --reuid="$user" --regid="$group" --clear-groups "$@"
"""
"""Run in a mount namespace. Arguments: root, data, where data is mounted, user, group, command."""


def start(image: Image, root: Path, data: Path, port: int) -> subprocess.Popen[str]:
    """Start the image's command as a demo, on ``port`` in place of its own."""
    command = [*image.command, "--demo"]
    command[command.index("--port") + 1] = str(port)
    (volume,) = image.volumes
    arguments = [str(root), str(data), volume, *image.user.split(":"), *command]
    return subprocess.Popen(
        ["unshare", "--mount", "--propagation=private", "/bin/sh", "-ec", ENTER, "sh", *arguments],
        env={"PATH": PATH, "G_COPILOT_PROXY_KEY": KEY, **image.environment},
        text=True,
        stdout=subprocess.DEVNULL,
    )


def wait_for(url: str, process: subprocess.Popen[str]) -> None:
    """Ask as the health check does, until it is answered. Raises Failed."""
    limit = time.monotonic() + 15
    while process.poll() is None and time.monotonic() < limit:
        try:
            with opened(request(f"{url}/readyz")):
                return
        except OSError:  # also a 503
            time.sleep(0.02)
    raise Failed(f"the server did not start (exit code {process.poll()})")


def request(url: str, body: object = None) -> urllib.request.Request:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    return urllib.request.Request(url, data, headers)  # noqa: S310 - our own address


def opened(asked: urllib.request.Request) -> HTTPResponse:
    response = urllib.request.urlopen(asked, timeout=END_SECONDS)  # noqa: S310 - our own address
    assert isinstance(response, HTTPResponse)
    return response


def ask(url: str, body: object) -> dict[str, Any]:
    with opened(request(url, body)) as response:
        answer = json.load(response)
    assert isinstance(answer, dict)
    return answer


def end_politely(url: str, process: subprocess.Popen[str]) -> None:
    """Send SIGTERM while an answer of each dialect streams. Raises Failed."""
    streams = {}
    for path, body in DIALECTS.items():
        stalling = [{"role": "user", "content": "Tell me of ducks. [sim:stall]"}]
        asked = request(url + path, {**body, "messages": stalling, "stream": True})
        streams[path] = opened(asked)
        if not streams[path].readline():
            raise Failed(f"{path} did not stream")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    for path, stream in streams.items():
        with stream:
            rest = stream.read().decode()
        if "error" not in rest or "[DONE]" in rest or "message_stop" in rest:
            raise Failed(f"{path} was not ended with an error: {rest[-300:]!r}")
    try:
        code = process.wait(END_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"the server still runs {END_SECONDS} s after SIGTERM") from error
    if code != 0:
        raise Failed(f"the server ended with {code}")
    print(
        f"SIGTERM: both streams ended with an error, exit code 0 after {time.monotonic() - began:.1f} s"
    )


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
