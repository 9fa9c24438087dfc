"""Which of the offered tools a prompt asks for, and the calls to make with arguments that fit.

Knows the tools of common agents by what they are called, not by whose they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from proxy_core.simulator.behaviour.prompt import OfferedTool, Prompt
from proxy_core.simulator.behaviour.prompt_facts import (
    asked_paths,
    closing_command_in,
    places_in,
    start_of,
)
from proxy_core.simulator.behaviour.reply import ToolCall
from proxy_core.simulator.behaviour.schema_filling import fill

_READERS = re.compile(
    r"(.*__)?(fs_?|file_?|text_?)*(read|view|open|cat|get)(_?text|_?many)?(_?files?)?(_?contents?)?(_?tool)?"
)
_SHELLS = re.compile(
    r"(.*__)?(local_|run_|execute_|exec_|unified_)*(bash|shell|exec|terminal|command|cmd|sh|zsh)"
    r"(_?(command|tool|cmd))?(_\d{6,})?"
)
_PATH_NAMES = re.compile(
    r"(absolute_?|relative_?|file_?|target_?|full_?|source_?|input_?)*(path|paths|file|files|file_?name)"
    r"|uri|document",
    re.IGNORECASE,
)
_COMMAND_NAMES = re.compile(r"(shell_?|bash_?)?(command|cmd|commands|script)", re.IGNORECASE)
_PLACE_NAMES = re.compile(r"location|city|place|town|region|address|q|query", re.IGNORECASE)
_DEFAULT_PLACES = ("Paris", "Tokyo")
_CALLS_AT_MOST = 8


def calls_for(prompt: Prompt) -> tuple[ToolCall, ...]:
    """The calls the prompt asks for; empty when none of the offered tools fits."""
    if not prompt.tools or prompt.tool_choice == "none":
        return ()
    calls = _forced_calls(prompt) or _asked_calls(prompt)
    return calls if prompt.parallel_calls else calls[:1]


def closing_calls(prompt: Prompt) -> tuple[ToolCall, ...]:
    """The call that ends an agent which takes no answer for an end; empty for every other agent."""
    told = (turn.text for turn in prompt.turns if turn.role in ("system", "user"))
    command = next(filter(None, map(closing_command_in, told)), None)
    shell = next(filter(_runs_commands, prompt.tools), None)
    if command is None or shell is None or prompt.tool_choice == "none":
        return ()
    if any(command in turn.text for turn in prompt.turns if turn.role == "assistant"):
        return ()
    if shell.kind == "custom":
        return (ToolCall(shell.name, command, True, shell.namespace),)
    arguments = fill(
        shell.schema,
        lambda name, schema: _command_argument(name, schema, command),
        fallback="simulated",
    )
    return (ToolCall(shell.name, json.dumps(arguments), False, shell.namespace),)


def _forced_calls(prompt: Prompt) -> tuple[ToolCall, ...]:
    if prompt.tool_choice.startswith(":"):
        named = [tool for tool in prompt.tools if tool.name == prompt.tool_choice[1:]]
        return _calls_of(named[0], prompt) if named else ()
    if prompt.tool_choice == "required":
        return _asked_calls(prompt) or _calls_of(prompt.tools[0], prompt)
    return ()


def _asked_calls(prompt: Prompt) -> tuple[ToolCall, ...]:
    words = prompt.request
    named = next((tool for tool in prompt.tools if _is_called_by_name(tool, words)), None)
    if named is not None:
        return _calls_of(named, prompt)
    if re.search(r"weather", words, re.IGNORECASE):
        for tool in prompt.tools:
            if "weather" in f"{tool.name} {tool.description}".lower():
                return _calls_of(tool, prompt)
    if asked_paths(words):
        for is_fitting in (_reads_files, _runs_commands):
            for tool in prompt.tools:
                if is_fitting(tool):
                    return _calls_of(tool, prompt)
    return ()


def _is_called_by_name(tool: OfferedTool, words: str) -> bool:
    """``use the lookup_order tool``, or a name that is no everyday word."""
    name = re.escape(tool.name)
    if re.search(
        rf"\b(?:call|use|run|with|invoke)\s+(?:the\s+)?[`'\"]?{name}[`'\"]?\s+tool\b", words
    ):
        return True
    return "_" in tool.name and re.search(rf"(?<![\w/.]){name}(?![\w/.])", words) is not None


def _reads_files(tool: OfferedTool) -> bool:
    return (
        tool.kind == "function"
        and _READERS.fullmatch(_snake(tool.name)) is not None
        and _holds_property(tool.schema, _PATH_NAMES)
    )


def _runs_commands(tool: OfferedTool) -> bool:
    if _SHELLS.fullmatch(_snake(tool.name)) is None:
        return False
    return tool.kind == "custom" or _holds_property(tool.schema, _COMMAND_NAMES)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-.]", "_", name).lower()


def _holds_property(schema: Mapping[str, Any], names: re.Pattern[str]) -> bool:
    """Whether a property, or one of an array's items, is named so."""
    for name, inner in (schema.get("properties") or {}).items():
        if names.fullmatch(name):
            return True
        items = inner.get("items") if isinstance(inner, Mapping) else None
        if isinstance(items, Mapping) and _holds_property(items, names):
            return True
    return any(names.fullmatch(name) for name in schema.get("required") or ())


