"""The headless commands: names, arguments and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from proxy_core import __version__
from proxy_core.app.quick_start import import_aiohttp, without_collecting
from proxy_core.cli.command_name import NAME, here
from proxy_core.cli.exit_codes import (
    DONE,
    FAILED,
    INTERRUPTED,
    KEY_VARIABLE,
    READER_LEFT,
    USAGE,
    CommandParser,
    complain,
)
from proxy_core.cli.terminal_output import guarded_output
from proxy_core.config.paths import find_paths
from proxy_core.errors import BadRequest, ProxyError

_EXIT_CODES = """\
exit codes:
  0    done
  1    it did not work; the reason is on the error output
  2    wrong usage or settings, or the port is in use
  3    nobody is signed in
  4    done in part: some of it was left as it is, and is named
  130  interrupted
  141  the reader of the output left before its end
"""

Command = Callable[[argparse.Namespace, Mapping[str, str]], int]


_WORLD_HELP = (
    "the date the simulator plays: 2026-06, 2026-08 or 2026-11 (default: all models, undated)"
)
_SMOKE_HELP = (
    "whether this installation is whole: ask the demo in every dialect, print one line and end"
)
_HOST_HELP = "address to listen on (default: the setting, 127.0.0.1)"
_PORT_HELP = "port to listen on, 0 for any free one (default: the setting, 4141)"


def build_parser() -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = CommandParser(
        prog="g-copilot-proxy",
        description="Use your own GitHub Copilot subscription from any tool that speaks the OpenAI or "
        "Anthropic API. Without a command the tray app starts.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"g-copilot-proxy {__version__}")
    parser.add_argument(
        "--demo", action="store_true", help="use a built-in simulator in place of GitHub"
    )
    parser.add_argument("--smoke", action="store_true", help=_SMOKE_HELP)
    parser.add_argument("--world", help=_WORLD_HELP)
    parser.add_argument("--host", help=_HOST_HELP)
    parser.add_argument("--port", type=_port, help=_PORT_HELP)
    commands = parser.add_subparsers(dest="command", metavar="command")

    serve = _add(commands, "serve", "serve the APIs on this computer until interrupted")
    serve.add_argument("--host", default=argparse.SUPPRESS, help=_HOST_HELP)
    serve.add_argument("--port", type=_port, default=argparse.SUPPRESS, help=_PORT_HELP)
    serve.add_argument(
        "--demo",
        action="store_true",
        default=argparse.SUPPRESS,
        help="use a built-in simulator in place of GitHub; nothing of yours is touched",
    )
    serve.add_argument("--world", default=argparse.SUPPRESS, help=_WORLD_HELP)
    serve.add_argument("--smoke", action="store_true", default=argparse.SUPPRESS, help=_SMOKE_HELP)
    key = serve.add_mutually_exclusive_group()
    key.add_argument("--no-key", action="store_true", help="do not ask clients for the local key")
    key.add_argument(
        "--key",
        help=f"the local key of this run; other users may see it in the process list, {KEY_VARIABLE} "
        "in the environment they may not",
    )

    key.add_argument(
        "--key-file",
        metavar="FILE",
        help="read the local key of this run from FILE, - for the input",
    )

    login = _add(commands, "login", "sign in to GitHub with a code; works without a screen")
    login.add_argument("--github-host", help="github.com, or your company's address in .ghe.com")
    login.add_argument(
        "--store",
        choices=("keychain", "file"),
        help="where to keep the sign-in (default: the keychain, or ask)",
    )
    _add(commands, "logout", "sign out and forget the sign-in")
    models = _add(commands, "models", "the models of your subscription")
    models.add_argument("--json", action="store_true", help="for programs")
    models.add_argument("--refresh", action="store_true", help="ask GitHub now")
    act = models.add_mutually_exclusive_group()
    act.add_argument(
        "--enable", metavar="ID", help="show a model's terms and accept them if you agree"
    )
    act.add_argument(
        "--forget-learned", metavar="ID", help="send a model again what it was seen to refuse"
    )
    models.add_argument("--yes", action="store_true", help="accept the terms without being asked")
    for name, text in (
        ("status", "who is signed in, and whether the server runs"),
        ("usage", "what is left of your plan, and what this server used"),
        ("doctor", "look for what keeps it from working"),
    ):
        report = _add(commands, name, text)
        report.add_argument("--json", action="store_true", help="for programs")
        if name == "usage":
            report.add_argument(
                "--from", dest="first", metavar="DAY", help="first day, as 2026-11-01"
            )
            report.add_argument(
                "--to", dest="last", metavar="DAY", help="last day (default: today)"
            )
            report.add_argument("--client", help="of this client alone")
        if name == "doctor":
            _add_probe(report)
    approve = _add(commands, "approve", "list requests that wait for you, or answer them")
    approve.add_argument("id", nargs="?", metavar="ID", help="the request to send; none: list them")
    approve.add_argument("--deny", action="store_true", help="do not send it")
    approve.add_argument("--all-of", metavar="CLIENT", help="answer all that wait of this client")
    approve.add_argument(
        "--stop-asking",
        action="store_true",
        help="send it, and ask no more about its client until the program ends",
    )
    pause = _add(commands, "pause", "refuse a client's requests for a while, or everyone's")
    pause.add_argument("client", nargs="?", metavar="CLIENT", help="as Activity names it")
    pause.add_argument(
        "--for", dest="duration", metavar="TIME", help="90s, 15m, 2h, 1d (default: until resumed)"
    )
    resume = _add(commands, "resume", "end a pause")
    resume.add_argument("client", nargs="?", metavar="CLIENT", help="none: the pause of everyone")
    for each in (approve, pause, resume):
        each.add_argument("--json", action="store_true", help="for programs")
    _add(commands, "key", "print the local key that clients send")
    for name, text in (
        ("open", "open the window of the app; start the app if it does not run"),
        ("quit", "end the app that runs, once its answers are written"),
    ):
        _add(commands, name, text).add_argument(
            "--demo",
            action="store_true",
            default=argparse.SUPPRESS,
            help="the app that runs as demo",
        )
    _add_connect(commands)

    keys = _add(commands, "keys", "keys for single clients: shown once, revocable")
    keys.add_argument("--json", action="store_true", help="for programs")
    actions = keys.add_subparsers(dest="action", metavar="action")
    for name, text in (
        ("list", "the keys there are, and when they were last used (the default)"),
        ("add", "make a key and print it, this once"),
        ("revoke", "let nobody in with that key any more"),
    ):
        action = _add(actions, name, text)
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="for programs"
        )
        if name == "add":
            action.add_argument(
                "name", metavar="NAME", help="what the client is called in the lists"
            )
        elif name == "revoke":
            action.add_argument("key_id", metavar="ID", help="as `keys list` shows it, or its name")

    _add_settings(commands)
    backend = _add(commands, "backend", "what carries calls to models; install what pi_ai needs")
    backend.add_argument(
        "action", nargs="?", choices=("show", "install", "remove"), help="default: show"
    )
    backend.add_argument("--json", action="store_true", help="for programs")
    update = _add(commands, "update", "ask the release page for a newer version, and fetch it")
    update.add_argument("--json", action="store_true", help="for programs")
    update.add_argument("--check", action="store_true", help="only say whether there is one")
    update.add_argument("--yes", action="store_true", help="fetch it without being asked")
    simulate = _add(commands, "simulate", "run the simulator of GitHub and Copilot alone")
    simulate.add_argument(
        "--port", type=_port, default=argparse.SUPPRESS, help="0 for any free one (the default)"
    )
    simulate.add_argument("--profile", help="which habits it shows (default: strict)")
    simulate.add_argument("--world", default=argparse.SUPPRESS, help=_WORLD_HELP)
    simulate.add_argument(
        "--profile-file",
        metavar="FILE",
        help="behave as an account that `doctor --probe` measured, in place of --profile and --world",
    )
    return parser


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one command and return its exit code."""
    return run(build_parser().parse_args(arguments), environ)


