"""The connector of this computer and this user."""

from __future__ import annotations

import time

from proxy_core.clients.connecting.connector import Connector, Keys
from proxy_core.clients.connecting.receipt_folder import ReceiptFolder
from proxy_core.clients.editing.file_operations import SystemFiles
from proxy_core.clients.location import Location, this_computer
from proxy_core.config.paths import Paths


def make_connector(paths: Paths, keys: Keys, location: Location | None = None) -> Connector:
    """``paths`` is where receipts and backups lie; ``keys`` are those of the server that is used."""
    files = SystemFiles()
    folder = ReceiptFolder(paths.connections, files)
    return Connector(folder, location or this_computer(), keys, files, time.time)
