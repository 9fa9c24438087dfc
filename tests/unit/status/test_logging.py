"""Nothing secret and nothing said leaves through the log."""

from __future__ import annotations

import io
import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from proxy_core.config.paths import Paths
from proxy_core.errors import BadRequest
from proxy_core.status.logging import FILE_NAME, ROOT, set_up_logging, write_line, write_out
from proxy_core.status.redaction import redact


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    logger = logging.getLogger(ROOT)
    for handler in tuple(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True


def paths(folder: Path) -> Paths:
    return Paths(config=folder, state=folder / "state", log=folder / "log")


@pytest.mark.parametrize(
    "secret",
    [
        "ghu_16C7e42F292c6912E7710c838347Ae178B4a",
        "gho_16C7e42F292c6912E7710c838347Ae178B4a",
        "github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwxyz",
        "sk-local-4R3iOUPgxZU5aJSXozYXyCs76hROTvsIL-TR3ymutgo",
        "sk-ant-api03-abcdefghijklmnop",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def",
        "tid=0123456789abcdef;exp=1700000000;sku=copilot",
    ],
)
def test_a_secret_of_any_known_kind_is_masked(secret: str) -> None:
    assert secret not in redact(f"sent {secret} to upstream")
    assert redact(f"sent {secret} to upstream") == "sent *** to upstream"


def test_whatever_follows_bearer_is_masked() -> None:
    assert redact("Authorization: Bearer anything") == "Authorization: Bearer ***"


@pytest.mark.parametrize("who", ["mona:secret", "mona:s@cr:t", "mona"])
def test_name_and_password_of_a_proxy_are_masked(who: str) -> None:
    assert (
        redact(f"not “http://{who}@proxy.example:8080”.") == "not “http://***@proxy.example:8080”."
    )
    same = "https://github.com/@mona/x http://127.0.0.1:9/?to=a@b https://example.org, not a@b"
    assert redact(same) == same


def test_ordinary_words_stay() -> None:
    text = "req_0123456789ab POST /v1/messages claude-sonnet-4.6 -> /chat/completions status=200"
    assert redact(text) == text


def test_an_exception_is_logged_by_type_and_place_and_without_its_words(tmp_path: Path) -> None:
    set_up_logging(paths(tmp_path))
    log = logging.getLogger(f"{ROOT}.test")
    try:
        raise ValueError("what the user asked the model")
    except ValueError:
        log.exception("%s failed", "req_1")
    text = (tmp_path / "log" / FILE_NAME).read_text()
    assert "req_1 failed" in text
    assert "builtins.ValueError" in text
    assert "test_logging.py" in text
    assert "what the user asked" not in text.replace('raise ValueError("what', "")


def test_our_own_errors_keep_their_sentence(tmp_path: Path) -> None:
    set_up_logging(paths(tmp_path))
    try:
        raise BadRequest("The body is empty.")
    except BadRequest:
        logging.getLogger(f"{ROOT}.test").exception("failed")
    assert "BadRequest: The body is empty." in (tmp_path / "log" / FILE_NAME).read_text()


def test_the_screen_gets_warnings_only() -> None:
    screen = io.StringIO()
    set_up_logging(None, screen=screen)
    logging.getLogger(f"{ROOT}.test").info("a request")
    logging.getLogger(f"{ROOT}.test").warning("a warning about ghu_0123456789abcdef")
    assert "a request" not in screen.getvalue()
    assert "a warning about ***" in screen.getvalue()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are a matter of POSIX")
def test_the_log_is_for_the_user_alone(tmp_path: Path) -> None:
    set_up_logging(paths(tmp_path / "deep" / "er"))
    logging.getLogger(f"{ROOT}.test").info("x")
    assert stat.S_IMODE((tmp_path / "deep" / "er" / "log").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_costs_only_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_text("a file where the folder should be")
    set_up_logging(paths(tmp_path))
    logging.getLogger(f"{ROOT}.test").info("x")
    assert "No log is written" in capsys.readouterr().err


def test_a_name_with_a_line_break_forges_no_line(tmp_path: Path) -> None:
    set_up_logging(paths(tmp_path))
    logging.getLogger(f"{ROOT}.requests").info("req_1 %s done", "gpt\n2026-01-01 forged \x1b[31m")
    try:
        raise BadRequest("There is no 'gpt\nforged too'.")
    except BadRequest:
        logging.getLogger(ROOT).exception("failed")
    lines = (tmp_path / "log" / FILE_NAME).read_text().splitlines()
    assert lines[0].endswith("req_1 gpt\\n2026-01-01 forged \\x1b[31m done")
    assert not any(line.startswith(("2026-01-01", "forged")) for line in lines)
    assert lines[-1].endswith("There is no 'gpt\\nforged too'.")


def test_lines_a_full_disk_does_not_take_are_dropped_and_later_ones_written(tmp_path: Path) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError("No space left on device")

    set_up_logging(paths(tmp_path))
    logger = logging.getLogger(ROOT)
    (handler,) = logger.handlers
    assert isinstance(handler, logging.FileHandler)
    handler.stream.close()
    handler.stream = Full()  # type: ignore[assignment]  # in place of a file on a full disk
    write_line(logger, "request %d", 1)
    write_out()
    write_line(logger, "request %d", 2)
    write_out()
    content = (tmp_path / "log" / FILE_NAME).read_text(encoding="utf-8")
    assert "request 1" not in content
    assert "request 2" in content
