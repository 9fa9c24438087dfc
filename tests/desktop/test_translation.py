"""The app in other languages: nothing missing, nothing untranslated, nothing cut."""

from __future__ import annotations

import asyncio
import calendar
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import qasync
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

import desktop.pages.connect
from desktop.desktop_app import DesktopApp
from desktop.presenters.pages import PageKey
from desktop.presenters.words import Words
from desktop.system.translation import Translations, locale_for, translate_in
from desktop.views.components.inputs.buttons import Button
from desktop.views.pages.home_page import HomePage
from desktop.views.theme.theme import Theme
from desktop.window_replacement import built_in_turns
from proxy_core.config.settings import DesktopSettings, Language, Settings
from proxy_core.doctor import account
from proxy_core.errors import Problem
from proxy_core.status.status import AccountState, AccountStatus, TokenPlace
from proxy_core.upstream.sign_in.token_kinds import TokenUse
from tests.desktop import perceivable
from tests.desktop.fake_service import FakeService
from tests.desktop.pseudo_language import BEGIN, END, PseudoTranslator, in_pseudo, pseudo_words
from tests.desktop.surfaces import (
    BUILT,
    DIALOGS,
    FOUND,
    DemoService,
    opened_dialog,
    opened_page,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """``packaging/translations.py``."""
    path = ROOT / "packaging" / "translations.py"
    spec = importlib.util.spec_from_file_location("translations_tool", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoService]:
    service = DemoService(tmp_path_factory.mktemp("translation"))
    yield service
    service.shutdown()


def test_simplified_chinese_is_complete(tool: ModuleType) -> None:
    """Bring it up to date with ``python packaging/translations.py update``, translate, ``compile``."""
    assert tool.problems("zh_CN") == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [("credits?", "点数"), ("allowance|quota", "额度")],
)
def test_chinese_has_one_word_for_each_amount(tool: ModuleType, english: str, chinese: str) -> None:
    """Connect priced models in allowances, and a budget was one of the plan."""
    says_it = re.compile(rf"\b({english})\b(?!}})", re.IGNORECASE)
    wrong = {
        message.source: forms
        for message, forms in tool.read_ts(tool.ts_path("zh_CN")).items()
        if (says_it.search(message.source) is not None) != any(chinese in form for form in forms)
    }
    assert wrong == {}


def test_chinese_sentences_have_full_width_marks_and_one_form_of_you(tool: ModuleType) -> None:
    half_width = re.compile(r"[\u4e00-\u9fff][,;:]|[,;:][\u4e00-\u9fff]|您")
    wrong = [
        form
        for forms in tool.read_ts(tool.ts_path("zh_CN")).values()
        for form in forms
        if half_width.search(form)
    ]
    assert wrong == []


def test_the_compiled_file_has_all_that_the_ts_file_says(
    tool: ModuleType, qapp: QApplication
) -> None:
    """Compile it anew after a change: ``python packaging/translations.py compile``."""
    translations = Translations(qapp)
    translations.use(Language.CHINESE_SIMPLIFIED)
    try:
        for message, texts in tool.read_ts(tool.ts_path("zh_CN")).items():
            number = 5 if message.is_numbered else -1
            said = QCoreApplication.translate(message.context, message.source, None, number)
            assert said == texts[0].replace("%n", "5"), message
    finally:
        translations.use(Language.ENGLISH)


def test_a_text_that_is_not_in_its_call_is_found(tool: ModuleType, tmp_path: Path) -> None:
    import ast

    source = (
        "class A:\n    def f(self, tr, name):\n        return tr(name), tr('Copy'), self.tr('x')\n"
    )
    finder = tool._Finder(tool.ROOT / "desktop" / "views" / "a.py", ast.parse(source))
    finder.visit(ast.parse(source))
    assert [each.call for each in finder.unreadable] == ["tr(name)"]
    assert finder.messages == {tool.Message("A", "Copy"), tool.Message("A", "x")}


