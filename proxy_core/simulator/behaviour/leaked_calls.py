"""Tool calls that come as text, as Opus 4.7 and 4.8 sometimes write them "
"(anthropics/claude-code#69529)."""

from __future__ import annotations

import json
from dataclasses import replace

from proxy_core.simulator.behaviour.reply import Finish, Reply, ToolCall

# The stray word is part of what was seen.
_STRAY = "court"


def leaked(reply: Reply) -> Reply:
    """``reply`` with its calls written out; one without calls stays as it is."""
    if not reply.tool_calls:
        return reply
    calls = "\n".join(_written(call) for call in reply.tool_calls)
    lead = f"{reply.text}\n\n" if reply.text else ""
    return replace(reply, text=f"{lead}{_STRAY}\n{calls}", tool_calls=(), finish=Finish.STOP)


def _written(call: ToolCall) -> str:
    try:
        arguments = json.loads(call.arguments)
    except json.JSONDecodeError:
        arguments = {"input": call.arguments}
    lines = [
        f'<parameter name="{name}">{value if isinstance(value, str) else json.dumps(value)}</parameter>'
        for name, value in arguments.items()
    ]
    return "\n".join([f'<invoke name="{call.name}">', *lines, "</invoke>"])
