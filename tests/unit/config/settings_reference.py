"""``python -m tests.unit.config.settings_reference`` makes ``docs/settings.md`` of the declarations."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from proxy_core.config.settings_schema import DeclaredSetting, SettingKind, declared_settings

REFERENCE = Path(__file__).parents[3] / "docs" / "settings.md"
HEAD = """# Settings

Made by `python -m tests.unit.config.settings_reference` from the declarations in
`proxy_core/config/settings.py`; do not edit.

All of them are in one TOML file, which `g-copilot-proxy status` names, one table for each section below.
The window's Settings page and `g-copilot-proxy settings set KEY VALUE` change one at a time and keep the
file's comments; the running server reads the file again when it changes.
"""
COLUMNS = "| Name | Default | Values | Meaning |\n|---|---|---|---|\n"

NOTES = {
    "identity": "How calls name themselves to GitHub; the only table of these headers "
    "([how](upstream.md)). There is no need to change one unless GitHub asks for it.\n\n",
}
"""What is said of a whole section."""


def reference() -> str:
    """Return the document as it must be."""
    sections = groupby(declared_settings(), key=lambda each: each.section)
    return HEAD + "".join(
        f"\n## {section}\n\n{NOTES.get(section, '')}{COLUMNS}"
        + "".join(_row(each) for each in settings)
        for section, settings in sections
    )


def _row(setting: DeclaredSetting) -> str:
    meaning = setting.help.replace("|", "\\|")
    return f"| `{setting.name}` | {_value(setting.default)} | {_values(setting)} | {meaning} |\n"


def _value(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple | dict):
        return "empty" if not value else f"`{value}`"
    return f"`{value}`" if str(value) else "empty"


def _values(setting: DeclaredSetting) -> str:
    match setting.kind:
        case SettingKind.SWITCH:
            return "`true`, `false`"
        case SettingKind.CHOICE:
            return ", ".join(f"`{each}`" for each in setting.choices)
        case SettingKind.WHOLE_NUMBER | SettingKind.NUMBER:
            return f"{setting.low:g} to {setting.high:g}" + (" or none" if setting.optional else "")
        case SettingKind.LIST:
            return "a list of texts"
        case SettingKind.TABLE:
            return "a table of texts"
        case SettingKind.TEXT:
            return "a text"


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