def run(parsed: argparse.Namespace, environ: Mapping[str, str] = os.environ) -> int:
    """Run the parsed command.

    Errors are printed as a sentence or two on stderr. All output is escaped for a terminal, because
    it holds names chosen by others.
    """
    # A program that reads JSON gets the plain name.
    with guarded_output(NAME if getattr(parsed, "json", False) else here()):
        return _run(parsed, environ)


def _run(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    try:
        exit_code = _attempt(parsed, environ)
        # Flush now: a failure at interpreter exit could not be reported.
        for output in (sys.stdout, sys.stderr):
            if output is not None:
                output.flush()
    except BrokenPipeError:
        # The reader of our output (head, less) has left: nothing more to say, also not at exit.
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
        return READER_LEFT
    return exit_code


def _attempt(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Run the command; whatever fails is said, but that nobody reads. Raises BrokenPipeError."""
    try:
        with without_collecting():
            command = _command(parsed)
        return command(parsed, _environment(parsed, environ))
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except ProxyError as error:
        return complain(error, as_json=getattr(parsed, "json", False))
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        failed = ProxyError(f"{name}{error.strerror or error}", title=_FILE_TITLE, code="file")
        complain(failed, as_json=getattr(parsed, "json", False))
        return FAILED


def _environment(parsed: argparse.Namespace, environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return a command's environment: for commands that ask a server, with the running server's home.

    Raises BadRequest or ProxyError for an option that cannot be honoured.
    """
    demo = getattr(parsed, "demo", False)
    if parsed.command in _STARTING:
        return environ
    for option in ("host", "port"):
        if getattr(parsed, option, None) is not None:
            raise BadRequest(
                f"--{option} has no meaning for {parsed.command}: it starts no server."
            )
    if parsed.command not in _ASKING:
        if demo:
            raise BadRequest(
                f"--demo has no meaning for {parsed.command}: it changes your own files."
            )
        return environ
    from proxy_core.cli.server_home import server_environment

    return server_environment(environ, demo=demo)


_STARTING = ("serve", "simulate", "open", "quit", "connect", "disconnect", None)
"""Commands that find out themselves whose server they are about, or are about none."""

_ASKING = (
    *("key", "keys", "status", "usage", "models", "doctor"),
    *("approve", "pause", "resume"),
)
"""Commands that use the running server; the others use the user's own files."""

_FILE_TITLE = "A file cannot be used"


def _command(parsed: argparse.Namespace) -> Command:
    """Import only the command's module: ``key`` should not wait for a web server's imports."""
    match name := parsed.command:
        case "serve" if parsed.smoke:
            from proxy_core.app.smoke import smoke

            return lambda _, environ: smoke(environ)
        case "serve":
            import_aiohttp()
            from proxy_core.cli.serve import serve

            return serve
        case "simulate":
            from proxy_core.cli.simulate import simulate

            return simulate
        case "login" | "logout":
            from proxy_core.cli import account

            return account.login if name == "login" else account.logout
        case "models":
            from proxy_core.cli.models import models

            return models
        case "status":
            from proxy_core.cli.status import status

            return status
        case "usage":
            from proxy_core.cli.usage import usage

            return usage
        case "approve" | "pause" | "resume":
            from proxy_core.cli import control

            return {
                "approve": control.approve,
                "pause": control.pause,
                "resume": control.resume,
            }[name]
        case "doctor":
            from proxy_core.cli.diagnostics.doctor import doctor

            return doctor
        case "key":
            return _key
        case "connect":
            from proxy_core.cli.tools.connect import connect

            return connect
        case "disconnect":
            from proxy_core.cli.tools.disconnect import disconnect

            return disconnect
        case "keys":
            from proxy_core.cli.keys import keys

            return keys
        case "update":
            from proxy_core.cli.installation.update import update

            return update
        case "backend":
            from proxy_core.cli.installation.backend import backend

            return backend
        case "settings":
            from proxy_core.cli.settings import settings

            return settings
    return _no_command


def _add_probe(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument(
        "--probe",
        action="store_true",
        help="settle with your own account what the sources about Copilot disagree on: at most 60 "
        "requests and 5 credits, shown and asked for first",
    )
    doctor.add_argument(
        "--yes", action="store_true", help="with --probe: go on without being asked"
    )
    doctor.add_argument(
        "--output",
        metavar="FILE",
        help="with --probe: where to write what was measured (default: our data folder)",
    )
    doctor.add_argument(
        "--overwrite", action="store_true", help="with --probe: replace FILE if it is there"
    )
    doctor.add_argument(
        "--use", action="store_true", help="with --probe: act on what was measured from now on"
    )


def _add_connect(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    connect = _add(
        commands,
        "connect",
        "change a tool's settings so that it uses the proxy; undone by disconnect",
    )
    connect.add_argument(
        "apps",
        nargs="*",
        metavar="APP",
        help="claude-code, codex, aider, ...; without it, the tools, and how each stands to the proxy",
    )
    connect.add_argument("--all", action="store_true", help="every tool that is found here")
    connect.add_argument("--model", help="the main model (default: one that suits the tool)")
    connect.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="ROLE=MODEL",
        help="another role's model: small, subagent, editor",
    )
    connect.add_argument(
        "--repair", action="store_true", help="put back what a killed process left half written"
    )
    connect.add_argument(
        "--steps", action="store_true", help="print what to do by hand; write nothing"
    )
    connect.add_argument(
        "--test", action="store_true", help="then ask once, with the tool's own settings"
    )
    connect.add_argument(
        "--shell",
        choices=("sh", "fish", "powershell", "cmd"),
        help="write variables for this shell (default: yours)",
    )
    disconnect = _add(commands, "disconnect", "change a tool's settings back to what they were")
    disconnect.add_argument("apps", nargs="*", metavar="APP", help="as `connect` lists them")
    disconnect.add_argument("--all", action="store_true", help="every tool that is connected")
    for each in (connect, disconnect):
        each.add_argument("--json", action="store_true", help="for programs")
        each.add_argument(
            "--dry-run", action="store_true", help="print the change, and write nothing"
        )


def _add_settings(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    settings = _add(commands, "settings", "show and change the settings; a running server follows")
    settings.add_argument("--json", action="store_true", help="for programs")
    actions = settings.add_subparsers(dest="action", metavar="action")
    for name, text in (
        ("list", "every setting and its value (the default)"),
        ("get", "the value of one setting"),
        ("set", "change one setting"),
        ("reset", "back to a setting's default"),
        ("restore", "put a settings file back that could not be read and was kept aside"),
    ):
        action = _add(actions, name, text)
        action.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="for programs"
        )
        if name in ("get", "set", "reset"):
            action.add_argument("key", metavar="KEY", help="as `settings list` names it")
        if name == "set":
            action.add_argument(
                "value", metavar="VALUE", help="a list as one, two; none for no limit"
            )
        if name == "restore":
            action.add_argument("file", nargs="?", metavar="FILE", help="default: the newest")


def _key(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    from proxy_core.auth.local_key import load_or_make
    from proxy_core.cli.control import check_key_of_running, reported_other_key

    del parsed
    print(load_or_make(find_paths(environ).local_key_file), flush=True)
    with reported_other_key():
        check_key_of_running(environ)
    return DONE


def _no_command(parsed: argparse.Namespace, environ: Mapping[str, str]) -> int:
    del parsed, environ
    build_parser().print_help(sys.stderr)
    return USAGE


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:6]) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use 0 to 65535")
    return int(text)


def _add(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    return commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
