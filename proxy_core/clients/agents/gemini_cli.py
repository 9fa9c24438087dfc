"""Gemini CLI."""

from __future__ import annotations

from proxy_core.clients.tool import Tool, ToolKind, Wire

GEMINI_CLI = Tool(
    app_id="gemini-cli",
    name="Gemini CLI",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("gemini",),
    seen_as=("Gemini CLI",),
    refusal="It speaks only Google's own API, which the proxy does not offer.",
)
