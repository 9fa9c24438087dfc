"""Usage: connects its presenter and view, and the dialog for an export's file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.pages.context import PageContext
from desktop.presenters.actions import Action
from desktop.presenters.notices.toast import Toast
from desktop.presenters.usage.usage import UsagePresenter
from desktop.views.pages.page import Page
from desktop.views.pages.usage_page import UsagePage
from proxy_core.errors import ProxyError


class Usage(Page):
    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.presenter = UsagePresenter(
            context.service, context.words, now=context.now, changed=self.news
        )
        self.view = UsagePage(context.theme, self.presenter.view().ranges)
        super().__init__(self.view)
        self.view.chosen.connect(self._on_chosen)
        self.view.range_chosen.connect(self._on_range_chosen)
        self.view.tool_chosen.connect(self._on_tool_chosen)
        self.view.export_asked.connect(self._on_export_asked)

    def refresh(self) -> None:
        self.view.show_view(self.presenter.view())
        if self.view.isVisible() and self.presenter.needs_reading():
            self._context.spawn(self.presenter.read())

    def opened(self) -> None:
        self.read_again()

    def read_again(self) -> None:
        self._context.spawn(self.presenter.read())

    def first_focus(self) -> QWidget:
        chosen = [each for each in self.view.ranges.buttons.values() if each.isChecked()]
        return chosen[0] if chosen else self.view.export

    def _on_chosen(self, action: str) -> None:
        if action == Action.READ_AGAIN:
            self.read_again()
        else:
            self._context.act(Action(action))

    def _on_range_chosen(self, chosen: str) -> None:
        self._context.spawn(self.presenter.choose_range(chosen))

    def _on_tool_chosen(self, tool: str) -> None:
        self._context.spawn(self.presenter.choose_tool(tool))

    def _on_export_asked(self) -> None:
        dialog = QFileDialog(self.view, self.view.export.text())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.setNameFilter("CSV (*.csv)")
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        dialog.setDirectory(folder)
        dialog.selectFile(self.presenter.file_name)
        dialog.fileSelected.connect(self._on_file_chosen)
        dialog.open()

    def _on_file_chosen(self, name: str) -> None:
        self._context.spawn(self._export(Path(name)))

    async def _export(self, path: Path) -> None:
        try:
            count = await self.presenter.export(path)
        except ProxyError as error:
            self._context.toast(Toast(". ".join(self._context.words.failed(error)), icon="warning"))
            return
        self._context.toast(Toast(self.presenter.exported(count, path)))
