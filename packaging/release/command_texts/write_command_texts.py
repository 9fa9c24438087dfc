"""Write completions and manual page into a folder. Runs where the program's libraries are installed.

python packaging/release/command_texts/write_command_texts.py FOLDER VERSION DAY
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from proxy_core.cli.main import build_parser
from release.command_texts.command_tree import command_tree
from release.command_texts.completions import bash, fish, zsh
from release.command_texts.man_page import man_page


def main(folder: Path, version: str, day: str) -> None:
    tree = command_tree(build_parser())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "g-copilot-proxy.bash").write_text(bash(tree), "utf-8")
    (folder / "_g-copilot-proxy").write_text(zsh(tree), "utf-8")
    (folder / "g-copilot-proxy.fish").write_text(fish(tree), "utf-8")
    page = man_page(tree, version, day).encode()
    (folder / "g-copilot-proxy.1").write_bytes(page)
    (folder / "g-copilot-proxy.1.gz").write_bytes(gzip.compress(page, 9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
