"""The import rules of docs/architecture.md, as tests."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from proxy_core.canonical.request import DialectName

ROOT = Path(__file__).resolve().parent.parent
FLOORS: tuple[frozenset[str], ...] = tuple(
    map(
        frozenset,
        (
            {"cli", "integrations"},
            {"app"},
            {"doctor"},
            {"server", "upstream"},
            {"routing", "usage"},
            {"dialects", "clients"},
            {"status", "discovery"},
            {"copilot_facts"},
            {"canonical", "auth", "config"},
            {"errors", "clock", "storage"},
        ),
    )
)
"""The rooms of ``proxy_core`` from the top down. A room imports from floors below it, and from none
above; rooms of one floor do not import each other."""

LARGEST_FOLDER = 20
SIZE_LIMITS = {"proxy_core": 20_480, "desktop": 20_480, "tests": 24_576}
"""Bytes of the largest module."""
LARGER: set[str] = set()
"""Entries of a folder of code. More than that, and nobody finds a file by its name."""

INNER = {"canonical", "errors"}
IMPURE = {
    "asyncio",
    "aiohttp",
    "logging",
    "time",
    "uuid",
    "random",
    "secrets",
    "datetime",
    "threading",
}
IMPURE |= {"socket", "ssl", "subprocess", "os", "pathlib", "sqlite3", "tempfile", "urllib", "http"}
PURE_USAGE = {"pricing", "ledger.entry", "quota.forecast", "quota.quota", "quota.headers"}
PURE_USAGE |= {"prompt_cache.fingerprint", "prompt_cache.health", "prompt_cache.stable_prefix"}
PURE_USAGE |= {"limits.budgets", "limits.pauses", "limits.rejections"}
PURE_USAGE |= {"ledger.csv_export", "ledger.day_totals"}
PUBLIC = {
    "auth.client_keys",
    "app.commands",
    "app.quick_start",
    "app.service",
    "app.smoke",
    "app.trial",
    "cli",
    "clients",
    "config.paths",
    "config.settings",
    "config.settings_schema",
    "doctor.finding",
    "doctor.report",
    "errors",
    "canonical.model",
    "status",
    "storage.private_files",
}
"""What the desktop may import of the core, besides the values of ``usage``."""

SHOWN_USAGE = {
    "report",
    "commands",
    "limits.approvals",
    "ledger.queries",
    "ledger.search",
    "quota.forecast",
    "quota.quota",
    "pricing",
}
SHOWN_USAGE |= {"ledger.entry", "prompt_cache.health", "limits.budgets", "limits.rejections"}
"""Where values of usage come from that windows show; what keeps them is the engine's."""
QT = {"PySide6", "qasync", "shiboken6"}


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported_names(path: Path) -> set[str]:
    """Every absolute module name the file imports anywhere; ``from a import b`` gives ``a.b`` too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names.add(node.module)
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def ours(names: set[str]) -> set[str]:
    return {name for name in names if name.split(".")[0] in ("proxy_core", "desktop")}


def tops(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def within(name: str, *prefixes: str) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


def room(name: str) -> str:
    """The room of ``proxy_core`` a module belongs to: ``server`` of ``proxy_core.server.app``."""
    return name.split(".")[1] if "." in name else ""


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


def floor(name: str) -> int:
    found = [index for index, rooms in enumerate(FLOORS) if name in rooms]
    assert found, f"{name} has no floor: give it one in FLOORS"
    return found[0]


def is_product(path: Path) -> bool:
    return (
        ROOT / "proxy_core/simulator"
    ) not in path.parents and path.parent != ROOT / "proxy_core"


@pytest.mark.parametrize(
    "path",
    [each for each in modules("proxy_core") if is_product(each)],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_no_room_imports_from_a_floor_above_it(path: Path) -> None:
    mine = room(module_name(path))
    for name in ours(imported_names(path)):
        other = room(name)
        if other in ("", "__version__", "simulator", mine):
            continue
        assert floor(other) > floor(mine), f"{mine} imports {name}"


STARTS = {"subprocess.run", "subprocess.Popen", "asyncio.create_subprocess_exec"}
STARTS_OUR_OWN = {"start_newest.py"}
"""A console is right for a newer version of the command line."""


@pytest.mark.parametrize("path", modules("proxy_core"), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_program_that_is_started_opens_a_console(path: Path) -> None:
    """On Windows, from the app, which has none itself."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in STARTS:
            stated = {each.arg for each in node.keywords}
            assert path.name in STARTS_OUR_OWN or "creationflags" in stated, ast.unparse(node.func)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports inside functions count too: they only put the failure off."""
    known = {
        module_name(path): path
        for package in ("proxy_core", "desktop")
        for path in modules(package)
    }
    graph = {
        name: {
            other
            for other in ours(imported_names(path))
            if other in known and other != name and known[other].name != "__init__.py"
        }
        for name, path in known.items()
    }
    assert circles(graph) == []


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected groups of two and more modules (Tarjan's algorithm)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = [stack.pop()]
            while group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1:
                found.append(sorted(group))

    for node in graph:
        if node not in index:
            visit(node)
    return found


@pytest.mark.parametrize("folder", SIZE_LIMITS)
def test_no_module_is_too_large_to_be_read_at_once(folder: str) -> None:
    too_large = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / folder).rglob("*.py")
        if path.stat().st_size > SIZE_LIMITS[folder]
    }
    excepted = {each for each in LARGER if each.startswith(f"{folder}/")}
    assert too_large == excepted, "split by what it is about; an exception that is none goes"


@pytest.mark.parametrize(
    "folder",
    sorted(
        {
            path.parent
            for package in ("proxy_core", "desktop", "tests", "packaging")
            for path in modules(package)
        }
    ),
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_a_folder_of_code_has_at_most_twenty_entries(folder: Path) -> None:
    entries = [
        each.name
        for each in folder.iterdir()
        if each.name not in ("__pycache__", "__init__.py", "py.typed")
    ]
    assert len(entries) <= LARGEST_FOLDER, f"{folder}: {len(entries)} entries; make a room"


@pytest.mark.parametrize(
    "path", modules("proxy_core/canonical"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_the_vocabulary_imports_only_the_standard_library_and_itself(path: Path) -> None:
    names = imported_names(path)
    assert not (tops(names) - set(sys.stdlib_module_names) - {"proxy_core"})
    assert all(within(n, *(f"proxy_core.{i}" for i in INNER)) for n in ours(names) - {"proxy_core"})
    assert not tops(names) & IMPURE


@pytest.mark.parametrize(
    "path", modules("proxy_core/dialects"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_dialects_are_pure_and_never_import_each_other(path: Path) -> None:
    names = imported_names(path)
    assert not tops(names) & IMPURE
    assert tops(names) <= set(sys.stdlib_module_names) | {"proxy_core", "msgspec"}
    mine = module_name(path).split(".")[2:3]
    others = {
        each.name
        for each in (ROOT / "proxy_core/dialects").iterdir()
        if (each / "dialect.py").exists() and [each.name] != mine
    }
    for name in ours(names):
        if within(name, "proxy_core.dialects"):
            may_know_all = mine == ["registry"]
            assert may_know_all or not within(
                name, *(f"proxy_core.dialects.{each}" for each in others)
            ), f"{path}: {name}"
        else:
            inner = (*INNER, "copilot_facts")
            assert name == "proxy_core" or within(name, *(f"proxy_core.{i}" for i in inner)), name


def test_server_and_upstream_never_import_each_other() -> None:
    for mine, other in (("server", "upstream"), ("upstream", "server")):
        for path in modules(f"proxy_core/{mine}"):
            for name in ours(imported_names(path)):
                assert not within(name, f"proxy_core.{other}"), f"{path}: {name}"


def test_usage_knows_neither_server_nor_upstream() -> None:
    for path in modules("proxy_core/usage"):
        for name in ours(imported_names(path)):
            assert not within(
                name, "proxy_core.server", "proxy_core.upstream", "proxy_core.app.engine"
            ), f"{path}: {name}"


@pytest.mark.parametrize("module", sorted(PURE_USAGE))
def test_the_pure_rooms_of_usage_read_no_clock_and_do_no_io(module: str) -> None:
    names = imported_names(ROOT / "proxy_core/usage" / f"{module.replace('.', '/')}.py")
    # Dates and times are values there; which moment it is, is handed in.
    looked_at = {name for name in names if not within(name, "datetime", "urllib.parse")}
    assert not tops(looked_at) & IMPURE
    inside = {
        module_name(path).removeprefix("proxy_core.usage.")
        for path in modules("proxy_core/usage")
        if path.name != "__init__.py"
    }
    impure = inside - PURE_USAGE
    assert not any(within(n, *(f"proxy_core.usage.{each}" for each in impure)) for n in names)


def test_the_simulator_shares_no_code_with_the_product() -> None:
    for path in modules("proxy_core/simulator"):
        for name in ours(imported_names(path)):
            assert name == "proxy_core" or within(name, "proxy_core.simulator"), f"{path}: {name}"


def test_only_the_demo_and_its_command_know_the_simulator() -> None:
    allowed = {ROOT / "proxy_core" / name for name in ("app/demo.py", "cli/simulate.py")}
    for path in modules("proxy_core"):
        if path in allowed or (ROOT / "proxy_core/simulator") in path.parents:
            continue
        for name in ours(imported_names(path)):
            assert not within(name, "proxy_core.simulator"), f"{path}: {name}"


def test_the_core_never_imports_qt_or_the_desktop() -> None:
    for path in modules("proxy_core"):
        names = imported_names(path)
        assert not tops(names) & (QT | {"desktop"}), path


def test_the_desktop_uses_only_public_names_of_the_core() -> None:
    for path in modules("desktop"):
        for name in ours(imported_names(path)):
            if within(name, "proxy_core"):
                public = PUBLIC | {f"usage.{each}" for each in SHOWN_USAGE}
                assert name in ("proxy_core", "proxy_core.usage", "proxy_core.doctor") or within(
                    name, *(f"proxy_core.{each}" for each in public)
                ), f"{path}: {name}"


def test_presenters_know_neither_widgets_nor_views() -> None:
    for path in modules("desktop/presenters"):
        names = imported_names(path)
        assert not tops(names) & QT, f"{path}: presenters are plain Python"
        assert not any(within(n, "desktop.views", "desktop.app") for n in names), path


def test_views_know_presenters_but_not_the_service() -> None:
    for path in modules("desktop/views"):
        for name in ours(imported_names(path)):
            assert not within(name, "proxy_core.app.service", "desktop.app"), f"{path}: {name}"


def test_no_module_is_called_a_grab_bag() -> None:
    banned = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
    for package in ("proxy_core", "desktop", "tests", "packaging"):
        for path in modules(package):
            assert path.stem not in banned, path


COPILOT_FACTS = ROOT / "proxy_core/copilot_facts"
WRITTEN_BY_DIALECTS = {"content_filter", "context_length_exceeded", "insufficient_quota"}
WRITTEN_BY_DIALECTS |= {"rate_limit_exceeded", "model_not_found", "unsupported_api_for_model"}
WRITTEN_BY_DIALECTS |= {"previous_response_not_found", "expired_token"}
"""Codes of the vendors that our own errors use as well, and OAuth's own word in the device flow."""


