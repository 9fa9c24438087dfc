"""``g-copilot-proxy keys``: keys for single clients. A running server applies every change at once."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from proxy_core.auth.client_keys import ClientKey, ClientKeys
from proxy_core.cli.exit_codes import DONE, FAILED
from proxy_core.config.paths import find_paths
from proxy_core.status.logging import set_up_logging


def keys(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    paths = find_paths(environ)
    set_up_logging(paths, screen=sys.stderr)
    keys = ClientKeys(paths.client_keys_file, time.time)
    match parsed.action:
        case "add":
            return _add(keys, parsed.name, as_json=parsed.json)
        case "revoke":
            return _revoke(keys, parsed.key_id, as_json=parsed.json)
    return _list(keys, as_json=parsed.json)


def _list(keys: ClientKeys, *, as_json: bool) -> int:
    found = keys.listed()
    if as_json:
        print(json.dumps({"keys": [asdict(each) for each in found]}, indent=2))
    elif not found:
        print("There are no keys for single clients. Make one: g-copilot-proxy keys add NAME")
    else:
        width = max(len(each.name) for each in found)
        for each in found:
            print(f"{each.key_id}  {each.name:<{width}}  ...{each.ending}  {_times(each)}")
    return DONE


def _times(key: ClientKey) -> str:
    used = "never used" if key.last_used_at is None else f"last used {_shown(key.last_used_at)}"
    return f"made {_shown(key.made_at)}, {used}"


def _shown(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M}"


def _add(keys: ClientKeys, name: str, *, as_json: bool) -> int:
    made = keys.make(name)
    if as_json:
        print(json.dumps({"key": made.key, **asdict(made.client_key)}, indent=2))
        return DONE
    # Only the key on stdout, so that it can be piped.
    print(made.key)
    print("Keep it now: it cannot be shown again.", file=sys.stderr)
    return DONE


def _revoke(keys: ClientKeys, key_id: str, *, as_json: bool) -> int:
    by_name = [each.key_id for each in keys.listed() if each.name.casefold() == key_id.casefold()]
    revoked = keys.revoke(by_name[0] if by_name else key_id)
    if as_json:
        print(json.dumps({"revoked": revoked}))
    elif revoked:
        print(f"Revoked {key_id}.")
    else:
        print(f"g-copilot-proxy: there is no key {key_id}.", file=sys.stderr)
    return DONE if revoked else FAILED
