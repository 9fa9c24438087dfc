"""The design tokens, read once from ``resources/tokens.json`` into typed, frozen values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

TOKENS_FILE = Path(__file__).resolve().parents[2] / "resources" / "tokens.json"


class Scheme(StrEnum):
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """``size`` is relative to the application's font, ``spacing`` to the letter's own size."""

    size: float
    weight: int
    spacing: float = 0.0
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class ContrastPair:
    """A promise: ``foreground`` on ``background`` has at least ``minimum`` to 1."""

    foreground: str
    background: str
    minimum: float


@dataclass(frozen=True, slots=True)
class DesignTokens:
    """Lengths are logical pixels, durations milliseconds, colours ``#RRGGBB`` by token name."""

    colours: Mapping[Scheme, Mapping[str, str]]
    contrast: Mapping[Scheme, tuple[ContrastPair, ...]]
    type_styles: Mapping[str, TypeStyle]
    heights: Mapping[str, int]
    radii: Mapping[str, int]
    motion: Mapping[str, int]
    window: tuple[int, int]
    window_minimum: tuple[int, int]
    page_margin: tuple[int, int]
    card_padding: tuple[int, int]
    card_gap: int
    sidebar: int
    sidebar_icons_below: int
    sign_in_width: int
    approval_width: int
    details_pane: int
    first_run_width: int
    switch: tuple[int, int]
    switch_large: tuple[int, int]


def read_tokens(path: Path = TOKENS_FILE) -> DesignTokens:
    """Return the tokens of ``path``; raises ``KeyError`` where the file lacks one the app needs."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    layout, heights = raw["layout"], raw["height"]
    return DesignTokens(
        colours=MappingProxyType(
            {scheme: MappingProxyType(dict(raw["colour"][scheme])) for scheme in Scheme}
        ),
        contrast=MappingProxyType(
            {
                scheme: tuple(
                    ContrastPair(pair["fg"], pair["bg"], pair["min"])
                    for pair in raw["contrast"][scheme]
                )
                for scheme in Scheme
            }
        ),
        type_styles=MappingProxyType(
            {name: _type_style(style) for name, style in raw["type"]["scale"].items()}
        ),
        heights=MappingProxyType({k: v for k, v in heights.items() if isinstance(v, int)}),
        radii=MappingProxyType({k: v for k, v in raw["radius"].items() if isinstance(v, int)}),
        motion=MappingProxyType({k: v for k, v in raw["motion"].items() if isinstance(v, int)}),
        window=_pair(layout["window"]),
        window_minimum=_pair(layout["window_min"]),
        page_margin=_pair(layout["page_margin"]),
        card_padding=_pair(layout["card_padding"]),
        card_gap=layout["card_gap"],
        sidebar=layout["sidebar"],
        sidebar_icons_below=layout["sidebar_icons_below"],
        sign_in_width=layout["dialog"]["sign_in"],
        approval_width=layout["dialog"]["approval"],
        details_pane=layout["details_pane"],
        first_run_width=layout["dialog"]["first_run"],
        switch=_pair(heights["switch"]),
        switch_large=_pair(heights["switch_large"]),
    )


def _pair(values: list[int]) -> tuple[int, int]:
    first, second = values
    return first, second


def _type_style(raw: dict[str, object]) -> TypeStyle:
    size, weight, spacing = raw["size"], raw["weight"], raw.get("spacing", 0.0)
    assert isinstance(size, (int, float))
    assert isinstance(weight, int)
    assert isinstance(spacing, (int, float))
    return TypeStyle(float(size), weight, float(spacing), raw.get("family") == "fixed")
