"""The doctor trusts what calls trust: also the certificates that ``upstream.ca_file`` names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from msgspec.structs import replace

from proxy_core.clock import Clock
from proxy_core.config.paths import Paths
from proxy_core.config.settings import Settings
from proxy_core.doctor.assembly import DiagnosticsContext, doctor_checks
from proxy_core.doctor.checking import run_checks
from proxy_core.doctor.finding import Finding, FindingState
from proxy_core.errors import SignedOut
from proxy_core.status.status import Status
from proxy_core.upstream.backends.pi_ai.failures import BackendUnavailable
from proxy_core.upstream.backends.pi_ai.node import Installation


@dataclass
class _CompanyNetwork:
    url: str
    authority: Path


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[_CompanyNetwork]:
    pytest.importorskip("cryptography", reason="no library here to make certificates with")
    from tests.integration.copilot.certificates import make_company

    made = make_company(tmp_path, ("localhost",))
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=made.server).start()
    yield _CompanyNetwork(f"https://localhost:{runner.addresses[0][1]}", made.authority)
    await runner.cleanup()


async def examine(company: _CompanyNetwork, folder: Path, ca_file: str) -> dict[str, Finding]:
    settings = Settings()
    settings = replace(settings, upstream=replace(settings.upstream, ca_file=ca_file))

    async def nothing() -> None:
        return None

    async def no_models() -> tuple[()]:
        return ()

    async def no_backend() -> Installation:
        raise BackendUnavailable("Node.js was not found.")

    def signed_out() -> str:
        raise SignedOut("Nobody is signed in.")

    context = DiagnosticsContext(
        paths=Paths(config=folder, state=folder, log=folder),
        environ={"G_COPILOT_PROXY_API_URL": company.url},
        clock=Clock(),
        status=Status,
        settings=lambda: settings,
        ask_account=nothing,
        ask_models=no_models,
        github_token=signed_out,
        find_backend=no_backend,
        proxy=lambda _: None,
        home=folder,
    )
    async with doctor_checks(context) as checks:
        wanted = [each for each in checks if each.key in ("network", "certificates")]
        found = await run_checks(wanted, lambda _: None)
    return {each.check: each for each in found}


async def test_a_company_s_certificate_in_the_file_is_trusted(
    company: _CompanyNetwork, tmp_path: Path
) -> None:
    findings = await examine(company, tmp_path, "")
    assert findings["certificates"].state is FindingState.FAILED
    assert "upstream.ca_file" in findings["certificates"].next_step
    findings = await examine(company, tmp_path, str(company.authority))
    assert findings["certificates"].state is FindingState.OK
    assert str(company.authority) in findings["certificates"].finding
    assert findings["network"].state is FindingState.OK


async def test_a_file_that_is_not_there_is_named(company: _CompanyNetwork, tmp_path: Path) -> None:
    findings = await examine(company, tmp_path, str(tmp_path / "gone.pem"))
    assert findings["certificates"].state is FindingState.FAILED
    assert "gone.pem" in findings["certificates"].finding
