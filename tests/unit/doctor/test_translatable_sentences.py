"""What the core tells a person can be said in another language: it is a template with values."""

from __future__ import annotations

import ast
import copy
import json
import re
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
COMMAND = re.compile(r"g-copilot-proxy [a-z ]+$")
COMMAND_LINE = {"probe", "probe_run.py", "demo.py", "smoke.py", "start_newest.py"}
"""What the command line alone prints."""


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


PEOPLES_ROOMS = (
    "app",
    "auth",
    "clients",
    "config",
    "discovery",
    "doctor",
    "storage",
    "upstream",
    "usage",
)
"""Rooms whose errors the window shows. Those of the others go to tools, which get them in English."""
SHOWN_HEADINGS = (*PEOPLES_ROOMS, "canonical", "copilot_facts", "dialects", "routing", "server")
"""Rooms whose errors' titles are shown: Activity says them of a request that failed."""


MODULES = {
    path.relative_to(CORE): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(CORE.rglob("*.py"))
    if path.relative_to(CORE).parts[0] not in ("cli", "simulator")
}


def trees(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path, tree in MODULES.items():
        if path.parts[0] == room and not COMMAND_LINE & set(path.parts):
            yield path, tree


def error_names() -> frozenset[str]:
    """Every exception that is a ProxyError or a KeychainFailed, by its class's name."""
    bases: dict[str, set[str]] = {}
    for tree in MODULES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                named = {ast.unparse(each).rpartition(".")[2] for each in node.bases}
                bases.setdefault(node.name, set()).update(named)
    found = {"ProxyError", "KeychainFailed"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return frozenset(found)


ERRORS = error_names()


class Sentences:
    """Finds what of a module reaches a person without being translatable."""

    def __init__(self, tree: ast.Module) -> None:
        self._nodes = tuple(ast.walk(tree))
        self._calls = [each for each in self._nodes if isinstance(each, ast.Call)]
        self._functions = {
            each.name: each for each in self._nodes if isinstance(each, ast.FunctionDef)
        }
        self._texts: dict[str, list[ast.expr]] = {}
        for each in self._nodes:
            if isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name):
                self._texts.setdefault(each.targets[0].id, []).append(each.value)
            elif (
                isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name) and each.value
            ):
                self._texts.setdefault(each.target.id, []).append(each.value)

    def of_problems(self) -> Iterator[ast.expr]:
        """Literals and f-strings handed to what words something for a person."""
        for call in self._calls:
            if (name := _called(call)) in WORDED:
                yield from self._bare(*call.args[: WORDED[name]])
                yield from self._bare(*(k.value for k in call.keywords if k.arg not in NOT_WORDED))

    def of_errors(self) -> Iterator[ast.expr]:
        """The message of an error that is made here, and the words inside a translatable text."""
        for call in self._calls:
            if _called(call) in ERRORS or (
                ast.unparse(call.func) == "super().__init__" and self._makes_an_error(call)
            ):
                yield from self._bare(*call.args[:1])
            elif _called(call) == "translatable":
                yield from (each for k in call.keywords for each in self._words(k.value))

    def of_headings(self) -> Iterator[ast.expr]:
        """Titles of errors: of a class, ``title=``, and the last of an ``Outcome``."""
        for call in self._calls:
            if _called(call) == "Outcome":
                yield from self._bare(*call.args[-1:])
            yield from self._bare(*(k.value for k in call.keywords if k.arg == "title"))
        for each in self._nodes:
            if isinstance(each, ast.ClassDef) and each.name in ERRORS:
                for line in each.body:
                    if isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
                        target = line.targets[0] if isinstance(line, ast.Assign) else line.target
                        if ast.unparse(target) == "title":
                            yield from self._bare(line.value)

    def of_notes(self) -> Iterator[ast.expr]:
        """What Activity tells of a request besides: ``notes=`` and why a call is an agent's."""
        for call in self._calls:
            for keyword in call.keywords:
                if keyword.arg in ("note", "notes"):
                    inside = [
                        each for each in ast.walk(keyword.value) if isinstance(each, ast.Tuple)
                    ]
                    yield from self._bare(*(inner for each in inside for inner in each.elts))
        for signs in self._nodes:
            if isinstance(signs, ast.AnnAssign) and "Sign," in ast.unparse(signs.annotation):
                for name in ast.walk(signs):
                    if isinstance(name, ast.Name) and name.id in self._functions:
                        yield from self._bare(ast.Call(name, [], []))

    def quoting_errors(self) -> Iterator[ast.expr]:
        """``error.message`` of a caught ProxyError outside the log: ``said`` is for people."""
        for handler in self._nodes:
            if not isinstance(handler, ast.ExceptHandler) or handler.type is None:
                continue
            kinds = {
                each.rpartition(".")[2]
                for each in ast.unparse(handler.type).strip("()").split(", ")
            }
            if not kinds & (ERRORS - {"KeychainFailed"}):
                continue
            logged = {
                id(inner)
                for call in ast.walk(handler)
                if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("log.")
                for inner in ast.walk(call)
            }
            for each in ast.walk(handler):
                is_message = isinstance(each, ast.Attribute) and each.attr == "message"
                if (
                    is_message
                    and ast.unparse(each.value) == handler.name
                    and id(each) not in logged
                ):
                    yield each

    def _makes_an_error(self, call: ast.Call) -> bool:
        return any(
            isinstance(each, ast.ClassDef) and each.name in ERRORS and call in ast.walk(each)
            for each in self._nodes
        )

    def _bare(self, *shown: ast.expr, seen: frozenset[str] = frozenset()) -> Iterator[ast.expr]:
        for each in shown:
            match each:
                case ast.IfExp(body=one, orelse=other):
                    yield from self._bare(one, other, seen=seen)
                case ast.BoolOp(values=values):
                    yield from self._bare(*values, seen=seen)
                case ast.BinOp(left=one, right=other):
                    yield from self._bare(one, other, seen=seen)
                case ast.JoinedStr() | ast.Constant(value=str()):
                    if not (isinstance(each, ast.Constant) and each.value == ""):
                        yield each
                case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()))):
                    yield each  # "…".format(), which makes a plain string
                case ast.Name(id=name) if name not in seen:
                    yield from self._bare(*self._texts.get(name, ()), seen=seen | {name})
                case ast.Call(func=ast.Name(id=name)) if (
                    name in self._functions and name not in seen
                ):
                    returned = [
                        line.value
                        for line in ast.walk(self._functions[name])
                        if isinstance(line, ast.Return) and line.value is not None
                    ]
                    yield from self._bare(*returned, seen=seen | {name})

    def _words(self, value: ast.expr) -> Iterator[ast.expr]:
        """Words of ours among the values of a translatable text: names and figures are not."""
        for each in self._bare(value):
            parts = each.values if isinstance(each, ast.JoinedStr) else [each]
            said = " ".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
            if re.search(r"[a-z]{2,} [a-z]{2,}", said) and not COMMAND.match(said):
                yield each


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_a_bare_sentence_is_noticed() -> None:
    wrong = ast.parse(
        "Problem(f'{x} is gone', message='a' if x else b, code='gone'); ok(t('a'))\n"
        "class Lost(ProxyError):\n    title = 'It is lost'\n"
        "    def __init__(self, x):\n        super().__init__(f'{x} is lost')\n"
        "def why():\n    return 'the disk is full'\n"
        "text = 'It is late.'\n"
        "raise BadRequest(text, title='Late') from None\n"
        "raise BadRequest(why())\n"
        "raise BadRequest('{} is odd'.format(1))\n"
        "raise BadRequest(translatable('{a}', a='the old file'), title=translatable('Late'))\n"
        "Call(notes=(*before, f'{x} was left out'))\n"
        "def sign():\n    return 'a subagent' if x else ''\n_SIGNS: tuple[Sign, ...] = (sign,)\n"
        "try:\n    pass\nexcept BadRequest as error:\n"
        "    log.info(error.message)\n    show(error.message)\n"
    )
    names = ("of_problems", "of_errors", "of_headings", "of_notes", "quoting_errors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(globals(), "ERRORS", ERRORS | {"Lost"})
        found = {
            name: [ast.unparse(e) for e in getattr(Sentences(wrong), name)()] for name in names
        }
    assert found == {
        "of_problems": ["f'{x} is gone'", "'a'"],
        "of_errors": [
            "'It is late.'",
            "'the disk is full'",
            "'{} is odd'.format(1)",
            "'the old file'",
            "f'{x} is lost'",
        ],
        "of_headings": ["'Late'", "'It is lost'"],
        "of_notes": ["f'{x} was left out'", "'a subagent'"],
        "quoting_errors": ["error.message"],
    }


def told(path: Path, found: Iterator[ast.expr]) -> list[str]:
    return [f"{path}:{each.lineno}: {ast.unparse(each)}" for each in found]


@pytest.mark.parametrize("room", PEOPLES_ROOMS)
def test_no_problem_finding_or_error_is_worded_as_a_bare_string(room: str) -> None:
    wrong = []
    for path, tree in trees(room):
        sentences = Sentences(tree)
        wrong += told(path, sentences.of_problems())
        wrong += told(path, sentences.of_errors())
        wrong += told(path, sentences.quoting_errors())
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("room", SHOWN_HEADINGS)
def test_no_heading_of_an_error_or_note_of_a_request_is_a_bare_string(room: str) -> None:
    wrong = [each for path, tree in trees(room) for each in told(path, Sentences(tree).of_notes())]
    wrong += [
        each for path, tree in trees(room) for each in told(path, Sentences(tree).of_headings())
    ]
    assert not wrong, "\n".join(wrong)
