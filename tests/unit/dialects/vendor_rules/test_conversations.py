"""Ids, parts, pictures, ends and marks of a conversation on its way out."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import DialectName
from proxy_core.dialects.vendor_rules.media_types import media_type, sniff
from tests.unit.dialects.vendor_rules.bodies import (
    CHAT,
    CLAUDE,
    GEMINI,
    GPT,
    GROK,
    KIMI,
    MESSAGES,
    OLD_CLAUDE,
    RESPONSES,
    fit,
    passed_through,
    translated,
)

HI = {"role": "user", "content": "hi"}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe1" + bytes(40)).decode()
GIF = base64.b64encode(b"GIF89a" + bytes(40)).decode()
WEBP = base64.b64encode(b"RIFF\x10\0\0\0WEBPVP8 " + bytes(40)).decode()
BMP = base64.b64encode(b"BM" + bytes(40)).decode()


def chat(*messages: Any, **members: Any) -> dict[str, Any]:
    return {"model": "m", "messages": list(messages), **members}


def call(call_id: Any, name: str = "read", arguments: Any = "{}") -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def called(*calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": list(calls)} | more


def result(call_id: str, content: Any = "done") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def tool_use(call_id: str, given: Any = None, name: str = "read") -> dict[str, Any]:
    block = {"type": "tool_use", "id": call_id, "name": name, "input": given or {}}
    return {"role": "assistant", "content": [block]}


def tool_result(call_id: str) -> dict[str, Any]:
    block = {"type": "tool_result", "tool_use_id": call_id, "content": "done"}
    return {"role": "user", "content": [block]}


TOOL = {"name": "read", "input_schema": {"type": "object", "properties": {}}}
FUNCTION = {
    "type": "function",
    "function": {"name": "read", "parameters": {"type": "object", "properties": {}}},
}


# --- ids ---


@pytest.mark.parametrize("odd", ["functions.Read:3", "call_7|fc_9", "a b", "ütf", "x" * 90])
def test_an_id_of_another_vendor_becomes_one_that_claude_takes(odd: str) -> None:
    body = chat(HI, tool_use(odd), tool_result(odd), tools=[TOOL], max_tokens=9)
    sent = passed_through(body, CLAUDE, MESSAGES).body["messages"]
    new = sent[1]["content"][0]["id"]
    assert new == sent[2]["content"][0]["tool_use_id"] != odd
    assert new.replace("_", "").replace("-", "").isascii()
    assert len(new) <= 64
    on_chat = passed_through(
        chat(HI, called(call(odd)), result(odd), tools=[FUNCTION]), CLAUDE, CHAT
    )
    assert on_chat.body["messages"][1]["tool_calls"][0]["id"] == new
    assert on_chat.body["messages"][2]["tool_call_id"] == new


def test_two_odd_ids_never_become_one() -> None:
    body = chat(
        HI, called(call("a.b"), call("a:b")), result("a.b"), result("a:b"), tools=[FUNCTION]
    )
    sent = fit(body, CLAUDE, CHAT).body["messages"]
    first, second = sent[1]["tool_calls"]
    assert first["id"] != second["id"]
    assert [sent[2]["tool_call_id"], sent[3]["tool_call_id"]] == [first["id"], second["id"]]


def test_openai_counts_the_characters_of_an_id() -> None:
    long = "call_" + "x" * 50
    sent = fit(chat(HI, called(call(long)), result(long)), GPT, CHAT).body["messages"]
    assert len(sent[1]["tool_calls"][0]["id"]) <= 40
    assert sent[1]["tool_calls"][0]["id"] == sent[2]["tool_call_id"]
    longer = "call_" + "y" * 80
    items = [
        {"type": "function_call", "call_id": longer, "name": "read", "arguments": "{}"},
        {"type": "function_call_output", "call_id": longer, "output": "done"},
    ]
    sent = fit({"model": "m", "input": items}, GPT, RESPONSES).body["input"]
    assert len(sent[0]["call_id"]) <= 64
    assert sent[0]["call_id"] == sent[1]["call_id"]


def test_kimi_gets_ids_in_its_own_form_that_never_change() -> None:
    start = [HI, called(call("toolu_1"), call("functions.read:7")), result("toolu_1")]
    start.append(result("functions.read:7"))
    longer = [*start, called(call("toolu_2", "list")), result("toolu_2")]
    first = fit(chat(*start), KIMI, CHAT).body["messages"]
    second = fit(chat(*longer), KIMI, CHAT).body["messages"]
    assert [c["id"] for c in first[1]["tool_calls"]] == ["functions.read:0", "functions.read:7"]
    assert second[: len(first)] == first
    assert second[-1]["tool_call_id"] == second[-2]["tool_calls"][0]["id"] == "functions.list:2"


def test_an_item_that_is_there_twice_keeps_its_id_once() -> None:
    said = {"type": "message", "id": "msg_1", "role": "assistant", "content": []}
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "E"}
    body = {"model": "m", "input": [thought, said, HI, thought, said]}
    sent = fit(body, GPT, RESPONSES).body["input"]
    assert [item.get("id") for item in sent] == ["rs_1", "msg_1", None, None]
    assert [item.get("type") for item in sent].count("reasoning") == 1


# --- arguments ---


@pytest.mark.parametrize(
    ("given", "sent"),
    [("", "{}"), (None, "{}"), ("  ", "{}"), ({"a": 1}, '{"a":1}'), ('{"b":2}', '{"b":2}')],
)
@pytest.mark.parametrize("model", [GPT, CLAUDE, GEMINI, KIMI, GROK])
def test_arguments_are_the_text_of_an_object(given: Any, sent: str, model: Model) -> None:
    body = chat(HI, called(call("call_1", arguments=given)), result("call_1"), tools=[FUNCTION])
    messages = fit(body, model, CHAT).body["messages"]
    assert messages[1]["tool_calls"][0]["function"]["arguments"] == sent


@pytest.mark.parametrize("given", ["", None])
def test_the_same_on_responses(given: Any) -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": given}
    assert (
        fit({"model": "m", "input": [item]}, GPT, RESPONSES).body["input"][0]["arguments"] == "{}"
    )


def test_a_call_without_arguments_is_translated_as_one(given: None = None) -> None:
    made = {"type": "function_call", "call_id": "c", "name": "f", "arguments": given}
    answer = {"type": "function_call_output", "call_id": "c", "output": "x"}
    body = {"model": "m", "input": [HI, made, answer], "tools": []}
    sent = translated(body, CLAUDE, RESPONSES, MESSAGES).body["messages"]
    assert sent[1]["content"][0]["input"] == {}
    sent = translated(body, GPT, RESPONSES, CHAT).body["messages"]
    assert sent[1]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize(
    ("given", "sent"),
    [(None, {}), ("", {}), ('{"a":1}', {"a": 1}), ([1], {"_unparsed_arguments": "[1]"})],
)
def test_claude_s_input_is_an_object(given: Any, sent: Any) -> None:
    block = {"type": "tool_use", "id": "t", "name": "f", "input": given}
    body = chat(HI, {"role": "assistant", "content": [block]}, tool_result("t"), tools=[TOOL])
    assert fit(body, CLAUDE, MESSAGES).body["messages"][1]["content"][0]["input"] == sent


# --- media types and parts ---


@pytest.mark.parametrize(
    ("data", "kind"),
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (GIF, "image/gif"), (WEBP, "image/webp")],
)
def test_a_picture_is_what_its_bytes_say(data: str, kind: str) -> None:
    assert sniff(data) == kind
    for stated in ("image/png", "image/jpg", "IMAGE/JPEG", "png", "application/octet-stream", ""):
        assert media_type(stated, data) == kind


@pytest.mark.parametrize(
    ("stated", "right"),
    [("image/jpg", "image/jpeg"), ("image/x-png", "image/png"), ("image/pjpeg", "image/jpeg")],
)
def test_a_misspelling_is_corrected_where_the_bytes_say_nothing(stated: str, right: str) -> None:
    assert media_type(stated, "AAAA") == right


def shown(name: DialectName, stated: str, data: str) -> dict[str, Any]:
    url = f"data:{stated};base64,{data}"
    if name is CHAT:
        return chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]})
    if name is RESPONSES:
        part = {"type": "input_image", "image_url": url}
        return {"model": "m", "input": [{"role": "user", "content": [part]}]}
    source = {"type": "base64", "media_type": stated, "data": data}
    block = {"type": "image", "source": source}
    return chat({"role": "user", "content": [block]}, max_tokens=9)


def seen_type(body: Any) -> str:
    part = body.get("messages", body.get("input"))[0]["content"][0]
    if part["type"] == "image":
        return str(part["source"]["media_type"])
    image = part["image_url"]
    url = image["url"] if isinstance(image, dict) else image
    return str(url[5 : url.index(";")])


@pytest.mark.parametrize("stated", ["image/gif", "image/jpg", "image/webp"])
@pytest.mark.parametrize(
    ("client", "upstream", "model"),
    [
        (MESSAGES, MESSAGES, CLAUDE),
        (CHAT, CHAT, CLAUDE),
        (CHAT, CHAT, GPT),
        (RESPONSES, RESPONSES, GPT),
        (RESPONSES, MESSAGES, CLAUDE),
        (CHAT, MESSAGES, CLAUDE),
        (MESSAGES, CHAT, GEMINI),
    ],
)
def test_every_way_tells_the_true_type(
    stated: str, client: DialectName, upstream: DialectName, model: Model
) -> None:
    body = shown(client, stated, JPEG)
    if client is upstream:
        sent = passed_through(body, model, client).body
    else:
        sent = translated(body, model, client, upstream).body
    assert seen_type(sent) == "image/jpeg"


@pytest.mark.parametrize("name", [CHAT, MESSAGES, RESPONSES])
def test_a_picture_that_is_told_rightly_is_not_touched(name: DialectName) -> None:
    model = CLAUDE if name is MESSAGES else GPT
    assert "media types" not in fit(shown(name, "image/png", PNG), model, name).rules


def test_a_picture_no_model_can_see_becomes_words() -> None:
    result = fit(shown(MESSAGES, "image/bmp", BMP), CLAUDE, MESSAGES)
    (block,) = result.body["messages"][0]["content"]
    assert block["type"] == "text"
    assert result.dropped == ("messages[].content (image/bmp)",)


def test_pictures_within_a_tool_s_result_are_told_rightly_too() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": f"data:image/png;base64,{GIF}"}
    inner = {"type": "image", "source": source}
    block = {"type": "tool_result", "tool_use_id": "t", "content": [inner]}
    body = chat(HI, tool_use("t"), {"role": "user", "content": [block]}, tools=[TOOL])
    sent = fit(body, CLAUDE, MESSAGES).body["messages"][2]["content"][0]["content"][0]["source"]
    assert sent == {"type": "base64", "media_type": "image/gif", "data": GIF}


def a_file(media_type: str, data: bytes, name: str = "notes.x") -> dict[str, Any]:
    url = f"data:{media_type};base64,{base64.b64encode(data).decode()}"
    return {"type": "file", "file": {"filename": name, "file_data": url}}


@pytest.mark.parametrize("model", [CLAUDE, GPT, GEMINI, KIMI])
def test_what_chat_does_not_take_is_said_or_told_to_be_missing(model: Model) -> None:
    parts = [
        a_file("application/pdf", b"%PDF-1.7"),
        a_file("text/markdown", b"# Title"),
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "input_text", "text": "so?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"},
    ]
    result = fit(chat({"role": "user", "content": parts}), model, CHAT)
    sent = result.body["messages"][0]["content"]
    assert [part["type"] for part in sent] == ["text", "text", "text", "text", "image_url"]
    assert "'notes.x' was left out" in sent[0]["text"]
    assert "# Title" in sent[1]["text"]
    assert sent[4]["image_url"]["url"].endswith(PNG)
    assert set(result.dropped) == {
        "messages[].content (document)",
        "messages[].content (input_audio)",
    }


def test_pictures_of_tool_results_follow_the_run_of_results() -> None:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    body = chat(
        HI,
        called(call("a"), call("b")),
        result("a", [picture]),
        result("b", [{"type": "text", "text": "B"}, picture]),
        {"role": "user", "content": "and?"},
    )
    sent = fit(body, GPT, CHAT).body["messages"]
    assert [m["role"] for m in sent] == ["user", "assistant", "tool", "tool", "user", "user"]
    assert sent[2]["content"].startswith("[The image follows")
    assert sent[3]["content"] == "B"
    assert [p["type"] for p in sent[4]["content"]] == ["text", "image_url", "text", "image_url"]


def test_a_refused_document_is_told_in_words_on_responses() -> None:
    part = {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,A"}
    body = {"model": "m", "input": [{"role": "user", "content": [part]}]}
    sent = fit(body, GPT, RESPONSES, refused=("documents in words",))
    assert sent.body["input"][0]["content"][0]["type"] == "input_text"
    assert sent.dropped == ("input[].content (document)",)
    assert fit(body, GPT, RESPONSES).body["input"][0]["content"] == [part]


@pytest.mark.parametrize(("model", "most"), [(CLAUDE, 20), (GEMINI, 10)])
def test_only_the_newest_pictures_are_shown(model: Model, most: int) -> None:
    def one(number: int) -> dict[str, Any]:
        data = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes([number]) * 8).decode()
        url = {"url": f"data:image/png;base64,{data}"}
        return {"role": "user", "content": [{"type": "image_url", "image_url": url}]}

    just = fit(chat(*(one(n) for n in range(most))), model, CHAT)
    assert just.dropped == ()
    more = fit(chat(*(one(n) for n in range(most + 2))), model, CHAT)
    kinds = [m["content"][0]["type"] for m in more.body["messages"]]
    assert kinds == ["text"] * 5 + ["image_url"] * (most - 3)
    again = fit(chat(*(one(n) for n in range(most + 5))), model, CHAT)
    assert again.body["messages"][: most + 1] == more.body["messages"][: most + 1]


# --- the end, and instructions in the middle ---


SAID = {"role": "assistant", "content": "I was about to "}


@pytest.mark.parametrize(
    ("client", "upstream", "model"),
    [
        (CHAT, CHAT, CLAUDE),
        (CHAT, CHAT, OLD_CLAUDE),
        (MESSAGES, MESSAGES, CLAUDE),
        (CHAT, MESSAGES, CLAUDE),
        (CHAT, MESSAGES, OLD_CLAUDE),
        (MESSAGES, CHAT, CLAUDE),
    ],
)
def test_claude_is_never_left_with_its_own_words_last(
    client: DialectName, upstream: DialectName, model: Model
) -> None:
    body = chat(HI, SAID, max_tokens=9)
    if client is upstream:
        sent = passed_through(body, model, client).body
    else:
        sent = translated(body, model, client, upstream).body
    assert [m["role"] for m in sent["messages"]] == ["user", "assistant", "user"]


def test_an_older_claude_takes_a_prefill_without_its_trailing_space() -> None:
    sent = passed_through(chat(HI, SAID, max_tokens=9), OLD_CLAUDE, MESSAGES).body
    assert sent["messages"][-1] == {"role": "assistant", "content": "I was about to"}


def test_other_vendors_may_end_with_the_assistant() -> None:
    for model in (GPT, GEMINI, KIMI):
        assert fit(chat(HI, SAID), model, CHAT).body["messages"][-1]["role"] == "assistant"


def test_instructions_between_messages_become_a_user_s_reminder() -> None:
    mark = {"type": "ephemeral"}
    told = {"role": "system", "content": [{"type": "text", "text": "New.", "cache_control": mark}]}
    body = chat(
        {"role": "system", "content": "First."},
        HI,
        told,
        tool_use("t"),
        {"role": "system", "content": "Between."},
        tool_result("t"),
        {"role": "system", "content": "  "},
        {"role": "system", "content": "Last."},
        tools=[TOOL],
        max_tokens=9,
    )
    sent = passed_through(body, CLAUDE, MESSAGES).body["messages"]
    assert [m["role"] for m in sent] == ["user", "assistant", "user"]
    first = [block["text"] for block in sent[0]["content"]]
    assert first == [
        "<system-reminder>\nFirst.\n</system-reminder>",
        "hi",
        "<system-reminder>\nNew.\n</system-reminder>",
    ]
    assert sent[0]["content"][2]["cache_control"] == mark
    kinds = [block["type"] for block in sent[2]["content"]]
    assert kinds == ["tool_result", "text", "text"]


# --- tools of the history ---


def test_a_history_of_tools_is_given_its_definitions_for_claude() -> None:
    body = chat(HI, tool_use("t", {"path": "x"}), tool_result("t"), max_tokens=9)
    sent = passed_through(body, CLAUDE, MESSAGES).body
    assert sent["tools"][0]["name"] == "read"
    assert set(sent["tools"][0]["input_schema"]["properties"]) == {"path"}
    assert sent["tool_choice"] == {"type": "none"}
    body = chat(HI, called(call("c", arguments='{"q":1}')), result("c"), tools=[])
    sent = passed_through(body, CLAUDE, CHAT).body
    assert set(sent["tools"][0]["function"]["parameters"]["properties"]) == {"q"}
    assert sent["tool_choice"] == "none"


def test_nobody_else_is_given_tools_that_were_not_offered() -> None:
    body = chat(HI, called(call("c")), result("c"))
    for model in (GPT, GEMINI, KIMI):
        assert "tools" not in fit(body, model, CHAT).body


# --- marks ---


def marks(value: Any, word: str = "cache_control") -> int:
    if isinstance(value, dict):
        return (word in value) + sum(marks(each, word) for each in value.values())
    return sum(marks(each, word) for each in value) if isinstance(value, list) else 0


MARK = {"cache_control": {"type": "ephemeral"}}


def test_more_than_four_marks_are_four() -> None:
    system = [{"type": "text", "text": str(n), **MARK} for n in range(3)]
    inner = {"type": "text", "text": "deep", **MARK}
    block = {"type": "tool_result", "tool_use_id": "t", "content": [inner], **MARK}
    turns = [{"role": "user", "content": [block]}, {"role": "user", "content": [{**inner}]}]
    body = chat(HI, tool_use("t"), *turns, system=system, tools=[{**TOOL, **MARK}], max_tokens=9)
    result = fit(body, CLAUDE, MESSAGES)
    assert marks(result.body) == 4
    assert marks(result.body["tools"]) == 1, "the first one guards the instructions"
    assert marks(result.body["messages"][-1]) == 1, "the last one moves"
    assert result.dropped == ("cache_control (more than 4)",)


def test_four_marks_stay_where_they_are() -> None:
    blocks = [{"type": "text", "text": str(n), **MARK} for n in range(4)]
    body = chat({"role": "user", "content": blocks}, max_tokens=9)
    assert "cache marks" not in fit(body, CLAUDE, MESSAGES).rules


def test_chat_s_own_word_for_a_mark_stands_on_the_message() -> None:
    parts = [{"type": "text", "text": "long", **MARK}]
    body = chat(
        {"role": "system", "content": parts},
        {**HI, "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        tools=[{**FUNCTION, **MARK}],
    )
    sent = passed_through(body, CLAUDE, CHAT).body
    assert marks(sent) == 0
    assert [m["copilot_cache_control"] for m in sent["messages"]] == [{"type": "ephemeral"}] * 2
    assert sent["messages"][0]["content"] == [{"type": "text", "text": "long"}]
    for model in (GPT, GEMINI, KIMI):
        other = fit(body, model, CHAT)
        assert marks(other.body) == marks(other.body, "copilot_cache_control") == 0
        assert "cache_control" in other.dropped


def test_an_agent_on_chat_that_sets_no_marks_is_given_some_on_claude() -> None:
    history = [
        {"role": "system", "content": "You are."},
        HI,
        called(call("a")),
        result("a"),
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "More."},
    ]
    sent = passed_through(chat(*history, tools=[FUNCTION]), CLAUDE, CHAT).body["messages"]
    marked = [n for n, m in enumerate(sent) if "copilot_cache_control" in m]
    assert marked == [0, 3, 5]
    question = passed_through(chat({"role": "system", "content": "s"}, HI), CLAUDE, CHAT).body
    assert marks(question, "copilot_cache_control") == 0
    assert marks(passed_through(chat(*history), GPT, CHAT).body, "copilot_cache_control") == 0


def test_a_client_s_own_marks_are_enough() -> None:
    own = [{**HI, "copilot_cache_control": {"type": "ephemeral"}}, SAID, HI]
    sent = passed_through(chat(*own), CLAUDE, CHAT).body["messages"]
    assert [("copilot_cache_control" in m) for m in sent] == [True, False, False]
