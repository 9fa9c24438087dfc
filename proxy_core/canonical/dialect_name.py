"""The names of the dialects, by themselves: a start knows them before it needs a request."""

from __future__ import annotations

from enum import StrEnum


class DialectName(StrEnum):
    OPENAI_CHAT = "openai_chat"
    OPENAI_RESPONSES = "openai_responses"
    ANTHROPIC_MESSAGES = "anthropic_messages"
    GEMINI = "gemini"
    """Google's ``generateContent``; spoken by clients only."""
    OLLAMA = "ollama"
    """Ollama's ``/api/chat`` and ``/api/generate``; spoken by clients only."""
