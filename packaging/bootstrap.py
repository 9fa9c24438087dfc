#!/usr/bin/env python3
"""From a fresh clone to a running app or a test report, with nothing but Python.

    python3 packaging/bootstrap.py run [arguments of g-copilot-proxy]
    python3 packaging/bootstrap.py test [arguments of pytest]
    python3 packaging/bootstrap.py check
    python3 packaging/bootstrap.py agents [--profile NAME | --all-profiles] [--world DATE | --all-worlds]
                                           [name ...]
    python3 packaging/bootstrap.py honesty

Any Python since 2.7 can read this file, so that one that is too old is told so in a sentence; the work
is in ``set_up.py``, which only a new one reads.
"""

import os
import runpy
import sys

OLDEST_PYTHON = (3, 11)


def main():  # type: ignore[no-untyped-def] # Python 2 knows no annotations
    """Run ``set_up.py``, or say which Python it needs and return 1."""
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(number) for number in sys.version_info[:3])
        needed = ".".join(str(number) for number in OLDEST_PYTHON)
        sys.stderr.write(
            "bootstrap: This is Python "
            + found
            + " ("
            + sys.executable
            + "); g-copilot-proxy needs "
            + needed
            + " or newer. Install one from your system's packages or python.org, then call it "
            "by its name: python" + needed + " packaging/bootstrap.py run\n"
        )
        return 1
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - Python 2 has no pathlib
    runpy.run_path(os.path.join(here, "set_up.py"), run_name="__main__")  # noqa: PTH118
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while the work was still being loaded
        sys.exit(130)
