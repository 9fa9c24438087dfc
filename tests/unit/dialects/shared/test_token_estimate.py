"""The estimate of a request's tokens, and how experience mends it."""

from __future__ import annotations

import base64
import random
import struct
from typing import Any

import pytest

from proxy_core.canonical.model import Model
from proxy_core.canonical.request import (
    AssistantMessage,
    Context,
    DialectName,
    DocumentPart,
    ImagePart,
    Message,
    NativePart,
    Opaque,
    Request,
    ResponseFormat,
    ServerTool,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolKind,
    ToolResultMessage,
    UserMessage,
)
from proxy_core.dialects.shared.tokens.image_tokens import image_size, image_tokens
from proxy_core.dialects.shared.tokens.token_calibration import WINDOW, TokenCalibration
from proxy_core.dialects.shared.tokens.token_estimate import estimate, text_tokens

GPT = Model("gpt-5.4", "GPT", "OpenAI")
CLAUDE = Model("claude-sonnet-4.6", "Claude", "Anthropic")


def count(*messages: Message, model: Model = GPT, **members: Any) -> int:
    context = members.pop("context", {})
    request = Request(
        "m", Context(messages=messages, **context), DialectName.OPENAI_RESPONSES, **members
    )
    return estimate(request, model)


def user(text: str) -> UserMessage:
    return UserMessage((TextPart(text),))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("Hello", 1),
        ("The quick brown fox jumps over the lazy dog.", 10),
        ("1234567", 3),
        ("...", 1),
        ("__init__", 3),
        ("a\n\n    b", 3),
    ],
)
def test_plain_texts_count_as_tokenizers_count_them(text: str, tokens: int) -> None:
    assert text_tokens(text) == tokens


def test_scripts_without_blanks_count_by_character() -> None:
    assert text_tokens("日本語のテキストです") == 10
    assert 4 <= text_tokens("Привет, как дела?") <= 10
    assert text_tokens("😀😀😀") >= 1


@pytest.mark.parametrize("length", [64_001, 200_000, 1_000_000])
def test_a_long_text_is_estimated_from_pieces_of_all_of_it(length: int) -> None:
    words = ("short words " * length)[: length // 2]
    text = words + ("averylongidentifier_" * length)[: length - len(words)]
    pieces = [text[start : start + 50_000] for start in range(0, length, 50_000)]
    assert text_tokens(text) == pytest.approx(sum(map(text_tokens, pieces)), rel=0.02)


def test_a_longer_request_counts_more_and_the_same_one_the_same() -> None:
    short, long = count(user("Hello")), count(user("Hello " * 1000))
    assert 1 <= short < 20
    assert 900 < long < 1100
    assert count(user("Hello " * 1000)) == long


def test_claude_makes_more_tokens_of_the_same() -> None:
    text = user("Hello there " * 500)
    assert 1.1 < count(text, model=CLAUDE) / count(text) < 1.3


def test_everything_the_model_reads_counts() -> None:
    words = "some words to be counted"
    base = count(user("x"))
    parts: list[Message] = [
        AssistantMessage((ThinkingPart(words),)),
        AssistantMessage((ToolCallPart("c", "read", words),)),
        ToolResultMessage("c", (TextPart(words),)),
        UserMessage((DocumentPart(text=words),)),
        UserMessage((NativePart(Opaque(DialectName.OPENAI_RESPONSES, "x", words)),)),
        UserMessage((TextPart("x"),), name="somebody else"),
    ]
    for message in parts:
        assert count(user("x"), message) > base + 5
    tools = (
        Tool("read", words, {"type": "object"}),
        Tool("patch", kind=ToolKind.CUSTOM, grammar={"syntax": "lark", "definition": words}),
        ServerTool("web_search", Opaque(DialectName.OPENAI_RESPONSES, "tool", words)),
    )
    assert count(user("x"), context={"tools": tools}) > base + 20
    assert count(user("x"), context={"system_prompt": (TextPart(words),)}) > base + 3
    schema = ResponseFormat("json_schema", "a", {"type": "object", "description": words})
    assert count(user("x"), response_format=schema) > base + 5
    assert count(user("x"), response_format=ResponseFormat("json_object")) == base


def test_claude_pays_for_having_tools_at_all() -> None:
    with_tool = count(user("x"), model=CLAUDE, context={"tools": (Tool("a"),)})
    assert with_tool > count(user("x"), model=CLAUDE) + 300


def test_data_that_is_no_words_does_not_count_as_words() -> None:
    blob = Opaque(DialectName.OPENAI_RESPONSES, "compaction", '{"a": "' + "Q" * 5000 + '"}')
    assert count(UserMessage((NativePart(blob),))) < 30


def test_a_document_counts_by_its_pages() -> None:
    one = count(UserMessage((DocumentPart("application/pdf", "QUJD"),)))
    many = count(UserMessage((DocumentPart("application/pdf", "Q" * 680_000),)))
    assert 1_500 < one < 3_000
    assert many > 5 * one
    assert count(UserMessage((DocumentPart(url="https://a.example/x.pdf"),))) == one


def encoded(head: bytes) -> str:
    return base64.b64encode(head).decode()


def png(width: int, height: int) -> str:
    return encoded(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\x02"
    )


def jpeg(width: int, height: int, *, comment: int = 0) -> str:
    segment = b"\xff\xfe" + struct.pack(">H", comment + 2) + b"c" * comment
    size = b"\xff\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" * 8
    return encoded(b"\xff\xd8" + segment + b"\xff\xd0" + size)


def webp(form: bytes, body: bytes) -> str:
    return encoded(b"RIFF\0\0\0\0WEBP" + form + b"\0\0\0\0" + body)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(640, 480), (640, 480)),
        (jpeg(640, 480), (640, 480)),
        (jpeg(640, 480, comment=60_000), (640, 480)),
        (encoded(b"GIF89a" + struct.pack("<HH", 640, 480)), (640, 480)),
        (webp(b"VP8X", b"\0" * 4 + b"\x7f\x02\x00" + b"\xdf\x01\x00"), (640, 480)),
        (webp(b"VP8L", b"\x2f" + struct.pack("<I", 639 | 479 << 14) + b"\0" * 9), (640, 480)),
        (webp(b"VP8 ", b"\0" * 6 + struct.pack("<HH", 640, 480)), (640, 480)),
        ("", None),
        ("not base64!", None),
        (encoded(b"plain text"), None),
        (encoded(b"\xff\xd8 and then nothing"), None),
        (encoded(b"\xff\xd8\xff\xe0\x00\x02"), None),
        (png(0, 480), None),
        (encoded(b"RIFF\0\0\0\0WEBPVP8X" + b"\1" * 13), None),
        (encoded(b"RIFF\0\0\0\0AVI VP8X" + b"\1" * 20), None),
    ],
)
def test_an_images_size_is_read_from_its_head(data: str, size: tuple[int, int] | None) -> None:
    assert image_size(data) == size


