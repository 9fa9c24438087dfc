"""Coverage-guided bytes into every reader and parser that meets bytes of others.

    pip install atheris
    python -m tests.fuzz.parsers --seconds 300
    python -m tests.fuzz.parsers --only request-openai_chat finding.bin

Begins with the golden streams and requests. atheris writes the bytes of a finding into a file, which
given as an argument shows it again. Its wheels exist for CPython 3.11 to 3.13 on Linux.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("atheris is not installed: pip install atheris (CPython 3.11 to 3.13 on Linux)")

with atheris.instrument_imports(include=["proxy_core"]):
    from tests.fuzz.targets import TARGETS, corpus


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--only", choices=sorted(TARGETS), default=None)
    parser.add_argument("findings", nargs="*", type=Path)
    parsed = parser.parse_args()
    targets = [TARGETS[name] for name in ([parsed.only] if parsed.only else sorted(TARGETS))]

    def one_input(data: bytes) -> None:
        # The first byte chooses: one run explores all of them.
        if data:
            targets[data[0] % len(targets)](data[1:])

    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(corpus()):
            for index in range(len(targets)):
                (Path(folder) / f"{number}-{index}").write_bytes(bytes((index,)) + content)
        given = [str(each) for each in parsed.findings] or [
            folder,
            f"-max_total_time={parsed.seconds}",
            "-max_len=20000",
        ]
        atheris.Setup([sys.argv[0], *given], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
