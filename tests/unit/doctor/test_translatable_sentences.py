"""What the core tells a person can be said in another language: it is a template with values."""

from __future__ import annotations

import ast
import copy
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import msgspec
import pytest

from proxy_core.doctor.network import Probe, web_proxy
from proxy_core.errors import BadRequest, TranslatableText, joined, translatable
from proxy_core.server.http.responses import json_answer

CORE = Path(__file__).resolve().parents[3] / "proxy_core"
WORDED = {"Problem": 3, "ok": 1, "attention": 2, "failed": 2, "unknown": 2, "CheckResult": 3}
"""Calls whose first arguments are shown to a person, with how many of them are."""
NOT_WORDED = {"code", "action", "state"}


def test_it_is_the_english_sentence_wherever_a_string_is_wanted() -> None:
    said = translatable("{host} answers in {milliseconds} ms.", host="github.com", milliseconds=84)
    assert said == "github.com answers in 84 ms."
    assert json.dumps({"said": said}) == '{"said": "github.com answers in 84 ms."}'


def test_a_copy_of_it_remembers_template_and_values() -> None:
    said = translatable("{thing} is gone", thing=translatable("the file"))
    copied = copy.deepcopy(said)
    assert (copied.template, copied.values) == ("{thing} is gone", {"thing": "the file"})
    assert isinstance(copied.values["thing"], TranslatableText)


def test_braces_in_a_value_are_no_template() -> None:
    assert translatable("{name} is not known", name="{0.__class__}") == "{0.__class__} is not known"


def test_sentences_put_together_stay_apart() -> None:
    both = joined((translatable("One."), translatable("Two.")))
    assert both == "One. Two."
    assert [type(each) for each in both.values.values()] == [TranslatableText] * 2


def test_an_error_gives_programs_a_plain_string_and_people_the_sentence() -> None:
    error = BadRequest(translatable("{name} is not known", name="gpt-9"))
    assert type(error.message) is str
    assert msgspec.json.encode(error.message) == b'"gpt-9 is not known"'
    assert isinstance(error.said, TranslatableText)


def test_the_server_s_own_json_takes_it() -> None:
    answer = json_answer({"problem": translatable("{name} is not known", name="x")})
    assert answer.body == b'{"problem":"x is not known"}'


def test_a_finding_made_of_pieces_keeps_each_of_them() -> None:
    proxy = {"HTTPS_PROXY": "http://proxy.example:3128"}
    found = web_proxy(
        "https://api.github.com",
        lambda _: proxy["HTTPS_PROXY"],
        proxy,
        Probe("api.github.com", True),
    )
    finding = found.finding
    assert isinstance(finding, TranslatableText)
    assert isinstance(finding.values["source"], TranslatableText)
    assert asdict(found)["finding"] == "From the environment: proxy.example, port 3128."


def bare_sentences(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield literals and f-strings handed to what words something for a person."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id not in WORDED:
            continue
        shown = [*node.args[: WORDED[node.func.id]]]
        shown += [each.value for each in node.keywords if each.arg not in NOT_WORDED]
        for each in shown:
            for part in (each.body, each.orelse) if isinstance(each, ast.IfExp) else (each,):
                text = part.value if isinstance(part, ast.Constant) else ""
                if isinstance(part, ast.JoinedStr) or (isinstance(text, str) and text):
                    yield part


def test_a_bare_sentence_is_noticed() -> None:
    wrong = ast.parse("Problem(f'{x} is gone', message='a' if x else b, code='gone'); ok(t('a'))")
    assert len(list(bare_sentences(wrong))) == 2


@pytest.mark.parametrize("room", ["app", "config", "doctor", "server", "upstream", "usage"])
def test_no_problem_or_finding_is_worded_as_a_bare_string(room: str) -> None:
    wrong = [
        f"{path.relative_to(CORE)}:{each.lineno}: {ast.unparse(each)}"
        for path in sorted((CORE / room).rglob("*.py"))
        if "probe" not in path.parts  # what the command line alone prints
        for each in bare_sentences(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not wrong, "\n".join(wrong)