def literals(path: Path) -> set[str]:
    """Every text a module holds, but for its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    }


def test_copilot_facts_is_pure_and_imports_only_the_vocabulary() -> None:
    for path in sorted(COPILOT_FACTS.glob("*.py")):
        names = imported_names(path)
        assert not tops(names) & IMPURE, path
        allowed = ("proxy_core.copilot_facts", "proxy_core.errors", "proxy_core.canonical.model")
        assert all(within(n, *allowed) or n == "proxy_core" for n in ours(names)), path


def test_what_is_known_of_copilot_is_spelled_out_in_its_facts_alone() -> None:
    from proxy_core.copilot_facts import prices
    from proxy_core.copilot_facts.error_codes import ERROR_CODES
    from proxy_core.copilot_facts.wordings import OVERFLOW_WORDINGS

    fields = [each for each in vars(prices).values() if isinstance(each, prices.PriceField)]
    words = set(ERROR_CODES) - WRITTEN_BY_DIALECTS
    words |= {name for field in fields for name in field.names} | {prices.TOKEN_PRICES}
    phrases = [each.phrase for each in OVERFLOW_WORDINGS]
    beta = re.compile(r"[a-z]+(?:-[a-z0-9]+)*-20\d\d-\d\d-\d\d")
    for path in modules("proxy_core"):
        if COPILOT_FACTS in path.parents or (ROOT / "proxy_core/simulator") in path.parents:
            continue
        for text in literals(path):
            assert text not in words, f"{path}: {text}"
            assert not beta.fullmatch(text), f"{path}: {text}"
            assert not any(phrase in text for phrase in phrases), f"{path}: {text}"


def test_only_one_module_asks_for_the_parameter_policy() -> None:
    asking = {
        path.name for path in modules("proxy_core") if "ParameterPolicy" in path.read_text("utf-8")
    }
    assert asking == {"settings.py", "parameter_policy.py"} or asking == {
        "settings.py",
        "policy.py",
    }


DIALECT_FOLDERS = {"dialects", "simulator"}
"""The dialects, and the simulator, which knows none of them and speaks to them from outside."""


def dialects_named(tree: ast.Module) -> list[str]:
    """The single dialects that a module names: ``DialectName.OPENAI_CHAT``, ``== "gemini"``."""
    members, strings = [], []
    for each in ast.walk(tree):
        if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "DialectName":
            members.append(each.attr)
        elif isinstance(each, ast.Compare):
            strings += [each.left, *each.comparators]
        elif isinstance(each, ast.Call) and ast.unparse(each.func) == "DialectName":
            strings += each.args
        elif isinstance(each, ast.MatchValue):
            strings.append(each.value)
    values = [each.value for each in strings if isinstance(each, ast.Constant)]
    return members + [str(value) for value in values if value in set(DialectName)]


def test_only_the_dialects_folder_decides_by_the_name_of_a_dialect() -> None:
    """Others ask what it declares (``ClientTraits``, the registry): a new one is a folder and a line."""
    named = {
        f"{path.relative_to(ROOT)} names {each}"
        for path in modules("proxy_core")
        if path.relative_to(ROOT).parts[1] not in DIALECT_FOLDERS
        for each in dialects_named(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert named == set()


@pytest.mark.parametrize(
    "decision",
    [
        "if name is DialectName.GEMINI: ...",
        "match name:\n case DialectName.OLLAMA: ...",
        "ways = {DialectName.OPENAI_CHAT: 1}",
        "if name == 'openai_chat': ...",
        "if DialectName('gemini') is name: ...",
    ],
)
def test_a_decision_by_the_name_of_a_dialect_is_seen(decision: str) -> None:
    assert dialects_named(ast.parse(decision))


ENDLESS_ELSEWHERE = {("responses_socket.py", "_ping"), ("responses_websocket.py", "_ping")}
"""Loops of one connection, ended with it."""


def endless_loops(tree: ast.Module) -> set[str]:
    """Names of coroutines with a loop that only an exception ends."""
    return {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.AsyncFunctionDef)
        for loop in ast.walk(function)
        if isinstance(loop, ast.While)
        and isinstance(loop.test, ast.Constant)
        and not any(isinstance(each, (ast.Return, ast.Break)) for each in ast.walk(loop))
    }


def started_bare(tree: ast.Module) -> set[str]:
    """Names of coroutine functions whose call is handed to ``create_task`` or ``ensure_future``."""
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
    return {
        getattr(work.func, "attr", getattr(work.func, "id", ""))
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", ""))
        in ("create_task", "ensure_future")
        for work in call.args
        if isinstance(work, ast.Call)
    }


def test_endless_loops_of_the_engine_are_supervised() -> None:
    """A bare task that fails is gone for good, and nobody hears of it."""
    core = [each for each in modules("proxy_core") if "simulator" not in each.parts]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in core}
    endless = set().union(*(endless_loops(tree) for tree in trees.values()))
    bare = {
        (path.name, name)
        for path, tree in trees.items()
        for name in started_bare(tree) & endless
        if path.name != "supervised_tasks.py"
    }
    assert bare - ENDLESS_ELSEWHERE == set()


def test_the_composition_root_starts_no_task_by_itself() -> None:
    for path in modules("proxy_core"):
        if path.stem in ("engine", "server_switch", "server_lifecycle", "upkeep", "maintenance"):
            assert not started_bare(ast.parse(path.read_text(encoding="utf-8"))), path
