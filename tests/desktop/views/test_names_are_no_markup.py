"""Whatever a model, a tool, an account or an error is called, it is read as it is written.

Every page and dialog is opened over a service in which everything that comes from outside is markup, and
everything in it is looked at: labels, tool tips, tables, menus, the tray and its notices.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QAbstractItemModel, QModelIndex
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QMenu, QWidget

import desktop
import desktop.pages.connect
from desktop.presenters.frame import FramePresenter
from desktop.presenters.notices.approvals import ApprovalPresenter
from desktop.presenters.notices.notices import Severity
from desktop.presenters.notices.notifications import Notification
from desktop.presenters.pages import PageKey
from desktop.presenters.tray import TrayPresenter
from desktop.presenters.words import Words
from desktop.views.components.inputs.icon_button import IconButton
from desktop.views.dialogs.approval_dialog import ApprovalDialog
from desktop.views.literal_text import literal
from desktop.views.theme.theme import Theme
from desktop.views.tray.tray_icon import TrayIcon
from proxy_core.clients.discovery import FoundTool
from proxy_core.doctor.finding import Finding, FindingState
from proxy_core.errors import Problem
from proxy_core.status.status import (
    AccountState,
    RequestState,
    ServerState,
    ServerStatus,
    UpstreamState,
    UpstreamStatus,
)
from proxy_core.usage.ledger.queries import Share
from tests.desktop import surfaces
from tests.desktop.fake_service import NOW, RUNNING, SIGNED_IN, Clock, FakeService, record
from tests.desktop.presenters.test_approvals import waiting
from tests.desktop.presenters.test_models import model
from tests.desktop.presenters.usage_reports import make_report, totals
from tests.desktop.surfaces import BUILT, DIALOGS, destroy, opened_dialog, opened_page

HOSTILE = '<b>x</b><img src="file:///etc/passwd"> &lt;i> <a href="http://x.test">y</a>'
TEXTS = [
    HOSTILE,
    "<h1>",
    "&lt;b>x</b>",
    "<!-- x --><u>y</u>",
    "a &amp; <br/>b",
    "<?xml version='1'?><b>z</b>",
    "1 < 2 <script>x</script>",
    "\n<table><tr>",
]


@pytest.mark.parametrize("text", [*TEXTS, "plain", "a < b & c > d", "R&D", "", "<5 s>"])
def test_a_literal_text_is_no_markup_and_reads_the_same(text: str) -> None:
    shown = literal(text)
    assert not Qt.mightBeRichText(shown)
    assert shown.replace("\u2060", "") == text
    assert "<b" not in shown
    assert "&lt" not in shown


@pytest.mark.parametrize("text", ["plain", "1 > 0", "R & D", "Ctrl & C"])
def test_a_text_without_markup_stays_as_it_is(text: str) -> None:
    assert literal(text) is text or literal(text) == text


def markup_in(window: QWidget) -> list[str]:
    """Return a sentence for every text that Qt would take for markup."""
    found = []
    for widget in (window, *window.findChildren(QWidget)):
        for text in (widget.toolTip(), widget.statusTip(), widget.whatsThis()):
            if Qt.mightBeRichText(text):
                found.append(f"{type(widget).__name__} has the tip {text!r}")
        if isinstance(widget, QLabel) and widget.textFormat() is not Qt.TextFormat.PlainText:
            found.append(f"{type(widget).__name__} shows {widget.text()!r} as it comes")
        if isinstance(widget, QMenu) and widget.toolTipsVisible():
            found += [
                each.toolTip() for each in widget.actions() if Qt.mightBeRichText(each.toolTip())
            ]
        if isinstance(widget, QAbstractItemView):
            found += [text for text in tips_of(widget.model()) if Qt.mightBeRichText(text)]
    return found


def tips_of(model: QAbstractItemModel | None) -> Iterator[str]:
    roles = (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.WhatsThisRole)
    if model is None:
        return
    nowhere = QModelIndex()
    for row in range(model.rowCount(nowhere)):
        for column in range(model.columnCount(nowhere)):
            for role in roles:
                text = model.data(model.index(row, column, nowhere), role)
                if isinstance(text, str):
                    yield text


def said_in(window: QWidget) -> str:
    """Return everything that labels, tips, buttons and tables of a window say."""
    parts: list[str] = []
    for widget in (window, *window.findChildren(QWidget)):
        parts += [widget.toolTip(), widget.accessibleName()]
        text = getattr(widget, "text", None)
        if callable(text):
            parts.append(str(text()))
        if isinstance(widget, QAbstractItemView):
            parts += tips_of(widget.model())
    return "\n".join(parts).replace("\u2060", "")


def hostile_service() -> FakeService:
    """Everything that comes from upstream, clients or files is markup."""
    service = FakeService()
    name = {"client": HOSTILE, "model": HOSTILE, "model_asked": HOSTILE}
    service.change(
        account=replace(
            SIGNED_IN, login=HOSTILE, plan=HOSTILE, problem=Problem(HOSTILE, HOSTILE, HOSTILE)
        ),
        server=replace(RUNNING, problem=Problem(HOSTILE, HOSTILE, HOSTILE)),
        upstream=UpstreamStatus(
            UpstreamState.LIMITED, problem=Problem(HOSTILE, HOSTILE, HOSTILE), until=NOW + 60
        ),
        recent=(
            record(1, **name, dropped=(HOSTILE,), notes=(HOSTILE,)),
            record(2, **name, state=RequestState.FAILED, error=HOSTILE, initiator_reason=HOSTILE),
        ),
        active=(record(3, **name, state=RequestState.STREAMING, duration=None),),
        approvals=(waiting("r9", HOSTILE),),
    )
    service.answer("models", result=(model(HOSTILE, name=HOSTILE, vendor=HOSTILE),))
    shares = (Share(HOSTILE, totals(30, 20)), Share("<i>", totals(3, 2)))
    report = make_report(clients=shares, models=shares)
    service.answer("usage_report", result=report)
    findings = (
        Finding(HOSTILE, HOSTILE, FindingState.FAILED, HOSTILE, HOSTILE),
        Finding("b", HOSTILE, FindingState.ATTENTION, HOSTILE, HOSTILE),
    )
    service.answer("run_doctor", result=findings)
    return service


SHOWS_NAMES = (PageKey.HOME, PageKey.ACTIVITY, PageKey.MODELS, PageKey.USAGE)


@pytest.mark.parametrize("key", BUILT)
def test_no_page_takes_a_name_for_markup(
    key: PageKey, qapp: QApplication, theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (FoundTool("claude-code", HOSTILE, HOSTILE),)
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: found)
    monkeypatch.setattr(surfaces, "SETTLED_SECONDS", 1.0 if key in SHOWS_NAMES else 0.3)
    with opened_page(key, qapp, theme, Words(), hostile_service(), (1040, 720)) as window:
        assert markup_in(window) == []
        if key in SHOWS_NAMES:
            assert '<b>x</b><img src="file:///etc/passwd">' in said_in(window), "it was shown"


@pytest.mark.parametrize("name", DIALOGS)
def test_no_dialog_takes_a_name_for_markup(name: str, qapp: QApplication, theme: Theme) -> None:
    with opened_dialog(name, theme, Words(lambda text: f"{text} {HOSTILE}")) as dialog:
        assert markup_in(dialog) == []
        if name not in ("approval", "closing"):  # a question's words; words of its own alone
            assert "<b>x</b>" in said_in(dialog)


def test_the_question_before_sending_shows_names_as_they_are(
    qapp: QApplication, theme: Theme
) -> None:
    service = hostile_service()
    seconds = iter((0.0, 1.0))
    presenter = ApprovalPresenter(service, Words(), now=Clock(), monotonic=lambda: next(seconds))
    dialog = ApprovalDialog(theme)
    view = presenter.view()
    assert view is not None
    dialog.show_view(view)
    assert markup_in(dialog) == []
    assert "<b>x</b>" in said_in(dialog)
    destroy(dialog)


def test_the_tray_and_its_notices_take_no_name_for_markup(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, clock = hostile_service(), Clock()
    views = [TrayPresenter(service, Words(), clock, clock).view()]
    service.change(server=ServerStatus(ServerState.FAILED, problem=Problem(HOSTILE, HOSTILE)))
    views.append(TrayPresenter(service, Words(), clock, clock).view())
    views.append(dataclasses.replace(views[0], tooltip=HOSTILE))
    for view in views:
        tray = TrayIcon(lambda view=view: view, is_available=lambda: True)
        tray.show_view(view)
        assert not Qt.mightBeRichText(tray.icon.toolTip())
        shown: list[tuple[str, str]] = []
        monkeypatch.setattr(
            tray.icon,
            "showMessage",
            lambda title, line, icon, shown=shown: shown.append((title, line)),
        )
        tray._available = True
        tray.notify(Notification(HOSTILE, HOSTILE, Severity.ATTENTION))
        assert [text.replace("\u2060", "") for text in shown[0]] == [HOSTILE, HOSTILE]
        assert not any(Qt.mightBeRichText(text) for text in shown[0])
        tray.stop()


def test_the_check_would_see_a_tip_that_is_markup(qapp: QApplication, theme: Theme) -> None:
    parent = QWidget()
    parent.setToolTip(HOSTILE)
    label = QLabel(HOSTILE, parent)
    assert len(markup_in(parent)) == 2
    label.setTextFormat(Qt.TextFormat.PlainText)
    parent.setToolTip(literal(HOSTILE))
    assert markup_in(parent) == []
    destroy(parent)


MARKUP_PRONE = (
    *("setToolTip", "setStatusTip", "setWhatsThis", "showMessage", "showText"),
    *("setInformativeText", "setDetailedText", "setHtml"),
)


def test_every_tip_and_notice_goes_through_the_one_rule() -> None:
    bare = []
    for file in Path(desktop.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in MARKUP_PRONE:
                continue
            texts = {"showMessage": node.args[:2], "showText": node.args[1:2]}.get(
                node.func.attr, node.args[:1]
            )
            if not all(_is_literal(each, file) for each in texts):
                bare.append(f"{file.name}:{node.lineno}")
    assert bare == []


def _is_literal(node: ast.expr, file: Path) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_literal(node.body, file) and _is_literal(node.orelse, file)
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):  # what the line above made of it
        return f"{node.id} = literal(" in file.read_text(encoding="utf-8")
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "literal"
    )


def test_only_the_plain_label_is_used() -> None:
    users: dict[str, Any] = {}
    for file in Path(desktop.__file__).parent.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        if "QLabel" in text:
            users[file.name] = text.count("setTextFormat(Qt.TextFormat.PlainText)")
    # The charts are labels for screen readers only; they paint themselves.
    assert users == {"text.py": 1, "bar_chart.py": 1, "sparkline.py": 1}


def test_a_buttons_tip_is_literal(qapp: QApplication, theme: Theme) -> None:
    window = QWidget()
    button = IconButton(theme, "copy", HOSTILE, parent=window)
    assert not Qt.mightBeRichText(button.toolTip())
    assert button.accessibleName() == HOSTILE
    destroy(window)


def test_the_frame_says_names_as_they_are() -> None:
    service = hostile_service()
    service.change(account=replace(SIGNED_IN, state=AccountState.NO_PLAN, login=HOSTILE))
    notice = FramePresenter(service, Words(), Clock()).view().notice
    assert notice is not None
    assert HOSTILE in notice.title