def test_a_ts_file_keeps_what_was_translated(tool: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "a.ts"
    messages = [tool.Message("A", "Copy {name} & <more>"), tool.Message("A", "%n tool(s)", True)]
    known = {messages[0]: ("复制 {name} & <…>",)}
    tool.write_ts(path, "zh_CN", messages, known)
    assert tool.read_ts(path) == known
    known[messages[1]] = ("%n 个工具",)
    tool.write_ts(path, "zh_CN", messages, known)
    assert tool.read_ts(path) == known


@pytest.mark.parametrize(
    ("language", "expected"),
    [(Language.CHINESE_SIMPLIFIED, "zh_CN"), (Language.ENGLISH, "en_US")],
)
def test_a_chosen_language_has_its_locale(language: Language, expected: str) -> None:
    assert locale_for(language).name() == expected


def test_the_system_decides_where_nothing_was_chosen() -> None:
    system = QLocale.system()
    expected = QLocale.Language.English if system.language() == QLocale.Language.C else None
    assert locale_for(Language.SYSTEM).language() == (expected or system.language())


def test_a_sentence_of_the_core_is_said_with_its_values(qapp: QApplication) -> None:
    """A value that is a sentence itself is translated; what others wrote is not."""
    translations = Translations(qapp)
    words = Words()
    words.tr, words.numbered = translate_in("Presenters")
    found = account.sign_in(
        AccountStatus(AccountState.SIGNED_IN, "octocat", token_place=TokenPlace.KEYCHAIN),
        TokenUse.EXCHANGE,
    )
    refused = Problem("Bad {brackets} from GitHub", "as GitHub wrote it")
    try:
        translations.use(Language.CHINESE_SIMPLIFIED)
        assert (
            words.said(found.finding) == "github.com 上的 octocat，由本应用登录；保存在钥匙串中。"
        )
        assert words.problem(refused) == ("Bad {brackets} from GitHub", "as GitHub wrote it")
    finally:
        translations.use(Language.ENGLISH)
    assert words.said(found.finding) == found.finding


def test_chinese_can_be_chosen_while_the_app_runs(qapp: QApplication, theme: Theme, qtbot) -> None:
    translations = Translations(qapp)
    translate, numbered = translate_in("Presenters")
    assert numbered("%n more tool(s), not found here", 1) == "1 more tool, not found here"
    try:
        assert translations.use(Language.CHINESE_SIMPLIFIED)
        assert not translations.use(Language.CHINESE_SIMPLIFIED), "it is in force already"
        assert re.search(r"[\u4e00-\u9fff]", translate("Running"))
        assert re.fullmatch(r"[^%]*7[^%]*", numbered("%n more tool(s), not found here", 7))
        page = HomePage(theme)
        qtbot.addWidget(page)
        assert re.search(r"[\u4e00-\u9fff]", page.requests.heading.text())
    finally:
        translations.use(Language.ENGLISH)
    assert translate("Running") == "Running"


@pytest.fixture
def pseudo(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Words]:
    monkeypatch.setattr(desktop.pages.connect, "tools_of_this_computer", lambda: FOUND)
    translator = PseudoTranslator(qapp)
    qapp.installTranslator(translator)
    yield pseudo_words()
    qapp.removeTranslator(translator)
    translator.deleteLater()


def test_the_pseudo_language_is_longer_and_keeps_values() -> None:
    said = in_pseudo("Copy {name}")
    assert said.startswith("⟦Cópý {name} ")
    assert len(said) >= 1.4 * len("Copy {name}")


NOT_WORDS = re.compile(
    r"""
    [^A-Za-z]*                                  # figures and signs
    | ⁦?[0-9.:\[\]]+⁩?                            # addresses
    | https?://\S+
    | .*[\w-]+\.[\w.-]+.*                       # versions, host names, files
    | [a-z0-9]+([-_./][\w.]+)+                  # model ids
    """,
    re.VERBOSE,
)
NAMES = {
    "g-copilot-proxy", "g-copilot-proxy doctor",
    "octocat", "Octo Cat", "Claude Code", "Codex", "Cursor", "bash, zsh", "O", "sh",
    "fish", "PowerShell", "cmd", "OpenAI SDK", "Anthropic SDK", "Ollama SDK",
    "Google Gen AI SDK", "company.ghe.com", "Copilot",
    "aider", "opencode", "Copilot CLI", "Qwen Code", "Goose", "llm", "Gemini CLI", "Continue", "Cline",
    "Roo Code", "Zed", "English", "WDJB-MJHT",
}  # fmt: skip
"""What is called the same in every language."""
NAMES |= set(calendar.month_name) | set(calendar.month_abbr)  # Qt's locale says them in the app


def untranslated(window: QWidget) -> list[str]:
    found = []
    for widget, text in perceivable.said_texts(window):
        is_data = (
            isinstance(widget, QLineEdit | QPlainTextEdit)
            and text == getattr(widget, "text", str)()
        )
        if is_data or text in NAMES or NOT_WORDS.fullmatch(text):
            continue
        if BEGIN not in text:
            found.append(f"{type(widget).__name__}: {text}")
    return sorted(set(found))


def broken(window: QWidget) -> list[str]:
    """A text made of a translated piece that was cut or filled in twice."""
    return [
        text
        for _, text in perceivable.said_texts(window)
        if text.count(BEGIN) != text.count(END) or re.search(r"\{[a-z_]+\}|%n", text)
    ]


Walk = Callable[[PageKey, Callable[[QWidget], list[str]]], list[str]]


@pytest.fixture
def walk(qapp: QApplication, theme: Theme, demo: DemoService, pseudo: Words) -> Walk:
    def walk(key: PageKey, check: Callable[[QWidget], list[str]]) -> list[str]:
        with opened_page(key, qapp, theme, pseudo, demo, (1040, 720)) as window:
            return check(window)

    return walk


@pytest.mark.parametrize("key", BUILT)
def test_every_text_of_a_page_is_translated(walk: Walk, key: PageKey) -> None:
    assert walk(key, untranslated) == []


@pytest.mark.parametrize("key", BUILT)
def test_a_page_has_room_for_longer_words(walk: Walk, key: PageKey) -> None:
    assert walk(key, lambda window: [*perceivable.cut(window), *broken(window)]) == []


@pytest.mark.parametrize("name", list(DIALOGS))
def test_a_dialog_is_translated_and_has_room(
    qapp: QApplication, theme: Theme, pseudo: Words, name: str
) -> None:
    with opened_dialog(name, theme, pseudo) as dialog:
        assert [*untranslated(dialog), *broken(dialog), *perceivable.cut(dialog)] == []


def test_a_word_that_was_not_translated_is_noticed(theme: Theme, qtbot, pseudo: Words) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    Button(theme, "Copy", parent=window)
    Button(theme, pseudo.tr("Copy"), parent=window)
    window.show()
    assert untranslated(window) == ["Button: Copy"]


def test_the_parts_of_another_window_are_built_in_turns_of_the_loop() -> None:
    """Together they would keep the thread from its events for longer than a person waits."""
    built: list[str] = []

    class Window:
        def begin_preparing(self, key: PageKey) -> None:
            built.append(f"{key} begun")

        def prepare(self, key: PageKey) -> None:
            built.append(f"{key} whole")

    def build() -> Any:
        built.append("window")
        return Window()

    turns = []
    building = built_in_turns(build, PageKey.CONNECT)
    with pytest.raises(StopIteration):
        while True:
            building.send(None)
            turns.append(built[:])
            built.clear()
    assert turns == [["window"], ["connect begun"], ["connect whole"]]


def test_another_language_is_another_window_in_the_same_place(
    qapp: QApplication, theme: Theme, service: FakeService
) -> None:
    translations = Translations(qapp)
    words = Words()
    words.tr, words.numbered = translate_in("Presenters")

    async def main() -> None:
        app = DesktopApp(
            service,
            theme,
            words,
            open_page=lambda _: True,
            taskbar_is_light=lambda: False,
            memory=None,
            use_language=translations.use,
        )
        app.tray._is_available = lambda: True
        running = asyncio.ensure_future(app.run())
        await asyncio.sleep(0)
        app.show_page(PageKey.CONNECT)
        before = app.window
        assert before.sidebar.pages["connect"].text() == "Connect"
        chosen = DesktopSettings(language=Language.CHINESE_SIMPLIFIED)
        service.settings = Settings(desktop=chosen)
        service.publish(model_count=3)
        size = before.size()
        while app.window is before:  # noqa: ASYNC110  # a window has no event to await
            await asyncio.sleep(0)
        assert app.window.isVisible()
        assert app.window.current_key is PageKey.CONNECT
        assert app.window.sidebar.pages["connect"].text() == "连接"
        assert app.window.size() == size
        app.ask_to_quit()
        assert await running == 0

    service.settings = Settings(desktop=DesktopSettings(language=Language.ENGLISH))
    try:
        with asyncio.Runner(loop_factory=lambda: qasync.QEventLoop(qapp)) as runner:
            runner.run(asyncio.wait_for(main(), 60))
    finally:
        translations.use(Language.ENGLISH)


def test_the_words_of_the_translators_glossary_are_those_of_the_translation(
    tool: ModuleType,
) -> None:
    text = (ROOT / "docs" / "translating.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:4] for line in text.splitlines() if line.startswith("|")]
    chinese = [cells[2].strip() for cells in rows if re.search(r"[\u4e00-\u9fff]", cells[2])]
    said = "".join(form for forms in tool.read_ts(tool.ts_path("zh_CN")).values() for form in forms)
    words = [word for cell in chinese for word in cell.split("，") if word != "简体中文"]
    assert len(words) > 40
    assert [word for word in words if word not in said] == []
