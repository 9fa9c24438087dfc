"""What a tool is to be connected to: the server that runs, or the one the settings describe."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from proxy_core.auth.client_keys import ClientKeys
from proxy_core.canonical.model import Endpoint, Limits, Model, Prices, Supports
from proxy_core.cli.control import UNAUTHORIZED, ask_running, main_key
from proxy_core.cli.server_home import server_environment
from proxy_core.clients.connecting.assembly import make_connector
from proxy_core.clients.connecting.connector import Connector
from proxy_core.clients.location import Location, this_computer
from proxy_core.clients.shells import Shell
from proxy_core.config.paths import Paths, find_paths
from proxy_core.config.settings import Settings
from proxy_core.config.settings_store import open_settings
from proxy_core.discovery.server_client import RunningServer
from proxy_core.server.paths import CONTROL_MODELS
from proxy_core.storage.private_files import read_private
from proxy_core.upstream.catalog.parsing import parse_catalog


@dataclass(frozen=True, slots=True)
class ServerInUse:
    """``connector`` keeps its receipts in the user's own home, also where a demo runs.

    ``environ`` is the server's.
    """

    running: RunningServer
    models: tuple[Model, ...]
    settings: Settings
    key: str = field(repr=False)
    connector: Connector
    location: Location
    environ: Mapping[str, str] = field(repr=False)

    @property
    def base_url(self) -> str:
        return self.running.url

    def notes(self) -> list[str]:
        """What keeps a tool from being answered now."""
        running, warnings = self.running, []
        if running.status == UNAUTHORIZED:
            warnings.append(
                "The server was started with another key: put that one in place of this."
            )
        elif not running.is_ours and running.answers:
            warnings.append(f"Another program answers at {running.url}, not this server.")
        elif not running.is_ours:
            warnings.append("The server does not run now; start it with: g-copilot-proxy serve.")
        if not running.is_ours and self.settings.server.port == 0:
            warnings.append(
                "The port is taken anew at each start: put the one in use in place of 0."
            )
        if not self.models:
            warnings.append(
                "No list of models is known yet, so GitHub is left to choose (auto): sign in, start "
                "the server and connect again for a model of your plan."
            )
        return warnings


def find_server(parsed: argparse.Namespace, environ: Mapping[str, str]) -> ServerInUse:
    """Raises ProxyError or OSError."""
    inside = server_environment(environ, demo=getattr(parsed, "demo", False))
    paths = find_paths(inside)
    running = ask_running(inside, CONTROL_MODELS)
    location = this_computer(environ)
    if getattr(parsed, "shell", None):
        location = Location(location.home, environ, location.platform, Shell(parsed.shell))
    return ServerInUse(
        running,
        _listed(running) or _stored_models(paths),
        open_settings(paths).settings,
        main_key(paths, inside),
        make_connector(
            find_paths(environ), ClientKeys(paths.client_keys_file, time.time), location
        ),
        location,
        inside,
    )


def _listed(running: RunningServer) -> tuple[Model, ...]:
    if not running.is_ours:
        return ()
    return tuple(_model(each) for each in running.answer["models"])


def _model(each: Mapping[str, Any]) -> Model:
    """The running server may be of another version: what it does not say has its default."""
    prices = each.get("prices")
    return Model(
        each["id"],
        each["name"],
        each["vendor"],
        kind=each["kind"],
        endpoints=tuple(Endpoint(one) for one in each["endpoints"]),
        disabled_reason=each["disabled_reason"],
        in_picker=each.get("in_picker", True),
        limits=Limits(
            each.get("context_window"), each.get("max_prompt_tokens"), each.get("max_output_tokens")
        ),
        supports=Supports(
            tool_calls=each.get("tool_calls", True),
            vision=each.get("vision", False),
            reasoning_efforts=tuple(each.get("reasoning_efforts", ())),
        ),
        prices=None
        if prices is None
        else Prices(
            prices["batch_size"], prices["input"], prices["output"], prices.get("cache_read")
        ),
    )


def _stored_models(paths: Paths) -> tuple[Model, ...]:
    """Return the last list GitHub sent, if it is stored: connecting asks nobody."""
    try:
        return parse_catalog(json.loads(read_private(paths.catalog_file) or b"[]"))
    except (OSError, ValueError):
        return ()
