"""Text deltas of one template: number, id and text may differ; all else is examined."""

from __future__ import annotations

import pytest

from proxy_core.dialects.openai_responses.delta_template import DeltaTemplate, learn_delta


def event(number: int | str, item_id: str, text: str, more: str = "") -> bytes:
    return (
        'event: response.output_text.delta\ndata: {"type":"response.output_text.delta",'
        f'"sequence_number":{number},"item_id":"{item_id}","output_index":0,"content_index":0,'
        f'"delta":"{text}"{more}}}'
    ).encode()


LOGPROBS = ',"logprobs":[]'


@pytest.fixture
def template() -> DeltaTemplate:
    found = learn_delta(event(4, "made_up_1", "hello"), event(4, "own", "hello", LOGPROBS))
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["", "x", "\u4e2d", r"say \"so\"", r"C:\\", r"\\\"", r"\n"])
def test_the_item_gets_its_own_id_whatever_the_text_says(
    template: DeltaTemplate, text: str
) -> None:
    told = template.apply(event(17, "made_up_2", text))
    assert told == (event(17, "own", text, LOGPROBS), 17)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        event(5, "x", "a").replace(b'"output_index":0', b'"output_index":1'),
        event("-5", "x", "a"),
        event("null", "x", "a"),
        event("5.0", "x", "a"),
        event(5, 'x","more":"', "a"),
        event(5, r"x\u0022", "a"),
        event(5, "x", 'a","b":"'),
        event(5, "x", "a\\"),
        event(5, "x", "a") + b"\n",
        event(5, "x", "a", ',"obfuscation":"q"'),
    ],
)
def test_anything_else_is_left_to_be_examined(template: DeltaTemplate, data: bytes) -> None:
    assert template.apply(data) is None


def test_nothing_is_learned_of_another_form() -> None:
    plain = event(4, "a", "b")
    assert learn_delta(plain, plain.replace(b'"sequence_number":4', b'"sequence_number":5')) is None
    assert learn_delta(plain.replace(b"item_id", b"id"), plain) is None
    escaped = event(4, "a", r"\"")
    assert learn_delta(escaped, escaped) is None