def _calls_of(tool: OfferedTool, prompt: Prompt) -> tuple[ToolCall, ...]:
    """One call for each thing the prompt names, two when it says ``in parallel``."""
    words = prompt.request
    if re.search(r"weather", words, re.IGNORECASE):
        subjects = places_in(words) or _DEFAULT_PLACES[:1]
        spare = next(place for place in _DEFAULT_PLACES if place not in subjects[:1])
    else:
        subjects = asked_paths(words) or ("",)
        spare = subjects[0]
    if len(subjects) == 1 and re.search(r"\bin parallel\b", words, re.IGNORECASE):
        subjects = (subjects[0], spare)
    return tuple(_call(tool, subject, words) for subject in subjects[:_CALLS_AT_MOST])


def _call(tool: OfferedTool, subject: str, words: str) -> ToolCall:
    if tool.kind == "custom":
        return ToolCall(tool.name, _custom_input(tool, subject, words), True, tool.namespace)
    arguments = fill(
        tool.schema,
        lambda name, schema: _argument(name, schema, subject),
        fallback=start_of(words, 40) or "simulated",
    )
    text = json.dumps(arguments, ensure_ascii=False)
    return ToolCall(tool.name, text, False, tool.namespace)


def _argument(name: str, schema: Mapping[str, Any], subject: str) -> Any:
    """What the prompt has to say for one property; None for nothing."""
    if _COMMAND_NAMES.fullmatch(name):
        return _command_argument(name, schema, _command(subject))
    kinds = _kinds(schema)
    if _PATH_NAMES.fullmatch(name) and subject:
        items = schema.get("items")
        if "array" in kinds and isinstance(items, Mapping) and items.get("type") == "string":
            return [subject]
        return subject if "string" in kinds else None
    if _PLACE_NAMES.fullmatch(name) and subject and "string" in kinds:
        return subject
    if re.fullmatch(r"patch_?text|patch", name, re.IGNORECASE) and "string" in kinds:
        return _patch(subject)
    return None


def _command_argument(name: str, schema: Mapping[str, Any], command: str) -> Any:
    """``command`` in the form one property wants it; None where it wants none."""
    if not _COMMAND_NAMES.fullmatch(name):
        return None
    if "array" in _kinds(schema):
        return ["bash", "-lc", command]
    return command if "string" in _kinds(schema) else None


def _kinds(schema: Mapping[str, Any]) -> list[Any]:
    kind = schema.get("type", "string")
    return kind if isinstance(kind, list) else [kind]


def _command(subject: str) -> str:
    if not subject:
        return "echo simulated"
    plain = re.fullmatch(r"[\w./@+~\\:-]+", subject)
    return f"cat {subject}" if plain else "cat '" + subject.replace("'", "'\\''") + "'"


def _patch(subject: str) -> str:
    path = subject or "simulated.txt"
    return f"*** Begin Patch\n*** Add File: {path}\n+simulated\n*** End Patch\n"


def _custom_input(tool: OfferedTool, subject: str, words: str) -> str:
    if "patch" in tool.name.lower():
        return _patch(subject)
    if re.search(r"javascript|tools\.", tool.description, re.IGNORECASE):
        # Codex's "exec" runs JavaScript in which its own tools are functions.
        return (
            f"const result = await tools.exec_command({{cmd: {json.dumps(_command(subject))}}});\n"
            "text(result.output);\n"
        )
    if _SHELLS.fullmatch(_snake(tool.name)):
        return _command(subject)
    return subject or start_of(words)
