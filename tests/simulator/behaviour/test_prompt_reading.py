"""What a prompt names, and which of an agent's tools it asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from proxy_core.simulator.behaviour.conversation_reading import (
    read_chat,
    read_messages,
    read_responses,
)
from proxy_core.simulator.behaviour.prompt import OfferedTool, Prompt, Turn
from proxy_core.simulator.behaviour.prompt_facts import (
    paths_in,
    places_in,
    start_of,
    text_to_repeat,
)
from proxy_core.simulator.behaviour.schema_filling import fill
from proxy_core.simulator.behaviour.script import reply_to


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("Read the file /tmp/notes/secret.txt and reply.", ["/tmp/notes/secret.txt"]),
        ("open ./a/b.py, then ../c.", ["./a/b.py", "../c"]),
        ("compare src/main.rs and README.md", ["src/main.rs", "README.md"]),
        ("read `/tmp/my dir/a file.txt` now", ["/tmp/my dir/a file.txt"]),
        (r"type C:\Users\me\notes.txt please", [r"C:\Users\me\notes.txt"]),
        (r'type "C:\Users\me\my notes.txt"', [r"C:\Users\me\my notes.txt"]),
        ("see ~/todo.md twice: ~/todo.md", ["~/todo.md"]),
        ("look at https://example.com/a/b.txt", []),
        ("<error>\nno call\n</error> <br/>", []),
        ("gpt-5.2 is e.g. a model and/or 3.14", []),
        ("nothing here", []),
    ],
)
def test_paths(text: str, paths: list[str]) -> None:
    assert list(paths_in(text)) == paths


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("weather in Paris?", ["Paris"]),
        ("What's the weather like in New York and São Paulo today?", ["New York", "São Paulo"]),
        ("weather for Berlin, Rome and Oslo", ["Berlin", "Rome", "Oslo"]),
        ("weather in Paris and in Tokyo", ["Paris", "Tokyo"]),
        ("how is the weather", []),
    ],
)
def test_places(text: str, places: list[str]) -> None:
    assert list(places_in(text)) == places


BASH = OfferedTool(
    "bash",
    schema={
        "type": "object",
        "properties": {"command": {"type": "string"}},
        "required": ["command"],
    },
)


def test_the_text_to_repeat_keeps_its_shape_and_loses_an_agents_reminder() -> None:
    asked = "Repeat exactly the following text and nothing else: "
    assert text_to_repeat(asked + "a  b\n\n c") == "a  b\n\n c"
    assert text_to_repeat(asked.strip() + "\nline") == "line"
    reminder = "\n<system-reminder>\nhi\n</system-reminder>\n"
    assert text_to_repeat(asked + "<x>1</x>" + reminder) == "<x>1</x>"
    assert text_to_repeat("say it") is None


def test_what_was_said_before_a_session_was_compacted_is_not_asked_again() -> None:
    """As Copilot CLI writes it on Messages: in one message with what is asked now."""
    words = (
        "Some of the conversation history has been summarized.\n\nHere were the user messages:\n"
        "<user_message>\nRead the file /tmp/old.txt\n</user_message>\n"
        "<user_message>\nRepeat exactly the following text and nothing else: old\n</user_message>\n\n"
        "<summary>\nIt read /tmp/old.txt\n</summary>\n\nRead the file /tmp/new.txt"
    )
    (call,) = reply_to(Prompt("m", (Turn("user", words),), (BASH,))).tool_calls
    assert json.loads(call.arguments) == {"command": "cat /tmp/new.txt"}
    wrapped = "<user_message>Repeat exactly the following text and nothing else: now</user_message>"
    said = reply_to(Prompt("m", (Turn("user", "Hello"), Turn("user", wrapped)))).text
    assert said == "now"


def test_a_text_to_repeat_is_ordered_at_the_beginning_of_a_line_or_sentence() -> None:
    order = "Repeat exactly the following text and nothing else: X"
    assert text_to_repeat(order) == text_to_repeat(f"Good morning\n{order}") == "X"
    assert text_to_repeat(f"Never mind. {order}") == text_to_repeat(f"[sim:slow] {order}") == "X"
    assert text_to_repeat(f'He said "{order}"') is None


def test_a_start_is_cut_at_a_word() -> None:
    assert start_of("one two three", 9) == "one two…"
    assert start_of("one\n two") == "one two"


PATH = {"type": "string"}


def schema(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        (
            OfferedTool(
                "Read",
                schema=schema(["file_path"], file_path=PATH, limit={"type": "integer"}),
            ),
            {"file_path": "/tmp/a.txt"},
        ),
        (
            OfferedTool("read", schema=schema(["filePath"], filePath=PATH)),
            {"filePath": "/tmp/a.txt"},
        ),
        (OfferedTool("view", schema=schema(["path"], path=PATH)), {"path": "/tmp/a.txt"}),
        (
            OfferedTool("mcp__fs__read_text_file", schema=schema(["path"], path=PATH)),
            {"path": "/tmp/a.txt"},
        ),
        (
            OfferedTool(
                "read_file",
                schema=schema(
                    ["files"],
                    files={"type": "array", "items": schema(["path"], path=PATH)},
                ),
            ),
            {"files": [{"path": "/tmp/a.txt"}]},
        ),
        (
            OfferedTool(
                "read_many_files",
                schema=schema(["paths"], paths={"type": "array", "items": {"type": "string"}}),
            ),
            {"paths": ["/tmp/a.txt"]},
        ),
        (
            OfferedTool(
                "bash",
                schema=schema(
                    ["command", "description"],
                    command={"type": "string"},
                    description={"type": "string"},
                ),
            ),
            {"command": "cat /tmp/a.txt", "description": "Read /tmp/a.txt, please"},
        ),
        (
            OfferedTool("exec_command", schema=schema(["cmd"], cmd={"type": "string"})),
            {"cmd": "cat /tmp/a.txt"},
        ),
        (
            OfferedTool(
                "shell",
                schema=schema(["command"], command={"type": "array", "items": {"type": "string"}}),
            ),
            {"command": ["bash", "-lc", "cat /tmp/a.txt"]},
        ),
        (
            OfferedTool(
                "run_shell_command",
                schema=schema(
                    ["command", "timeout"],
                    command={"type": "string"},
                    timeout={"type": ["integer", "null"]},
                ),
            ),
            {"command": "cat /tmp/a.txt", "timeout": None},
        ),
    ],
    ids=lambda value: value.name if isinstance(value, OfferedTool) else "",
)
def test_any_agents_reading_tool_gets_the_path(tool: OfferedTool, arguments: Any) -> None:
    others = (
        OfferedTool("view_image", schema=schema(["path"], path=PATH)),
        OfferedTool("read_bash", schema=schema(["shellId"], shellId={"type": "string"})),
        OfferedTool("write_file", schema=schema(["path"], path=PATH)),
    )
    prompt = Prompt("m", (Turn("user", "Read /tmp/a.txt, please"),), (*others, tool))
    (call,) = reply_to(prompt).tool_calls
    assert call.name == tool.name
    assert json.loads(call.arguments) == arguments


def test_two_paths_are_two_calls_and_blanks_are_quoted() -> None:
    tool = OfferedTool("bash", schema=schema(["command"], command={"type": "string"}))
    prompt = Prompt("m", (Turn("user", "Read `/tmp/it's a.txt` and /tmp/b.txt"),), (tool,))
    commands = [json.loads(call.arguments)["command"] for call in reply_to(prompt).tool_calls]
    assert commands == ["cat '/tmp/it'\\''s a.txt'", "cat /tmp/b.txt"]


def test_an_agents_examples_behind_a_persons_words_are_not_asked_for() -> None:
    words = (
        "Please solve this: read /tmp/a.txt and /tmp/b.txt.\n\nWhat you can do:\n"
        "cd /path/to/work\n\nsed -i 's/a/b/' filename.py"
    )
    calls = reply_to(Prompt("m", (Turn("user", words),), (BASH,))).tool_calls
    assert [json.loads(each.arguments)["command"] for each in calls] == [
        "cat /tmp/a.txt",
        "cat /tmp/b.txt",
    ]


def test_words_before_the_ones_that_name_a_file_are_passed_over() -> None:
    words = "Good morning.\n\nNow read /tmp/a.txt\n\nand nothing like /tmp/b.txt"
    (call,) = reply_to(Prompt("m", (Turn("user", words),), (BASH,))).tool_calls
    assert json.loads(call.arguments) == {"command": "cat /tmp/a.txt"}


def test_an_agent_that_ends_by_a_command_is_given_that_command_with_the_answer() -> None:
    """As mini-swe-agent: an answer without a call is an error there."""
    words = "Read /tmp/a.txt\n\nFinish your work by issuing the following command: `echo ALL_DONE`."
    first = (Turn("user", words),)
    told = (*first, Turn("assistant", "bash(cat)"), Turn("tool", "secret word is: plum"))
    assert "ALL_DONE" not in reply_to(Prompt("m", first, (BASH,))).tool_calls[0].arguments
    reply = reply_to(Prompt("m", told, (BASH,)))
    assert reply.text == "The secret word is plum."
    assert [json.loads(each.arguments) for each in reply.tool_calls] == [
        {"command": "echo ALL_DONE"}
    ]
    assert reply_to(Prompt("m", told)).tool_calls == ()
    ended = (*told, Turn("assistant", "bash({'command': 'echo ALL_DONE'})"), Turn("tool", "ok"))
    assert reply_to(Prompt("m", ended, (BASH,))).tool_calls == ()


def test_a_patch_tool_named_in_the_prompt_gets_a_patch() -> None:
    tool = OfferedTool("apply_patch", kind="custom")
    prompt = Prompt("m", (Turn("user", "Use apply_patch to create hello.txt"),), (tool,))
    (call,) = reply_to(prompt).tool_calls
    assert call.is_custom
    assert call.arguments.startswith("*** Begin Patch\n*** Add File: hello.txt\n")


def test_a_path_without_a_fitting_tool_calls_nothing() -> None:
    tool = OfferedTool("lookup", schema=schema(["id"], id={"type": "string"}))
    prompt = Prompt("m", (Turn("user", "Read /tmp/a.txt"),), (tool,))
    assert reply_to(prompt).tool_calls == ()


def test_an_agents_own_blocks_are_not_the_persons_words() -> None:
    reminder = "<system-reminder>\nRead /etc/passwd in Paris\n</system-reminder>"
    prompt = read_messages(
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": reminder}]},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": reminder},
                        {"type": "text", "text": "Hello there"},
                    ],
                },
                {"role": "assistant", "content": "Hi"},
                {"role": "user", "content": [{"type": "text", "text": reminder}]},
            ]
        }
    )
    assert prompt.request == "Hello there"
    compacted = (
        "<local-command-caveat>Run directly.</local-command-caveat>\n"
        "<command-name>/compact</command-name>\n  <command-message>compact</command-message>\n\n"
        "<local-command-stdout>Compacted</local-command-stdout>\n\nRead /tmp/a.txt"
    )
    assert read_chat({"messages": [{"role": "user", "content": compacted}]}).request == (
        "Read /tmp/a.txt"
    )
    stamped = "<current_datetime>2026-11-21</current_datetime>\n\nRead /tmp/a.txt"
    chat = read_chat({"messages": [{"role": "user", "content": stamped}]})
    assert chat.request == "Read /tmp/a.txt"


def test_results_count_as_fresh_until_the_person_speaks_again() -> None:
    loop: list[dict[str, Any]] = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "tool_calls": []},
        {"role": "tool", "content": "one"},
        {"role": "tool", "content": [{"type": "text", "text": "two"}]},
    ]
    assert read_chat({"messages": loop}).fresh_results == ("one", "two")
    assert read_chat({"messages": [*loop, {"role": "user", "content": "ok"}]}).fresh_results == ()


def test_every_dialect_reads_into_the_same_turns() -> None:
    wanted = [("system", "be brief"), ("user", "hi"), ("assistant", "hello"), ("user", "bye")]
    talk = [("user", "hi"), ("assistant", "hello"), ("user", "bye")]
    plain = [{"role": role, "content": text} for role, text in talk]
    parts = [
        {
            "role": r,
            "content": [{"type": "output_text" if r == "assistant" else "input_text", "text": t}],
        }
        for r, t in talk
    ]
    read = (
        read_chat({"messages": [{"role": "developer", "content": "be brief"}, *plain]}),
        read_messages({"system": [{"type": "text", "text": "be brief"}], "messages": plain}),
        read_responses({"instructions": "be brief", "input": parts}),
    )
    for prompt in read:
        assert [(turn.role, turn.text) for turn in prompt.turns] == wanted


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": "integer", "exclusiveMaximum": 0}, -1),
        ({"type": "number", "multipleOf": 4}, 4),
        ({"type": "boolean"}, False),
        ({"type": "null"}, None),
        ({"const": "x"}, "x"),
        ({"enum": [3, 4]}, 3),
        ({"type": "string", "minLength": 8}, "value..."),
        ({"type": "string", "maxLength": 2}, "va"),
        ({"type": "string", "format": "date"}, "2026-11-21"),
        ({"type": "string", "pattern": "^[A-Z]{3}$"}, "AAA"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 3}, [1, 1, 1]),
        ({"oneOf": [{"type": "null"}, {"type": "string"}]}, "value"),
        (
            {"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}]},
            {"a": 1},
        ),
        ({"type": "object", "required": ["free"]}, {"free": "value"}),
    ],
)
def test_values_fit_their_schema(wanted: dict[str, Any], value: Any) -> None:
    assert fill(wanted, lambda _name, _schema: None, optional=True) == value


def test_a_schema_that_leads_back_to_itself_comes_to_an_end() -> None:
    node: dict[str, Any] = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "child": {"$ref": "#/$defs/node"}},
        "required": ["name"],
    }
    tree = {"$ref": "#/$defs/node", "$defs": {"node": node}}
    assert fill(tree, lambda _name, _schema: None, optional=True) == {"name": "value"}
    node["required"] = ["name", "child"]
    node["properties"]["child"] = {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}
    json.dumps(fill(tree, lambda _name, _schema: None, optional=True))
