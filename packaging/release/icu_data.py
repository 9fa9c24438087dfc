"""ICU's data without what Qt never asks for: 27 of the 32 MB that Qt for Linux brings.

Qt's core calls ICU for the order of words, the names of time zones, upper and lower case, and
encodings it does not know itself, of which the app reads none. The names of currencies, units,
languages and regions, line breaks, transliteration, numbers in words and encodings' tables go. What
is left out is looked up in ICU's own way: the root's entry answers instead.

The data is one table of named entries (``CmnD``: ICU's ``source/common/ucmndata.h``) in a shared library
that holds nothing else. Unicode's licence allows the change; the library stays a file of its own that
a complete one may replace, as Qt's licence wants.
"""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from release.environments import program
from release.facts import BuildFailed, call

LIBRARY = "libicudata.so.*"
LEFT_OUT_FOLDERS = ("brkitr", "curr", "lang", "rbnf", "region", "translit", "unit")
LANGUAGES = ("en", "zh")
"""Of the app; time zones and calendars keep these and ICU's root. The order of words keeps all."""

_LOCALE = re.compile(r"([a-z]{2,3})(?:_\w+)?\.res")
_FORMAT, _ALIGNED = b"CmnD", 16
_ASSEMBLY = """\
.section .rodata
.globl {symbol}
.type {symbol}, %object
.balign 16
{symbol}:
.incbin "{data}"
.size {symbol}, . - {symbol}
.section .note.GNU-stack, "", %progbits
"""


def is_kept(name: str) -> bool:
    """Return whether an entry (``coll/de.res``, without the table's own prefix) is of use to Qt."""
    folder, _, file = name.rpartition("/")
    if (
        folder in LEFT_OUT_FOLDERS
        or name.endswith((".cnv", ".spp", ".cfu"))
        or name == "unames.icu"
    ):
        return False
    if folder == "coll":
        return True
    locale = _LOCALE.fullmatch(file)
    return locale is None or locale[1] in LANGUAGES


def read_table(data: bytes) -> tuple[bytes, dict[str, bytes]]:
    """Return the head of a table and its entries by name. Raises ValueError."""
    (head_size,) = struct.unpack_from("<H", data)
    if data[2:4] != b"\xda\x27" or data[12:16] != _FORMAT:
        raise ValueError("this is no table of ICU's data, or one of another byte order")
    (count,) = struct.unpack_from("<I", data, head_size)
    places = [struct.unpack_from("<II", data, head_size + 4 + 8 * each) for each in range(count)]
    ends = [place for _, place in places[1:]] + [len(data) - head_size]
    entries: dict[str, bytes] = {}
    for (name_at, begins), ends_at in zip(places, ends, strict=True):
        name = data[head_size + name_at : data.index(b"\0", head_size + name_at)].decode("ascii")
        entries[name] = data[head_size + begins : head_size + ends_at]
    return data[:head_size], entries


def write_table(head: bytes, entries: Mapping[str, bytes]) -> bytes:
    """Return a table with these entries. ICU searches it by halves, so names are sorted."""
    names = sorted(entries)
    name_at = 4 + 8 * len(names)
    texts = b"".join(each.encode("ascii") + b"\0" for each in names)
    first_at = name_at + len(texts)
    first_at += -(len(head) + first_at) % _ALIGNED
    table, pieces, begins = struct.pack("<I", len(names)), [], first_at
    for name in names:
        table += struct.pack("<II", name_at, begins)
        name_at += len(name) + 1
        pieces.append(entries[name] + bytes(-len(entries[name]) % _ALIGNED))
        begins += len(pieces[-1])
    return head + (table + texts).ljust(first_at, b"\0") + b"".join(pieces)


