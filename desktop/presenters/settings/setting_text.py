"""A setting's value as the text of a field, and back. Plain functions, no state."""

from __future__ import annotations

import math
from typing import Any

from desktop.presenters.words import Words
from proxy_core.config.settings_schema import DeclaredSetting, SettingKind


def text_of(setting: DeclaredSetting, value: Any) -> str:
    """Return the field's text for ``value``."""
    if value is None:
        return ""
    match setting.kind:
        case SettingKind.NUMBER:
            return f"{value:.12g}"
        case SettingKind.LIST:
            return ", ".join(value)
        case SettingKind.TABLE:
            return "\n".join(f"{name} = {meant}" for name, meant in value.items())
    return str(getattr(value, "value", value))


def value_of(setting: DeclaredSetting, text: str, words: Words) -> tuple[Any, str | None]:
    """Return the value that ``text`` means, and why it is not allowed, or None."""
    value, problem = _read(setting, text.strip(), words)
    if problem is None and (refused := setting.problem_with(value)) is not None:
        problem = rule_of(setting, words) or words.said(refused)
    return value, problem


def rule_of(setting: DeclaredSetting, words: Words) -> str:
    """Return what is allowed, as one sentence; empty if only the core knows."""
    tr, number = words.tr, words.plain_number
    low, high = setting.low, setting.high
    if setting.kind in (SettingKind.WHOLE_NUMBER, SettingKind.NUMBER):
        whole = setting.kind is SettingKind.WHOLE_NUMBER
        if low is None or high is None:
            return tr("A whole number.") if whole else tr("A number.")
        rule = (
            tr("A whole number from {low} to {high}.")
            if whole
            else tr("A number from {low} to {high}.")
        )
        return rule.format(
            low=number(low) if low >= 1 or low == 0 else f"{low:g}", high=number(high)
        )
    if setting.kind is SettingKind.TEXT and setting.examples:
        return tr("Such as {examples}.").format(examples=tr(" or ").join(setting.examples))
    return ""


def _read(setting: DeclaredSetting, text: str, words: Words) -> tuple[Any, str | None]:
    if not text and setting.optional:
        return None, None
    match setting.kind:
        case SettingKind.WHOLE_NUMBER:
            try:
                return int(text), None
            except ValueError:
                return None, rule_of(setting, words)
        case SettingKind.NUMBER:
            try:
                value = float(text.replace(",", "."))
            except ValueError:
                return None, rule_of(setting, words)
            return (value, None) if math.isfinite(value) else (None, rule_of(setting, words))
        case SettingKind.LIST:
            parts = text.replace("\n", ",").split(",")
            return tuple(part.strip() for part in parts if part.strip()), None
        case SettingKind.TABLE:
            return _table(text, words)
        case SettingKind.SWITCH:
            return text == "true", None
    return text, None


def _table(text: str, words: Words) -> tuple[dict[str, str] | None, str | None]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, meant = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not (equals and name and meant):
            return None, words.tr("One on each line, such as: fast = gpt-5-mini")
        if name in found:
            return None, words.tr("“{name}” is there twice.").format(name=name)
        found[name] = meant
    return found, None
