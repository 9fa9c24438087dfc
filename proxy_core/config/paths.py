"""Where our files are. We write only below these folders.

``G_COPILOT_PROXY_HOME`` moves all of it into one folder. Folders are created on first write,
readable only by the user.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

APP_NAME = "g-copilot-proxy"
HOME_VARIABLE = "G_COPILOT_PROXY_HOME"
INSTALLED_VARIABLE = "G_COPILOT_PROXY_INSTALLED"
"""The path of the installed program, for a newer version that it started. That one's own folder is
removed after a later update, so nothing that stays may name it."""


@dataclass(frozen=True, slots=True)
class Paths:
    """``config`` holds files a person may edit, ``state`` those the program maintains."""

    config: Path
    state: Path
    log: Path

    def of_the_demo(self) -> Paths:
        """Paths of a demo's ledger and budgets: its costs are not the user's spending."""
        return replace(self, state=self.state / "demo")

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.toml"

    @property
    def known_settings_file(self) -> Path:
        """The last settings that could be read, used by a start that finds a broken file."""
        return self.state / "settings-known.toml"

    @property
    def local_key_file(self) -> Path:
        return self.state / "local-key"

    @property
    def server_proof_file(self) -> Path:
        """The secret by which a command recognises its user's own server."""
        return self.state / "server-proof"

    @property
    def client_keys_file(self) -> Path:
        """Keyed hashes of the keys made for single clients."""
        return self.state / "client-keys.json"

    @property
    def running_file(self) -> Path:
        """The address the server listens on while it runs."""
        return self.state / "running.json"

    @property
    def token_file(self) -> Path:
        """The GitHub token, only where the user chose a file over the keychain."""
        return self.state / "github-token"

    @property
    def sign_in_file(self) -> Path:
        """Where sign-ins are stored and when that changed, for every process; no secret."""
        return self.state / "sign-in.json"

    @property
    def catalog_file(self) -> Path:
        """The last good model catalogue."""
        return self.state / "models.json"

    @property
    def refusals_file(self) -> Path:
        """Members that models were seen to refuse: names only, no content."""
        return self.state / "learned.json"

    @property
    def demands_file(self) -> Path:
        """Rules that models were seen to need: names only, no content."""
        return self.state / "vendor-demands.json"

    @property
    def usage_file(self) -> Path:
        """The ledger: what each request cost, counts and names only."""
        return self.state / "usage.sqlite3"

    @property
    def connections(self) -> Path:
        """Receipts of tools whose settings we changed, and backups of those settings."""
        return self.state / "connections"

    @property
    def backends(self) -> Path:
        """Libraries of other backends, installed by the user's own act."""
        return self.state / "backends"

    @property
    def updates(self) -> Path:
        """Newer versions of a bundle, and what the release page said last."""
        return self.state / "updates"

    @property
    def budget_file(self) -> Path:
        """Spending counted against the user's own budgets, notices already shown, paused clients."""
        return self.state / "budget.json"


def named_file(text: str) -> Path:
    """Return the file that a setting or a command names; ``~`` is the home.

    That of a user who is not there stays as it is, where pathlib raises RuntimeError.
    """
    return Path(os.path.expanduser(text))  # noqa: PTH111


def find_paths(environ: Mapping[str, str] = os.environ) -> Paths:
    """Return the folders for this user, by the platform's convention or ``G_COPILOT_PROXY_HOME``."""
    home = environ.get(HOME_VARIABLE)
    if home:
        root = named_file(home).absolute()
        return Paths(config=root, state=root / "state", log=root / "log")
    dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
    return Paths(
        config=Path(dirs.user_config_dir),
        state=Path(dirs.user_state_dir),
        log=Path(dirs.user_log_dir),
    )
