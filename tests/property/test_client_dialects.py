"""What holds of Google's and Ollama's dialects for every answer and every request."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy_core.canonical.events import Done, StopReason, StreamEvent
from proxy_core.canonical.request import (
    AssistantMessage,
    DialectName,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultMessage,
)
from proxy_core.canonical.sse import encode
from proxy_core.dialects.gemini.dialect import Gemini, GeminiArray
from proxy_core.dialects.interface import Dialect, WriterContext
from proxy_core.dialects.ollama.dialect import OllamaChat, OllamaGenerate
from proxy_core.dialects.shared.collector import CollectedMessage, collect
from proxy_core.dialects.shared.tool_names import UNPARSED_ARGUMENTS
from proxy_core.errors import BadRequest, ProxyError
from tests.golden.cases import SHOWS_THOUGHTS
from tests.golden.client_dialect_checkers import (
    check_gemini_chunks,
    check_gemini_usage,
    check_ollama_lines,
    gemini_events,
)
from tests.integration.prompt_cache.growing import check_growing
from tests.property.strategies import names, streams, texts

GEMINI = DialectName.GEMINI
CONTEXT = WriterContext("told-model", lambda prefix: prefix + "0", 1_795_248_000, request_id="r")
WITH_THOUGHTS = WriterContext(
    "told-model", lambda prefix: prefix + "0", 1_795_248_000, members=SHOWS_THOUGHTS, request_id="r"
)


def written(dialect: Dialect, context: WriterContext, events: list[StreamEvent]) -> bytes:
    writer = dialect.writer(context)
    frames = [frame for event in events for frame in writer.feed(event)] + writer.close()
    return b"".join(encode(frame) for frame in frames)


def words(answer: CollectedMessage) -> str:
    said = (TextPart, RefusalPart)
    return "".join(part.text for part in answer.message.content if isinstance(part, said))


def thoughts(answer: CollectedMessage) -> str:
    return "".join(p.text for p in answer.message.content if isinstance(p, ThinkingPart))


def calls(answer: CollectedMessage) -> list[tuple[str, str, Any]]:
    """The calls of an answer as clients with objects get them; a half one is no call."""
    found = []
    for part in answer.message.content:
        if isinstance(part, ToolCallPart):
            read = read_arguments(part.arguments)
            if read is not None:
                found.append((part.id, part.name, read))
            elif answer.stop_reason is not StopReason.LENGTH:
                found.append((part.id, part.name, {UNPARSED_ARGUMENTS: part.arguments}))
    return sorted(found, key=str)


def read_arguments(text: str) -> Any:
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@given(streams())
def test_a_gemini_stream_says_all_of_an_answer_and_ends_only_if_it_did(
    events: list[StreamEvent],
) -> None:
    seen = check_gemini_chunks(gemini_events(written(Gemini(), WITH_THOUGHTS, events)))
    array = json.loads(written(GeminiArray(), WITH_THOUGHTS, events))
    assert check_gemini_chunks(array) == seen
    if not isinstance(events[-1], Done):
        assert seen["error"] is not None
        assert seen["reason"] is None
        return
    answer = collect(events)
    assert seen["text"] == words(answer)
    assert seen["thoughts"] == thoughts(answer)
    told = sorted(((c["id"], c["name"], c["args"]) for c in seen["calls"]), key=str)
    assert told == calls(answer)
    whole = json.loads(msgspec.json.encode(Gemini().write_whole(events, WITH_THOUGHTS)))
    check_gemini_usage(whole["usageMetadata"])
    (candidate,) = whole["candidates"]
    assert candidate["finishReason"] == seen["reason"]
    parts = candidate["content"]["parts"]
    assert "".join(p.get("text", "") for p in parts if not p.get("thought")) == seen["text"]


@given(streams())
def test_every_proof_of_thinking_comes_back_from_a_client_that_drops_thoughts(
    events: list[StreamEvent],
) -> None:
    if not isinstance(events[-1], Done):
        return
    answer = collect(events)
    chunks = gemini_events(written(Gemini(), WITH_THOUGHTS, events))
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    proofs = [p for p in answer.message.content if isinstance(p, ThinkingPart) and p.opaque]
    user = {"role": "user", "parts": [{"text": "go on"}]}
    kept = [part for part in parts if not part.get("thought")]
    for turn in (
        [{"role": "model", "parts": parts}],
        [{"role": "model", "parts": kept}],
        [{"role": "model", "parts": [part]} for part in parts],
    ):
        said = Gemini().parse_request({"model": "m", "contents": [user, *turn, user]})
        _, message, _ = said.context.messages
        assert isinstance(message, AssistantMessage)
        assert "".join(p.text for p in message.content if isinstance(p, TextPart)) == words(answer)
        back = [p for p in message.content if isinstance(p, ThinkingPart) and p.opaque]
        assert sorted(back, key=str) == sorted(proofs, key=str)


@given(streams())
def test_an_ollama_stream_says_all_of_an_answer_and_ends_only_if_it_did(
    events: list[StreamEvent],
) -> None:
    seen = check_ollama_lines(written(OllamaChat(), CONTEXT, events))
    if not isinstance(events[-1], Done):
        assert seen["error"] is not None
        assert seen["reason"] is None
        return
    answer = collect(events)
    assert (seen["text"], seen["thinking"]) == (words(answer), thoughts(answer))
    told = sorted(((c["id"], c["name"], c["arguments"]) for c in seen["calls"]), key=str)
    assert told == calls(answer)
    whole = json.loads(msgspec.json.encode(OllamaChat().write_whole(events, CONTEXT)))
    assert (whole["done"], whole["done_reason"]) == (True, seen["reason"])
    assert whole["message"]["content"] == seen["text"]
    assert whole["message"].get("thinking", "") == seen["thinking"]
    generated = json.loads(msgspec.json.encode(OllamaGenerate().write_whole(events, CONTEXT)))
    assert generated["response"] == seen["text"]


@given(streams())
def test_an_answer_that_did_not_end_is_no_whole_one(events: list[StreamEvent]) -> None:
    for dialect in (Gemini(), OllamaChat(), OllamaGenerate()):
        try:
            dialect.write_whole(events[:-1], CONTEXT)
        except ProxyError as error:
            assert dialect.error_status(error) >= 400
        else:
            raise AssertionError("it ended")


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
_MEMBERS = (
    *("model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig"),
    *("messages", "prompt", "images", "options", "format", "think", "stream", "system"),
)
_KEYS = (
    *("role", "parts", "text", "thought", "thoughtSignature", "functionCall", "functionResponse"),
    *("inlineData", "fileData", "mimeType", "data", "name", "args", "response", "id", "content"),
    *("tool_calls", "function", "arguments", "functionDeclarations", "parameters", "stop"),
    *("thinkingConfig", "thinkingBudget", "responseSchema", "responseMimeType", "tool_name"),
)
_near = st.recursive(
    _json
    | st.sampled_from(["user", "model", "assistant", "tool", "application/json", "image/png"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(st.sampled_from(_MEMBERS), _near, max_size=6)


@given(bodies)
def test_any_body_is_parsed_or_refused_by_a_sentence(body: dict[str, Any]) -> None:
    raw = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in body.items()}
    for dialect in (Gemini(), OllamaChat(), OllamaGenerate()):
        dialect.output_limits(raw)
        for read in (
            lambda d=dialect: d.inspect_request(raw),
            lambda d=dialect: d.parse_request(body),
        ):
            try:
                read()
            except BadRequest as refused:
                assert refused.message


@st.composite
def gemini_turns(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A conversation with calls, with and without ids, and their results in any order."""
    contents: list[dict[str, Any]] = [{"role": "user", "parts": [{"text": "Begin."}]}]
    for turn in range(draw(st.integers(0, 3))):
        called = draw(st.lists(names, max_size=3))
        parts: list[dict[str, Any]] = [{"text": draw(texts.filter(bool))}]
        answers = []
        for number, name in enumerate(called):
            stated = {"id": f"c{turn}_{number}"} if draw(st.booleans()) else {}
            parts.append({"functionCall": {"name": name, "args": {"n": number}, **stated}})
            result = {"name": name, "response": {"output": draw(texts)}, **stated}
            answers.append({"functionResponse": result})
        contents.append({"role": "model", "parts": parts})
        said = draw(st.permutations(answers)) or [{"text": "Go on."}]
        contents.append({"role": "user", "parts": said})
    return contents


@settings(max_examples=settings().max_examples // 3)
@given(gemini_turns())
def test_calls_and_results_pair_up_and_a_conversation_only_grows(contents: list[Any]) -> None:
    request = Gemini().parse_request({"model": "m", "contents": contents})
    made = [
        part.id
        for message in request.context.messages
        if isinstance(message, AssistantMessage)
        for part in message.content
        if isinstance(part, ToolCallPart)
    ]
    results = request.context.messages
    answered = [each.tool_call_id for each in results if isinstance(each, ToolResultMessage)]
    assert len(set(made)) == len(made)
    assert sorted(made) == sorted(answered)
    called = dict.fromkeys(
        part["functionCall"]["name"]
        for content in contents
        for part in content["parts"]
        if "functionCall" in part
    )
    tools = [{"functionDeclarations": [{"name": name} for name in called]}] if called else []
    check_growing(GEMINI, msgspec.json.encode({"contents": contents, "tools": tools}))
