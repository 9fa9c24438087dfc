"""The facts that ``doctor --probe`` measured, from the file that the setting names."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from proxy_core.config.paths import named_file
from proxy_core.config.setting_effects import Commit
from proxy_core.copilot_facts.measured import (
    NOTHING_MEASURED,
    MeasuredFacts,
    facts_from_verdicts,
)
from proxy_core.errors import BadRequest, translatable

SETTING = "upstream.probe_facts"


def read_facts(file: str) -> MeasuredFacts:
    """Return what a file says; nothing for no file. Blocks. Raises BadRequest."""
    if not file:
        return NOTHING_MEASURED
    # Few have such a file: the server starts without what reads it.
    from proxy_core.doctor.probe.report import LARGEST_FILE, read_report

    try:
        with named_file(file).open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BadRequest(
            translatable(
                "{file} cannot be read as measured facts: {reason}.", file=file, reason=reason
            ),
            title=translatable("The measured facts cannot be used"),
            code="probe_file",
        ) from error
    return facts_from_verdicts(read_report(content).verdicts)


class MeasuredAccountFacts:
    """What is in force. Belongs to the engine's loop."""

    def __init__(self) -> None:
        self.facts = NOTHING_MEASURED

    async def read(self, file: str) -> None:
        """Put the file in force. Raises BadRequest; nothing is in force then."""
        self.facts = NOTHING_MEASURED
        self.facts = await asyncio.to_thread(read_facts, file)

    async def put_in_force(self, changes: Mapping[str, Any], commit: Commit) -> None:
        """Raises BadRequest for a file that cannot be used, or what ``commit`` raises."""
        read = await asyncio.to_thread(read_facts, str(changes[SETTING]))
        await commit()
        self.facts = read
