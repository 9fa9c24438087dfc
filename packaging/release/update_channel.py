"""What a bundle is told of its updates, and the channel a release becomes part of.

python packaging/release/update_channel.py keys KEYS
python packaging/release/update_channel.py root KEYS CHANNEL
python packaging/release/update_channel.py add KEYS CHANNEL DIST

Runs where tuf and cryptography are installed; ``build.py update-channel`` starts it there.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from release.facts import EDITIONS, PACKAGING, bundle_name, machine, system, version

ROOT_FILE = PACKAGING / "updates" / "root.json"
"""Whom bundles trust. Part of the repository once the project has keys; without it no bundle updates
itself.
"""


def bundled_files(edition: str, work: Path, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """Write what a bundle must know of its updates into ``work``; return the files.

    ``UPDATES_ADDRESS`` names the channel, ``UPDATES_ROOT`` its root metadata if it is not that of the
    repository. Without either nothing is written, and the bundle is updated by what installed it.
    """
    address, root = (
        environ.get("UPDATES_ADDRESS", ""),
        Path(environ.get("UPDATES_ROOT") or ROOT_FILE),
    )
    if not address or not root.is_file():
        return []
    folder = work / "updates"
    folder.mkdir(parents=True)
    source = {"address": address, "channel": f"{edition}-{system()}-{machine()}"}
    (folder / "source.json").write_text(json.dumps(source), "utf-8")
    (folder / "root.json").write_bytes(root.read_bytes())
    return [folder / "source.json", folder / "root.json"]


def archives_in(dist: Path, released: str) -> Iterator[tuple[str, Path]]:
    """Yield channel name and file of each archive of ``released`` that bundles are updated by."""
    for edition in EDITIONS:
        pattern = rf"{bundle_name(edition)}-{re.escape(released)}-(\w+-\w+)\.(?:tar\.xz|zip)"
        for each in sorted(dist.iterdir()):
            found = re.fullmatch(pattern, each.name)
            if found:
                yield f"{edition}-{found[1]}", each


def main(arguments: list[str]) -> int:
    from release.update_metadata import ChannelFailed, add_release, make_keys, make_root

    try:
        match arguments:
            case ["keys", keys]:
                for each in make_keys(Path(keys)):
                    print(each)
            case ["root", keys, channel]:
                print(make_root(Path(keys), Path(channel), datetime.now(UTC)))
            case ["add", keys, channel, dist]:
                found = list(archives_in(Path(dist), version()))
                if not found:
                    raise ChannelFailed(f"{dist} holds no archive of {version()}")
                add_release(Path(keys), Path(channel), version(), found, datetime.now(UTC))
                for name, archive in found:
                    print(f"{name}: {archive.name}")
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except ChannelFailed as error:
        print(f"update_channel.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
