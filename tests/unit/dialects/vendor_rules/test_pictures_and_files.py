"""Pictures and files of a conversation on its way out: told as what they are."""

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
    KIMI,
    MESSAGES,
    RESPONSES,
    fit,
    passed_through,
    translated,
)
from tests.unit.dialects.vendor_rules.conversations import (
    BMP,
    GIF,
    HI,
    JPEG,
    PNG,
    TOOL,
    WEBP,
    call,
    called,
    chat,
    result,
    tool_use,
)


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
