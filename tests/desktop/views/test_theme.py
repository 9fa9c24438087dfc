"""Tokens, palette, fonts, icons and the theme that applies them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QColor, QFont, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from desktop.presenters.shapes import Shape
from desktop.presenters.tray import IconState
from desktop.presenters.words import Words
from desktop.views.components.status_shape import COLOUR_TOKENS, StatusShape
from desktop.views.components.text import Text
from desktop.views.theme.icons import ICONS_FOLDER, IconCache, render_svg
from desktop.views.theme.palette import (
    ROLES,
    colours_from_palette,
    is_dark,
    palette_from_colours,
)
from desktop.views.theme.theme import Theme
from desktop.views.theme.tokens import Scheme, read_tokens
from desktop.views.tray.tray_artwork import artwork, tray_icon
from tests.desktop.screen.seen import colours_in, picture
from tests.desktop.surfaces import DIALOGS, opened_dialog

TOKENS = read_tokens()


def luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue, _ = QColor(colour).getRgbF()
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_promised_contrast_holds(scheme: Scheme) -> None:
    colours = TOKENS.colours[scheme]
    assert len(TOKENS.contrast[scheme]) > 50
    for pair in TOKENS.contrast[scheme]:
        ratio = contrast(colours[pair.foreground], colours[pair.background])
        assert round(ratio, 2) >= pair.minimum, (
            f"{pair.foreground} on {pair.background}: {ratio:.2f}"
        )


@pytest.mark.parametrize("scheme", list(Scheme))
def test_the_palette_sets_every_role_in_every_group(qapp: QApplication, scheme: Scheme) -> None:
    palette = palette_from_colours(TOKENS.colours[scheme])
    groups = (
        QPalette.ColorGroup.Active,
        QPalette.ColorGroup.Inactive,
        QPalette.ColorGroup.Disabled,
    )
    roles = set(QPalette.ColorRole) - {QPalette.ColorRole.NoRole, QPalette.ColorRole.NColorRoles}
    assert set(ROLES) == roles
    for group in groups:
        for role in roles:
            assert palette.isBrushSet(group, role), f"{group} {role}"
    assert is_dark(palette) is (scheme is Scheme.DARK)


def test_the_theme_switches_live(theme: Theme, qtbot, qapp: QApplication) -> None:
    label = Text(theme, "words")
    qtbot.addWidget(label)
    seen, unseen = QWidget(), QWidget()
    for surface in (seen, unseen):
        qtbot.addWidget(surface)
        theme.dress(surface)
    seen.show()
    for scheme in (Scheme.DARK, Scheme.LIGHT):
        with qtbot.waitSignal(theme.changed):
            theme.choose(scheme)
        colours = TOKENS.colours[scheme]
        assert qapp.palette().color(QPalette.ColorRole.Window).name() == colours["window"].lower()
        assert colours["border"] in seen.styleSheet()
        assert colours["border"] not in unseen.styleSheet(), "it takes its sheet when it is shown"
        unseen.show()
        assert colours["border"] in unseen.styleSheet()
        unseen.hide()
        text = label.palette().color(QPalette.ColorRole.WindowText)
        assert text.name() == colours["text"].lower()


@pytest.mark.parametrize("name", list(DIALOGS))
def test_every_dialog_is_dressed(theme: Theme, name: str) -> None:
    with opened_dialog(name, theme, Words()) as dialog:
        assert dialog.styleSheet()


def test_choosing_the_same_scheme_again_changes_nothing(theme: Theme, qtbot) -> None:
    with qtbot.assertNotEmitted(theme.changed):
        theme.choose(Scheme.LIGHT)


def test_without_a_word_from_the_system_its_palette_decides(theme: Theme) -> None:
    theme.choose(None)
    assert theme.scheme is Scheme.LIGHT, "the offscreen platform has a light palette"


def test_high_contrast_takes_the_systems_own_colours(qapp: QApplication) -> None:
    system = QPalette(QColor("#000000"))
    system.setColor(QPalette.ColorRole.Window, QColor("#000000"))
    system.setColor(QPalette.ColorRole.WindowText, QColor("#ffff00"))
    system.setColor(QPalette.ColorRole.Highlight, QColor("#00ff00"))
    colours = colours_from_palette(system, TOKENS.colours[Scheme.DARK])
    assert set(colours) == set(TOKENS.colours[Scheme.DARK])
    assert (colours["surface"], colours["text"], colours["line"]) == (
        "#000000",
        "#ffff00",
        "#ffff00",
    )
    assert colours["accent"] == "#00ff00"


def test_reduced_motion_means_none(qapp: QApplication, theme: Theme) -> None:
    assert theme.duration("switch_ms") == 0
    theme.reduced_motion = False
    try:
        assert theme.duration("switch_ms") == 120
    finally:
        theme.reduced_motion = True


def test_fonts_follow_the_applications_font(theme: Theme, qapp: QApplication, qtbot) -> None:
    label = Text(theme, "Running", role="state")
    qtbot.addWidget(label)
    before = QFont(qapp.font())
    size = before.pointSizeF()
    assert label.font().pointSizeF() == pytest.approx(size * 1.85, abs=0.02)
    assert label.font().weight() == QFont.Weight.DemiBold
    larger = QFont(before)
    larger.setPointSizeF(size * 2)
    qapp.font_changed.connect(theme.on_application_font_changed)
    try:
        qapp.setFont(larger)
        qtbot.waitUntil(
            lambda: label.font().pointSizeF() == pytest.approx(size * 2 * 1.85, abs=0.02)
        )
    finally:
        qapp.setFont(before)
        qapp.sendPostedEvents(None, QEvent.Type.ApplicationFontChange)
        qapp.font_changed.disconnect(theme.on_application_font_changed)
        theme.apply()


def test_a_font_in_pixels_scales_too(theme: Theme) -> None:
    from desktop.views.theme.fonts import font_for

    in_pixels = QFont()
    in_pixels.setPixelSize(20)
    assert font_for(TOKENS.type_styles["title"], in_pixels).pixelSize() == 31


def test_figures_have_equal_widths(theme: Theme) -> None:
    assert theme.font("body").featureValue(QFont.Tag("tnum")) == 1


def test_code_is_in_a_fixed_font(theme: Theme) -> None:
    assert QFontInfo(theme.font("mono")).fixedPitch()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
def test_icons_are_drawn_for_each_pixel_ratio_and_kept(theme: Theme, ratio: float) -> None:
    cache = IconCache()
    colour = theme.colour("accent")
    pixmap = cache.pixmap("copy", colour, 16, ratio)
    assert pixmap.size() == QSize(round(16 * ratio), round(16 * ratio))
    assert pixmap.devicePixelRatio() == ratio
    assert cache.pixmap("copy", colour, 16, ratio) is pixmap
    assert cache.pixmap("copy", theme.colour("text"), 16, ratio) is not pixmap


def test_icons_are_tinted_and_disabled_ones_have_their_own_tint(theme: Theme) -> None:
    image = IconCache().pixmap("copy", QColor("#ff0000"), 32).toImage()
    solid = [
        image.pixelColor(x, y)
        for x in range(32)
        for y in range(32)
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert solid
    assert {each.name() for each in solid} == {"#ff0000"}
    icon = theme.icon("copy", "accent")
    shades = {
        mode: colours_in(icon.pixmap(QSize(16, 16), 2.0, mode).toImage())
        for mode in (icon.Mode.Normal, icon.Mode.Disabled)
    }
    assert theme.colour("accent").name() in shades[icon.Mode.Normal]
    assert theme.colour("text3").name() in shades[icon.Mode.Disabled]


def test_a_missing_icon_is_an_error_not_a_gap(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        render_svg(Path("nowhere.svg"), QSize(16, 16))


@pytest.mark.parametrize("state", list(IconState))
def test_every_tray_state_has_four_sizes(qapp: QApplication, state: IconState) -> None:
    sizes = {(size.width(), size.height()) for size in tray_icon(state).availableSizes()}
    assert sizes == {(16, 16), (22, 22), (32, 32), (44, 44)}


def test_no_two_tray_states_look_alike_in_black(qapp: QApplication) -> None:
    for size in (16, 22, 32):
        drawn = {
            bytes(tray_icon(state, platform="darwin").pixmap(size, size).toImage().constBits())
            for state in IconState
        }
        assert len(drawn) == len(IconState)


@pytest.mark.parametrize(
    ("platform", "state", "light", "folder", "tint", "mask"),
    [
        ("darwin", IconState.ERROR, False, "mono", "", True),
        ("win32", IconState.OK, True, "mono", "#000000", False),
        ("win32", IconState.OK, False, "mono", "#FFFFFF", False),
        ("win32", IconState.ATTENTION, False, "colour", "", False),
        ("win32", IconState.ERROR, True, "colour", "", False),
        ("linux", IconState.OK, False, "colour", "", False),
    ],
)
def test_each_system_gets_its_kind_of_icon(
    platform: str, state: IconState, light: bool, folder: str, tint: str, mask: bool
) -> None:
    drawn = artwork(state, platform=platform, taskbar_is_light=light)
    assert (drawn.folder, drawn.tint, drawn.is_mask) == (
        ICONS_FOLDER / "tray" / folder,
        tint,
        mask,
    )


@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_status_shape_is_its_own_silhouette(theme: Theme, qtbot, scheme: Scheme) -> None:
    theme.choose(scheme)
    pictures = []
    for shape in Shape:
        widget = StatusShape(theme, shape, size=24)
        qtbot.addWidget(widget)
        widget.resize(24, 24)
        image = picture(widget)
        assert theme.colour(COLOUR_TOKENS[shape]).name() in colours_in(image)
        ground = theme.colour("window").name()
        pictures.append(
            tuple(image.pixelColor(x, y).name() == ground for x in range(24) for y in range(24))
        )
    assert len(set(pictures)) == len(Shape)
