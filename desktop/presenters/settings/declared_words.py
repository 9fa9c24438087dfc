"""Sentences that the core declares as data and the window shows, for translation.

They reach the screen through ``Words.declared``.
"""

from __future__ import annotations

from desktop.presenters.doctor.own_findings import LOGIN_NAME, TRAY_NAME
from proxy_core.clients import catalogue
from proxy_core.doctor.finding import CHECKS
from proxy_core.usage.prompt_cache.health import MISS_WORDS


def declared_sentences() -> tuple[str, ...]:
    return (
        *catalogue.declared_sentences(),
        catalogue.TOOLS["other"].name,
        *CHECKS.values(),
        LOGIN_NAME,
        TRAY_NAME,
        *MISS_WORDS.values(),
    )
