"""One tool in one session: a task, another model, a new proxy, a picture, a shorter past, and back.

After each scene it is looked at from upstream's side what really arrived there: the model, the past of
the session, the picture.
"""

from __future__ import annotations

import json
import secrets
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proxy_core.clients.catalogue import TOOLS
from tests.agents.connected.installed import install
from tests.agents.connected.proxy import RunningProxy
from tests.agents.connected.session import Session
from tests.agents.connected.tool import AnyTool, ConnectedTool, Scene, Turn

FILLERS = 12
FILLER = "This line is only here to make the session longer, and there are many like it.\n"
FILLER_LINES = 1_300
"""About a hundred thousand characters: an argument may have 128 KiB."""
_PICTURE_MARKS = ('"image_url"', '"input_image"', '"type":"image"', '"type": "image"')


class Missing(Exception):
    """Something was not as promised; the words say what."""


@dataclass
class Outcome:
    """``problems`` is by scene, without those that went well; ``tried`` are all that were tried."""

    tool: AnyTool
    models: tuple[str, str]
    requests: int = 0
    tried: list[Scene] = field(default_factory=list)
    problems: dict[Scene, str] = field(default_factory=dict)
    left: str = ""
    """What was not as before when all was over; empty: it was, byte for byte."""

    def works(self, scene: Scene) -> bool:
        return scene in self.tried and scene not in self.problems

    @property
    def is_right(self) -> bool:
        return not self.problems and not self.left


class Person:
    """Somebody who has one tool, uses it through the proxy and then no longer."""

    def __init__(self, tool: AnyTool, proxy: RunningProxy, folder: Path) -> None:
        self.tool = tool
        self.proxy = proxy
        self.home, self.work = folder / "home", folder / "work"
        self.session = Session(tool, self.home, self.work)
        self.words: list[str] = []
        self.written: list[Path] = []
        self.ours: dict[Path, bytes] = {}
        self.touched: set[Path] = set()
        self.requests: list[dict[str, Any]] = []
        self._last = max((each["at"] for each in proxy.received()), default=0.0)

    def moves_in(self) -> None:
        for each in (self.home, self.work):
            each.mkdir(parents=True)
        for name, text in self.tool.existing.items():
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    def connects(self, model: str) -> None:
        self.notice_touched()
        code, done = self.proxy.command(self.home, "connect", self.tool.app_id, "--model", model)
        if code or not done.get("connected"):
            raise Missing(f"connect: {done}")
        self.written = list(dict.fromkeys([*self.written, *map(Path, done["written"])]))
        self.ours = {path: path.read_bytes() for path in self.written}

    def notice_touched(self) -> None:
        """The tool itself may write into its settings; what it wrote stays there."""
        for path, ours in self.ours.items():
            if not path.exists() or path.read_bytes() != ours:
                self.touched.add(path)

    def asks(self, turn: Turn) -> str:
        """Return what the tool said; ``requests`` are then what arrived upstream for it."""
        said = self.session.ask(turn)
        arrived = self.proxy.received(self._last)
        self.requests = arrived
        self._last = max((each["at"] for each in arrived), default=self._last)
        return said

    def reads_a_note(self, model: str, *, resumes: bool) -> None:
        word = "w" + secrets.token_hex(5)
        note = self.work / f"note-{len(self.words) + 1}.txt"
        note.write_text(f"secret word is: {word}\n")
        prompt = f"Read the file {note} and tell me the secret word that stands in it."
        said = self.asks(Turn(prompt, note, model, resumes))
        if f"The secret word is {word}" not in " ".join(said.split()):
            raise Missing(f"the word is missing in: {said[-1500:]}")
        self.words.append(word)
        asked = {_model_of(each) for each in self.requests}
        if model not in asked:
            raise Missing(f"upstream was asked for {', '.join(sorted(asked))}, not for {model}")

    def remembers(self, word: str) -> bool:
        return any(word in each["body"] for each in self.requests)

    @property
    def length(self) -> int:
        """How many messages or items the last request has."""
        return _length_of(self.requests[-1]) if self.requests else 0

    @property
    def tool_name(self) -> str:
        return TOOLS[self.tool.app_id].name

    def leaves(self) -> str:
        """Disconnect; say what is not as it was."""
        self.session.close()
        self.notice_touched()
        code, undone = self.proxy.command(self.home, "disconnect", self.tool.app_id)
        if code:
            return f"disconnect: {undone}"
        return next(filter(None, map(self._left_in, self.written)), "")

    def _left_in(self, path: Path) -> str:
        name = str(path.relative_to(self.home))
        before = self.tool.existing.get(name)
        after = path.read_bytes() if path.exists() else None
        if path in self.touched:
            ours = self.proxy.url.removeprefix("http://").encode()
            return f"{name} still has our address" if after and ours in after else ""
        if after != (None if before is None else before.encode()):
            return f"{name} is not what it was: {after!r}"
        return ""


