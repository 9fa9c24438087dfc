"""Sends conversations through both backends; compares what arrived and what came back, field by field.

What may differ is declared here and nowhere else; ``docs/decisions/pi-ai-backend.md`` says why of each.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from proxy_core.app.engine import Engine
from proxy_core.config.overrides import Overrides
from proxy_core.config.paths import find_paths
from proxy_core.config.settings import BackendName
from proxy_core.simulator.options import SimulatorOptions
from proxy_core.simulator.server import SimulatorServer
from proxy_core.status.status_board import StatusBoard
from tests.integration.backends.conversations import (
    CHAT,
    MESSAGES,
    MODELS,
    PATHS,
    RESPONSES,
    Conversation,
    Said,
    body_of,
)
from tests.integration.backends.installed import path_variable, place_package

KEY = "sk-local-for-tests-only"
HEADERS_OF_NODE = frozenset({"accept-language", "connection", "sec-fetch-mode"})
"""What Node's fetch adds to every request."""
OTHER_EACH_TIME = frozenset(
    {
        "x-request-id",
        "x-interaction-id",
        "content-length",
        "authorization",
        "accept-encoding",
        "host",
    }
)
"""Headers whose values differ between any two requests, or with the connection."""
OWN_IDS = frozenset(
    {
        *("id", "created", "created_at", "completed_at", "system_fingerprint", "call_id"),
        *("item_id", "request_id"),
    }
)
"""Members of an answer that are other ones each time."""
PROOFS = frozenset({"signature", "encrypted_content", "reasoning_opaque"})
"""Members that only their issuer reads: salted, so other ones each time; they must be there in both."""


