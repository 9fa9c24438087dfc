"""The name under which GitHub chooses the model, and the plans on which it chooses for every name."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from proxy_core.canonical.model import Model
from proxy_core.dialects.interface import Dialect
from proxy_core.errors import translatable
from proxy_core.routing.automatic_question import automatic_question
from proxy_core.routing.call_plan import PlannedCall, model_name
from proxy_core.routing.client_programs import session_id
from proxy_core.routing.upstream_api import AutomaticChoice, AutomaticQuestion
from proxy_core.server.calls.body_threads import is_heavy
from proxy_core.server.http.responses import ASKED, IMPOSED
from proxy_core.server.parts import ServerContext

AUTOMATIC = "auto"
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """What names stand for in one request. ``by`` is ASKED, IMPOSED, or empty without a choice."""

    aliases: Mapping[str, str]
    catalogue: Sequence[Model]
    choice: AutomaticChoice | None = field(default=None, repr=False)
    by: str = ""

    def put_into(self, planned: PlannedCall) -> PlannedCall:
        """Return the call with the choice's session token, and a note where nobody asked for it."""
        choice = self.choice
        if choice is None or (planned.model.id != choice.model_id and self.by != IMPOSED):
            return planned
        planned = replace(
            planned, call=replace(planned.call, automatic_session=choice.session_token)
        )
        if self.by != IMPOSED or planned.model.id != choice.model_id:
            return planned  # a web search has its own note about the model
        asked = planned.facts.model[:_LONGEST_NAME]
        note = translatable(
            "on this plan GitHub chooses the model: {model} in place of {asked}",
            model=choice.model_id,
            asked=asked,
        )
        return replace(planned, notes=(*planned.notes, note))


async def automatic_model(
    parts: ServerContext,
    dialect: Dialect,
    headers: Mapping[str, str],
    members: Mapping[str, Any],
    catalogue: Sequence[Model],
) -> ModelChoice:
    """Return what names stand for in this request, and GitHub's choice where there is one.

    The plan comes first; then the user's own “auto”, or a model GitHub lists under that name. Raises
    ProxyError.
    """
    aliases = parts.model_aliases()

    async def question() -> AutomaticQuestion:
        work = functools.partial(_question, dialect, headers, members)
        return await parts.threads.run(work, heavy=is_heavy(members))

    imposed = await parts.upstream.imposed_choice(question)
    if imposed is not None:
        name = dialect.inspect_request(members).model.strip()
        return ModelChoice(
            {name: imposed.model_id}, _with(imposed.model, catalogue), imposed, IMPOSED
        )
    if model_name(members).strip().lower() != AUTOMATIC or AUTOMATIC in aliases:
        return ModelChoice(aliases, catalogue)
    if any(each.id == AUTOMATIC for each in catalogue):
        return ModelChoice(aliases, catalogue)
    choice = await parts.upstream.automatic_choice(question)
    return ModelChoice(
        {**aliases, AUTOMATIC: choice.model_id}, _with(choice.model, catalogue), choice, ASKED
    )


def _question(
    dialect: Dialect, headers: Mapping[str, str], members: Mapping[str, Any]
) -> AutomaticQuestion:
    facts = dialect.inspect_request(members)
    return automatic_question(members, has_image=facts.has_images, session_id=session_id(headers))


def _with(chosen: Model | None, catalogue: Sequence[Model]) -> Sequence[Model]:
    """The list may be older than the choice: the chosen model's own entry counts."""
    if chosen is None or any(each.id == chosen.id for each in catalogue):
        return catalogue
    return (*catalogue, chosen)
