"""All user actions, shared by tray menu, window and dialogs."""

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
    OPEN_ABOUT = "open_about"
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
    """Reload the visible page; also F5."""
    SHOW_TRAY_HELP = "show_tray_help"
    SHOW_CRASH_REPORT = "show_crash_report"
    FORGET_CRASH_REPORT = "forget_crash_report"
    REPAIR_TOOLS = "repair_tools"
    LEAVE_DEMO = "leave_demo"
    PAUSE_5_MINUTES = "pause_5_minutes"
    PAUSE_15_MINUTES = "pause_15_minutes"
    PAUSE_1_HOUR = "pause_1_hour"
    PAUSE_UNTIL_RESUMED = "pause_until_resumed"
    RESUME = "resume"
    TOGGLE_ASKING = "toggle_asking"
    SHOW_APPROVAL = "show_approval"
    ALLOW_MORE_TODAY = "allow_more_today"
    ALLOW_MORE_THIS_MONTH = "allow_more_this_month"
    FETCH_UPDATE = "fetch_update"
    INSTALL_BACKEND = "install_backend"
    RESTORE_SETTINGS = "restore_settings"
    """Put the settings file that was kept aside last back in place."""
    DISMISS_NOTICE = "dismiss_notice"
    OPEN_BILLING_PAGE = "open_billing_page"
    QUIT = "quit"


PAUSES: dict[Action, float | None] = {
    Action.PAUSE_5_MINUTES: 300.0,
    Action.PAUSE_15_MINUTES: 900.0,
    Action.PAUSE_1_HOUR: 3600.0,
    Action.PAUSE_UNTIL_RESUMED: None,
}
"""Durations in seconds; None: until resumed."""
