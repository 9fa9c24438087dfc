"""OpenAI's published description against the running server: whatever fits it or breaks it is answered.

The description lies beside the repository; without it, or without schemathesis, this is skipped.
``DESCRIPTION_EXAMPLES=2000`` asks that many times for every operation.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

schemathesis = pytest.importorskip("schemathesis")

DESCRIPTION = (
    Path(__file__).resolve().parents[4] / "shared" / "openapi" / "openai-openapi.subset.json"
)
if not DESCRIPTION.is_file():
    pytest.skip("the description is not beside the repository", allow_module_level=True)

EXAMPLES = int(os.environ.get("DESCRIPTION_EXAMPLES", "25"))
MODELS = ["gpt-4o-mini", "claude-sonnet-4.6", "gpt-5.3-codex", "gemini-3.1-pro-preview"]
EMBEDDING_MODEL = "text-embedding-3-small"
OPERATIONS = [
    ("/chat/completions", "POST"),
    ("/responses", "POST"),
    ("/embeddings", "POST"),
    ("/models", "GET"),
    ("/models/{model}", "GET"),
]
"""In the description's words; the server serves them with and without ``/v1``."""

described = schemathesis.openapi.from_path(DESCRIPTION)
