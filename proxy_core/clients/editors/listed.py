"""The order they are shown in."""

from __future__ import annotations

from proxy_core.clients.editors.cline import CLINE
from proxy_core.clients.editors.continue_dev import CONTINUE
from proxy_core.clients.editors.copilot_app import COPILOT_APP
from proxy_core.clients.editors.cursor import CURSOR
from proxy_core.clients.editors.jetbrains_ai import JETBRAINS_AI
from proxy_core.clients.editors.roo_code import ROO_CODE
from proxy_core.clients.editors.vs_code import VS_CODE
from proxy_core.clients.editors.zed import ZED

EDITORS = (VS_CODE, ZED, CONTINUE, CLINE, ROO_CODE, JETBRAINS_AI, COPILOT_APP, CURSOR)
