"""The worked example of docs/request-handlers.md, installed and run."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.server.conftest import Proxy

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "redacting-handler"
CHAT = "/v1/chat/completions"
WRITE_TO = {
    "model": "gpt-4.1",
    "messages": [{"role": "user", "content": "Repeat exactly: write to jo.doe@example.org"}],
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put the package where Python looks, with the metadata an installer would have written."""
    site = tmp_path / "site-packages"
    site.mkdir()
    shutil.copy(EXAMPLE / "redacting_handler.py", site)
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = site / f"redacting_handler-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    sections = [
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in offered.items())
        for group, offered in project["entry-points"].items()
    ]
    (info / "entry_points.txt").write_text("\n".join(sections))
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("redacting_handler", None)


def sent(proxy: Proxy, path: str = "/chat/completions") -> list[str]:
    return [str(each.body) for each in proxy.simulator.requests if each.path == path]


async def use(proxy: Proxy, *names: str) -> None:
    await proxy.engine.commands.change_settings("upstream.request_handlers", list(names))


@pytest.mark.usefixtures("installed")
class TestInstalled:
    async def test_an_installed_handler_does_nothing_until_it_is_named(self, proxy: Proxy) -> None:
        assert "jo.doe@example.org" in await (await proxy.post(CHAT, WRITE_TO)).text()

    async def test_a_named_handler_changes_what_leaves_from_the_next_call_on(
        self, proxy: Proxy
    ) -> None:
        await proxy.post(CHAT, WRITE_TO)
        await use(proxy, "redact-mail")
        answer = await proxy.post(CHAT, {**WRITE_TO, "stream": True})
        text = await answer.text()
        assert text.endswith("data: [DONE]\n\n")
        before, after = sent(proxy)
        assert "jo.doe@example.org" in before
        assert "jo.doe@example.org" not in after
        assert "write to (an address)" in after
        await use(proxy)
        await proxy.post(CHAT, WRITE_TO)
        assert "jo.doe@example.org" in sent(proxy)[-1]

    async def test_it_sees_websockets_too(self, proxy: Proxy) -> None:
        await use(proxy, "redact-mail")
        await proxy.engine.commands.change_settings("upstream.responses_websocket", "always")
        body = {"model": "gpt-5.4", "input": "write to jo.doe@example.org"}
        assert (await proxy.post("/v1/responses", body)).status == 200
        calls = [each for each in proxy.simulator.requests if each.path == "/responses"]
        assert [each.method for each in calls] == ["GET", "WS"]
        assert "write to (an address)" in str(calls[-1].body)

    async def test_a_handler_can_answer_in_githubs_place(self, proxy: Proxy) -> None:
        await use(proxy, "canned-answer")
        for path, model in ((CHAT, "gpt-4.1"), ("/v1/messages", "gpt-4.1")):
            body = {**WRITE_TO, "model": model, "max_tokens": 50}
            answer = await proxy.post(path, body)
            assert answer.status == 200, await answer.text()
            assert "This computer answered by itself." in await answer.text()
        assert sent(proxy) == []
        assert (
            await proxy.post("/v1/responses", {"model": "gpt-5.4", "input": "hi"})
        ).status == 200

    async def test_handlers_stand_in_the_order_of_the_settings(self, proxy: Proxy) -> None:
        await use(proxy, "redact-mail", "canned-answer")
        answer = await proxy.post(CHAT, WRITE_TO)
        assert "This computer answered by itself." in await answer.text()

    async def test_a_caller_that_leaves_ends_the_call_behind_the_handler(
        self, proxy: Proxy
    ) -> None:
        await use(proxy, "redact-mail")
        body = {**WRITE_TO, "stream": True}
        body["messages"] = [{"role": "user", "content": "hi [sim:stall]"}]
        answer = await proxy.post(CHAT, body)
        await answer.content.readany()
        assert proxy.simulator.active == 1
        answer.close()
        await proxy.until(lambda: proxy.simulator.active == 0)
