"""Reads a Containerfile's steps: the subset that ours uses, and a refusal of everything else."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, field

FORMS = ("FROM", "RUN", "COPY", "ENV", "WORKDIR", "VOLUME", "USER", "EXPOSE", "STOPSIGNAL")
FORMS += ("HEALTHCHECK", "ENTRYPOINT", "CMD")


class NotReadable(Exception):
    """The file holds a step, or a form of one, that is not read here."""


@dataclass(frozen=True)
class Image:
    """What the file says of the image; ``build`` holds the RUN and COPY steps in their order."""

    base: str
    build: tuple[tuple[str, str], ...]
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    volumes: tuple[str, ...] = ()
    user: str = "0:0"
    ports: tuple[int, ...] = ()
    stop_signal: str = "SIGTERM"
    health: tuple[str, ...] = ()
    command: tuple[str, ...] = ()


def read_image(text: str) -> Image:
    """Raises NotReadable."""
    single: dict[str, str] = {}
    build: list[tuple[str, str]] = []
    environment: dict[str, str] = {}
    for name, rest in steps(text):
        if name in ("RUN", "COPY"):
            build.append((name, rest))
        elif name == "ENV":
            variable, _, value = rest.partition("=")
            environment[variable] = value
        elif name in single:
            raise NotReadable(f"{name} is there twice")
        else:
            single[name] = rest
    if "FROM" not in single:
        raise NotReadable("there is no FROM")
    options, _, check = single.get("HEALTHCHECK", "CMD []").partition("CMD ")
    if any(not each.startswith("--") for each in options.split()):
        raise NotReadable(f"HEALTHCHECK {options}")
    return Image(
        base=single["FROM"],
        build=tuple(build),
        environment=environment,
        folder=single.get("WORKDIR", "/"),
        volumes=tuple(single.get("VOLUME", "").split()),
        user=single.get("USER", "0:0"),
        ports=tuple(int(each) for each in single.get("EXPOSE", "").split()),
        stop_signal=single.get("STOPSIGNAL", "SIGTERM"),
        health=_words(check),
        command=(*_words(single.get("ENTRYPOINT", "[]")), *_words(single.get("CMD", "[]"))),
    )


def steps(text: str) -> list[tuple[str, str]]:
    """Return each step's name and the rest of it, on one line. Raises NotReadable."""
    plain = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = plain.replace("\\\n", " ")
    found = []
    for line in filter(None, map(str.strip, joined.splitlines())):
        name, _, rest = line.partition(" ")
        if name not in FORMS:
            raise NotReadable(f"no step {name} is known")
        found.append((name, " ".join(rest.split()) if name == "RUN" else rest.strip()))
    return found


def copied(rest: str) -> tuple[list[str], str]:
    """Return a COPY's sources and its target. Raises NotReadable for options."""
    *sources, target = shlex.split(rest)
    if any(each.startswith("--") for each in sources):
        raise NotReadable(f"COPY {rest}")
    return sources, target


def _words(text: str) -> tuple[str, ...]:
    try:
        words = json.loads(text)
    except ValueError as error:
        raise NotReadable(f"not in the exec form: {text}") from error
    if not isinstance(words, list) or not all(isinstance(each, str) for each in words):
        raise NotReadable(f"not in the exec form: {text}")
    return tuple(words)
