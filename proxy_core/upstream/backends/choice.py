"""Which backend carries a call: the model's own, else the one for all models. Pure."""

from __future__ import annotations

from proxy_core.canonical.model import Endpoint
from proxy_core.config.settings import BackendName, UpstreamSettings

CONVERSATIONS = frozenset({Endpoint.CHAT_COMPLETIONS, Endpoint.RESPONSES, Endpoint.MESSAGES})


def backend_for(settings: UpstreamSettings, model_id: str, path: str) -> BackendName:
    """Return the backend for a call of ``model_id`` at ``path``.

    Only conversations have a choice: embeddings and counts of tokens are the native client's.
    """
    if path not in CONVERSATIONS:
        return BackendName.COPILOT
    return settings.model_backends.get(model_id, settings.backend)