def smaller_library(library: Path, folder: Path) -> Path:
    """Write a library of the same name with fewer entries into ``folder``. Raises BuildFailed.

    Assembled and linked by binutils, which PyInstaller needs as well.
    """
    symbols = call(["readelf", "--wide", "--dyn-syms", library])
    found = re.findall(r"OBJECT\s+GLOBAL\s+DEFAULT\s+\d+ (icudt\d+_dat)", symbols)
    data = library.read_bytes()
    begins = data.find(_FORMAT) - 12
    if len(found) != 1 or begins < 0:
        raise BuildFailed(f"{library} is not ICU's data as it is known")
    try:
        head, entries = read_table(data[begins:])
    except (ValueError, struct.error) as error:
        raise BuildFailed(f"{library}: {error}") from error
    kept = {name: each for name, each in entries.items() if is_kept(name.partition("/")[2])}
    folder.mkdir(parents=True, exist_ok=True)
    table, source, assembled = (folder / each for each in ("icu.dat", "icu.s", "icu.o"))
    table.write_bytes(write_table(head, kept))
    source.write_text(_ASSEMBLY.format(symbol=found[0], data=table.name), "utf-8")
    made = folder / library.name
    call(["as", "-o", assembled, source.name], cwd=folder)
    shared = ["-shared", "-z", "noexecstack", "-z", "max-page-size=65536", "--build-id=sha1"]
    call(["ld", *shared, "-soname", library.name, "-o", made, assembled])
    return made


_COMPARE = """
import ctypes, sys
data, folder, release = sys.argv[1:]
load = lambda name: ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
load(data)
load(f"{folder}/libicuuc.so.{release}")
icu = load(f"{folder}/libicui18n.so.{release}")
function = lambda name: getattr(icu, f"{name}_{release}")
said = []
for locale in (b"en_US", b"zh_CN", b"de_DE", b"sv", b"ja", b"xx"):
    status = ctypes.c_int(0)
    open_ = function("ucol_open")
    open_.restype = ctypes.c_void_p
    collator = open_(locale, ctypes.byref(status))
    words = ["z", "a", "ä", "Z", "é", "中", "人", "ö", "10", "9"]
    compare = function("ucol_strcoll")
    order = ""
    for one in words:
        for other in words:
            a, b = (each.encode("utf-16-le") + b"\\0\\0" for each in (one, other))
            compared = compare(ctypes.c_void_p(collator), a, -1, b, -1)
            order += "<=>"[compared + 1]
    said.append((locale, status.value <= 0, order))
for locale in (b"en_US", b"zh_CN", b"de_DE"):
    for zone in ("Europe/Berlin", "Asia/Shanghai"):
        status = ctypes.c_int(0)
        open_ = function("ucal_open")
        open_.restype = ctypes.c_void_p
        name = zone.encode("utf-16-le") + b"\\0\\0"
        calendar = open_(name, -1, locale, 0, ctypes.byref(status))
        room = ctypes.create_string_buffer(400)
        named = function("ucal_getTimeZoneDisplayName")
        long = named(ctypes.c_void_p(calendar), 0, locale, room, 200, ctypes.byref(status))
        shown = room.raw[: 2 * long].decode("utf-16-le")
        # In the other languages a zone goes by its distance from UTC.
        said.append((zone, status.value <= 0, shown if locale != b"de_DE" else bool(shown)))
print(said)
"""


def check_library(made: Path, original: Path, environment: Path) -> None:
    """Ask both libraries the same of Qt's questions. Raises BuildFailed where answers differ."""
    release = original.name.rpartition(".")[2]
    answers = set()
    for each in (original, made):
        command = [program(environment, "python"), "-c", _COMPARE, each]
        done = subprocess.run(
            [*command, original.parent, release], capture_output=True, text=True, check=False
        )
        if done.returncode or "False" in done.stdout:
            raise BuildFailed(f"ICU does not work with {each}: {done.stdout}{done.stderr}")
        answers.add(done.stdout)
    if len(answers) != 1:
        raise BuildFailed("ICU answers otherwise with fewer entries:\n" + "".join(answers))


def replaced_libraries(environment: Path, folder: Path) -> dict[str, str]:
    """Return smaller libraries for those of Qt in ``environment``: name to place. Raises BuildFailed."""
    found = sorted(environment.glob(f"lib/python*/site-packages/PySide6/Qt/lib/{LIBRARY}"))
    replaced: dict[str, str] = {}
    for each in found:
        made = smaller_library(each, folder)
        check_library(made, each, environment)
        replaced[each.name] = str(made)
    return replaced
