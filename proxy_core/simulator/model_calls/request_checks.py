"""Refusals that several endpoints share: images, tools, efforts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from proxy_core.simulator.catalog.catalog import efforts_of, limits_of
from proxy_core.simulator.http.refusal import coded, invalid_body
from proxy_core.simulator.model_calls.schema_checking import problem_of
from proxy_core.simulator.model_calls.wire import Asked

MOST_TOOLS = 128
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_DATA_URL = re.compile(r"data:(image/[\w.+-]+);base64,")


def check_images(asked: Asked, urls: Iterable[str]) -> None:
    """``urls`` are the image addresses of the request, data URLs included."""
    urls = list(urls)
    if not urls and not asked.prompt.images:
        return
    header = asked.headers.get("Copilot-Vision-Request", "").lower()
    if asked.profile.requires_vision_header and header != "true":
        raise coded(400, "", "missing required Copilot-Vision-Request header for vision requests")
    supports = asked.model["capabilities"].get("supports") or {}
    if not supports.get("vision"):
        raise invalid_body(f"model {asked.model['id']} does not support image input")
    vision = limits_of(asked.model).get("vision") or {}
    for url in urls:
        media = _DATA_URL.match(url)
        if media is None:
            raise coded(400, "", "external image URLs are not supported")
        allowed = vision.get("supported_media_types")
        if allowed and media.group(1) not in allowed:
            raise invalid_body(f"unsupported image media type: {media.group(1)}")
        check_image_size(asked.model, len(url) - media.end())


def check_image_size(model: Mapping[str, Any], base64_length: int) -> None:
    vision = limits_of(model).get("vision") or {}
    limit = vision.get("max_prompt_image_size")
    if limit is not None and base64_length * 3 // 4 > limit + 2:
        raise coded(413, "", "failed to parse request")


def check_tool_count(tools: Any) -> None:
    if isinstance(tools, list) and len(tools) > MOST_TOOLS:
        raise invalid_body(
            "Invalid 'tools': array too long. Expected an array with maximum length "
            f"{MOST_TOOLS}, but got an array with length {len(tools)} instead."
        )


def check_tool_names(names: Iterable[tuple[str, Any]]) -> None:
    """``names`` pairs where a name stands in the body with the name."""
    for place, name in names:
        if not isinstance(name, str) or not _TOOL_NAME.fullmatch(name):
            raise invalid_body(
                f"Invalid '{place}': string does not match pattern. Expected a string that matches "
                "the pattern '^[a-zA-Z0-9_-]+$'."
                if not isinstance(name, str) or len(name) <= 64
                else f"Invalid '{place}': string too long. Expected a string with maximum length 64, "
                f"but got a string with length {len(name)} instead."
            )


def check_schema(place: str, schema: Any) -> None:
    """``place`` begins the real message: ``function 'read'``, ``response_format 'answer'``."""
    if schema is not None and (problem := problem_of(schema)):
        raise invalid_body(f"Invalid schema for {place}: {problem}.")


def check_effort(asked: Asked, place: str, effort: Any) -> None:
    """A model takes only the efforts its entry lists."""
    known = efforts_of(asked.model)
    if effort is None or effort in known:
        return
    raise coded(
        400,
        "invalid_reasoning_effort",
        f'{place} "{effort}" is not supported by model {asked.model["id"]}; '
        f"supported values: [{' '.join(known)}]",
    )
