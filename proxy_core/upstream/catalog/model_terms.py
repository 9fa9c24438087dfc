"""Accepts a model's terms at GitHub, only on the user's explicit request."""

from __future__ import annotations

from urllib.parse import quote

from proxy_core.canonical.model import Model
from proxy_core.errors import Actor, ErrorKind, ModelNotFound, ProxyError, translatable
from proxy_core.upstream.catalog.catalog import ModelCatalog
from proxy_core.upstream.catalog.copilot_api import CopilotApi
from proxy_core.upstream.transport.headers import CallKind


class NotEnabled(ProxyError):
    """GitHub accepted the consent, but the model is still not offered."""

    kind = ErrorKind.PERMISSION
    http_status = 403
    title: str = translatable("The model is still not available to you")
    actor = Actor.USER


class ModelTerms:
    def __init__(self, api: CopilotApi, catalog: ModelCatalog) -> None:
        self._api = api
        self._catalog = catalog

    async def enable(self, model_id: str) -> Model:
        """Accept the terms of ``model_id`` and return it as GitHub lists it now.

        A model that needs no consent is returned unchanged, and nothing is sent. Raises
        ModelNotFound, NotEnabled, or GitHub's error.
        """
        model = _find(model_id, await self._catalog.refresh())
        if not model.awaits_consent:
            return model
        path = f"/models/{quote(model.id, safe='')}/policy"
        await self._api.post(path, CallKind.POLICY, {"state": "enabled"})
        model = _find(model_id, await self._catalog.refresh(join=False))
        if model.disabled_reason is not None:
            raise NotEnabled(
                translatable(
                    "GitHub accepted your consent, but {id} is still not offered to this account: "
                    "{disabled_reason}",
                    id=model.id,
                    disabled_reason=model.disabled_reason,
                ),
                code="model_disabled",
                param="model",
            )
        return model


def _find(model_id: str, models: tuple[Model, ...]) -> Model:
    found = next((each for each in models if each.id == model_id), None)
    if found is None:
        raise ModelNotFound(
            translatable(
                "{model_id} is not in your GitHub Copilot account's list. “g-copilot-proxy "
                "models” shows it.",
                model_id=repr(model_id),
            ),
            code="model_not_found",
            param="model",
        )
    return found
