"""The name under which GitHub chooses the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proxy_core.canonical.model import Model
from proxy_core.routing.call_plan import model_name
from proxy_core.routing.upstream_api import AutomaticChoice
from proxy_core.server.parts import ServerContext

AUTOMATIC = "auto"


async def automatic_model(
    parts: ServerContext, members: Mapping[str, Any], catalogue: Sequence[Model]
) -> tuple[Mapping[str, str], AutomaticChoice | None]:
    """Return what names stand for in this request, and GitHub's choice where it asks for “auto”.

    The user's own “auto”, or a model GitHub lists under that name, comes first. Raises ProxyError.
    """
    aliases = parts.model_aliases()
    if model_name(members).strip().lower() != AUTOMATIC or AUTOMATIC in aliases:
        return aliases, None
    if any(each.id == AUTOMATIC for each in catalogue):
        return aliases, None
    choice = await parts.upstream.automatic_choice()
    return {**aliases, AUTOMATIC: choice.model_id}, choice
