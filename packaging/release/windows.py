"""What Windows is told of the programs."""

from __future__ import annotations

import re
from pathlib import Path

from release.facts import NAME, PACKAGING

SCRIPT = PACKAGING / "windows" / "installer.nsi"


def four_numbers(version: str) -> tuple[int, int, int, int]:
    """Return ``0.1.0`` as Windows counts versions."""
    numbers = [int(each) for each in re.findall(r"\d+", version)[:4]]
    padded = [*numbers, 0, 0, 0, 0]
    return padded[0], padded[1], padded[2], padded[3]


def version_resource(version: str, description: str) -> str:
    """Return PyInstaller's form of the version resource, in English (0409, Unicode 1200)."""
    numbers = four_numbers(version)
    texts = {
        "CompanyName": "The g-copilot-proxy contributors",
        "FileDescription": description,
        "FileVersion": version,
        "InternalName": NAME,
        "LegalCopyright": "MIT licence",
        "OriginalFilename": f"{NAME}.exe",
        "ProductName": NAME,
        "ProductVersion": version,
    }
    lines = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in texts.items())
    return (
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0,\n"
        "    OS=0x40004, fileType=1, subtype=0, date=(0, 0)),\n"
        f"  kids=[StringFileInfo([StringTable('040904B0', [{lines}])]),\n"
        "    VarFileInfo([VarStruct('Translation', [1033, 1200])])])\n"
    )


def installer_command(bundle: Path, icon: Path | None, target: Path, released: str) -> list[str]:
    """Return how makensis makes the installer of ``bundle``; the script works on every system."""
    four = ".".join(map(str, four_numbers(released)))
    values = {"VERSION": released, "FOUR": four, "BUNDLE": str(bundle), "TARGET": str(target)}
    if icon is not None:
        values["ICON"] = str(icon)
    defined = [f"-D{name}={value}" for name, value in values.items()]
    return ["makensis", "-V2", "-WX", *defined, str(SCRIPT)]
