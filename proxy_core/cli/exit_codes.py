"""What the commands share: exit codes, the key's environment variable, error output."""

from __future__ import annotations

import argparse
import json
import sys
from typing import NoReturn

from proxy_core.config.overrides import WORLD_VARIABLE
from proxy_core.errors import BadRequest, ErrorKind, ProxyError

DONE, FAILED, USAGE, SIGNED_OUT, IN_PART, INTERRUPTED = 0, 1, 2, 3, 4, 130
READER_LEFT = 141
"""As after SIGPIPE in a shell: the output was not read completely."""

KEY_VARIABLE = "G_COPILOT_PROXY_KEY"

_OTHER_PORT = " Choose another with --port, 0 for any free one."
_USAGE_CODES = ("port_in_use", "port_forbidden", "cannot_listen")


class CommandParser(argparse.ArgumentParser):
    """Says also to a program what is wrong with its arguments."""

    _for_a_program = False

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]
        self._for_a_program |= "--json" in (sys.argv[1:] if args is None else args)
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for below in action.choices.values():  # it is given what follows its name alone
                    below._for_a_program = self._for_a_program
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        if self._for_a_program:
            details = {"code": "usage", "title": BadRequest.title, "message": message}
            print(json.dumps({"error": details}, indent=2))
        super().error(message)


def environment_of_demo(parsed: argparse.Namespace) -> dict[str, str]:
    """Return what the options add to the environment: the world a demo simulates."""
    return {} if parsed.world is None else {WORLD_VARIABLE: parsed.world}


def complain(error: ProxyError, *, as_json: bool = False) -> int:
    """Print ``error`` on stderr for a person, or as JSON on stdout; return its exit code."""
    step = _OTHER_PORT if error.code == "port_in_use" else ""
    print(f"g-copilot-proxy: {error.message}{step}", file=sys.stderr)
    if as_json:
        code = error.code or error.kind.value
        details = {"code": code, "title": error.title, "message": error.message}
        print(json.dumps({"error": details}, indent=2))
    if error.kind is ErrorKind.SIGNED_OUT:
        return SIGNED_OUT
    is_usage = error.kind is ErrorKind.INVALID_REQUEST or error.code in _USAGE_CODES
    return USAGE if is_usage else FAILED
