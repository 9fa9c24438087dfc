"""A tool's connection: address, key, a model for each of its roles, and other models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from proxy_core.canonical.model import Model
from proxy_core.clients.offered_models import PROVIDER, context_of

MAIN, SMALL, SUBAGENT, EDITOR = "main", "small", "subagent", "editor"
"""Roles a model can have in a tool."""


@dataclass(frozen=True, slots=True)
class Connection:
    """``base_url`` is where the server listens, without a path: ``http://127.0.0.1:4141``.

    ``models`` are those for further roles; ``listed`` is the live list, for tools with a picker.
    """

    base_url: str
    key: str = field(repr=False)
    model: str
    small_model: str = ""
    """For a tool's background work; empty: the same as ``model``."""
    models: Mapping[str, str] = field(default_factory=dict)
    listed: tuple[Model, ...] = ()

    @property
    def openai_url(self) -> str:
        return f"{self.base_url}/v1"

    def model_for(self, role: str) -> str:
        if role == MAIN:
            return self.model
        chosen = self.models.get(role) or (self.small_model if role == SMALL else "")
        return chosen or self.model

    def offered(self) -> tuple[Model, ...]:
        """The models for a picker: the live list, and what was chosen even where no list is known."""
        known = {each.id for each in self.listed}
        chosen = dict.fromkeys((self.model, self.small_model, *self.models.values()))
        extra = tuple(Model(each, each, "") for each in chosen if each and each not in known)
        return (*extra, *self.listed)

    def _foreign_window(self) -> str:
        """How much a main model that is not Anthropic's reads, in tokens; empty where not known."""
        return next(
            (
                str(context_of(each))
                for each in self.listed
                if each.id == self.model and not each.id.startswith("claude")
            ),
            "",
        )

    def values(self) -> dict[str, str]:
        return {
            "base_url": self.base_url,
            "openai_url": self.openai_url,
            "window": self._foreign_window(),
            "catalog_url": f"{self.openai_url}/models",
            "key": self.key,
            "model": self.model,
            "small_model": self.model_for(SMALL),
            "provider_small_model": f"{PROVIDER}/{self.model_for(SMALL)}",
        }
