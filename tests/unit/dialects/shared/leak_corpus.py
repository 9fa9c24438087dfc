"""Answers with a tool call written out as text, and answers that only talk about such things.

Made in code, from the forms seen in the field (anthropics/claude-code#69529, #64108, #69421,
github/copilot-cli#3765). The markers are put together, so that this file holds none.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PREFIX = "ant" + "ml:"
TOOLS: list[dict[str, Any]] = [
    {
        "name": "Bash",
        "input_schema": {
            "type": "object",
            "properties": {
                "command": {"type": "string"},
                "timeout": {"type": "integer"},
                "run_in_background": {"type": "boolean"},
            },
            "required": ["command"],
        },
    },
    {
        "name": "Edit",
        "input_schema": {
            "type": "object",
            "properties": {
                "file_path": {"type": "string"},
                "old_string": {"type": "string"},
                "new_string": {"type": "string"},
            },
            "required": ["file_path", "old_string", "new_string"],
        },
    },
    {
        "name": "TodoWrite",
        "input_schema": {
            "type": "object",
            "properties": {"todos": {"type": "array", "items": {"type": "object"}}},
            "required": ["todos"],
        },
    },
    {"name": "mcp__ide__getDiagnostics", "input_schema": {"type": "object", "properties": {}}},
]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("Bash", {"command": "ls -la"}),
    ("Bash", {"command": 'grep -rn \'<div class="a">\' src | sort > out.txt && echo "done"'}),
    ("Bash", {"command": "python - <<'E'\nprint(1 < 2)\nE", "timeout": 5000}),
    ("Bash", {"command": "sleep 9", "run_in_background": True}),
    ("Edit", {"file_path": "/a/b.html", "old_string": "<p>x</p>", "new_string": "<p>\n  ü</p>\n"}),
    ("Edit", {"file_path": "a.md", "old_string": "```\nold\n```", "new_string": ""}),
    ("TodoWrite", {"todos": [{"content": "test", "status": "pending"}]}),
    ("mcp__ide__getDiagnostics", {}),
]
LEADS = (
    "",
    "I'll run the tests.\n\n",
    "Let me check the output format of the documentation:\n\n",
    "Now I need to fix the memory leak in the parser.\n",
    "The XML syntax error is in line 12. Let me look at it:\n\n",
    "Done with `main.py`. Next, the second file.\n\n",
    "Here is the plan:\n\n1. read\n2. write\n\nI'll begin with the first.\n\n",
    "```python\nprint('<a>')\n```\n\nThat works. Let me run it now.\n\n",
    "Vec<String> is a < b here.\n\n",
    "The config has <template> tags. Fixing it.\n\n",
    "Looking at the request log:\n\n",
    'It is a 5" disk.\n\n',
    "Good, issue #12 is fixed.\n\n",
)
STRAYS = ("", "court\n", "call\n", "count\n", "court ", "call", "court\n\n", "course\n")


@dataclass(frozen=True)
class Leak:
    text: str
    shown: str
    calls: tuple[tuple[str, dict[str, Any]], ...]


def written(name: str, arguments: dict[str, Any], prefix: str = "", gap: str = "\n") -> str:
    lines = [f'<{prefix}invoke name="{name}">']
    for key, value in arguments.items():
        text = value if isinstance(value, str) else json.dumps(value)
        lines.append(f'<{prefix}parameter name="{key}">{text}</{prefix}parameter>')
    return gap.join([*lines, f"</{prefix}invoke>"])


def leaks() -> Iterator[Leak]:
    for lead in LEADS:
        for stray in STRAYS:
            for number, call in enumerate(CALLS):
                prefix = PREFIX if number % 2 else ""
                gap = "\n" if (number + len(stray)) % 3 else ""
                wrapped = (number + len(lead)) % 3
                calls = (call, CALLS[(number + 3) % len(CALLS)]) if number % 4 == 1 else (call,)
                body = "\n".join(written(*each, prefix, gap) for each in calls)
                if wrapped:
                    body = f"<{prefix}function_calls>\n{body}"
                    body += f"\n</{prefix}function_calls>" if wrapped == 1 else "\n"
                shown = (
                    lead + stray if lead.endswith("\n\n") or not lead else lead + stray.strip(" ")
                )
                if stray in ("court ", "call") and lead and not lead.endswith("\n\n"):
                    shown = f"{lead}\n{stray}"
                yield Leak(shown + body, shown, calls)


SUBJECTS = (
    "Claude Code leaks tool calls as text. What I got:\n\n{}",
    "The model printed this instead of calling the tool:\n\n{}",
    "Bug report #69529: the answer ends with a raw tool call.\n\n{}",
    "Here is an example of the format:\n\n{}",
    "A call looks like this:\n{}",
    "For instance:\n\n{}",
    "The transcript contains the following lines:\n\n{}",
    "```xml\n{}\n```",
    "```\n{}",
    "~~~\n{}\n~~~",
    "1. Do this:\n   ```\n   x\n{}\n   ```",
    "Use `{}`",
    "It said `{}` and stopped.",
    'He wrote "{}"',
    "“{}”",
    "> {}",
    "> quoted\n> {}",
    "    {}",
    "\t{}",
    "<example>\n{}\n</example>",
    "<pre>\n{}",
    "<!-- \n{}\n-->",
    "<![CDATA[\n{}\n]]>",
    "{}\n\nThat is what a call is made of.",
    "{}\nDone.",
    "- {}",
    "| {} |",
    "See {} for the whole.",
    "Expected: a call.\n\n## Actual\n\n{}",
    "The stray word before it:\n\ncourt\n{}",
    "**Actual behaviour:**\n\ncall\n{}",
    "The docs say:\n\n{}",
    "You can call it with:\n\n{}",
    'text = """\n{}',
    "The parser reads <invoke> and <parameter> elements.\n\n{}",
    "`invoke` holds parameters.\n\n{}",
)
ENDS = ("", "\n", "  ", "\n\n")


