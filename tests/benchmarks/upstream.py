"""A stand-in for Copilot that only answers fast: ``python -m tests.benchmarks.upstream PORT``.

The path says what an answer is like, by the model's name: ``bench-N-MS-KIND`` streams N chunks, MS
milliseconds apart, where the endpoints are those of KIND (``cc``, ``msg``, ``rsp``).
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from typing import cast

PACES = ((3, 0), (60, 20))
SLOW = (50, 100)
"""Slow enough for 200 streams at once beside a load generator in Python."""
SILENT = (3, 5000)
KINDS = {"cc": "/chat/completions", "msg": "/v1/messages", "rsp": "/responses"}
_FILTER = (
    '"content_filter_offsets":{"check_offset":4522,"start_offset":4522,"end_offset":4686},'
    '"content_filter_results":{"hate":{"filtered":false,"severity":"safe"},'
    '"self_harm":{"filtered":false,"severity":"safe"},"sexual":{"filtered":false,"severity":"safe"},'
    '"violence":{"filtered":false,"severity":"safe"}},'
)
_TEXT = "def handler(request): "


def name(chunks: int, milliseconds: int, kind: str) -> str:
    vendor = "claude" if kind == "msg" else "gpt"
    return f"{vendor}-bench-{chunks}-{milliseconds}-{kind}"


def models() -> bytes:
    listed = [
        {
            "id": name(chunks, pause, kind),
            "name": name(chunks, pause, kind),
            "object": "model",
            "vendor": "Anthropic" if kind == "msg" else "Azure OpenAI",
            "version": "1",
            "preview": False,
            "model_picker_enabled": True,
            "policy": {"state": "enabled", "terms": ""},
            "supported_endpoints": [endpoint],
            "capabilities": {
                "family": "bench",
                "object": "model_capabilities",
                "type": "chat",
                "tokenizer": "o200k_base",
                "limits": {"max_context_window_tokens": 16_000_000, "max_output_tokens": 64_000},
                "supports": {"streaming": True, "tool_calls": True, "parallel_tool_calls": True},
            },
        }
        for chunks, pause in (*PACES, SLOW, SILENT)
        for kind, endpoint in KINDS.items()
    ]
    return json.dumps({"object": "list", "data": listed}).encode()


def chat(model: str, chunks: int) -> list[str]:
    def chunk(delta: str, reason: str = "null", more: str = "") -> str:
        return (
            f'data: {{"choices":[{{"index":0,{_FILTER}"delta":{delta},"finish_reason":{reason}}}],'
            '"created":1767225600,"id":"chatcmpl-bench","object":"chat.completion.chunk",'
            f'"model":"{model}"{more}}}\n\n'
        )

    usage = ',"usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}'
    return [
        chunk('{"role":"assistant","content":""}'),
        *(chunk(f'{{"content":"{_TEXT}{number:06d}"}}') for number in range(chunks)),
        chunk("{}", '"stop"', usage) + "data: [DONE]\n\n",
    ]


def messages(model: str, chunks: int) -> list[str]:
    def event(kind: str, rest: str) -> str:
        return f'event: {kind}\ndata: {{"type":"{kind}"{rest}}}\n\n'

    start = (
        f',"message":{{"id":"msg_bench","type":"message","role":"assistant","model":"{model}",'
        '"content":[],"stop_reason":null,"usage":{"input_tokens":9,"output_tokens":1}}'
    )
    block = ',"index":0,"content_block":{"type":"text","text":""}'
    return [
        event("message_start", start) + event("content_block_start", block),
        *(
            event(
                "content_block_delta",
                f',"index":0,"delta":{{"type":"text_delta","text":"{_TEXT}{number:06d}"}}',
            )
            for number in range(chunks)
        ),
        event("content_block_stop", ',"index":0')
        + event("message_delta", ',"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}')
        + event("message_stop", ""),
    ]


def responses(model: str, chunks: int) -> list[str]:
    number = iter(range(chunks + 20))

    def event(kind: str, rest: str) -> str:
        return (
            f'event: {kind}\ndata: {{"type":"{kind}","sequence_number":{next(number)}{rest}}}\n\n'
        )

    def answer(status: str, output: str, usage: str) -> str:
        return (
            f',"response":{{"id":"resp_bench","object":"response","created_at":1767225600,'
            f'"model":"{model}","status":"{status}","error":null,"tools":[],"tool_choice":"auto",'
            f'"parallel_tool_calls":true,"metadata":{{}},"usage":{usage},"output":[{output}]}}'
        )

    place = ',"item_id":"msg_bench","output_index":0,"content_index":0'
    text = "".join(f"{_TEXT}{each:06d}" for each in range(chunks))
    part = f'{{"type":"output_text","annotations":[],"logprobs":[],"text":"{text}"}}'
    item = (
        '{"type":"message","id":"msg_bench","role":"assistant","status":"completed",'
        f'"content":[{part}]}}'
    )
    opened = item.replace(part, "").replace("completed", "in_progress")
    usage = '{"input_tokens":9,"output_tokens":9,"total_tokens":18}'
    return [
        event("response.created", answer("in_progress", "", "null"))
        + event("response.output_item.added", f',"output_index":0,"item":{opened}')
        + event("response.content_part.added", f'{place},"part":{part.replace(text, "")}'),
        *(
            event("response.output_text.delta", f'{place},"logprobs":[],"delta":"{_TEXT}{n:06d}"')
            for n in range(chunks)
        ),
        event("response.output_text.done", f'{place},"logprobs":[],"text":"{text}"')
        + event("response.content_part.done", f'{place},"part":{part}')
        + event("response.output_item.done", f',"output_index":0,"item":{item}')
        + event("response.completed", answer("completed", item, usage)),
    ]


STREAMS = {"/chat/completions": chat, "/v1/messages": messages, "/responses": responses}
_MODEL = re.compile(rb'"model"\s*:\s*"((?:gpt|claude)-bench-(\d+)-(\d+)-\w+)"')


class Upstream(asyncio.Protocol):
    """One connection, one request after the other."""

    def __init__(self, port: int, streams: dict[tuple[str, str], list[bytes]]) -> None:
        self._port = port
        self._streams = streams
        self._got = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, _ = bytes(self._got[:8192]).partition(b"\r\n\r\n")
        if not found:
            return
        said = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        size = len(head) + 4 + (int(said[1]) if said else 0)
        if len(self._got) < size:
            return
        body = bytes(self._got[len(head) + 4 : size])
        del self._got[:size]
        self._answer(head.split(b" ", 2)[1].decode(), body)

    def _answer(self, path: str, body: bytes) -> None:
        writer = STREAMS.get(path)
        found = _MODEL.search(body)
        if writer is None or found is None:
            self._send_json(path)
            return
        model = found[1].decode()
        key = (path, model)
        if key not in self._streams:
            made = writer(model, int(found[2]))
            self._streams[key] = [f"{len(each.encode()):x}\r\n{each}\r\n".encode() for each in made]
        chunks = self._streams[key]
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        pause = int(found[3]) / 1000
        assert self._transport is not None
        if not pause:
            self._transport.write(head + b"".join(chunks) + b"0\r\n\r\n")
            return
        self._transport.write(head + chunks[0])
        loop = asyncio.get_running_loop()
        loop.call_later(pause, self._go_on, chunks, 1, loop.time() + pause, pause)

    def _go_on(self, chunks: list[bytes], place: int, due: float, pause: float) -> None:
        assert self._transport is not None
        if self._transport.is_closing():
            return
        if place == len(chunks):
            self._transport.write(b"0\r\n\r\n")
            return
        self._transport.write(chunks[place])
        loop = asyncio.get_running_loop()
        loop.call_at(due + pause, self._go_on, chunks, place + 1, due + pause, pause)

    def _send_json(self, path: str) -> None:
        url = f"http://127.0.0.1:{self._port}"
        token = {
            "token": "tid=bench;sku=bench",
            "expires_at": int(time.time()) + 1800,
            "refresh_in": 1500,
            "endpoints": {"api": url, "proxy": url, "telemetry": url},
        }
        known = {
            "/models": models(),
            "/copilot_internal/v2/token": json.dumps(token).encode(),
            "/copilot_internal/user": b'{"login":"bench","copilot_plan":"individual"}',
            "/user": b'{"login":"bench"}',
        }
        content = known.get(path.partition("?")[0])
        status = "200 OK" if content is not None else "404 Not Found"
        content = content or b'{"message":"Not Found"}'
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        assert self._transport is not None
        self._transport.write(head.encode() + content)


async def main(port: int) -> None:
    streams: dict[tuple[str, str], list[bytes]] = {}
    server = await asyncio.get_running_loop().create_server(
        lambda: Upstream(port, streams), "127.0.0.1", port, backlog=1024
    )
    await server.serve_forever()


if __name__ == "__main__":
    from proxy_core.app.event_loop import new_event_loop

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main(int(sys.argv[1])))
