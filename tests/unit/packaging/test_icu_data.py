"""ICU's data gets smaller and answers Qt's questions as before."""

from __future__ import annotations

import shutil
import struct
import sys
from pathlib import Path

import pytest
from release.facts import BuildFailed
from release.icu_data import (
    LIBRARY,
    check_library,
    is_kept,
    read_table,
    smaller_library,
    write_table,
)

HEAD = struct.pack("<HBBHHBBBB4s4s4s", 32, 0xDA, 0x27, 20, 0, 0, 0, 2, 0, b"CmnD", b"\1", b"\3")
HEAD = HEAD.ljust(32, b"\0")
QT = Path(sys.prefix) / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"
QT = QT / "site-packages/PySide6/Qt/lib"


@pytest.mark.parametrize(
    "name", ["coll/sv.res", "coll/ucadata.icu", "zone/zh_Hant.res", "root.res", "zoneinfo64.res"]
)
def test_the_order_of_words_and_the_app_s_languages_stay(name: str) -> None:
    assert is_kept(name)


@pytest.mark.parametrize(
    "name", ["curr/en.res", "brkitr/thaidict.dict", "zone/sv.res", "de_AT.res", "euc-jp-2007.cnv"]
)
def test_what_qt_never_asks_for_goes(name: str) -> None:
    assert not is_kept(name)


def test_a_written_table_is_read_as_what_it_was_and_is_sorted_and_aligned() -> None:
    entries = {
        "icudt73l/b.res": b"SECOND" * 40,
        "icudt73l/a.res": b"FIRST",
        "icudt73l/coll/c.res": b"THIRD",
    }
    table = write_table(HEAD, entries)
    head, found = read_table(table)
    assert head == HEAD
    assert list(found) == sorted(entries)
    assert {name: each.rstrip(b"\0") for name, each in found.items()} == entries
    for content in entries.values():
        assert table.index(content) % 16 == 0
    assert write_table(head, found) == table


def test_another_kind_of_data_is_refused() -> None:
    with pytest.raises(ValueError, match="no table"):
        read_table(b"\x20\x00\x27\xda" + bytes(60))


def built_from(library: Path, folder: Path) -> Path:
    for each in ("as", "ld", "readelf"):
        if shutil.which(each) is None:
            pytest.skip(f"no {each} here")
    return smaller_library(library, folder)


def test_a_library_that_is_not_as_it_is_known_fails_the_build(tmp_path: Path) -> None:
    other = tmp_path / "libicudata.so.99"
    shutil.copyfile(Path(sys.executable).resolve(), other)
    if other.read_bytes()[:4] != b"\x7fELF":
        pytest.skip("only Linux has its programs in this form")
    with pytest.raises(BuildFailed, match="not ICU's data as it is known"):
        built_from(other, tmp_path / "made")


def test_qt_s_own_library_gets_smaller_and_answers_the_same(tmp_path: Path) -> None:
    found = sorted(QT.glob(LIBRARY))
    if not found:
        pytest.skip("Qt brings no ICU on this system")
    made = built_from(found[0], tmp_path)
    assert made.name == found[0].name
    assert made.stat().st_size < found[0].stat().st_size / 4
    again = built_from(found[0], tmp_path / "again")
    assert made.read_bytes() == again.read_bytes()
    check_library(made, found[0], Path(sys.prefix))


def test_a_library_without_an_order_of_words_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sorted(QT.glob(LIBRARY))
    if not found:
        pytest.skip("Qt brings no ICU on this system")
    monkeypatch.setattr("release.icu_data.is_kept", lambda name: "coll/zh" not in name)
    made = built_from(found[0], tmp_path)
    with pytest.raises(BuildFailed, match="otherwise"):
        check_library(made, found[0], Path(sys.prefix))
