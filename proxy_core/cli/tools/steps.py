"""The steps that connect a tool by hand, printed."""

from __future__ import annotations

from typing import Any

from proxy_core.cli.tools.server_in_use import ServerInUse
from proxy_core.clients.connection import Connection
from proxy_core.clients.instructions import Instruction, Place, instructions
from proxy_core.clients.tool import Tool


def steps_of(tool: Tool, connection: Connection, server: ServerInUse) -> tuple[Instruction, ...]:
    return instructions(tool, connection, server.location.shell)


def steps_json(tool: Tool, connection: Connection, server: ServerInUse) -> dict[str, Any]:
    """What programs read of a tool: also where its files were written, the steps are there."""
    return {
        "app": tool.app_id,
        "name": tool.name,
        "base_url": connection.base_url,
        "openai_url": connection.openai_url,
        "model": connection.model,
        "shell": server.location.shell.value,
        "steps": [_as_json(step) for step in steps_of(tool, connection, server)],
        "caution": tool.caution or None,
    }


def steps_text(steps: tuple[Instruction, ...]) -> str:
    return "\n\n".join(_as_text(number, step) for number, step in enumerate(steps, 1))


def _as_json(step: Instruction) -> dict[str, str | None]:
    return {
        "text": step.text,
        "place": step.place.value,
        "label": step.label or None,
        "content": step.content or None,
    }


def _as_text(number: int, step: Instruction) -> str:
    head = f"{number}. {step.text}"
    if not step.content:
        return head + "."
    if step.place is Place.FIELD:
        return f"{head}:\n\n   {step.label}: {step.content}"
    if step.place is Place.FILE:
        head = f"{head}, {step.label}"
    body = "\n".join(f"   {line}".rstrip() for line in step.content.rstrip("\n").split("\n"))
    return f"{head}:\n\n{body}"
