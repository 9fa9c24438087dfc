"""The order they are shown in."""

from __future__ import annotations

from proxy_core.clients.libraries.anthropic_sdk import ANTHROPIC_SDK
from proxy_core.clients.libraries.google_genai import GOOGLE_GENAI
from proxy_core.clients.libraries.ollama_sdk import OLLAMA_SDK
from proxy_core.clients.libraries.openai_sdk import OPENAI_SDK
from proxy_core.clients.libraries.other import OTHER

LIBRARIES = (OPENAI_SDK, ANTHROPIC_SDK, GOOGLE_GENAI, OLLAMA_SDK, OTHER)
