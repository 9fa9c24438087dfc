"""The manual page, made from the program's own commands."""

from __future__ import annotations

from release.command_texts.command_tree import Command, Option
from release.command_texts.completions import all_commands

FILES = """\
.SH FILES
Settings are in
.I ~/.config/g\\-copilot\\-proxy/settings.toml
on Linux; each other folder is named by
.BR "g\\-copilot\\-proxy status" .
.SH ENVIRONMENT
.TP
.B G_COPILOT_PROXY_HOME
Keep settings, state and logs in this one folder.
.TP
.B G_COPILOT_PROXY_KEY
The main local key.
.TP
.B COPILOT_GITHUB_TOKEN
Sign in with this token; it is never stored.
.SH EXIT STATUS
0: done. 1: it did not work. 2: wrong usage or settings, or the port is in use. 3: nobody is signed in.
4: done in part. 130: interrupted. 141: the reader of the output left.
"""


def man_page(tree: Command, version: str, day: str) -> str:
    """Return the page in roff. ``day``: ISO date of the release."""
    lines = [
        f'.TH G\\-COPILOT\\-PROXY 1 "{day}" "g\\-copilot\\-proxy {version}" "User Commands"',
        ".SH NAME",
        "g\\-copilot\\-proxy \\- use a GitHub Copilot subscription over the OpenAI and Anthropic APIs",
        ".SH SYNOPSIS",
        ".B g\\-copilot\\-proxy",
        ".RI [ options ]",
        ".RI [ command ]",
        ".SH DESCRIPTION",
        _escaped(tree.help),
        ".SH OPTIONS",
        *_options(tree),
        ".SH COMMANDS",
    ]
    for each in all_commands(tree):
        lines += [f".SS {_escaped(each.name)}", _escaped(_sentence(each.help)), *_options(each)]
    return "\n".join(lines) + "\n" + FILES


def _options(command: Command) -> list[str]:
    lines: list[str] = []
    for each in command.options:
        if "-h" in each.flags:
            continue
        lines += [".TP", _head(each), _escaped(_sentence(each.help or each.value))]
    return lines


def _head(option: Option) -> str:
    value = "|".join(option.choices) or option.value
    if not option.flags:
        return f".I {_escaped(value)}"
    flags = ", ".join(f"\\fB{_escaped(flag)}\\fR" for flag in option.flags)
    return f"{flags} \\fI{_escaped(value)}\\fR" if value else flags


def _sentence(text: str) -> str:
    return text if not text or text.endswith(".") else text[0].upper() + text[1:] + "."


def _escaped(text: str) -> str:
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped
