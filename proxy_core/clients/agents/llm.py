"""llm."""

from __future__ import annotations

from proxy_core.clients.tool import CHAT_MODELS, Command, FilePart, Step, Tool, ToolKind, Wire

LLM = Tool(
    app_id="llm",
    name="llm",
    kind=ToolKind.AGENT,
    wire=Wire.OPENAI_CHAT,
    programs=("llm",),
    seen_as=("llm",),
    preferred_models=CHAT_MODELS,
    steps=(
        Step(
            "Keep the key; it asks for it",
            # Without a name of its own in the file below, llm would send another key.
            Command(("llm", "keys", "set", "g-copilot-proxy")),
        ),
        Step(
            "Add this model to the file in the folder that `llm logs path` names",
            FilePart(
                "extra-openai-models.yaml",
                "- model_id: g-copilot-proxy\n"
                "  model_name: $model\n"
                "  api_base: $openai_url\n"
                "  api_key_name: g-copilot-proxy\n",
            ),
        ),
        Step("Ask it something", Command(("llm", "-m", "g-copilot-proxy", "Hello"))),
    ),
)
