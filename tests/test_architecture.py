"""The import rules of docs/architecture.md, as tests."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
INNER = {"conversation", "stream_events", "errors", "sse", "model"}
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
PURE_USAGE = {"pricing", "entry", "totals", "forecast", "quota", "quota_headers"}
PURE_USAGE |= {"prompt_fingerprint", "cache_health", "stable_prefix", "budgets", "client_pauses"}
PURE_USAGE |= {"refusals", "csv_export", "totals", "day_figures"}
PUBLIC = {
    "cli",
    "client_keys",
    "clients",
    "declared_settings",
    "doctor.finding",
    "doctor.report",
    "errors",
    "logging_setup",
    "model",
    "paths",
    "private_files",
    "redaction",
    "request_trace",
    "service",
    "settings",
    "sign_in_progress",
    "status",
    "trial",
}
"""What the desktop may import of the core, besides the values of ``usage``."""

SHOWN_USAGE = {"report", "approvals", "totals", "queries", "forecast", "quota", "pricing", "entry"}
SHOWN_USAGE |= {"cache_health", "budgets", "refusals"}
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


@pytest.mark.parametrize("module", sorted(INNER))
def test_the_vocabulary_imports_only_the_standard_library_and_itself(module: str) -> None:
    names = imported_names(ROOT / "proxy_core" / f"{module}.py")
    assert not (tops(names) - set(sys.stdlib_module_names) - {"proxy_core"})
    assert all(within(n, *(f"proxy_core.{i}" for i in INNER)) for n in ours(names))
    assert not tops(names) & IMPURE


@pytest.mark.parametrize(
    "path", modules("proxy_core/dialects"), ids=lambda p: str(p.relative_to(ROOT))
)
def test_dialects_are_pure_and_never_import_each_other(path: Path) -> None:
    names = imported_names(path)
    assert not tops(names) & IMPURE
    assert tops(names) <= set(sys.stdlib_module_names) | {"proxy_core", "msgspec"}
    folder = path.parent
    allowed = [f"proxy_core.{i}" for i in INNER | {"copilot_facts"}]
    allowed.append("proxy_core.dialects.shared")
    if folder.name in ("dialects", "shared"):
        allowed.append("proxy_core.dialects")
    else:
        allowed += [f"proxy_core.dialects.{folder.name}", "proxy_core.dialects.shared"]
        shared = (p.stem for p in folder.parent.glob("*.py") if p.stem != "__init__")
        allowed.extend(f"proxy_core.dialects.{stem}" for stem in shared)
    for name in ours(names):
        assert name in ("proxy_core", "proxy_core.dialects") or within(name, *allowed), name


def test_shared_dialect_modules_do_not_import_a_dialect() -> None:
    for path in (ROOT / "proxy_core/dialects").glob("*.py"):
        if path.stem == "registry":
            continue
        for name in ours(imported_names(path)):
            for dialect in ("openai_chat", "anthropic_messages", "openai_responses"):
                assert not within(name, f"proxy_core.dialects.{dialect}"), f"{path.name}: {name}"


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
    names = imported_names(ROOT / "proxy_core/usage" / f"{module}.py")
    # Dates and times are values there; which moment it is, is handed in.
    looked_at = {name for name in names if not within(name, "datetime", "urllib.parse")}
    assert not tops(looked_at) & IMPURE
    impure = {path.stem for path in modules("proxy_core/usage")} - PURE_USAGE
    assert not any(within(n, *(f"proxy_core.usage.{each}" for each in impure)) for n in names)


def test_the_simulator_shares_no_code_with_the_product() -> None:
    for path in modules("proxy_core/simulator"):
        for name in ours(imported_names(path)):
            assert name == "proxy_core" or within(name, "proxy_core.simulator"), f"{path}: {name}"


def test_only_the_demo_and_its_command_know_the_simulator() -> None:
    allowed = {ROOT / "proxy_core" / name for name in ("demo.py", "cli_simulate.py")}
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
