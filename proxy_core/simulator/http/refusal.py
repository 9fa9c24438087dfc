"""A refusal in the real service's own shapes: JSON that calls itself text, plain text, HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
HTML = "text/html"


class Refusal(Exception):
    """An HTTP answer instead of the wanted one.

    ``body`` is a JSON object or ready text. JSON leaves as ``text/plain`` with a trailing newline unless
    ``content_type`` says otherwise, as recorded on the real service. ``from_gateway``: something in
    front of the service answered, so the service's own headers are missing.
    """

    def __init__(
        self,
        status: int,
        body: Mapping[str, Any] | str,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = TEXT,
        from_gateway: bool = False,
    ) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.content_type = content_type
        self.from_gateway = from_gateway or content_type == HTML

    @property
    def message(self) -> str:
        """The sentence inside the body, for transports that wrap it (WebSocket frames)."""
        if isinstance(self.body, str):
            return self.body.strip()
        error = self.body.get("error")
        if isinstance(error, Mapping):
            return str(error.get("message", ""))
        return str(self.body.get("message", ""))

    @property
    def code(self) -> str:
        if isinstance(self.body, Mapping):
            error = self.body.get("error")
            if isinstance(error, Mapping):
                return str(error.get("code") or error.get("type") or "")
        return ""


def coded(status: int, code: str, message: str, **more: Any) -> Refusal:
    """``{"error": {"message", "code", ...}}``, the form most endpoints share."""
    return Refusal(status, {"error": {"message": message, "code": code, **more}})


def invalid_body(message: str) -> Refusal:
    return coded(400, "invalid_request_body", message)


def anthropic_invalid(message: str, request_id: str = "req_011SimulatedRefusal") -> Refusal:
    """The Messages endpoint's own validation form."""
    return Refusal(
        400,
        {
            "type": "error",
            "error": {"type": "invalid_request_error", "message": message},
            "request_id": request_id,
        },
        content_type=JSON,
    )


def forbidden() -> Refusal:
    """The opaque 403: one shape for refused parameters and for rate limits, so that nobody can tell."""
    return Refusal(403, "forbidden\n")


def unsupported_endpoint(model: str, path: str) -> Refusal:
    return coded(
        400,
        "unsupported_api_for_model",
        f'model "{model}" is not accessible via the {path} endpoint',
    )


def model_not_supported() -> Refusal:
    return coded(
        400,
        "model_not_supported",
        "The requested model is not supported.",
        param="model",
        type="invalid_request_error",
    )


def only_automatic(model: str) -> Refusal:
    """A named model under a plan that gets an automatic choice; the wording is not on record."""
    return coded(
        400,
        "model_not_supported",
        f'The requested model is not supported: "{model}" is not available on your plan, which offers '
        "automatic model selection only (simulated).",
        param="model",
        type="invalid_request_error",
    )


def not_found() -> Refusal:
    return Refusal(404, "404 page not found\n")
