"""Texts of the settings: section, name, one line of explanation, and search terms.

A declared setting without an entry here is shown too: its name from its key, its line from its
declaration, in its group's section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from desktop.presenters.words import Words
from proxy_core.config.settings_schema import DeclaredSetting


class Section(StrEnum):
    """In the order of the page."""

    GENERAL = "general"
    SERVER = "server"
    ACCOUNT = "account"
    LIMITS = "limits"
    MODELS = "models"
    NETWORK = "network"
    PRIVACY = "privacy"
    ADVANCED = "advanced"
    ABOUT = "about"


_SECTION_OF_GROUP = {
    "desktop": Section.GENERAL,
    "server": Section.SERVER,
    "account": Section.ACCOUNT,
    "budget": Section.LIMITS,
    "upstream": Section.NETWORK,
    "usage": Section.PRIVACY,
    "connect": Section.GENERAL,
    "updates": Section.GENERAL,
    "identity": Section.ADVANCED,
}


@dataclass(frozen=True, slots=True)
class SettingWords:
    """``also`` holds further search terms."""

    section: Section
    name: str
    why: str
    also: str = ""


def section_names(tr: Callable[[str], str]) -> Mapping[Section, str]:
    return {
        Section.GENERAL: tr("General"),
        Section.SERVER: tr("Server"),
        Section.ACCOUNT: tr("Account"),
        Section.LIMITS: tr("Limits and budgets"),
        Section.MODELS: tr("Models"),
        Section.NETWORK: tr("Network"),
        Section.PRIVACY: tr("Privacy"),
        Section.ADVANCED: tr("Advanced"),
        Section.ABOUT: tr("About"),
    }


def words_of_each(settings: Iterable[DeclaredSetting], words: Words) -> dict[str, SettingWords]:
    """Return words by key, for all at once: the list of what is known is translated as a whole."""
    known = _known(words.tr)
    return {each.key: known.get(each.key) or _declared_words(each, words) for each in settings}


def _declared_words(setting: DeclaredSetting, words: Words) -> SettingWords:
    """What the declaration itself says of a setting that has no words here."""
    section = _SECTION_OF_GROUP.get(setting.section, Section.ADVANCED)
    name = setting.name.replace("_", " ").capitalize()
    return SettingWords(section, name, words.declared(setting.help) if setting.help else "")


def choice_words(setting: DeclaredSetting, words: Words) -> tuple[tuple[str, str], ...]:
    """Return each value of a choice with its name; empty for a setting that offers none.

    Of a text with names for some of its values, the value "" stands for any other text.
    """
    named = _KNOWN_CHOICES.get(setting.key)
    known = named(words.tr) if named is not None else {}
    values = setting.choices or tuple(known)
    return tuple((value, known.get(value, value.capitalize())) for value in values)


def _known(tr: Callable[[str], str]) -> Mapping[str, SettingWords]:
    at = Section
    return {
        "desktop.start_server": SettingWords(
            at.GENERAL,
            tr("Serve tools as soon as the app starts"),
            tr("Otherwise it stays off until you press Start."),
            tr("automatic start launch begin"),
        ),
        "desktop.theme": SettingWords(
            at.GENERAL,
            tr("Appearance"),
            tr("Light, dark, or as your system says."),
            tr("theme dark mode colours night"),
        ),
        "desktop.language": SettingWords(
            at.GENERAL,
            tr("Language"),
            tr("The words of this app. Error messages from the proxy stay in English."),
            tr("translation Chinese English"),
        ),
        "connect.undo_on_quit": SettingWords(
            at.GENERAL,
            tr("Undo connected tools when I quit"),
            tr("Their settings are changed back, and changed again when the app starts."),
            tr("restore revert disconnect"),
        ),
        "updates.look_daily": SettingWords(
            at.GENERAL,
            tr("Look for new versions"),
            tr("Asks this app's release page once a day. Nothing is fetched unasked."),
            tr("update upgrade release"),
        ),
        "desktop.notices": SettingWords(
            at.GENERAL,
            tr("Notifications"),
            tr("Shown by your system: limits, budgets, a session that ended."),
            tr("notification popup"),
        ),
        "desktop.without_tray": SettingWords(
            at.GENERAL,
            tr("Closing the window without a tray"),
            tr("For desktops that show no tray icon; elsewhere the app stays in the tray."),
            tr("close quit background gnome"),
        ),
        "account.accept_client_tokens": SettingWords(
            at.ACCOUNT,
            tr("Let tools use a GitHub token of their own"),
            tr("In place of the local key, for that request only. It is never stored."),
            tr("pass through bearer"),
        ),
        "upstream.responses_websocket": SettingWords(
            at.NETWORK,
            tr("Ask models over a WebSocket"),
            tr("Where they offer it. Automatic: after an answer over HTTP broke off."),
            tr("socket"),
        ),
        "upstream.ca_file": SettingWords(
            at.NETWORK,
            tr("Extra CA file"),
            tr("A PEM file with your company's certificates, trusted besides the system's own."),
            tr("proxy tls ssl company"),
        ),
        "upstream.proxy": SettingWords(
            at.NETWORK,
            tr("Network proxy"),
            tr("What calls to GitHub go through: your system's proxy, one of your own, or none."),
            tr("http https_proxy direct company network"),
        ),
        "upstream.probe_facts": SettingWords(
            at.NETWORK,
            tr("Measured facts"),
            tr("A file of “doctor --probe”: what it measured of your account counts first."),
            tr("probe doctor measure account"),
        ),
        "server.port": SettingWords(
            at.SERVER,
            tr("Port"),
            tr("The address your tools use. A change applies at once."),
            tr("address number 4141 listen"),
        ),
        "server.require_key": SettingWords(
            at.SERVER,
            tr("Require a key"),
            tr("Keeps web pages and other programs out."),
            tr("password token authentication security api key"),
        ),
        "server.host": SettingWords(
            at.ADVANCED,
            tr("Address to listen on"),
            tr("127.0.0.1 is this computer only. Others let your network in."),
            tr("host interface bind ip lan"),
        ),
        "server.allowed_hosts": SettingWords(
            at.ADVANCED,
            tr("Extra host names"),
            tr("Names this computer goes by, besides localhost. Separate them by commas."),
            tr("dns rebinding domain"),
        ),
        "server.allowed_origins": SettingWords(
            at.ADVANCED,
            tr("Web pages that may connect"),
            tr("As origins, such as https://example.com. Separate them by commas."),
            tr("cors browser website"),
        ),
        "server.max_body_megabytes": SettingWords(
            at.ADVANCED,
            tr("Largest request, in MB"),
            tr("Larger ones are refused before they are read."),
            tr("size limit upload"),
        ),
        "server.heartbeat_seconds": SettingWords(
            at.ADVANCED,
            tr("Keep-alive, in seconds"),
            tr("How often a waiting tool is told that its answer is still coming."),
            tr("ping keep alive timeout silence"),
        ),
        "server.responses_websocket": SettingWords(
            at.ADVANCED,
            tr("Responses over WebSockets"),
            tr("Faster for tools that can; off, they fall back by themselves."),
            tr("codex socket"),
        ),
        "server.ollama_api": SettingWords(
            at.ADVANCED,
            tr("Serve Ollama's API too"),
            tr("For tools that speak only it; below /api."),
            tr("ollama local dialect"),
        ),
        "server.gemini_api": SettingWords(
            at.ADVANCED,
            tr("Serve Google's Gemini API too"),
            tr("For tools that speak only it, such as Gemini CLI; below /v1beta."),
            tr("google gemini cli genai dialect"),
        ),
        "account.github_host": SettingWords(
            at.ACCOUNT,
            tr("GitHub address"),
            tr("github.com, or your company's address that ends in .ghe.com."),
            tr("enterprise company host"),
        ),
        "account.token_storage": SettingWords(
            at.ACCOUNT,
            tr("Where the sign-in is kept"),
            tr("The keychain is the safest; a file is readable by your account alone."),
            tr("token password secret store"),
        ),
        "budget.daily_credits": SettingWords(
            at.LIMITS,
            tr("Credits a day"),
            tr("Your own limit, not GitHub's. Leave it empty for none."),
            tr("daily budget spend cost money"),
        ),
        "budget.monthly_credits": SettingWords(
            at.LIMITS,
            tr("Credits a month"),
            tr("Counted by calendar months. Leave it empty for none."),
            tr("monthly budget spend cost money"),
        ),
        "budget.action": SettingWords(
            at.LIMITS,
            tr("When a budget is used up"),
            tr("You are told at 80 and at 100 percent in any case."),
            tr("warn ask stop limit reached"),
        ),
        "budget.ask_before_sending": SettingWords(
            at.LIMITS,
            tr("Ask before sending"),
            tr("Every request waits for you, with its model, size and expected credits."),
            tr("approve approval confirm question"),
        ),
        "upstream.backend": SettingWords(
            at.ADVANCED,
            tr("What carries calls to models"),
            tr("copilot is built in; pi_ai needs Node.js and “g-copilot-proxy backend install”."),
            tr("backend pi-ai node library bridge"),
        ),
        "upstream.model_backends": SettingWords(
            at.ADVANCED,
            tr("Models that another backend carries"),
            tr("One on each line, such as: gpt-4.1 = pi_ai"),
            tr("backend pi-ai per model"),
        ),
        "upstream.node_path": SettingWords(
            at.ADVANCED,
            tr("Node.js for pi-ai"),
            tr("Leave it empty for the one on the PATH."),
            tr("node path program"),
        ),
        "upstream.model_aliases": SettingWords(
            at.MODELS,
            tr("Your own names for models"),
            tr("One on each line, such as: fast = gpt-5-mini"),
            tr("alias rename short name"),
        ),
        "upstream.parameter_policy": SettingWords(
            at.MODELS,
            tr("Parameters"),
            tr("What happens to those a model refuses, such as “temperature”."),
            tr("parameter unsupported error 400 adaptive strict"),
        ),
        "upstream.connect_seconds": SettingWords(
            at.NETWORK,
            tr("Wait for a connection, in seconds"),
            tr("After that GitHub counts as out of reach."),
            tr("timeout slow"),
        ),
        "upstream.idle_seconds": SettingWords(
            at.NETWORK,
            tr("Wait for a silent answer, in seconds"),
            tr("Models that think may say nothing for minutes."),
            tr("timeout slow idle"),
        ),
        "upstream.longest_retry_wait_seconds": SettingWords(
            at.NETWORK,
            tr("Wait out GitHub's pauses, in seconds"),
            tr("Longer pauses are told to the tool at once."),
            tr("retry after rate limit"),
        ),
        "upstream.max_concurrent_calls": SettingWords(
            at.SERVER,
            tr("Requests at the same time"),
            tr("More than this wait in a queue."),
            tr("parallel concurrency simultaneous"),
        ),
        "upstream.max_waiting_calls": SettingWords(
            at.NETWORK,
            tr("Longest queue"),
            tr("Requests beyond it are refused."),
            tr("queue waiting"),
        ),
        "upstream.request_handlers": SettingWords(
            at.ADVANCED,
            tr("Request handlers"),
            tr("Installed add-ons that may see and change calls to GitHub. Separate by commas."),
            tr("plugin extension hook"),
        ),
        "usage.keep_ledger": SettingWords(
            at.PRIVACY,
            tr("Keep a history of usage"),
            tr("Counts and names on this computer, never prompts or answers."),
            tr("ledger log record tracking"),
        ),
        "usage.retention_days": SettingWords(
            at.PRIVACY,
            tr("Keep the history for days"),
            tr("Older entries are deleted by themselves."),
            tr("retention delete forget"),
        ),
        "server.repair_leaked_tool_calls": SettingWords(
            at.MODELS,
            tr("Repair tool calls written as text"),
            tr("Claude models sometimes end an answer with one. It becomes a real call."),
            tr("leak invoke agent stops loop"),
        ),
        "usage.stabilise_system_prompt": SettingWords(
            at.MODELS,
            tr("Keep Claude Code's system prompt stable"),
            tr("So that prompt caches work. Only digits without meaning in one line are replaced."),
            tr("cache billing header stabilise system prompt"),
        ),
        "identity.client_id": SettingWords(
            at.ADVANCED, tr("Client id"), tr("Which app GitHub's sign-in page names."), ""
        ),
        "identity.scope": SettingWords(
            at.ADVANCED, tr("Scope"), tr("What the sign-in may do at GitHub."), ""
        ),
        "identity.user_agent": SettingWords(
            at.ADVANCED, tr("User agent"), tr("Sent with every call to GitHub."), tr("header")
        ),
        "identity.editor_version": SettingWords(
            at.ADVANCED, tr("Editor version"), tr("Sent with every call to GitHub."), tr("header")
        ),
        "identity.editor_plugin_version": SettingWords(
            at.ADVANCED,
            tr("Editor plugin version"),
            tr("Sent with every call to GitHub."),
            tr("header"),
        ),
        "identity.integration_id": SettingWords(
            at.ADVANCED, tr("Integration id"), tr("Sent with every call to GitHub."), tr("header")
        ),
    }


_KNOWN_CHOICES: Mapping[str, Callable[[Callable[[str], str]], Mapping[str, str]]] = {
    "desktop.theme": lambda tr: {
        "system": tr("System"),
        "light": tr("Light"),
        "dark": tr("Dark"),
    },
    "upstream.proxy": lambda tr: {
        "system": tr("System"),
        "": tr("Custom"),
        "direct": tr("Direct"),
    },
    "desktop.language": lambda tr: {
        "system": tr("System"),
        # A language's name is in that language.
        "en": "English",
        "zh_CN": "简体中文",
    },
    "desktop.without_tray": lambda tr: {
        "ask": tr("Ask me"),
        "serve": tr("Keep serving"),
        "quit": tr("Quit"),
    },
    "upstream.responses_websocket": lambda tr: {
        "auto": tr("Automatic"),
        "always": tr("Always"),
        "never": tr("Never"),
    },
    "account.token_storage": lambda tr: {
        "ask": tr("Keychain, or ask me"),
        "keychain": tr("Keychain"),
        "file": tr("File"),
        "memory": tr("Memory, until I quit"),
    },
    "budget.action": lambda tr: {
        "warn": tr("Tell me and go on"),
        "ask": tr("Ask before each request"),
        "stop": tr("Stop requests"),
    },
    "upstream.parameter_policy": lambda tr: {
        "adaptive": tr("Leave out what was refused"),
        "strict": tr("Never send it"),
        "forward": tr("Send everything"),
    },
}
