from __future__ import annotations

import msgspec
import pytest
from multidict import CIMultiDict

from proxy_core.routing.client_programs import client_by_instructions, client_name, session_id


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("claude-cli/2.1.329 (external, cli)", "Claude Code"),
        ("codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb", "Codex"),
        ("opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14", "opencode"),
        ("litellm/1.81.10", "LiteLLM"),
        ("OpenAI/Python 3.52.0", "OpenAI SDK (Python)"),
        ("AsyncOpenAI/Python 3.52.0", "OpenAI SDK (Python)"),
        ("Anthropic/JS 0.94.0", "Anthropic SDK (JS)"),
        ("curl/8.5.0", "curl"),
        ("MyTool/1.0 (x)", "MyTool"),
        ("My Tool 2", "My Tool 2"),
        ("", "Unknown client"),
        ("\x1b[31mred", "Unknown client"),
        ("x" * 500, "Unknown client"),
    ],
)
def test_a_program_is_known_by_the_start_of_its_user_agent(agent: str, name: str) -> None:
    assert client_name(CIMultiDict({"User-Agent": agent})) == name


def test_the_copilot_cli_is_told_from_the_sdk_it_uses_by_its_own_headers() -> None:
    headers = CIMultiDict(
        {
            "User-Agent": "OpenAI/JS 5.20.1",
            "X-Initiator": "user",
            "X-Interaction-Type": "conversation-user",
        }
    )
    assert client_name(headers) == "Copilot CLI"


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        # Of a turn's later requests the Copilot CLI sends this alone.
        ({"User-Agent": "OpenAI/JS 5.20.1", "x-initiator": "agent"}, "Copilot CLI"),
        ({"User-Agent": "Anthropic/JS 0.94.0", "x-initiator": "agent"}, "Copilot CLI"),
        ({"User-Agent": "opencode/1.18.33", "x-initiator": "agent"}, "opencode"),
        ({"User-Agent": "OpenAI/JS 5.20.1", "X-Title": "Cline"}, "Cline"),
        ({"User-Agent": "litellm/1.81.10", "X-Title": "Aider"}, "Aider"),
        ({"User-Agent": "OpenAI/JS 5.20.1", "X-Title": "x\x1b[31m"}, "OpenAI SDK (JS)"),
        ({"User-Agent": "claude-cli/2.1 (x)", "X-Title": "Cline"}, "Claude Code"),
        ({"User-Agent": "runtime/node.js/24 ai-sdk/openai/4.0"}, "AI SDK"),
        ({"User-Agent": "pi/0.73.1 (linux)"}, "pi"),
        ({"User-Agent": "Charm-Crush/0.31.0 (https://charm.land/crush)"}, "Crush"),
        ({"User-Agent": "Continue-CLI/2.0"}, "Continue"),
        ({"User-Agent": "ls/JS 5.23.2", "x-stainless-lang": "js"}, "OpenAI SDK (JS)"),
        ({"User-Agent": "Python/3.12 aiohttp/3.13.2"}, "aiohttp"),
        (
            {"User-Agent": "Python/3.12 aiohttp/3.13.2", "X-OpenWebUI-Chat-Id": "7"},
            "Open WebUI",
        ),
        (
            {"User-Agent": "Python/3.12 aiohttp/3.13.2", "X-Title": "Open WebUI"},
            "Open WebUI",
        ),
        ({"User-Agent": "OpenAI/Python 2.20.0", "X-Title": "mini-swe-agent"}, "mini-swe-agent"),
    ],
)
def test_a_program_that_sends_with_a_library_is_told_by_what_it_adds(
    headers: dict[str, str], name: str
) -> None:
    assert client_name(CIMultiDict(headers)) == name


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"X-Claude-Code-Session-Id": "0000-1"}, "0000-1"),
        ({"session-id": "abc", "thread-id": "def"}, "abc"),
        ({"x-session-affinity": "ses_1"}, "ses_1"),
        ({"x-session-id": "bad id\twith blanks"}, None),
        ({"x-session-id": "x" * 200}, None),
        ({}, None),
    ],
)
def test_a_conversation_is_known_by_the_id_its_client_gives_it(
    headers: dict[str, str], found: str | None
) -> None:
    assert session_id(CIMultiDict(headers)) == found


PI = "You are an expert coding assistant operating inside pi, a harness. You help."
CONTINUE = "You are an agent in the Continue CLI. Given the prompt, use the tools."
MINI = "You are a helpful assistant that can interact with a computer.\nAnswer with one command."
JS = {"User-Agent": "OpenAI/JS 6.26.0", "x-stainless-lang": "js"}


def raw(**members: object) -> dict[str, msgspec.Raw]:
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in members.items()}


def chat(system: str) -> dict[str, msgspec.Raw]:
    words = [{"role": "system", "content": system}, {"role": "user", "content": "hi"}]
    return raw(model="any", messages=words)


@pytest.mark.parametrize(
    ("headers", "members", "name"),
    [
        (JS, chat(PI), "pi"),
        ({"User-Agent": "Anthropic/JS 0.91.1"}, raw(system=[{"type": "text", "text": PI}]), "pi"),
        (JS, raw(instructions=PI, input="hi"), "pi"),
        (JS, raw(input=[{"role": "developer", "content": PI}]), "pi"),
        ({"User-Agent": "ls/JS 5.23.2"}, chat(CONTINUE), "Continue"),
        ({"User-Agent": "xy/JS 6.1.0"}, chat(CONTINUE), "Continue"),
        ({"User-Agent": "litellm/1.90"}, raw(system=MINI), "mini-swe-agent"),
        ({"User-Agent": "OpenAI/Python 2.20.0"}, chat(MINI), "mini-swe-agent"),
    ],
)
def test_a_program_whose_headers_are_a_librarys_is_told_by_how_it_instructs_the_model(
    headers: dict[str, str], members: dict[str, msgspec.Raw], name: str
) -> None:
    assert client_by_instructions(CIMultiDict(headers), members) == name


@pytest.mark.parametrize(
    ("headers", "members"),
    [
        ({"User-Agent": "opencode/1.18.33"}, chat(PI)),
        ({**JS, "X-Title": "Cline"}, chat(PI)),
        ({**JS, "x-initiator": "user"}, chat(PI)),
        (JS, chat("What does this mean: " + PI)),
        (JS, chat("x" * 3_000 + PI)),
        (JS, chat("You are a helpful assistant.")),
        (JS, raw(model="any")),
        ({}, chat(PI)),
    ],
)
def test_who_names_itself_or_only_quotes_such_words_keeps_its_name(
    headers: dict[str, str], members: dict[str, msgspec.Raw]
) -> None:
    assert client_by_instructions(CIMultiDict(headers), members) is None
