"""What a start imports before the first answer: a rise is seen as a number of modules, not as time."""

from __future__ import annotations

import subprocess
import sys

LOADED = """
import ssl, sys
from proxy_core.cli import main
main._command(main.build_parser().parse_args(["serve"]))
import aiohttp.connector
own = [each for each in sys.modules if each.startswith("proxy_core.")]
late = ("openai_chat", "anthropic_messages", "openai_responses", "vendor_rules")
parts = [each.split(".") for each in own]
found = [each for each in parts if each[1] == "dialects" and len(each) > 2 and each[2] in late]
found += [each for each in ("request", "events") if f"proxy_core.canonical.{each}" in sys.modules]
upstream = ("assembly", "backends", "calls", "catalog", "transport")
found += [each for each in parts if each[1] == "upstream" and len(each) > 2 and each[2] in upstream]
libraries = ("tarfile", "tuf", "tomlkit", "truststore", "keyring", "zstandard", "yaml")
contexts = [each for each in vars(aiohttp.connector).values() if isinstance(each, ssl.SSLContext)]
found += [each for context in contexts for each in context.get_ca_certs()]
values = {
    each
    for name in own
    for each in vars(sys.modules[name]).values()
    if hasattr(each, "__dataclass_fields__") and each.__module__ == name
}
print(len(own), len(values), found + [each for each in libraries if each in sys.modules])
"""


def test_a_server_answers_without_dialects_upstream_and_what_updates_need() -> None:
    run = [sys.executable, "-c", LOADED]
    shown = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    count, values, late = shown.split(" ", 2)
    assert late.strip() == "[]"
    assert int(count) <= 195, f"{count} of our modules are loaded before the first answer"
    # Half a millisecond each, where a Struct of msgspec takes a hundredth.
    assert int(values) <= 62, f"{values} data classes are made before the first answer"
