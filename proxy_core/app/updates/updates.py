"""Look for a newer version, fetch it, try it, and let the next start use it. Blocking."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from proxy_core.app.updates.archive import unpack
from proxy_core.app.updates.installed_versions import InstalledVersions
from proxy_core.app.updates.start_newest import STARTED_VARIABLE, environment_of_others
from proxy_core.app.updates.update_source import Release, UpdateFailed, is_newer
from proxy_core.config.child_processes import NO_CONSOLE
from proxy_core.config.paths import HOME_VARIABLE
from proxy_core.errors import translatable

if TYPE_CHECKING:
    from proxy_core.app.updates.release_channel import ReleaseChannel  # with tuf, which few need

_TRIAL_SECONDS = 120.0


class Updates:
    """The updates of one bundle. ``running`` is the version of this process.

    ``try_program`` raises UpdateFailed for a program that does not work.
    """

    def __init__(
        self,
        channel: ReleaseChannel,
        versions: InstalledVersions,
        running: str,
        try_program: Callable[[Path], None] | None = None,
    ) -> None:
        self._channel = channel
        self._versions = versions
        self._running = running
        self._try_program = try_program or run_smoke

    def look(self) -> Release | None:
        """Return the release that is newer than this process; None if there is none.

        Raises UpdateFailed.
        """
        newest = self._channel.newest()
        return newest if is_newer(newest.version, self._running) else None

    def is_ready(self, release: Release) -> bool:
        """Return whether the next start uses ``release`` already. Raises OSError."""
        return self._versions.choice.version == release.version

    def did_not_start(self, release: Release) -> bool:
        """Return whether ``release`` was chosen before and given up. Raises OSError."""
        return release.version in self._versions.choice.rejected

    def unasked(self) -> Release | None:
        """Return the release to announce without having been asked; None if there is none.

        Neither the one that the next start uses already nor one that did not start here: the user was
        told. Raises UpdateFailed or OSError.
        """
        found = self.look()
        if found is None or self.is_ready(found) or self.did_not_start(found):
            return None
        return found

    def prepare(self, release: Release) -> None:
        """Fetch, verify, unpack and try ``release``, then choose it for the next start.

        Raises UpdateFailed or OSError; the choice is then as before.
        """
        archive = self._channel.fetch(release)
        program = self._versions.put(release.version, lambda folder: unpack(archive, folder))
        try:
            self._try_program(program)
            self._versions.choose(release.version)
        finally:
            self._channel.remove_archives()
            self._versions.remove_unused(self._running)


def run_smoke(program: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Have ``program`` try itself (``--smoke``) in a folder of its own. Raises UpdateFailed."""
    with tempfile.TemporaryDirectory() as home:
        # Offscreen: a trial must not open a window over the user's work.
        trial = {
            **environment_of_others(environ),
            HOME_VARIABLE: home,
            "QT_QPA_PLATFORM": "offscreen",
        }
        try:
            done = subprocess.run(  # noqa: S603 - the verified program
                [program, "--smoke"],
                cwd=home,
                env={**trial, STARTED_VARIABLE: "trial"},
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_TRIAL_SECONDS,
                creationflags=NO_CONSOLE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UpdateFailed(
                translatable("The new version does not start here: {error}.", error=str(error))
            ) from error
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        last = said[-1] if said else f"it ended with {done.returncode}"
        raise UpdateFailed(
            translatable("The new version does not work here: {error}", error=last[:500])
        )
