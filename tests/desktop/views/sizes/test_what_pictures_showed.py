"""What a look at pictures of the app found: places that moved, words that were cut, bars that lied."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QFileDialog, QHeaderView, QWidget

from desktop.item_models.request_rows import Column
from desktop.presenters.activity.request_rows import request_row
from desktop.presenters.connect.change_view import DiffLineView, FileView
from desktop.presenters.settings.settings import SettingsPresenter
from desktop.presenters.words import Words
from desktop.views.components.diff_block import DiffBlock
from desktop.views.components.page_head import PageHead
from desktop.views.pages.settings_page import SettingsPage
from desktop.views.parts.request_table import RequestTable
from desktop.views.parts.table_cells import PADDING
from desktop.views.parts.tool_change import FilePartView
from desktop.views.theme.theme import Theme
from proxy_core.status.status import AccountState, AccountStatus, ServerState, ServerStatus
from tests.desktop.fake_service import NOW, RUNNING, Clock, FakeService, record
from tests.desktop.home_window import HomeWindow, shown
from tests.desktop.screen.seen import picture

STATES: tuple[dict[str, object], ...] = (
    {"server": RUNNING},
    {"server": ServerStatus(ServerState.OFF)},
    {"server": ServerStatus(ServerState.FAILED)},
    {"server": ServerStatus(ServerState.STARTING)},
    {"server": RUNNING, "account": AccountStatus(AccountState.SIGNED_OUT)},
    {"server": RUNNING, "paused_until": NOW + 60},
)


def test_no_change_of_state_makes_the_sidebar_wider(
    theme: Theme, service: FakeService, clock: Clock, qtbot
) -> None:
    window = HomeWindow(theme)
    qtbot.addWidget(window)
    window.show()
    base, widths = service.status, []
    for parts in STATES:
        service.status = base
        window.show_view(shown(service, clock, **parts))
        widths.append(window.sidebar.sizeHint().width())
    assert len(set(widths)) == 1, widths


def test_a_figure_with_a_wide_character_has_room(theme: Theme, qtbot) -> None:
    table = RequestTable(theme, "Requests", fits_rows=False)
    qtbot.addWidget(table)
    row = replace(request_row(record(1), NOW, Words()), took="13.9 秒")
    table.show_rows((row,))
    needed = QFontMetrics(theme.font("body")).horizontalAdvance(row.took) + 2 * PADDING
    assert table.columnWidth(Column.TOOK) >= needed


def test_a_request_that_used_no_token_shows_none() -> None:
    refused = record(1, input_tokens=0, cache_read_tokens=0, cache_write_tokens=0, output_tokens=0)
    assert request_row(refused, NOW, Words()).tokens == "–"


def test_a_long_line_of_a_difference_goes_on_under_its_text(theme: Theme, qtbot) -> None:
    block = DiffBlock(theme)
    qtbot.addWidget(block)
    lines = (DiffLineView(" ", 9, "{"), DiffLineView("+", 10, '"key": "' + "value " * 40 + '"'))
    block.show_file(FileView("~/settings.json", "+1", "−0", "said", lines))
    block.resize(400, 300)
    block.show()
    assert block.lines.document().lastBlock().layout().lineCount() > 1
    assert block.lines.toPlainText().splitlines()[1].startswith('+ "key"')
    digits = QFontMetrics(theme.font("mono")).horizontalAdvance("0" * 4)
    assert block.lines.viewport().x() >= digits, "the numbers have a place of their own"


def test_of_a_very_long_difference_the_first_lines_are_shown_and_all_on_demand(
    theme: Theme, qtbot
) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    part = FilePartView(theme, holder)
    lines = tuple(DiffLineView("+", number, f"line {number}") for number in range(1, 401))
    part.show_file(FileView("~/opencode.json", "+400", "−0", "said", lines))
    part.resize(400, part.sizeHint().height())
    assert part.block.lines.document().blockCount() == 40
    assert part.more.text() == "Show all 400 lines"
    part.more.click()
    assert part.block.lines.toPlainText().endswith("+ line 400")
    part.more.click()
    assert part.block.lines.document().blockCount() == 40
    part.show_file(FileView("~/opencode.json", "+9", "−0", "said", lines[:9]))
    assert part.more.isHidden()


@pytest.mark.parametrize("width", [900, 300])
def test_a_pages_name_stands_at_the_height_of_its_controls(theme: Theme, width: int, qtbot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    head = PageHead(theme, "Usage", page)
    page.setLayout(head)
    control = QWidget(page)
    control.setFixedSize(200, 34)
    head.add(control)
    head.set_line("from GitHub, read just now")
    page.resize(width, 40)
    head.fit(width)
    page.show()
    QApplication.processEvents()

    def middle(part: QWidget) -> float:
        return part.mapTo(page, part.rect().center()).y()

    if width == 900:
        assert abs(middle(head.title) - middle(control)) <= 1
    else:
        assert middle(head.title) < middle(control), "below the name where there is no room"


def test_settings_that_fit_have_no_scroll_bar(theme: Theme, service: FakeService, qtbot) -> None:
    presenter = SettingsPresenter(service, Words(), changed=lambda: None)
    page = SettingsPage(theme, presenter.view().placeholder)
    qtbot.addWidget(page)
    page.show_view(presenter.view())
    page.resize(844, 688)
    page.show()
    QApplication.processEvents()
    page.resize(844, page.card.mapTo(page, page.card.rect().bottomLeft()).y() + 40)
    QApplication.processEvents()
    assert page.card.height() < page.area.viewport().height()
    assert page.area.verticalScrollBar().maximum() == 0


def test_the_head_of_qts_own_file_dialog_can_be_read(theme: Theme, qtbot) -> None:
    """A rule for our tables' heads made it black on desktops without a dialog of their own."""
    window = QWidget()
    qtbot.addWidget(window)
    theme.dress(window)
    dialog = QFileDialog(window)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.show()
    QApplication.processEvents()
    head = dialog.findChild(QHeaderView)
    assert head is not None
    ground = picture(head).pixelColor(head.width() // 2, head.height() // 2)
    text = theme.colour("text")
    assert abs(ground.lightness() - text.lightness()) > 100
    dialog.close()


def test_no_model_is_cut_at_the_narrowest_window(theme: Theme, qtbot) -> None:
    table = RequestTable(theme, "Requests", fits_rows=False)
    qtbot.addWidget(table)
    table.show_rows(tuple(request_row(record(number), NOW, Words()) for number in range(1, 4)))
    table.resize(600, 300)
    table.show()
    QApplication.processEvents()
    model = QFontMetrics(theme.font("mono")).horizontalAdvance("claude-sonnet-4.6")
    assert table.columnWidth(Column.MODEL) >= model + 2 * PADDING