RETURNED_IDS = frozenset({"id", "call_id", "tool_call_id", "tool_use_id"})
"""Ids that each model call makes anew, where they come back."""
BROKEN = ("[sim:cut]", "[sim:garbage]")
"""Faults whose words differ: the library does not say what it could not read."""
ASKS_TOOLS = "What is the weather in Paris and in Rome? Think step by step, call in parallel."
THINKING_MODELS = {
    CHAT: "gemini-3.1-pro-preview",
    MESSAGES: "claude-sonnet-4.6",
    RESPONSES: "gpt-5.3-codex",
}
_WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}
THINKING_OPTIONS: dict[str, dict[str, Any]] = {
    CHAT: {"tools": [{"type": "function", "function": _WEATHER}], "reasoning_effort": "medium"},
    MESSAGES: {
        "tools": [
            {
                "name": "get_weather",
                "description": "The weather in a city",
                "input_schema": _WEATHER["parameters"],
            }
        ],
        "thinking": {"type": "enabled", "budget_tokens": 1024},
    },
    RESPONSES: {
        "tools": [{"type": "function", **_WEATHER, "strict": False}],
        "reasoning": {"effort": "medium", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
    },
}


@dataclass
class Side:
    """One backend: a proxy in front of a simulator of its own."""

    name: BackendName
    url: str
    engine: Engine
    simulator: SimulatorServer
    http: aiohttp.ClientSession
    retry_after: str | None = None

    async def ask(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        async with self.http.post(
            self.url + path, json=body, headers={"Authorization": f"Bearer {KEY}"}
        ) as answer:
            try:
                text = (await answer.read()).decode()
            except aiohttp.ClientPayloadError:
                return answer.status, "the connection was cut"
        self.retry_after = answer.headers.get("retry-after")
        if answer.content_type == "text/event-stream":
            return answer.status, _events(text)
        return answer.status, json.loads(text)

    async def get(self, path: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with self.http.get(self.url + path, headers=headers) as answer:
            return answer.status, await answer.json()


def _events(text: str) -> list[Any]:
    lines = [line[5:].strip() for line in text.split("\n") if line.startswith("data:")]
    return [json.loads(line) if line.startswith("{") else line for line in lines]


@asynccontextmanager
async def both_backends(home: Path, profile: str = "strict") -> AsyncIterator[tuple[Side, Side]]:
    async with AsyncExitStack() as stack:
        sides = [
            await stack.enter_async_context(_side(name, home / name, profile))
            for name in (BackendName.COPILOT, BackendName.PI_AI)
        ]
        yield sides[0], sides[1]


@asynccontextmanager
async def _side(name: BackendName, home: Path, profile: str) -> AsyncIterator[Side]:
    async with (
        SimulatorServer(SimulatorOptions(profile=profile)) as simulator,
        proxy_with(name, home, simulator) as side,
    ):
        yield side


@asynccontextmanager
async def proxy_with(
    name: BackendName, home: Path, simulator: SimulatorServer
) -> AsyncIterator[Side]:
    """Run a proxy whose calls ``name`` carries."""
    environ = {
        "G_COPILOT_PROXY_HOME": str(home),
        "G_COPILOT_PROXY_GITHUB_URL": simulator.url,
        "COPILOT_GITHUB_TOKEN": simulator.github_token,
        "PATH": path_variable(),
    }
    paths = find_paths(environ)
    paths.config.mkdir(parents=True, exist_ok=True)
    place_package(paths.backends)
    board = StatusBoard()
    overrides = Overrides(port=0, local_key=KEY, backend=name)
    engine = Engine(paths, board, environ=environ, overrides=overrides, serves=False)
    await engine.open()
    try:
        await engine.commands.start()
        async with aiohttp.ClientSession() as http:
            yield Side(name, board.current.server.url, engine, simulator, http)
    finally:
        await engine.close()


@dataclass(frozen=True)
class Difference:
    conversation: str
    where: str
    native: Any
    pi_ai: Any

    def __str__(self) -> str:
        return f"{self.conversation}: {self.where}: {self.native!r} != {self.pi_ai!r}"


async def differences(
    sides: tuple[Side, Side], said: Conversation, *, streamed: bool
) -> list[Difference]:
    """Ask both; return what arrived or came back differently."""
    found: list[Difference] = []
    bodies = [{**body_of(said), "stream": streamed} for _ in sides]
    answers = [
        await side.ask(PATHS[said.dialect], body) for side, body in zip(sides, bodies, strict=True)
    ]
    requests = [side.simulator.requests[-1] for side in sides]
    found += _compared(said, "request", *(_request_value(each.body) for each in requests))
    found += _compared(said, "path", *(each.path for each in requests))
    found += _compared(said, "headers", *(_header_values(each.headers) for each in requests))
    found += _compared(said, "status", *(status for status, _ in answers))
    found += _compared(said, "answer", *(_answer_value(said, value) for _, value in answers))
    return found


async def faults_that_differ(sides: tuple[Side, Side], fault: str) -> list[Difference]:
    """Call for ``fault`` in every dialect, streamed and whole; return what clients saw differently."""
    found: list[Difference] = []
    for dialect, path in PATHS.items():
        for streamed in (False, True):
            said = Conversation(
                0, dialect, MODELS[dialect], (fault,), (Said("user", (("text", fault),)),)
            )
            body = {**body_of(said), "stream": streamed}
            answers = [await side.ask(path, body) for side in sides]
            found += _compared(said, "status", *(status for status, _ in answers))
            values = [_answer_value(said, each) for _, each in answers]
            if fault in BROKEN:
                values = [_without(("message", "code"), each) for each in values]
            found += _compared(said, "answer", *values)
            waits = [side.retry_after is not None for side in sides]  # in seconds, which pass
            found += _compared(said, "retry-after", *waits)
    return found


async def loops_that_differ(sides: tuple[Side, Side], dialect: str) -> list[Difference]:
    """Let a model that thinks call tools, return what it said with the results; compare both rounds."""
    model = THINKING_MODELS[dialect]
    said = Conversation(
        0, dialect, model, ("thinking loop",), (Said("user", (("text", ASKS_TOOLS),)),)
    )
    found: list[Difference] = []
    bodies = [{**body_of(said), **THINKING_OPTIONS[dialect]} for _ in sides]
    for round_number in range(2):
        answers = [
            await side.ask(PATHS[dialect], body) for side, body in zip(sides, bodies, strict=True)
        ]
        requests = [side.simulator.requests[-1] for side in sides]
        place = f"round {round_number}"
        values = [_without(RETURNED_IDS, _proven(_request_value(each.body))) for each in requests]
        found += _compared(said, f"{place} request", *values)
        found += _compared(said, f"{place} status", *(status for status, _ in answers))
        found += _compared(said, f"{place} answer", *(_without_ids(each) for _, each in answers))
        for body, (_, answer) in zip(bodies, answers, strict=True):
            _return(dialect, body, answer)
    return found


def _return(dialect: str, body: dict[str, Any], answer: Any) -> None:
    """Add an answer and the results of its calls to the conversation, as an agent does."""
    result = "The secret word is: plum"
    if dialect == CHAT and "choices" in answer:
        message = answer["choices"][0]["message"]
        body["messages"] += [
            message,
            *(
                {"role": "tool", "tool_call_id": each["id"], "content": result}
                for each in message.get("tool_calls") or ()
            ),
        ]
    elif dialect == MESSAGES and "content" in answer:
        blocks = [
            {"type": "tool_result", "tool_use_id": each["id"], "content": result}
            for each in answer["content"]
            if each["type"] == "tool_use"
        ]
        body["messages"] += [
            {"role": "assistant", "content": answer["content"]},
            {"role": "user", "content": blocks or "Go on"},
        ]
    elif dialect == RESPONSES and "output" in answer:
        body["input"] += [
            *answer["output"],
            *(
                {"type": "function_call_output", "call_id": each["call_id"], "output": result}
                for each in answer["output"]
                if each["type"] == "function_call"
            ),
        ]


def _proven(value: Any) -> Any:
    """Return a request with its proofs replaced: each is its issuer's own."""
    if isinstance(value, list):
        return [_proven(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "proof" if name in PROOFS and each else _proven(each) for name, each in value.items()
    }


def _without(names: Collection[str], value: Any) -> Any:
    if isinstance(value, list):
        return [_without(names, each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without(names, each)
        for name, each in value.items()
        if name.rpartition(".")[2] not in names  # a place in a stream ends with its member's name
    }


def _compared(said: Conversation, where: str, native: Any, other: Any) -> list[Difference]:
    return [Difference(said.name, *each) for each in _walk(where, native, other)]


def _walk(where: str, native: Any, other: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(native, dict) and isinstance(other, dict):
        for name in {**native, **other}:
            yield from _walk(f"{where}.{name}", native.get(name, "-"), other.get(name, "-"))
    elif isinstance(native, list) and isinstance(other, list) and len(native) == len(other):
        for place, pair in enumerate(zip(native, other, strict=True)):
            yield from _walk(f"{where}[{place}]", *pair)
    elif native != other:
        yield where, native, other


def _header_values(headers: Any) -> dict[str, str]:
    left_out = HEADERS_OF_NODE | OTHER_EACH_TIME
    return {name: value for name, value in headers.items() if name not in left_out}


def _request_value(body: Any) -> Any:
    """A request in one of the forms that say the same (a text as a text, or as a list of one)."""
    if not isinstance(body, dict):
        return body
    value = dict(body)
    for name in ("messages", "input"):
        if isinstance(value.get(name), list):
            value[name] = [_turn_value(each) for each in value[name]]
    if isinstance(value.get("system"), str):
        value["system"] = [{"type": "text", "text": value["system"]}]
    return value


def _turn_value(turn: Any) -> Any:
    if not isinstance(turn, dict):
        return turn
    turn = dict(turn)
    if turn.get("type") == "message":
        del turn["type"]
    content = turn.get("content")
    if isinstance(content, str):
        kind = "output_text" if turn.get("role") == "assistant" else "text"
        turn["content"] = [{"type": kind, "text": content}]
    if isinstance(turn.get("content"), list):
        turn["content"] = [_part_value(each) for each in turn["content"]]
    return turn


def _part_value(part: Any) -> Any:
    if not isinstance(part, dict):
        return part
    part = dict(part)
    if part.get("type") in ("input_text", "output_text"):
        part["type"] = "text"
    if part.get("type") == "input_image":
        part.setdefault("detail", "auto")
    if part.get("type") == "tool_result":
        part.setdefault("is_error", False)
        if isinstance(part.get("content"), str):
            part["content"] = [{"type": "text", "text": part["content"]}]
    return part


def _answer_value(said: Conversation, value: Any) -> Any:
    """An answer without what is another one each time; a stream as what it adds up to."""
    if isinstance(value, list):
        value = _added_up(said, value)
    return _without_ids(value)


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "proof" if name in PROOFS and each else _without_ids(each)
        for name, each in value.items()
        if name not in OWN_IDS
    }


def _added_up(said: Conversation, events: list[Any]) -> Any:
    if said.dialect == RESPONSES:
        last = events[-1] if events else {}
        kinds = {each.get("type") for each in events if isinstance(each, dict)}
        return {"last": last.get("response", last), "kinds": sorted(map(str, kinds))}
    pieces: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for event in events:
        if isinstance(event, dict):
            _add_up("", event, pieces, rest)
    return {"pieces": pieces, "rest": rest}


_GROWING = ("content", "arguments", "text", "thinking", "partial_json", "signature")
_NAMED_BY = ("index",)


def _add_up(where: str, value: Any, pieces: dict[str, str], rest: dict[str, Any]) -> None:
    if isinstance(value, dict):
        index = "".join(str(value[name]) for name in _NAMED_BY if name in value)
        for name, each in value.items():
            if name in OWN_IDS or name == "index":
                continue
            place = f"{where}.{name}{index}"
            grows = name in _GROWING or name.startswith("reasoning")
            if grows and isinstance(each, str) and name not in PROOFS:
                pieces[place] = pieces.get(place, "") + each
            else:
                _add_up(place, each, pieces, rest)
    elif isinstance(value, list):
        for each in value:
            _add_up(f"{where}[]", each, pieces, rest)
    elif value is not None:
        rest[where] = "proof" if where.rpartition(".")[2].rstrip("0123456789") in PROOFS else value
