"""Chunks of one template: only the text may differ, and it must be the inside of one JSON string."""

from __future__ import annotations

import pytest

from proxy_core.dialects.shared.chunk_template import ChunkTemplate, learn_template

OPENING = b'"delta":{"content":"'


def came(text: str) -> bytes:
    return b'data: {"x":1,"delta":{"content":"' + text.encode() + b'"},"model":"a"}\n\n'


def leaves(text: str) -> bytes:
    return b'data: {"delta":{"content":"' + text.encode() + b'"},"model":"b"}\n\n'


@pytest.fixture
def template() -> ChunkTemplate:
    found = learn_template(came("hello"), leaves("hello"), OPENING)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text", ["", "x", "\u4e2d\u6587", r"say \"so\"", r"C:\\temp\\", r"\\\"", r"\n"]
)
def test_a_text_goes_on_whatever_it_says(template: ChunkTemplate, text: str) -> None:
    assert template.forward(came(text)) == (leaves(text), len(came(text)))


def test_many_chunks_go_on_at_once(template: ChunkTemplate) -> None:
    texts = ["a", r"\"b\"", "", r"c\\", "d"]
    data = b"".join(map(came, texts))
    assert template.forward(data) == (b"".join(map(leaves, texts)), len(data))


def test_those_before_a_chunk_of_another_form_go_on_and_it_is_left(
    template: ChunkTemplate,
) -> None:
    others = (b": comment\n\n", came("x\\"), came("x").replace(b'"x":1', b'"x":2'), came("x")[:-3])
    for other in others:
        data = came("a") + came(r"\"b") + other + came("c")
        begin = len(came("a"))
        assert template.forward(data, begin) == (leaves(r"\"b"), data.index(other))


def test_very_many_chunks_go_on_at_once(template: ChunkTemplate) -> None:
    texts = [f"text {number}" for number in range(5_000)] + ["x" * 100_000, "end"]
    data = b"".join(map(came, texts))
    assert template.forward(data) == (b"".join(map(leaves, texts)), len(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        came("x")[:-1],
        came("x").replace(b'"x":1', b'"x":2'),
        came("x").replace(b'"model":"a"', b'"model":"c"'),
        came('x","role":"assistant'),
        came("x\ny"),
        came("x\\"),
        came(r"x\\\\" + "\\"),
    ],
)
def test_anything_else_is_left_to_be_examined(template: ChunkTemplate, data: bytes) -> None:
    assert template.forward(data) == (b"", 0)


def test_nothing_is_learned_of_a_chunk_without_a_text_or_with_two() -> None:
    assert learn_template(b'data: {"delta":{}}\n\n', b'data: {"delta":{}}\n\n', OPENING) is None
    double = came("a").replace(b'"model"', OPENING + b'b"},"model"')
    assert learn_template(double, double, OPENING) is None
    assert learn_template(came("a"), leaves("b"), OPENING) is None
    assert learn_template(came(r"\u00e9"), leaves("\u00e9"), OPENING) is None
