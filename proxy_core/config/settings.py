"""The declared settings: name, type, default, bounds and help of every one, in one place.

Read from a TOML file into a frozen value. Settings missing from the file have their default; a
value of the wrong type or out of bounds is reported with its name and leaves the file as it is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field


class BackendName(StrEnum):
    """What carries calls to models (``proxy_core/upstream/backends/``)."""

    COPILOT = "copilot"
    PI_AI = "pi_ai"


class ParameterPolicy(StrEnum):
    ADAPTIVE = "adaptive"
    STRICT = "strict"
    FORWARD = "forward"


class ResponsesWebSocket(StrEnum):
    """When ``/responses`` is asked over a WebSocket.

    ``auto``: after an HTTP response recently broke off.
    """

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class TokenStorage(StrEnum):
    """Where to keep the GitHub token. ``ask``: the keychain, and ask the user if there is none."""

    ASK = "ask"
    KEYCHAIN = "keychain"
    FILE = "file"
    MEMORY = "memory"


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Language(StrEnum):
    """The app's language; ``system``: the system's language if it is translated, else English."""

    SYSTEM = "system"
    ENGLISH = "en"
    CHINESE_SIMPLIFIED = "zh_CN"


class WithoutTray(StrEnum):
    """What closing the window does on a desktop without a tray. ``ask``: the user is asked once."""

    ASK = "ask"
    SERVE = "serve"
    QUIT = "quit"


class BudgetAction(StrEnum):
    """At a budget's end: only a notice, a question before each request, or a refusal."""

    WARN = "warn"
    ASK = "ask"
    STOP = "stop"


class ServerSettings(Struct, frozen=True, forbid_unknown_fields=True):
    host: Annotated[
        str, Meta(description="Address to listen on. Only this computer can reach a loopback one.")
    ] = "127.0.0.1"
    port: Annotated[
        int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes any free one.")
    ] = 4141
    require_key: Annotated[
        bool, Meta(description="Refuse requests that do not carry the local key.")
    ] = True
    allowed_hosts: Annotated[
        tuple[str, ...],
        Meta(description="Further Host names to accept, besides localhost and the bound address."),
    ] = ()
    allowed_origins: Annotated[
        tuple[str, ...], Meta(description="Web pages that may use the server, as origins.")
    ] = ()
    max_body_megabytes: Annotated[
        int, Meta(ge=1, le=512, description="Largest request accepted, in MB.")
    ] = 32
    heartbeat_seconds: Annotated[
        float,
        Meta(ge=1, le=300, description="Longest silence before the client is told we are alive."),
    ] = 15.0
    repair_leaked_tool_calls: Annotated[
        bool,
        Meta(
            description="Turn tool calls that a Claude model wrote as text at the end of its answer "
            "into real ones."
        ),
    ] = True
    responses_websocket: Annotated[
        bool,
        Meta(
            description="Serve the Responses API over WebSockets too; off, clients fall back to HTTP."
        ),
    ] = True
    ollama_api: Annotated[
        bool,
        Meta(description="Serve Ollama's API too, below /api, for tools that speak only it."),
    ] = False
    gemini_api: Annotated[
        bool,
        Meta(
            description="Serve Google's Gemini API too, below /v1beta, for tools that speak only it."
        ),
    ] = False


class AccountSettings(Struct, frozen=True, forbid_unknown_fields=True):
    github_host: Annotated[
        str,
        Meta(
            description="github.com, or your company's X.ghe.com.",
            pattern=r"^(github\.com|[a-z0-9][a-z0-9-]*\.ghe\.com)$",
            examples=["github.com", "octo.ghe.com"],
        ),
    ] = "github.com"
    token_storage: Annotated[
        TokenStorage, Meta(description="Where your GitHub sign-in is kept.")
    ] = TokenStorage.ASK
    accept_client_tokens: Annotated[
        bool,
        Meta(
            description="Let callers use their own GitHub token in place of the local key; it serves "
            "that request only and is never stored."
        ),
    ] = False


SYSTEM, DIRECT = "system", "direct"
"""The values of ``upstream.proxy`` that are no address."""