def picture_of_one_colour(side: int = 32) -> bytes:
    """A PNG file."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x40\x80\xc0" * side) * side
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks)


def try_chain(
    tool: AnyTool,
    models: tuple[str, str],
    proxy: RunningProxy,
    folder: Path,
    scenes: Sequence[Scene],
) -> Outcome:
    """Try ``scenes`` in one session that begins with the first model; the tool is connected and back."""
    install(tool)
    outcome = Outcome(tool, models)
    person = Person(tool, proxy, folder)
    person.moves_in()
    acts = {
        Scene.TASK: _task,
        Scene.SWITCH: _switch,
        Scene.RESTART: _restart,
        Scene.IMAGE: _image,
        Scene.COMPACTION: _compaction,
    }
    try:
        for scene in scenes:
            if scene in tool.cannot:
                continue
            outcome.tried.append(scene)
            try:
                acts[scene](person, models, outcome)
            except Missing as missing:
                outcome.problems[scene] = str(missing)
                if scene is Scene.TASK:
                    break
    finally:
        outcome.left = person.leaves()
    return outcome


def _task(person: Person, models: tuple[str, str], outcome: Outcome) -> None:
    person.connects(models[0])
    seen = {each["request_id"] for each in person.proxy.activity()}
    person.reads_a_note(models[0], resumes=False)
    made = [each for each in person.proxy.activity() if each["request_id"] not in seen]
    outcome.requests = len(made)
    name = made[0]["client"] if made else None
    if not any(each["client"] == person.tool_name for each in made):
        raise Missing(f"its requests bear another name: {name}")
    second = models[0] == person.tool.models[1] and len(person.tool.models) == 2
    should_translate = second or person.tool.always_translated
    asked = [each for each in made if each["model"] == models[0]]
    if any(each["translated"] is not should_translate for each in asked):
        how = "passed through" if should_translate else "translated"
        raise Missing(f"{models[0]} was {how} at {asked[0]['upstream_endpoint']}")


def _switch(person: Person, models: tuple[str, str], outcome: Outcome) -> None:
    if isinstance(person.tool, ConnectedTool):
        person.connects(models[1])
    person.reads_a_note(models[1], resumes=True)
    _expect_past(person)


def _restart(person: Person, models: tuple[str, str], outcome: Outcome) -> None:
    person.proxy.restart()
    person.reads_a_note(models[1], resumes=True)
    _expect_past(person)


def _image(person: Person, models: tuple[str, str], outcome: Outcome) -> None:
    picture = person.work / "picture.png"
    picture.write_bytes(picture_of_one_colour())
    resumes = Scene.SWITCH not in person.tool.cannot
    model = models[1] if resumes else models[0]
    word = "p" + secrets.token_hex(5)
    prompt = f"Repeat exactly the following text and nothing else: {word}"
    if person.tool.reads_pictures:
        prompt, word = f"Read the file {picture}", "answer"
    said = person.asks(Turn(prompt, picture, model, resumes, image=picture))
    if word not in said:
        raise Missing(f"the word is missing in: {said[-1500:]}")
    if not any(mark in each["body"] for each in person.requests for mark in _PICTURE_MARKS):
        raise Missing("no picture arrived upstream")


def _compaction(person: Person, models: tuple[str, str], outcome: Outcome) -> None:
    """Afterwards what is sent has fewer messages than before, and the tool goes on."""
    note = person.work / "none.txt"
    before, said = person.length, ""
    if person.tool.fills:
        for number in range(FILLERS):
            words = f"Say hello, number {number}.\n\n" + FILLER * FILLER_LINES
            said = person.asks(Turn(words, note, models[1], resumes=True))
            if person.length < before:
                break
            before = person.length
    else:
        said = person.asks(Turn("", note, models[1], resumes=True, compacts=True))
    person.reads_a_note(models[1], resumes=True)
    if person.length >= before:
        raise Missing(f"it was not compacted: {said[-1500:]}")


def _expect_past(person: Person) -> None:
    if not person.remembers(person.words[0]):
        raise Missing("what was said before is not in the session any more")


def _model_of(request: dict[str, Any]) -> str:
    return str(_read(request).get("model"))


def _length_of(request: dict[str, Any]) -> int:
    body = _read(request)
    return len(body.get("messages") or body.get("input") or ())


def _read(request: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(request["body"] or "{}")
    return body


def all_scenes(chosen: Iterable[str]) -> Iterator[Scene]:
    """The scenes named, in their order; all where none is named. The task is always first."""
    wanted = set(chosen)
    for scene in Scene:
        if not wanted or scene is Scene.TASK or scene.name.lower() in wanted:
            yield scene
