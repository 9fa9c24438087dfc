"""Whether the folders of this program are its user's alone."""

from __future__ import annotations

from proxy_core.config.paths import Paths
from proxy_core.errors import ProxyError, translatable
from proxy_core.storage.private_files import close_to_others, trust_folder


def check_folders(paths: Paths) -> None:
    """Close state and log to other users. Raises ProxyError for a folder in which others can write."""
    for folder in (paths.state, paths.log):
        close_to_others(folder)
    for folder in (paths.config, paths.state, paths.log):
        try:
            trust_folder(folder)
        except OSError as error:
            raise ProxyError(
                translatable(
                    "{folder} cannot be used. {reason}.",
                    folder=folder,
                    reason=error.strerror or error,
                ),
                title=translatable("A folder cannot be used"),
                code="file",
            ) from error
