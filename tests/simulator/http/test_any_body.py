"""No request makes the simulator fail: whatever arrives is answered or refused."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tests.simulator.conftest import Client

PATHS = (
    "/chat/completions",
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/responses",
    "/embeddings",
)
WORDS = tuple(
    """role user assistant tool system content type text tools name function parameters input_schema
    messages input instructions reasoning effort thinking enabled adaptive budget_tokens tool_use
    tool_result tool_use_id id call_id function_call function_call_output output image source url
    image_url cache_control ephemeral ttl metadata stop max_tokens reasoning_opaque tool_calls arguments
    encrypted_content custom anyOf $ref #/ enum required properties array tool_choice response_format
    json_schema schema stream n document signature""".split()  # noqa: SIM905 -- reads better as a list
)


def anything(rng: random.Random, depth: int) -> Any:
    kind = rng.randrange(8 if depth else 5)
    if kind == 0:
        return rng.choice([None, True, False, 0, -1, 3, 2.5, 10**9])
    if kind <= 4:
        return rng.choice([*WORDS, "", " ", "Read /tmp/a.txt", "weather in Paris", "żółć"])
    if kind == 5:
        return [anything(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(WORDS): anything(rng, depth - 1) for _ in range(rng.randrange(5))}


def altered(rng: random.Random, value: Any) -> Any:
    """``value`` with one node somewhere inside replaced, added or taken away."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {k: v for k, v in value.items() if k != key}
        if rng.random() < 0.1:
            return {**value, rng.choice(WORDS): anything(rng, 2)}
        return {**value, key: altered(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        return [*value[:at], altered(rng, value[at]), *value[at + 1 :]]
    return anything(rng, 3)


SCHEMA = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "n": {"type": "array", "items": {"enum": [1]}}},
    "required": ["path", "n"],
    "additionalProperties": False,
}
IMAGE = "data:image/png;base64,iVBORw0KGgo="
USER = {"role": "user", "content": "Read /tmp/a.txt"}
VALID: dict[str, dict[str, Any]] = {
    "/chat/completions": {
        "model": "gpt-5.2",
        "messages": [
            {"role": "developer", "content": "be brief"},
            USER,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "read", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "x"}]},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Read /tmp/b.txt"},
                    {"type": "image_url", "image_url": {"url": IMAGE}},
                ],
            },
        ],
        "tools": [{"type": "function", "function": {"name": "read", "parameters": SCHEMA}}],
        "tool_choice": {"type": "function", "function": {"name": "read"}},
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "x", "schema": SCHEMA},
        },
        "stop": ["a"],
        "max_completion_tokens": 50,
        "reasoning_effort": "low",
        "stream": True,
        "stream_options": {"include_usage": True},
    },
    "/v1/messages": {
        "model": "claude-sonnet-4.6",
        "max_tokens": 2000,
        "system": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            USER,
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "ok"},
                    {"type": "tool_use", "id": "t", "name": "read", "input": {"path": "x"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "type": "tool_result",
                        "tool_use_id": "t",
                        "content": [{"type": "text", "text": "x"}],
                    },
                    {
                        "type": "image",
                        "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
                    },
                    {"type": "text", "text": "Read /tmp/b.txt"},
                ],
            },
        ],
        "tools": [
            {"name": "read", "input_schema": SCHEMA},
            {"type": "bash_20250124", "name": "bash"},
        ],
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": SCHEMA}},
        "metadata": {"user_id": "x"},
        "stop_sequences": ["a"],
        "stream": True,
    },
    "/responses": {
        "model": "gpt-5.6-sol",
        "instructions": "be brief",
        "input": [
            {"type": "additional_tools", "tools": [{"type": "custom", "name": "exec"}]},
            {"role": "user", "content": [{"type": "input_text", "text": "Read /tmp/a.txt"}]},
            {
                "type": "function_call",
                "id": "fc_1",
                "call_id": "c",
                "name": "read",
                "arguments": "{}",
            },
            {"type": "function_call_output", "call_id": "c", "output": "x"},
            {"role": "user", "content": [{"type": "input_image", "image_url": IMAGE}]},
            {"role": "user", "content": "Read /tmp/b.txt"},
        ],
        "tools": [
            {"type": "namespace", "name": "n", "tools": [{"type": "function", "name": "read"}]}
        ],
        "tool_choice": {"type": "function", "name": "read"},
        "text": {"format": {"type": "json_schema", "name": "x", "schema": SCHEMA}},
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "context_management": [{"type": "compaction", "compact_threshold": 10}],
        "max_output_tokens": 50,
        "stream": True,
    },
    "/embeddings": {"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 8},
}
VALID["/v1/messages/count_tokens"] = {
    member: value
    for member, value in VALID["/v1/messages"].items()
    if member not in ("max_tokens", "metadata", "stop_sequences", "stream")
}


@pytest.mark.parametrize("path", VALID)
@pytest.mark.parametrize("rules", [False, True], ids=["", "vendors"])
@pytest.mark.parametrize("profile", ["strict", "lenient"])
async def test_altered_bodies_are_answered_or_refused_but_never_break_it(
    client: Client, path: str, profile: str, rules: bool
) -> None:
    await client.post("/_sim/reset", {"profile": profile, "switches": {"vendor_rules": rules}})
    whole = await client.post(path, VALID[path], Copilot_Vision_Request="true")
    assert whole.status == 200, whole.text
    rng = random.Random(f"{path} {profile}")
    statuses = set()
    for _ in range(300):
        body = VALID[path]
        for _ in range(rng.randrange(1, 4)):
            body = altered(rng, body)
        answer = await client.post(path, body, Copilot_Vision_Request="true")
        assert answer.status != 500, json.dumps(body)
        statuses.add(answer.status)
    assert {200, 400} <= statuses
