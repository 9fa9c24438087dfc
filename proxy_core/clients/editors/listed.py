"""The order they are shown in."""

from __future__ import annotations

from proxy_core.clients.editors.cline import CLINE
from proxy_core.clients.editors.continue_dev import CONTINUE
from proxy_core.clients.editors.cursor import CURSOR
from proxy_core.clients.editors.roo_code import ROO_CODE
from proxy_core.clients.editors.zed import ZED

EDITORS = (CONTINUE, CLINE, ROO_CODE, ZED, CURSOR)