class UpstreamSettings(Struct, frozen=True, forbid_unknown_fields=True):
    parameter_policy: Annotated[
        ParameterPolicy,
        Meta(
            description="adaptive: leave out what a model refuses; strict: never send "
            "temperature or max_tokens on chat; forward: send everything."
        ),
    ] = ParameterPolicy.ADAPTIVE
    connect_seconds: Annotated[
        float, Meta(ge=1, le=300, description="Longest wait for a connection to GitHub.")
    ] = 30.0
    idle_seconds: Annotated[
        float,
        Meta(ge=5, le=3600, description="Longest silence of a running answer before giving up."),
    ] = 300.0
    longest_retry_wait_seconds: Annotated[
        float, Meta(ge=0, le=120, description="Wait for GitHub's retry-after up to this long.")
    ] = 8.0
    max_concurrent_calls: Annotated[
        int, Meta(ge=1, le=1000, description="Calls to GitHub at the same time; others wait.")
    ] = 200
    max_waiting_calls: Annotated[
        int,
        Meta(ge=0, le=10000, description="Calls that may wait for their turn; more are refused."),
    ] = 1000
    responses_websocket: Annotated[
        ResponsesWebSocket,
        Meta(
            description="Ask models over a WebSocket where they offer it; auto: after an answer over "
            "HTTP broke off."
        ),
    ] = ResponsesWebSocket.AUTO
    ca_file: Annotated[
        str,
        Meta(
            description="A file of further certificates (PEM) to trust, besides the system's own.",
            examples=["/etc/ssl/company.pem"],
        ),
    ] = ""
    proxy: Annotated[
        str,
        Meta(
            description="The HTTP proxy for calls to GitHub: system (the environment's or the "
            "system's own), direct (none), or its http address.",
            pattern=r"^(system|direct|https?://([^\s/@]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/@:\[\]]+)(:[0-9]{1,5})?/?)$",
            examples=["system", "direct", "http://proxy.example:8080"],
        ),
    ] = SYSTEM
    model_aliases: Annotated[
        dict[str, str],
        Meta(
            description="Your own names for models, each with the id it stands for.",
            examples=['{ fast = "gpt-5-mini" }'],
        ),
    ] = field(default_factory=dict)
    probe_facts: Annotated[
        str,
        Meta(
            description="A file of “doctor --probe”: what it measured counts before what is known of "
            "Copilot in general.",
            examples=["/home/me/probe.json"],
        ),
    ] = ""
    request_handlers: Annotated[
        tuple[str, ...],
        Meta(description="Installed request handlers that may see and change calls to GitHub."),
    ] = ()
    backend: Annotated[
        BackendName,
        Meta(
            description="What carries calls to models: copilot, built in; pi_ai, a library that needs "
            "Node.js and “g-copilot-proxy backend install”."
        ),
    ] = BackendName.COPILOT
    model_backends: Annotated[
        dict[str, BackendName],
        Meta(
            description="Models, by id, whose calls another backend carries.",
            examples=['{ "gpt-4.1" = "pi_ai" }'],
        ),
    ] = field(default_factory=dict)
    node_path: Annotated[
        str,
        Meta(
            description="The Node.js program for the backend pi_ai; empty: the one on the PATH.",
            examples=["/usr/local/bin/node"],
        ),
    ] = ""


class UsageSettings(Struct, frozen=True, forbid_unknown_fields=True):
    keep_ledger: Annotated[
        bool,
        Meta(description="Keep what each request cost on this computer: counts, never content."),
    ] = True
    retention_days: Annotated[
        int, Meta(ge=1, le=3650, description="Days after which entries are deleted.")
    ] = 400
    stabilise_system_prompt: Annotated[
        bool,
        Meta(
            description="Hold still the line that changes at the head of Claude Code's system prompt, "
            "so that prompt caches work."
        ),
    ] = True


class ConnectSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Tools whose settings were changed by Connect."""

    undo_on_quit: Annotated[
        bool,
        Meta(
            description="Change connected tools back when the app quits, and connect them again when "
            "it starts."
        ),
    ] = False


_Credits = Annotated[float, Meta(ge=0.01, le=10_000_000)] | None


class BudgetSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The user's own limits, not GitHub's. One AI credit is 0.01 USD; None: no limit."""

    daily_credits: Annotated[
        _Credits,
        Meta(description="AI credits you want to spend in a day at most; leave out for any."),
    ] = None
    monthly_credits: Annotated[
        _Credits,
        Meta(description="AI credits you want to spend in a calendar month at most."),
    ] = None
    action: Annotated[
        BudgetAction,
        Meta(description="At a budget's end: warn and go on, ask before each request, or stop."),
    ] = BudgetAction.WARN
    ask_before_sending: Annotated[
        bool, Meta(description="Ask you before any request is sent to GitHub.")
    ] = False


class IdentitySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Identity headers sent to GitHub; the defaults are pi-ai's. The only table of them."""

    client_id: str = "Iv1.b507a08c87ecfe98"
    scope: str = "read:user"
    user_agent: str = "GitHubCopilotChat/0.35.0"
    editor_version: str = "vscode/1.107.0"
    editor_plugin_version: str = "copilot-chat/0.35.0"
    integration_id: str = "vscode-chat"
    exchange_api_version: str = "2025-04-01"
    model_api_version: str = "2026-06-01"
    model_intent: str = "conversation-edits"
    direct_integration_id: str = ""
    """Sent in place of ``integration_id`` where the GitHub token itself is the bearer; empty: none."""


class DesktopSettings(Struct, frozen=True, forbid_unknown_fields=True):
    start_server: Annotated[bool, Meta(description="Start serving when the app starts.")] = True
    theme: Annotated[Theme, Meta(description="Light, dark, or as the system says.")] = Theme.SYSTEM
    language: Annotated[
        Language, Meta(description="Language of the app's windows: system, en or zh_CN.")
    ] = Language.SYSTEM
    notices: Annotated[
        bool,
        Meta(description="Let the system show notices: limits, budgets, a session that ended."),
    ] = True
    without_tray: Annotated[
        WithoutTray,
        Meta(
            description="Where the desktop shows no tray, what closing the window does: ask once, go "
            "on to serve, or quit."
        ),
    ] = WithoutTray.ASK


class UpdatesSettings(Struct, frozen=True, forbid_unknown_fields=True):
    look_daily: Annotated[
        bool,
        Meta(
            description="Ask this project's release page once a day whether there is a newer version; "
            "nothing is fetched unasked."
        ),
    ] = False


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    server: ServerSettings = field(default_factory=ServerSettings)
    account: AccountSettings = field(default_factory=AccountSettings)
    upstream: UpstreamSettings = field(default_factory=UpstreamSettings)
    identity: IdentitySettings = field(default_factory=IdentitySettings)
    desktop: DesktopSettings = field(default_factory=DesktopSettings)
    usage: UsageSettings = field(default_factory=UsageSettings)
    updates: UpdatesSettings = field(default_factory=UpdatesSettings)
    connect: ConnectSettings = field(default_factory=ConnectSettings)
    budget: BudgetSettings = field(default_factory=BudgetSettings)
