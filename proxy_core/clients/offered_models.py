"""The live list in the words that tools' model lists have in common."""

from __future__ import annotations

from proxy_core.canonical.model import Model

PROVIDER = "g-copilot-proxy"
"""What we are called in a tool's list of providers."""
DEFAULT_CONTEXT, DEFAULT_OUTPUT = 128_000, 16_384
"""Tokens, where the live list does not say."""


def context_of(model: Model) -> int:
    """The most tokens a prompt may have; a tool compacts before it."""
    return model.limits.prompt or model.limits.context_window or DEFAULT_CONTEXT


def output_of(model: Model) -> int:
    return model.limits.output or DEFAULT_OUTPUT
