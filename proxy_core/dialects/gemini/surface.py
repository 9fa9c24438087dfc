"""What is served of the Gemini API: ``/v1beta/models`` and the methods of its models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from proxy_core.dialects.gemini.dialect import Gemini, GeminiArray
from proxy_core.dialects.gemini.fields import named
from proxy_core.dialects.gemini.models import model_details, model_list
from proxy_core.dialects.shared.json_members import refuse
from proxy_core.dialects.surface import ModelCall, ModelDetails, ModelList, Served, TokenCount

VERSIONS = ("/v1beta", "/v1")
"""Google's newest SDKs ask the second one; its list of models stands where OpenAI's does."""
_MODELS = "/models"
_CLIENT_HEADER = "x-goog-api-client"
_METHODS = ("generateContent", "streamGenerateContent", "countTokens")
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class GeminiSurface:
    """Implements ``proxy_core.dialects.surface.Surface``; holds no state."""

    dialect = Gemini()
    key_header = "x-goog-api-key"
    key_query = "key"

    def claims(self, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """By the method in the path, or by what only Google's clients send."""
        is_googles = self.key_header in headers or _CLIENT_HEADER in headers
        return is_googles or self.key_query in query or path.rpartition(":")[2] in _METHODS

    def find(self, path: str, query: Mapping[str, str]) -> Served | None:
        """Models are named in the path, as ``models/NAME`` and behind it the method."""
        path = path.rstrip("/")
        version = next((each for each in VERSIONS if path.startswith(each + _MODELS)), None)
        if version is None:
            return None
        models = version + _MODELS
        if path == models:
            return Served(models, ("GET",), ModelList(model_list))
        if not path.startswith(f"{models}/"):
            return None
        named_there = path.removeprefix(f"{models}/")
        name, _, method = named_there.rpartition(":")
        label = f"{models}/{{model}}"
        if method in _METHODS:
            return self._method(f"{label}:{method}", name, method, query)
        if name:
            return None
        return Served(label, ("GET",), ModelDetails(lambda _: named_there, model_details))

    def _method(self, label: str, model: str, method: str, query: Mapping[str, str]) -> Served:
        if method == "countTokens":
            count = TokenCount(self.dialect, lambda members: _counted(model, members), _count)
            return Served(label, ("POST",), count)
        if method == "generateContent":
            return Served(label, ("POST",), ModelCall(self.dialect, _says(model, stream=False)))
        dialect = self.dialect if query.get("alt") == "sse" else GeminiArray()
        return Served(label, ("POST",), ModelCall(dialect, _says(model, stream=True)))


def _says(model: str, *, stream: bool) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
    return lambda _: _added(model, stream=stream)


def _added(model: str, *, stream: bool) -> dict[str, msgspec.Raw]:
    """Return what the path says, as members of the body."""
    return {
        "model": msgspec.Raw(msgspec.json.encode(model)),
        "stream": msgspec.Raw(b"true" if stream else b"false"),
    }


def _counted(model: str, members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request whose tokens are counted: the body itself, or what it holds.

    Raises BadRequest.
    """
    stated = named(members)
    inner = stated.get("generateContentRequest")
    if inner is not None:
        try:
            stated = named(_decode_members(inner))
        except msgspec.ValidationError:
            refuse("generateContentRequest", "expected an object")
    if "contents" not in stated:
        refuse("contents", "contents is not specified")
    return {**stated, **_added(model, stream=False)}


def _count(tokens: int) -> dict[str, Any]:
    return {"totalTokens": tokens}


SURFACE = GeminiSurface()
