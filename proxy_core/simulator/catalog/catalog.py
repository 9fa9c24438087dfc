"""The model list: entries from ``models.json``, and which of them the account has agreed to."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from proxy_core.simulator.http.refusal import coded, model_not_supported, unsupported_endpoint
from proxy_core.simulator.profiles import Plan
from proxy_core.simulator.worlds.dated_models import (
    dated,
    with_renamed_prices,
    without_auto_discount,
)
from proxy_core.simulator.worlds.table import DEFAULT_WORLD, WORLDS
from proxy_core.simulator.worlds.world import AUTO_API_VERSION, World

CHAT = "/chat/completions"
RESPONSES = "/responses"
RESPONSES_SOCKET = "ws:/responses"
MESSAGES = "/v1/messages"
EMBEDDINGS = "/embeddings"

_INTEGRATORS = ("vscode-chat", "copilot-developer-cli", "code-oss", "vscode-nl")
_FOR_ANY_INTEGRATOR = ("gpt-4.1", "gpt-4o")
# In order of preference; the second half is for prompts of a few words.
_AUTOMATIC = ("claude-sonnet-4.6", "gpt-5.4", "gpt-5-mini", "gpt-4.1")
_PER_REQUEST = ("is_premium", "multiplier")
_PER_TOKEN = ("token_prices",)


@cache
def _shipped() -> bytes:
    return files("proxy_core.simulator.catalog").joinpath("models.json").read_bytes()


def endpoints_of(model: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a model may be called; no ``supported_endpoints`` means chat only."""
    kind = model["capabilities"]["type"]
    if kind == "embeddings":
        return (EMBEDDINGS,)
    if kind != "chat":
        return ()
    return tuple(model.get("supported_endpoints") or (CHAT,))


def limits_of(model: Mapping[str, Any]) -> Mapping[str, Any]:
    return model["capabilities"].get("limits") or {}


def efforts_of(model: Mapping[str, Any]) -> tuple[str, ...]:
    """The reasoning efforts the model takes; empty when it knows no effort."""
    efforts = (model["capabilities"].get("supports") or {}).get("reasoning_effort")
    return tuple(efforts) if isinstance(efforts, list) else ()


def thinks_adaptively_only(model: Mapping[str, Any]) -> bool:
    """Newest Claude models: no thinking budget, only ``adaptive``."""
    supports = model["capabilities"].get("supports") or {}
    return bool(supports.get("adaptive_thinking")) and (
        "max_thinking_budget" not in supports or model["id"] == "claude-opus-4.7"
    )


BROKEN_ENTRY = "broken-entry"


class Catalogue:
    """All models by id. Policy states change when terms are accepted."""

    def __init__(
        self,
        plan: Plan,
        world: World = WORLDS[DEFAULT_WORLD],
        entries: Sequence[Mapping[str, Any]] | None = None,
        left_out: Collection[str] = (),
    ) -> None:
        """``entries`` take the place of those that are shipped; ids of ``left_out`` are not listed."""
        listed = msgspec.json.decode(_shipped()) if entries is None else entries
        wanted = {entry["id"]: entry for entry in listed if entry["id"] not in left_out}
        self._models = dated(wanted, world)
        self._plan = plan
        self._world = world

    def listing(self, api_version: str | None = None) -> dict[str, Any]:
        """The body of ``GET /models``, as the caller's API version shows it."""
        models = self._models.values()
        return {"object": "list", "data": [self._shown(model, api_version) for model in models]}

    def shown(self, model_id: str, api_version: str | None = None) -> dict[str, Any] | None:
        """One entry as the listing has it; None when there is no such model."""
        model = self._models.get(model_id)
        return None if model is None else self._shown(model, api_version)

    def _shown(self, model: Mapping[str, Any], api_version: str | None) -> dict[str, Any]:
        """The entry with the billing members of the account's own kind only; the rest is shared."""
        entry = self._with_own_billing(model)
        if self._world.renames_prices and (api_version or "") >= AUTO_API_VERSION:
            return with_renamed_prices(entry)
        return without_auto_discount(entry)

    def _with_own_billing(self, model: Mapping[str, Any]) -> dict[str, Any]:
        entry = dict(model)
        billing = entry.get("billing")
        if isinstance(billing, dict) and isinstance(billing.get("token_prices"), dict):
            left_out = _PER_REQUEST if self._plan.bills_credits else _PER_TOKEN
            entry["billing"] = {k: v for k, v in billing.items() if k not in left_out}
        return entry

    def find(self, model_id: str, endpoint: str) -> Mapping[str, Any]:
        """The entry, ready to be called at ``endpoint``.

        Raises the real 400 for an unknown model, one without consent, and one that is served elsewhere.
        """
        model = self._models.get(model_id)
        if model is None or model_id in self._world.unserved or not self._is_enabled(model):
            raise model_not_supported()
        if endpoint not in endpoints_of(model):
            raise unsupported_endpoint(model_id, endpoint.removeprefix("ws:"))
        return model

    def _is_enabled(self, model: Mapping[str, Any]) -> bool:
        policy = model.get("policy") or {}
        if policy.get("state", "enabled") != "enabled":
            return False
        billing = model.get("billing")
        allowed = billing.get("restricted_to") if isinstance(billing, Mapping) else None
        return not (self._plan is Plan.FREE and allowed)

    def check_integrator(self, model_id: str, integrator: str | None) -> None:
        """Raise the real 400 for an integration id nobody has seen; it gets the oldest models only."""
        if integrator is None or integrator in _INTEGRATORS or model_id in _FOR_ANY_INTEGRATOR:
            return
        raise coded(
            400,
            "model_not_available_for_integrator",
            f'The requested model is not available for integrator "{integrator}". '
            f"Available models: [{' '.join(_FOR_ANY_INTEGRATOR)}]",
        )

    def change(self, model_id: str, members: Mapping[str, Any] | None) -> None:
        """Replace ``members`` of an entry, or take it off the list (None), as GitHub does by the day.

        An id that is new takes the rest of its entry from ``members["like"]``. Raises LookupError for an
        entry that is not there.
        """
        if members is None:
            del self._models[model_id]
            return
        changed = {name: value for name, value in members.items() if name != "like"}
        like = self._models[str(members.get("like", model_id))]
        self._models[model_id] = {**copy.deepcopy(like), **changed, "id": model_id}

    def set_policy(self, model_id: str, state: str) -> bool:
        """Record the person's consent; False when there is no such model."""
        model = self._models.get(model_id)
        if model is None:
            return False
        model["policy"] = {**(model.get("policy") or {}), "state": state}
        return True

    def ids_for_automatic_choice(self) -> list[str]:
        """What auto mode may pick from: enabled models outside the top price class."""
        known = [
            model_id
            for model_id in _AUTOMATIC
            if model_id in self._models and self._is_enabled(self._models[model_id])
        ]
        return (
            known
            or [
                model_id
                for model_id, model in self._models.items()
                if CHAT in endpoints_of(model) and self._is_enabled(model)
            ][:2]
        )
