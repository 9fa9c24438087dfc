"""Writes the outputs of all golden cases anew: ``python -m tests.golden.regenerate``."""

from __future__ import annotations

from tests.golden.cases import request_cases, request_outputs, stream_cases, stream_outputs


def main() -> None:
    for cases, outputs in ((stream_cases(), stream_outputs), (request_cases(), request_outputs)):
        for case in cases:
            for name, content in outputs(case).items():
                (case / name).write_bytes(content)


if __name__ == "__main__":
    main()
