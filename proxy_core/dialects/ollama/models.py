"""The list of models and one model, in Ollama's form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from proxy_core.canonical.model import Model
from proxy_core.dialects.ollama.schema import API_VERSION, LATEST

_EPOCH = "1970-01-01T00:00:00Z"
"""Copilot states no time of a model's last change."""


def model_list(models: Sequence[Model], query: Mapping[str, str]) -> dict[str, Any]:
    """Return all models that can hold a conversation; their size is zero, as none lies here."""
    del query
    return {"models": [_entry(each) for each in models if each.kind == "chat"]}


def model_details(model: Model) -> dict[str, Any]:
    """Return what a client asks before it uses a model: its context and its abilities."""
    architecture = model.family or model.id
    context = model.limits.prompt or model.limits.context_window
    stated = {
        "general.architecture": architecture,
        "general.basename": model.id,
        f"{architecture}.context_length": context,
    }
    return {
        "modelfile": "",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": _details(model),
        "model_info": {name: value for name, value in stated.items() if value is not None},
        "capabilities": _capabilities(model),
        "modified_at": _EPOCH,
    }


def version(own: str) -> dict[str, str]:
    """Return the release of Ollama whose API is served: clients compare it with what they need."""
    del own
    return {"version": API_VERSION}


def running(own: str) -> dict[str, Any]:
    """Return the models in this computer's memory: none."""
    del own
    return {"models": []}


def _entry(model: Model) -> dict[str, Any]:
    name = f"{model.id}{LATEST}"
    return {
        "name": name,
        "model": name,
        "modified_at": _EPOCH,
        "size": 0,
        "digest": sha256(model.id.encode()).hexdigest(),
        "details": _details(model),
    }


def _details(model: Model) -> dict[str, Any]:
    family = model.family or model.id
    return {
        "parent_model": "",
        "format": "",
        "family": family,
        "families": [family],
        "parameter_size": "",
        "quantization_level": "",
    }


def _capabilities(model: Model) -> list[str]:
    supports = model.supports
    thinks = supports.thinking or supports.adaptive_thinking or bool(supports.reasoning_efforts)
    has = {"tools": supports.tool_calls, "vision": supports.vision, "thinking": thinks}
    return ["completion", *(name for name, is_there in has.items() if is_there)]
