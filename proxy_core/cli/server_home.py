"""The home of the server that runs: the user's own, or a demo's."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from proxy_core.errors import ProxyError

_LOOK_SECONDS = 5.0


def server_environment(environ: Mapping[str, str], *, demo: bool) -> Mapping[str, str]:
    """Return ``environ`` with the home of the server that runs, and say so where it is a demo's.

    Raises ProxyError where a demo was asked for and none runs.
    """
    from proxy_core.discovery.running_demo import environment_in_use

    found = environment_in_use(environ, demo=demo, seconds=_LOOK_SECONDS)
    if found is None:
        raise ProxyError(
            "No demo runs. Start one: g-copilot-proxy serve --demo.", code="not_running"
        )
    if found is not environ:
        print("g-copilot-proxy: this is about the demo that runs.", file=sys.stderr)
    return found
