"""How a tool is configured to use the proxy, as data for the command and the window.

Values that differ between users are named ``$base_url``, ``$openai_url``, ``$key``, ``$model`` and
``$small_model``. In a file they are written without quotes: each becomes a JSON string, which TOML
and YAML also accept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from proxy_core.clients.connection import MAIN, SMALL, Connection
from proxy_core.clients.editing.document import Path as SettingPath
from proxy_core.clients.editing.document import Setting
from proxy_core.clients.editing.formats import Format
from proxy_core.clients.location import Location

CHAT_MODELS = ("gpt-4.1", "gpt-5-mini", "gpt-")
CLAUDE_MODELS = ("claude-sonnet-4.6", "claude-sonnet", "claude-")
GEMINI_MODELS = ("gemini-", "gpt-4.1", "gpt-")
RESPONSES_MODELS = ("gpt-5.3-codex", "gpt-5", "gpt-")
"""Beginnings of ids that suit a tool, best first."""

GEMINI_SETTING, OLLAMA_SETTING = "server.gemini_api", "server.ollama_api"
"""Settings that switch on an API which is not served otherwise."""

SET_VARIABLES = "Set these variables in your shell"
START = "Start it in the same shell"
NEW_TERMINAL = "Open a new terminal: those that are open have the old variables."
"""Sentences that several tools share."""


class ToolKind(StrEnum):
    AGENT = "agent"
    EDITOR = "editor"
    LIBRARY = "library"


class Wire(StrEnum):
    """The API the tool speaks; it decides the path a connection test uses."""

    OPENAI_CHAT = "openai_chat"
    OPENAI_RESPONSES = "openai_responses"
    ANTHROPIC_MESSAGES = "anthropic_messages"
    GEMINI = "gemini"
    OLLAMA = "ollama"


@dataclass(frozen=True, slots=True)
class Environment:
    """Environment variables to set before the tool starts, in the user's shell's syntax.

    ``if_window_known`` are added where the main model is of another vendor than the tool's and the live
    list says how much it reads: the tool would assume another figure.
    """

    variables: tuple[tuple[str, str], ...]
    if_window_known: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FilePart:
    """Content to add to one of the tool's files. ``with_small`` takes the place of ``text`` where the
    tool's small model is another than its main one."""

    path: str
    text: str
    with_small: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line; each argument is quoted for the user's shell."""

    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A value to type into a field that the tool's own settings call ``label``."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: a sentence in the imperative, and what to copy for it, if anything."""

    text: str
    content: Environment | FilePart | Command | Field | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """Something a tool uses a model for. ``title`` is a word or two for people.

    ``small``: a small model of the plan is the sensible default; else the main one.
    """

    name: str
    title: str
    small: bool = False


MAIN_ROLE = Role(MAIN, "Main")
SMALL_ROLE = Role(SMALL, "Small tasks", small=True)


@dataclass(frozen=True, slots=True)
class FileChange:
    """What one file of a tool is to say. ``address_at`` is where it says whom the tool asks."""

    file: Path
    form: Format
    settings: tuple[Setting, ...]
    address_at: SettingPath


Configure = Callable[[Connection, Location], tuple[FileChange, ...]]
"""Returns the files to change; none where this computer has no place for them that is known."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    It is found by ``programs`` on PATH and by ``extension`` among VS Code's. ``seen_as`` are the
    client names of its requests in our records. ``preferred_models`` begin the ids that suit it,
    best first. ``refusal`` says why it cannot use the proxy; then there are no steps. ``caution``
    is a warning shown with the steps.
    """

    app_id: str
    name: str
    kind: ToolKind
    wire: Wire
    steps: tuple[Step, ...] = ()
    programs: tuple[str, ...] = ()
    extension: str = ""
    seen_as: tuple[str, ...] = ()
    preferred_models: tuple[str, ...] = ("gpt-4.1",)
    caution: str = ""
    refusal: str = ""
    configure: Configure | None = None
    """What is written for the user; None where only the steps can be offered."""
    roles: tuple[Role, ...] = (MAIN_ROLE,)
    afterwards: str = ""
    """What is left to do once its files are written, as a sentence; empty: nothing."""
    key_by_hand: bool = False
    """Whether the user types the key into the tool itself, which then keeps it."""
    setting: str = ""
    """The setting that switches on the API it speaks; empty: that API is always served."""
    overruled_by: tuple[str, ...] = ()
    """Variables of the environment that count more than what is written into its files."""
    marks: tuple[str, ...] = ()
    """Files or folders below the home that only an installed tool has."""