def _markup(rng: random.Random) -> tuple[str, bool]:
    """Markup, and whether it is harmless wherever it stands."""
    name, arguments = rng.choice(CALLS)
    prefix = rng.choice(("", PREFIX))
    whole = written(name, arguments, prefix)
    kind = rng.randrange(8)
    if kind == 0:
        return whole.replace(name, rng.choice(("bash", "run", "get_weather", "Bash2", ""))), True
    if kind == 1:
        return whole[: rng.randrange(1, len(whole) - 1)], True
    if kind == 2:
        return written(name, {**arguments, "unknown": "x"}, prefix), True
    if kind == 3:
        return written("Bash", {"command": "ls", "timeout": "soon"}, prefix), True
    if kind == 4:
        return written("Bash", {"timeout": 3}, prefix), True
    return whole, False


PROSE = (
    "The value is a < b and c > d.",
    "Use `Vec<String>` or <T>.",
    '<div>\n<input name="a">\n<in',
    "<!DOCTYPE html>\n<html>\n<body>\n</body>\n</html>",
    "```html\n<p>\n```",
    "He said: call the court.",
    '<xs:element name="invoke"/>',
    "<inv",
    "cat <<EOF\nx\nEOF",
    "<function>\n</function>",
    "if (a<invoke) return;",
    '<invoker name="Bash">\n</invoker>',
    "call\ncourt\n",
    '<parameter name="command">ls</parameter>\n</invoke>',
    "#include <stdio.h>\n",
)


def innocents(count: int, seed: int) -> Iterator[str]:
    rng = random.Random(seed)
    while count:
        markup, harmless = _markup(rng)
        before = rng.choice(PROSE) + "\n\n" if rng.random() < 0.3 else ""
        if harmless and rng.random() < 0.3:
            text = before + markup
        elif rng.random() < 0.2:
            text = "\n".join(rng.sample(PROSE, 4))
        else:
            text = before + rng.choice(SUBJECTS).format(markup)
        yield text + rng.choice(ENDS)
        count -= 1


def split(text: str, rng: random.Random) -> list[str]:
    """``text`` in pieces as a stream might bring them."""
    longest = rng.choice((1, 4, 30, 10_000))
    pieces = []
    while text:
        size = rng.randint(1, longest)
        pieces.append(text[:size])
        text = text[size:]
    return pieces
