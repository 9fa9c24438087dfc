"""Cursor."""

from __future__ import annotations

from proxy_core.clients.tool import Tool, ToolKind, Wire

CURSOR = Tool(
    app_id="cursor",
    name="Cursor",
    kind=ToolKind.EDITOR,
    wire=Wire.OPENAI_CHAT,
    programs=("cursor",),
    seen_as=("Cursor",),
    refusal="Cursor's own servers send its requests, and they cannot reach an address on this computer.",
)
