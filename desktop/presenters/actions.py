"""Everything a person can ask for, as one vocabulary shared by tray menu, window and dialog."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    OPEN_WINDOW = "open_window"
    OPEN_HOME = "open_home"
    OPEN_MODELS = "open_models"
    OPEN_USAGE = "open_usage"
    OPEN_ACTIVITY = "open_activity"
    OPEN_CONNECT = "open_connect"
    OPEN_DOCTOR = "open_doctor"
    OPEN_SETTINGS = "open_settings"
    START = "start"
    STOP = "stop"
    USE_NEXT_PORT = "use_next_port"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    OPEN_PLANS_PAGE = "open_plans_page"
    COPY_OPENAI_URL = "copy_openai_url"
    COPY_ANTHROPIC_URL = "copy_anthropic_url"
    COPY_LOCAL_KEY = "copy_local_key"
    READ_AGAIN = "read_again"
    """What the page in sight shows; F5 asks for the same."""
    SHOW_TRAY_HELP = "show_tray_help"
    SHOW_CRASH_REPORT = "show_crash_report"
    FORGET_CRASH_REPORT = "forget_crash_report"
    LEAVE_DEMO = "leave_demo"
    QUIT = "quit"
