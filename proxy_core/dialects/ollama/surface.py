"""What is served of Ollama's API: versions, models, chat and generate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from proxy_core.dialects.ollama.dialect import OllamaChat, OllamaGenerate
from proxy_core.dialects.ollama.inspect_request import is_empty
from proxy_core.dialects.ollama.models import model_details, model_list, running, version
from proxy_core.dialects.ollama.parse_request import plain_model
from proxy_core.dialects.ollama.timestamps import rfc3339
from proxy_core.dialects.shared.json_members import decode_raw, refuse
from proxy_core.dialects.shared.raw_body import model_name, wants_stream
from proxy_core.dialects.surface import (
    ModelCall,
    ModelDetails,
    ModelList,
    Operation,
    OwnAnswer,
    Served,
)

_GET, _POST = ("GET",), ("POST",)


def _plainly_named(members: Mapping[str, Any]) -> dict[str, msgspec.Raw]:
    """Return the model by the name that it has in the catalogue."""
    name = plain_model(model_name(members))
    return {"model": msgspec.Raw(msgspec.json.encode(name))}


def _name(members: Mapping[str, Any]) -> str:
    """Return the model that ``/api/show`` is asked about; ``name`` is the member's older name."""
    name = decode_raw(members, "model") or decode_raw(members, "name")
    if not isinstance(name, str) or not name:
        refuse("model", "is required")
    return plain_model(name)


def _loads(member: str, empty: Mapping[str, Any]) -> Any:
    """Return what answers a request that only loads a model, or unloads it: there is nothing to do."""

    def answer(members: Mapping[str, Any], created: int) -> dict[str, Any] | None:
        if not (is_empty(members, member) and is_empty(members, "images")):
            return None
        wants_stream(members)
        reason = "unload" if decode_raw(members, "keep_alive") in (0, "0") else "load"
        head = {"model": model_name(members), "created_at": rfc3339(created)}
        return {**head, **empty, "done": True, "done_reason": reason}

    return answer


_EMPTY_MESSAGE = {"message": {"role": "assistant", "content": ""}}
_CHAT = ModelCall(OllamaChat(), _plainly_named, _loads("messages", _EMPTY_MESSAGE))
_GENERATE = ModelCall(OllamaGenerate(), _plainly_named, _loads("prompt", {"response": ""}))
_SERVED: Mapping[str, tuple[tuple[str, ...], Operation]] = {
    "/api/version": (_GET, OwnAnswer(version)),
    "/api/ps": (_GET, OwnAnswer(running)),
    "/api/tags": (_GET, ModelList(model_list)),
    "/api/show": (_POST, ModelDetails(_name, model_details)),
    "/api/chat": (_POST, _CHAT),
    "/api/generate": (_POST, _GENERATE),
}


class OllamaSurface:
    """Implements ``proxy_core.dialects.surface.Surface``; holds no state."""

    dialect = OllamaChat()
    key_header = ""
    key_query = ""

    def claims(self, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """It shares no path."""
        del path, headers, query
        return False

    def find(self, path: str, query: Mapping[str, str]) -> Served | None:
        del query
        label = path.rstrip("/")
        found = _SERVED.get(label)
        return None if found is None else Served(label, *found)


SURFACE = OllamaSurface()
