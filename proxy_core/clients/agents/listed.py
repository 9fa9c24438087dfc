"""The order they are shown in."""

from __future__ import annotations

from proxy_core.clients.agents.aider import AIDER
from proxy_core.clients.agents.claude_code import CLAUDE_CODE
from proxy_core.clients.agents.codex import CODEX
from proxy_core.clients.agents.copilot_cli import COPILOT_CLI
from proxy_core.clients.agents.crush import CRUSH
from proxy_core.clients.agents.gemini_cli import GEMINI_CLI
from proxy_core.clients.agents.goose import GOOSE
from proxy_core.clients.agents.llm import LLM
from proxy_core.clients.agents.mini_swe_agent import MINI_SWE_AGENT
from proxy_core.clients.agents.open_webui import OPEN_WEBUI
from proxy_core.clients.agents.opencode import OPENCODE
from proxy_core.clients.agents.pi import PI
from proxy_core.clients.agents.qwen_code import QWEN_CODE

AGENTS = (
    *(CLAUDE_CODE, CODEX, COPILOT_CLI, OPENCODE, AIDER, QWEN_CODE),
    *(CRUSH, PI, GOOSE, MINI_SWE_AGENT, LLM, OPEN_WEBUI, GEMINI_CLI),
)
