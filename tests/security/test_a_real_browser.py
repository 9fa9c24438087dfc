"""A web page in a real browser that tries everything a page can do with a port of this computer.

The server asks for no key here: the page must be refused by the other checks alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.security.conftest import Proxy

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
SECONDS = 60.0
pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no Chromium here (Debian's package: chromium): a page cannot be tried"
)

PAGE = """<!doctype html><meta charset=utf-8><title>a page</title><body><script>
const target = TARGET, own = OWN, results = {};
const question = JSON.stringify({model: "gpt-4o-mini", messages: [{role: "user", content: "hello"}]});
async function attempt(name, work) {
  try { results[name] = await Promise.race([work(), new Promise(r => setTimeout(r, 4000, "nothing"))]); }
  catch (error) { results[name] = "failed"; }
}
const asked = (path, more) => () => fetch(target + path, more).then(async answer =>
  answer.type === "opaque" ? "opaque" : answer.status + " " + await answer.text());
const loaded = (tag, path) => () => new Promise(resolve => {
  const element = document.createElement(tag);
  element.onload = () => resolve("loaded"); element.onerror = () => resolve("failed");
  element.src = target + path; document.body.append(element);
});
const formed = enctype => () => new Promise(resolve => {
  const frame = document.createElement("iframe"), form = document.createElement("form");
  frame.name = enctype; form.target = enctype; form.method = "post"; form.enctype = enctype;
  form.action = target + "/v1/chat/completions";
  const input = document.createElement("input");
  input.name = question.slice(0, -1) + ',"x":"'; input.value = '"}'; form.append(input);
  frame.onload = () => {
    const content = frame.contentDocument;
    if (content?.URL !== "about:blank") resolve(content ? "readable" : "hidden");
  };
  document.body.append(frame, form); form.submit();
});
const json = {method: "POST", headers: {"Content-Type": "application/json"}, body: question};
(async () => {
  await attempt("json", asked("/v1/chat/completions", json));
  await attempt("messages", asked("/v1/messages", json));
  await attempt("with credentials", asked("/v1/chat/completions", {...json, credentials: "include"}));
  await attempt("plain text", asked("/v1/chat/completions", {method: "POST", body: question}));
  const quiet = {method: "POST", mode: "no-cors", body: question};
  await attempt("no-cors", asked("/v1/chat/completions", quiet));
  await attempt("beacon", async () => String(navigator.sendBeacon(
    target + "/v1/chat/completions", new Blob([question], {type: "text/plain"}))));
  await attempt("get", asked("/v1/models"));
  await attempt("get no-cors", asked("/v1/models", {mode: "no-cors"}));
  await attempt("activity", asked("/v1/activity"));
  await attempt("health", asked("/health"));
  await attempt("script", loaded("script", "/v1/models"));
  await attempt("image", loaded("img", "/v1/models"));
  await attempt("form", formed("text/plain"));
  await attempt("urlencoded form", formed("application/x-www-form-urlencoded"));
  await attempt("socket", () => new Promise(resolve => {
    const socket = new WebSocket(target.replace("http", "ws") + "/v1/responses");
    socket.onopen = () => resolve("open"); socket.onerror = () => resolve("failed");
  }));
  await attempt("events", () => new Promise(resolve => {
    const events = new EventSource(target + "/v1/models");
    events.onopen = () => resolve("open"); events.onerror = () => resolve("failed");
  }));
  await attempt("worker", () => new Promise(resolve => {
    const source = "fetch('" + target + "/v1/models').then(a => postMessage('' + a.status),"
      + " () => postMessage('failed'))";
    const worker = new Worker(URL.createObjectURL(new Blob([source])));
    worker.onmessage = message => resolve(message.data);
  }));
  await fetch(own + "/report", {method: "POST", mode: "no-cors", body: JSON.stringify(results)});
})();
</script>"""


@dataclass
class Site:
    """A web site at ``http://page.test``, and what its page reports."""

    port: int = 0
    target: str = ""
    reports: asyncio.Queue[dict[str, str]] = field(default_factory=asyncio.Queue)

    async def page(self, request: web.Request) -> web.Response:
        own = f"http://{request.host}"
        text = PAGE.replace("TARGET", json.dumps(self.target)).replace("OWN", json.dumps(own))
        return web.Response(text=text, content_type="text/html")

    async def report(self, request: web.Request) -> web.Response:
        self.reports.put_nowait(json.loads(await request.text()))
        return web.Response()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/", site.page)
    app.router.add_post("/report", site.report)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    site.port = runner.addresses[0][1]
    try:
        yield site
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def browsing(url: str, folder: Path) -> AsyncIterator[None]:
    """Show ``url`` in a browser that finds all names on this computer and nothing anywhere else."""
    assert BROWSER is not None
    rules = (
        "MAP page.test 127.0.0.1, MAP rebound.test 127.0.0.1, MAP * ~NOTFOUND, "
        "EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE ::1, EXCLUDE [::1]"
    )
    process = await asyncio.create_subprocess_exec(
        BROWSER,
        "--headless=new",
        "--no-sandbox",  # root has none
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        f"--user-data-dir={folder / 'browser'}",
        f"--host-resolver-rules={rules}",
        url,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        start_new_session=True,
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def tried(site: Site, folder: Path, address: str) -> dict[str, str]:
    site.target = address
    async with (
        browsing(f"http://page.test:{site.port}/", folder),
        asyncio.timeout(SECONDS),
    ):
        return await site.reports.get()


def port(proxy: Proxy) -> str:
    return proxy.url.rsplit(":", 1)[1]


OPEN = "[server]\nrequire_key = false\n"
UNREADABLE = {"failed", "opaque", "hidden", "nothing", "true"}


@pytest.mark.parametrize("settings_text", [OPEN])
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "rebound.test", "[::1]"])
async def test_a_page_can_do_nothing_with_the_port(
    proxy: Proxy, site: Site, tmp_path: Path, name: str
) -> None:
    """``rebound.test`` is a name of the page's own that its owner points at this computer."""
    asked_before = await calls_upstream(proxy)
    with statuses() as seen:
        results = await tried(site, tmp_path, f"http://{name}:{port(proxy)}")
    assert len(seen) > 10
    assert set(seen) == {403}, "not even what the page could not have read was answered"
    assert len(results) == 17
    for attempt, result in results.items():
        assert result in UNREADABLE or result.startswith("403"), f"{attempt}: {result}"
    assert results["json"] == "failed"
    assert results["image"] == results["socket"] == results["events"] == "failed"
    assert await calls_upstream(proxy) == asked_before, "no model was asked"
    records = (*proxy.board.current.recent, *proxy.board.current.active)
    assert {each.http_status for each in records} <= {403}


