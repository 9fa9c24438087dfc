"""The long form of the backends' agreement: ``python -m tests.integration.backends``.

Generated conversations (240) and every fault of the simulator through both backends, each difference
printed; with ``--sdks`` also all tests of the vendors' SDKs, through ``--backend``. Needs Node and
pi-ai: ``python -m tests.independent_clients.install``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from proxy_core.config.settings import BackendName
from tests.integration.backends.agreement import (
    both_backends,
    differences,
    faults_that_differ,
    loops_that_differ,
)
from tests.integration.backends.conversations import FAULTS, PATHS, generated
from tests.integration.backends.installed import MISSING

SDK_TESTS = "tests/integration/server/sdks"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.integration.backends", description=__doc__
    )
    parser.add_argument("--conversations", type=int, default=240)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sdks", action="store_true", help="the vendors' SDKs too")
    parser.add_argument("--backend", choices=[each.value for each in BackendName], default="pi_ai")
    parsed = parser.parse_args()
    if MISSING is not None:
        print(MISSING, file=sys.stderr)
        return 1
    code = asyncio.run(compare(parsed.conversations, parsed.seed))
    if parsed.sdks:
        environ = {**os.environ, "TEST_BACKEND": parsed.backend}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SDK_TESTS]
        code = subprocess.call(command, env=environ) or code
    return code


async def compare(count: int, seed: int) -> int:
    different = 0
    with tempfile.TemporaryDirectory() as home:
        async with both_backends(Path(home)) as sides:
            for said in generated(count, seed):
                for found in await differences(sides, said, streamed=said.number % 2 == 0):
                    different += 1
                    print(str(found)[:600], flush=True)
            for dialect in PATHS:
                for found in await loops_that_differ(sides, dialect):
                    different += 1
                    print(str(found)[:600], flush=True)
            for fault in FAULTS:
                for found in await faults_that_differ(sides, fault):
                    different += 1
                    print(str(found)[:600], flush=True)
    print(f"{count} conversations, {len(FAULTS)} faults, {different} differences")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