@pytest.mark.parametrize(
    ("image", "model", "tokens"),
    [
        (ImagePart("image/png", png(1024, 1024)), GPT, 765),
        (ImagePart("image/png", png(2048, 4096)), GPT, 1105),
        (ImagePart("image/png", png(100, 100)), GPT, 255),
        (ImagePart("image/png", png(4096, 4096), detail="low"), GPT, 85),
        (ImagePart("image/png", png(1092, 1092)), CLAUDE, 1590),
        (ImagePart("image/png", png(200, 200)), CLAUDE, 54),
        (ImagePart("image/png", png(8000, 8000)), CLAUDE, 1600),
        (ImagePart(url="https://a.example/x.png"), GPT, 765),
        (ImagePart(url="https://a.example/x.png"), CLAUDE, 1399),
    ],
)
def test_images_cost_what_the_vendors_say(image: ImagePart, model: Model, tokens: int) -> None:
    assert image_tokens(image, model) == tokens


def test_images_count_wherever_they_are() -> None:
    image = ImagePart("image/png", png(1024, 1024))
    assert count(UserMessage((image,))) > 765
    assert count(ToolResultMessage("c", (image,))) > 765


@pytest.mark.parametrize(
    ("factor", "constant", "noise"),
    [(1.35, 0, 0.03), (0.7, 0, 0.03), (1.0, 400, 0.03), (1.2, 2500, 0.04), (0.9, 8000, 0.02)],
)
def test_twenty_requests_are_enough_to_come_within_a_tenth(
    factor: float, constant: int, noise: float
) -> None:
    chance = random.Random(7)
    calibration = TokenCalibration()
    for number in range(120):
        guess = chance.randint(200, 60_000)
        real = round((guess * factor + constant) * (1 + chance.uniform(-noise, noise)))
        if number >= 20:
            assert abs(calibration.corrected("m", guess) - real) <= 0.1 * real
        calibration.feed("m", guess, real)


def test_without_experience_the_estimate_stands() -> None:
    calibration = TokenCalibration()
    assert calibration.corrected("m", 1000) == 1000
    calibration.feed("other", 1000, 2000)
    assert calibration.corrected("m", 1000) == 1000


def test_one_request_already_helps() -> None:
    calibration = TokenCalibration()
    calibration.feed("m", 1000, 1500)
    assert calibration.corrected("m", 2000) == 3000


def test_pairs_that_measure_nothing_are_passed_over() -> None:
    calibration = TokenCalibration()
    for pair in ((1000, 0), (0, 1000), (-5, 10)):
        calibration.feed("m", *pair)
    assert calibration.corrected("m", 1000) == 1000
    for _ in range(10):
        calibration.feed("m", 1000, 1200)
    calibration.feed("m", 1000, 3)
    calibration.feed("m", 10, 90_000)
    assert calibration.corrected("m", 1000) == 1200


def test_a_full_window_is_fitted_anew_with_every_eighth_pair() -> None:
    calibration = TokenCalibration()
    pairs = [(1000 + 10 * number, 1500 + 17 * number) for number in range(WINDOW + 24)]
    for count, pair in enumerate(pairs, start=1):
        calibration.feed("m", *pair)
        due = count if count < WINDOW else count - (count - WINDOW + 1) % 8
        fresh = TokenCalibration()
        for each in pairs[:due]:
            fresh.feed("m", *each)
        assert calibration.corrected("m", 5000) == fresh.corrected("m", 5000), count


def test_a_corrected_estimate_is_never_near_zero() -> None:
    calibration = TokenCalibration()
    for guess in range(1000, 2000, 50):
        calibration.feed("m", guess, max(1, guess - 990))
    assert calibration.corrected("m", 400) >= 100
    assert calibration.corrected("m", 0) == 1


def test_a_model_that_changes_is_learned_anew() -> None:
    calibration = TokenCalibration()
    for real in [1000] * WINDOW + [2000] * WINDOW:
        calibration.feed("m", 1000, real)
    assert calibration.corrected("m", 1000) == 2000