@contextlib.contextmanager
def statuses() -> Iterator[list[int]]:
    """Collect the status of every request that is logged meanwhile."""
    seen: list[int] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append(int(record.getMessage().split("status=")[1].split()[0]))

    logger, handler = logging.getLogger("g_copilot_proxy.requests"), Collecting()
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    try:
        yield seen
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


async def calls_upstream(proxy: Proxy) -> int:
    async with proxy.http.get(f"{proxy.simulator.url}/_sim/requests") as answer:
        log: Any = await answer.json()
    return sum("/chat/completions" in each["path"] for each in log["requests"])


async def test_a_page_the_user_listed_is_served(proxy: Proxy, site: Site, tmp_path: Path) -> None:
    """The control: the same page gets its answers once it is listed, so the refusals above are ours."""
    await proxy.engine.commands.change_settings("server.require_key", False)
    await proxy.engine.commands.change_settings(
        "server.allowed_origins", [f"http://page.test:{site.port}"]
    )
    results = await tried(site, tmp_path, f"http://127.0.0.1:{port(proxy)}")
    assert results["json"].startswith("200 "), results
    assert "choices" in results["json"]
    assert results["get"].startswith("200 ")
    assert results["socket"] == "open"
    assert results["plain text"].startswith("415 "), "JSON has to be declared even then"
