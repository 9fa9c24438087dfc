"""Settings: connects its presenters and view, and confirms irreversible actions."""

from __future__ import annotations

import asyncio
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop.pages.context import PageContext
from desktop.presenters.actions import Action
from desktop.presenters.notices.toast import Toast
from desktop.presenters.settings.about import VERSION
from desktop.presenters.settings.client_keys import MAIN, KeysPresenter
from desktop.presenters.settings.setting_words import Section
from desktop.presenters.settings.settings import FILES, HISTORY, SettingsPresenter
from desktop.views.dialogs.confirm_dialog import ConfirmDialog
from desktop.views.pages.page import Page
from desktop.views.pages.settings_page import SettingsPage
from desktop.views.parts.keys_list import KeysList
from proxy_core.config.paths import named_file
from proxy_core.errors import ProxyError


class SettingsJoined(Page):
    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.presenter = SettingsPresenter(
            context.service,
            context.words,
            changed=self.news,
            login=context.login,
            ports=None if context.connect_tools is None else context.connect_tools.ports,
            about=context.about,
        )
        self.keys = KeysPresenter(
            context.service, context.words, now=context.now, changed=self.news
        )
        self._keys_shown: KeysList | None = None
        self.view = SettingsPage(context.theme, self.presenter.view().placeholder)
        super().__init__(self.view)
        self.view.section_chosen.connect(self._on_section_chosen)
        self.view.searched.connect(self.presenter.search)
        self.view.typed.connect(self.presenter.typed)
        self.view.applied.connect(self._on_applied)
        self.view.reset_asked.connect(self._on_reset_asked)
        self.view.pressed.connect(self._on_pressed)
        self.view.acted.connect(lambda action: context.act(Action(action)))

    def refresh(self) -> None:
        self.view.show_view(self.presenter.view())
        keys = self.view.keys
        if keys is not None and keys is not self._keys_shown:
            self._join_keys(keys)
        self._keys_shown = keys
        self.view.show_keys(self.keys.view())

    def opened(self) -> None:
        self._context.spawn(self.presenter.read_again())

    def left(self) -> None:
        self.keys.hide_new()
        self.presenter.forget_refused()

    def read_again(self) -> None:
        self._context.spawn(self.keys.read())
        self._context.spawn(self.presenter.read_again())

    def go_back(self) -> bool:
        if not self.view.search.text():
            return False
        self.view.search.clear()
        return True

    def first_focus(self) -> QWidget:
        chosen = [each for each in self.view.sections.buttons.values() if each.isChecked()]
        return chosen[0] if chosen else self.view.search

    def search_field(self) -> QWidget | None:
        return self.view.search

    def _join_keys(self, keys: KeysList) -> None:
        spawn = self._context.spawn
        keys.make_asked.connect(lambda name: spawn(self.keys.make(name)))
        keys.replace_asked.connect(self._on_replace_asked)
        keys.revoke_asked.connect(self._on_revoke_asked)
        keys.dismissed.connect(self.keys.hide_new)
        spawn(self.keys.read())

    def _on_section_chosen(self, section: str) -> None:
        self.view.search.clear()
        self.presenter.choose_section(section)

    def _on_applied(self, key: str, text: str) -> None:
        self._context.spawn(self.presenter.apply(key, text))

    def _on_reset_asked(self, key: str) -> None:
        self._context.spawn(self.presenter.reset(key))

    def _on_replace_asked(self, key_id: str) -> None:
        tr = self._context.words.tr
        if key_id == MAIN:
            self._context.spawn(self._ask_for_main_key())
            return
        name = self.keys.name_of(key_id)
        self._ask(
            tr("Replace key"),
            tr("Replace the key of {name}?").format(name=name),
            tr("The tool cannot connect until it has the new key."),
            keep=tr("Keep it"),
            do=tr("Replace key"),
            work=lambda: self._context.spawn(self.keys.replace(key_id)),
        )

    async def _ask_for_main_key(self) -> None:
        words, tools = self._context.words, self._context.connect_tools
        carrying = () if tools is None else await tools.with_the_main_key()
        tr = words.tr
        sentence = tr(
            "The old key stops working at once. Every tool that uses it needs the new one."
        )
        if carrying:
            sentence = tr(
                "The old key stops working at once. These connected tools carry it and need the new "
                "one: {tools}."
            ).format(tools=words.several(carrying))
        self._ask(
            tr("Replace key"),
            tr("Replace the main key?"),
            sentence,
            keep=tr("Keep it"),
            do=tr("Replace key"),
            work=lambda: self._context.spawn(self.keys.replace(MAIN)),
        )

    def _on_revoke_asked(self, key_id: str) -> None:
        tr = self._context.words.tr
        name = self.keys.name_of(key_id)
        self._ask(
            tr("Revoke key"),
            tr("Revoke the key of {name}?").format(name=name),
            tr("The tool cannot connect any more. This cannot be undone."),
            keep=tr("Keep it"),
            do=tr("Revoke key"),
            work=lambda: self._context.spawn(self.keys.revoke(key_id)),
        )

    def show_section(self, section: Section) -> None:
        self._on_section_chosen(section)

    def _on_pressed(self, key: str) -> None:
        about, tr = self._context.about, self._context.words.tr
        if key == HISTORY:
            self._ask_to_forget()
        elif key in FILES:
            self._ask_for_file(key)
        elif about is not None and key == VERSION:
            self._context.copy(about.program)
            self._context.toast(Toast(tr("Details copied")))
        elif about is not None and (folder := about.folder_of(key)) is not None:
            self._open_folder(folder)

    def _ask_for_file(self, key: str) -> None:
        tr = self._context.words.tr
        row = next(each for each in self.presenter.view().rows if each.key == key)
        title = tr("Choose a file for “{name}”").format(name=row.name)
        dialog = QFileDialog(self.view, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        folder = named_file(row.value).parent if row.value else Path.home()
        dialog.setDirectory(str(folder if folder.is_dir() else Path.home()))
        dialog.fileSelected.connect(lambda name: self._on_applied(key, str(Path(name))))
        dialog.open()

    def _open_folder(self, folder: Path) -> None:
        """The folder, or the nearest above it that exists: ours are made when first written."""
        there = next((each for each in (folder, *folder.parents) if each.is_dir()), folder)
        if not self._context.open_page(there.as_uri()):
            self._context.copy(str(folder))
            said = self._context.words.tr("No file manager opened; the path is copied")
            self._context.toast(Toast(said, icon="warning"))

    def _ask_to_forget(self) -> None:
        tr = self._context.words.tr
        self._ask(
            tr("Forget the history"),
            tr("Forget the whole history of usage?"),
            tr("Every entry on this computer is deleted. This cannot be undone."),
            keep=tr("Keep the history"),
            do=tr("Forget everything"),
            work=lambda: self._context.spawn(self._forget()),
        )

    def _ask(
        self, title: str, heading: str, sentence: str, *, keep: str, do: str, work: object
    ) -> None:
        dialog = ConfirmDialog(
            self._context.theme, title, heading, sentence, keep=keep, do=do, parent=self.view
        )
        dialog.accepted.connect(work)
        dialog.open()

    async def _forget(self) -> None:
        words = self._context.words
        try:
            count = await asyncio.wrap_future(
                self._context.service.submit(lambda commands: commands.forget_usage())
            )
        except ProxyError as error:
            self._context.toast(Toast(words.said(error.said), icon="warning"))
            return
        forgotten = words.numbered("%n request(s) forgotten", count)
        self._context.toast(Toast(forgotten))
