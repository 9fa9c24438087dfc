"""Checks what carries calls to models: pi_ai needs Node and a library, the native client nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from proxy_core.config.settings import BackendName, UpstreamSettings
from proxy_core.doctor.finding import CheckResult, DoctorAction, failed, ok
from proxy_core.errors import translatable
from proxy_core.upstream.backends.pi_ai.failures import BackendUnavailable, LibraryMissing
from proxy_core.upstream.backends.pi_ai.node import Installation


async def backend(
    settings: UpstreamSettings, find: Callable[[], Awaitable[Installation]]
) -> CheckResult:
    """``find`` returns Node and library as they would be used; it raises BackendUnavailable."""
    used = {settings.backend, *settings.model_backends.values()}
    if BackendName.PI_AI not in used:
        return ok(translatable("Calls to models are made by the app itself."))
    try:
        found = await find()
    except LibraryMissing as error:
        return failed(error.finding, error.next_step, DoctorAction.INSTALL_BACKEND)
    except BackendUnavailable as error:
        return failed(error.finding, error.next_step, DoctorAction.OPEN_SETTINGS)
    if settings.backend is BackendName.PI_AI:
        return ok(
            translatable(
                "Calls to models are carried by pi-ai {version} on Node.js {node}.",
                version=found.version,
                node=found.node.words,
            )
        )
    return ok(
        translatable(
            "Calls to some models are carried by pi-ai {version} on Node.js {node}.",
            version=found.version,
            node=found.node.words,
        )
    )
