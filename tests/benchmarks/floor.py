"""A bare aiohttp proxy, the floor for any in Python: ``tests.benchmarks.floor PORT UPSTREAM``."""

from __future__ import annotations

import asyncio
import contextlib
import sys

import aiohttp
from aiohttp import web

from proxy_core.app.event_loop import new_event_loop


async def main(port: int, upstream: str) -> None:
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None),
        auto_decompress=False,
    )

    async def forward(request: web.Request) -> web.StreamResponse:
        path = request.path_qs
        body = await request.read() if request.can_read_body else None
        headers = {"content-type": "application/json", "authorization": "Bearer x"}
        async with session.request(
            request.method, upstream + path, data=body, headers=headers
        ) as answer:
            kind = answer.headers.get("content-type", "")
            response = web.StreamResponse(status=answer.status, headers={"content-type": kind})
            await response.prepare(request)
            with contextlib.suppress(ConnectionError):  # the client left
                async for data in answer.content.iter_any():
                    await response.write(data)
                await response.write_eof()
            return response

    app = web.Application(client_max_size=1 << 28)
    app.router.add_route("*", "/{path:.*}", forward)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner_:
        runner_.run(main(int(sys.argv[1]), sys.argv[2]))
