"""The page of settings is the one that the declarations make, and says something of each."""

from __future__ import annotations

from proxy_core.config.settings_schema import declared_settings
from tests.unit.config.settings_reference import NOTES, REFERENCE, reference


def test_the_page_of_settings_is_up_to_date() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference(), (
        "python -m tests.unit.config.settings_reference"
    )


def test_every_setting_has_a_meaning() -> None:
    alone = [each for each in declared_settings() if each.section not in NOTES]
    assert [each.key for each in alone if len(each.help) < 10] == []
