"""Break the dialects in one line at a time and count how often the tests notice.

    python -m tests.mutation.sample_mutations [--count 200] [--seed 1] [--processes 2] [--only PART]

Works in copies of the tree; each mutant gets the tests of the dialect it touches, until the first
that fails, or until its time is over (a program that hangs was noticed too). Needs ``fork``.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.context import ForkProcess
from pathlib import Path

from tests.mutation.mutations import Mutation, mutations

ROOT = Path(__file__).resolve().parents[2]
DIALECTS = Path("proxy_core/dialects")
OWN_TESTS = {
    "anthropic_messages": ["tests/unit/dialects/anthropic_messages"],
    "openai_chat": ["tests/unit/dialects/openai_chat"],
    "openai_responses": ["tests/unit/dialects/responses"],
}
ALL_OWN = [each for tests in OWN_TESTS.values() for each in tests]
OF_EVERY_DIALECT = ["tests/golden", "tests/property"]
ABOUT_OTHER_THINGS = [
    # They cut bytes: the decoder's matter, not a dialect's.
    "tests/golden/test_golden.py::test_a_stream_cut_after_every_byte",
    "tests/golden/test_golden.py::test_a_stream_cut_at_random",
]
SECONDS = 240.0
NOT_CODE = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", ".hypothesis")


@dataclass(frozen=True, slots=True)
class Mutant:
    path: Path
    mutation: Mutation
    line: str

    def __str__(self) -> str:
        line = self.line.strip()
        to = " ".join(self.mutation.replacement.split())
        return f"{self.path}:{self.mutation.line} {self.mutation.kind}: {line}  =>  {to[:100]}"

    def tests(self) -> list[str]:
        package = self.path.relative_to(DIALECTS).parts[0]
        shared = sorted(
            str(path.relative_to(ROOT)) for path in (ROOT / "tests/unit/dialects").glob("test_*.py")
        )
        return [*OWN_TESTS.get(package, ALL_OWN), *shared, *OF_EVERY_DIALECT]


@dataclass
class Run:
    mutant: Mutant
    copy: Path
    process: ForkProcess
    original: bytes
    deadline: float


@dataclass
class Score:
    noticed: int = 0
    survivors: list[Mutant] = field(default_factory=list)

    def __str__(self) -> str:
        total = self.noticed + len(self.survivors)
        return f"{self.noticed} of {total} noticed: {100 * self.noticed / total:.1f} %"


def sample(count: int, seed: int, only: str) -> list[Mutant]:
    paths = sorted(path.relative_to(ROOT) for path in (ROOT / DIALECTS).rglob("*.py"))
    every = []
    for path in paths:
        if only in str(path) and path.name != "interface.py":
            source = (ROOT / path).read_bytes()
            lines = source.decode().splitlines()
            found = mutations(source)
            every += [Mutant(path, each, lines[each.line - 1]) for each in found]
    return random.Random(seed).sample(every, min(count, len(every)))


def run_tests(copy: Path, tests: list[str]) -> None:
    """The forked process: everything of the product and the tests is imported anew, from ``copy``."""
    os.chdir(copy)
    sys.path[:] = [str(copy), *(each for each in sys.path if Path(each or ".").resolve() != ROOT)]
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "proxy_core")]:
        del sys.modules[name]
    os.environ["PROPERTY_PROFILE"] = "sampler"
    out = os.open("output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    import pytest

    options = ["-x", "-q", "-p", "no:cacheprovider"]
    options += [f"--deselect={each}" for each in ABOUT_OTHER_THINGS]
    # The libraries are imported before pytest starts: that is the point, and worth no warning.
    options += ["-W", "ignore:Module already imported:pytest.PytestAssertRewriteWarning"]
    os._exit(pytest.main([*options, *tests]))


@contextlib.contextmanager
def copies(count: int) -> Iterator[list[Path]]:
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        made = []
        for number in range(count):
            beside = Path(folder, str(number))
            copy = beside / "tree"
            shutil.copytree(ROOT, copy, ignore=NOT_CODE, symlinks=True)
            if (ROOT.parent / "shared").exists():
                (beside / "shared").symlink_to((ROOT.parent / "shared").resolve())
            made.append(copy)
        yield made


def start(mutant: Mutant, copy: Path) -> Run:
    path = copy / mutant.path
    original = path.read_bytes()
    path.write_bytes(mutant.mutation.apply(original))
    process = multiprocessing.get_context("fork").Process(
        target=run_tests, args=(copy, mutant.tests())
    )
    process.start()
    return Run(mutant, copy, process, original, time.monotonic() + SECONDS)


def finish(run: Run) -> bool:
    """Return whether the tests noticed; the copy is as it was."""
    if run.process.exitcode is None:
        run.process.kill()
    run.process.join()
    path = run.copy / run.mutant.path
    path.write_bytes(run.original)
    shutil.copystat(ROOT / run.mutant.path, path)
    return run.process.exitcode != 0


def judge(mutants: list[Mutant], processes: int) -> Score:
    score = Score()
    waiting = list(reversed(mutants))
    with copies(processes) as free:
        running: list[Run] = []
        while waiting or running:
            while waiting and free:
                running.append(start(waiting.pop(), free.pop()))
            sentinels = [run.process.sentinel for run in running]
            multiprocessing.connection.wait(sentinels, timeout=1.0)
            for run in list(running):
                if run.process.exitcode is None and time.monotonic() < run.deadline:
                    continue
                running.remove(run)
                free.append(run.copy)
                if finish(run):
                    score.noticed += 1
                else:
                    score.survivors.append(run.mutant)
                    print(f"survived  {run.mutant}", flush=True)
    return score


def check_unbroken() -> None:
    """A tree whose tests fail anyway would notice everything."""
    with copies(1) as (copy,):
        tests = [*ALL_OWN, *OF_EVERY_DIALECT]
        process = multiprocessing.get_context("fork").Process(target=run_tests, args=(copy, tests))
        process.start()
        process.join()
        if process.exitcode != 0:
            sys.exit((copy / "output.txt").read_text())


def import_libraries() -> None:
    """What takes long to import and is never mutated; the forked processes have it."""
    import aiohttp  # noqa: F401
    import anthropic.types.beta  # noqa: F401
    import hypothesis.strategies  # noqa: F401
    import msgspec  # noqa: F401
    import openai.types.responses  # noqa: F401
    import pytest  # noqa: F401


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, choices=(1, 2), default=2)
    parser.add_argument("--only", default="", help="only files whose path contains this")
    parser.add_argument("--list", action="store_true", help="name the mutants and run nothing")
    options = parser.parse_args()
    mutants = sample(options.count, options.seed, options.only)
    if options.list:
        print(*mutants, sep="\n")
        return
    import_libraries()
    check_unbroken()
    print(judge(mutants, options.processes))


if __name__ == "__main__":
    main()
