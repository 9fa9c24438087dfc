"""``g-copilot-proxy backend``: what carries calls to models, and the library that pi_ai needs."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from typing import Any

from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.config.paths import find_paths
from proxy_core.config.settings_store import open_settings
from proxy_core.status.logging import set_up_logging
from proxy_core.upstream.backends.pi_ai.failures import BackendUnavailable
from proxy_core.upstream.backends.pi_ai.install import install, remove
from proxy_core.upstream.backends.pi_ai.loading import check_loads
from proxy_core.upstream.backends.pi_ai.node import find_installation, find_node, fitting_version


def backend(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Raises ProxyError where the library cannot be installed."""
    paths = find_paths(environ)
    set_up_logging(paths)
    settings = open_settings(paths).settings.upstream
    root = paths.backends
    match parsed.action:
        case "install":
            node = asyncio.run(find_node(settings.node_path, environ))
            if not parsed.json:
                print(f"Installing pi-ai {fitting_version(node)} into {root} ...", flush=True)
            found = asyncio.run(install(node, root, environ))
            said = {"installed": found.version, "node": found.node.words, "folder": str(root)}
            words = f"pi-ai {found.version} is ready on Node.js {found.node.words}."
            return _say(said, words, parsed)
        case "remove":
            removed = remove(root)
            words = f"Removed pi-ai {', '.join(removed)}." if removed else "Nothing was installed."
            return _say({"removed": list(removed)}, words, parsed)
    report: dict[str, Any] = {
        "backend": settings.backend.value,
        "model_backends": {model: each.value for model, each in settings.model_backends.items()},
    }
    words = f"Calls to models are carried by: {settings.backend.value}"
    for model, each in settings.model_backends.items():
        words += f"\n  {model}: {each.value}"
    try:
        node = asyncio.run(find_node(settings.node_path, environ))
        ready = find_installation(node, root)
        asyncio.run(check_loads(ready, environ))
    except BackendUnavailable as error:
        report["pi_ai"] = {"ready": False, "problem": error.message}
        _say(report, f"{words}\npi_ai: not ready. {error.message}", parsed)
        needed = "pi_ai" in (settings.backend.value, *report["model_backends"].values())
        return FAILED if needed else DONE
    report["pi_ai"] = {"ready": True, "version": ready.version, "node": ready.node.words}
    return _say(
        report,
        f"{words}\npi_ai: ready, pi-ai {ready.version} on Node.js {ready.node.words}",
        parsed,
    )


def _say(said: Mapping[str, Any], words: str, parsed: argparse.Namespace) -> int:
    print(json.dumps(said, indent=2) if parsed.json else words)
    return DONE
