"""The files that tell Linux, macOS, Windows and GitHub what to do; checked without those systems."""

from __future__ import annotations

import ast
import configparser
import os
import plistlib
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from release.facts import IDENTIFIER, NAME, BuildFailed
from release.linux import PACKERS, nfpm_config
from release.macos import info_plist
from release.manifests import TEMPLATES, filled_in
from release.windows import four_numbers, installer_command, version_resource

from desktop.system.start_at_login import LABEL, RUN_KEY

ROOT = Path(__file__).resolve().parents[3]
LINUX, MACOS, WINDOWS = (ROOT / "packaging" / each for each in ("linux", "macos", "windows"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


# --- Linux --------------------------------------------------------------------------------------


def desktop_file() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, delimiters="=")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(LINUX / f"{NAME}.desktop", "utf-8")
    return parser["Desktop Entry"]


def test_the_menu_s_entry_opens_the_window_and_has_the_icon_s_name() -> None:
    entry = desktop_file()
    assert entry["Exec"] == f"{NAME} open"
    assert entry["Icon"] == NAME
    assert entry["StartupWMClass"] == NAME
    assert "Comment[zh_CN]" in entry
    assert "X-GNOME-Autostart-enabled" not in entry, "nothing starts at login unasked"


def test_the_software_centre_is_told_which_entry_it_is_about() -> None:
    root = ElementTree.parse(LINUX / f"{NAME}.metainfo.xml").getroot()
    assert root.findtext("launchable") == f"{NAME}.desktop"
    assert root.findtext("provides/binary") == NAME
    assert root.findtext("project_license") == "MIT"


@pytest.mark.skipif(shutil.which("desktop-file-validate") is None, reason="not installed")
def test_the_menu_s_entry_is_valid() -> None:
    subprocess.run(["desktop-file-validate", LINUX / f"{NAME}.desktop"], check=True)


def test_each_distribution_gets_its_files_at_its_places(tmp_path: Path) -> None:
    for name in (
        "usr/share/zsh/vendor-completions/_g-copilot-proxy",
        "usr/share/lintian/overrides/x",
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    library = tmp_path / "usr/lib/g-copilot-proxy/licences/index.txt"
    library.parent.mkdir(parents=True)
    library.touch()
    config = nfpm_config(tmp_path, ["libGL.so.1", "libc.so.6"], "2.35")
    contents = config["contents"]
    assert isinstance(contents, list)
    places: dict[str, set[str]] = {packer: set() for packer in PACKERS}
    folders = {each["dst"] for each in contents if each.get("type") == "dir"}
    assert folders == {"/usr/lib/g-copilot-proxy", "/usr/lib/g-copilot-proxy/licences"}
    for each in contents:
        for packer in PACKERS:
            if each.get("type") == "dir":
                continue
            if each.get("packager", packer) == packer:
                places[packer].add(each["dst"].removeprefix("/usr/"))
    common = {"bin/g-copilot-proxy", "lib/g-copilot-proxy/licences/index.txt"}
    elsewhere = common | {"share/zsh/site-functions/_g-copilot-proxy"}
    assert places["rpm"] == places["archlinux"] == elsewhere
    debian = {"share/zsh/vendor-completions/_g-copilot-proxy", "share/lintian/overrides/x"}
    assert places["deb"] == common | debian


def test_a_package_asks_for_what_its_files_ask_for(tmp_path: Path) -> None:
    config = nfpm_config(tmp_path, ["libGL.so.1", "libc.so.6"], "2.35")
    overrides = config["overrides"]
    assert isinstance(overrides, dict)
    assert overrides["deb"]["depends"] == ["libc6 (>= 2.35)", "libgl1", "ca-certificates"]
    assert "libGL.so.1()(64bit)" in overrides["rpm"]["depends"]
    assert overrides["archlinux"]["depends"] == ["glibc>=2.35", "ca-certificates-utils", "libglvnd"]
    assert not {"scripts", "preinstall", "postinstall"} & config.keys(), "nothing runs as root"


# --- macOS --------------------------------------------------------------------------------------


def test_macos_sees_a_menu_bar_app_of_this_version() -> None:
    plist = info_plist("1.2.3", "2026-11-29")
    assert plist["LSUIElement"] is True
    assert plist["CFBundleShortVersionString"] == "1.2.3"
    assert plist["CFBundleIdentifier"] == IDENTIFIER == LABEL, "the login item is this app's"
    assert plistlib.loads(plistlib.dumps(plist)) == plist


def test_the_hardened_runtime_is_relaxed_for_callbacks_alone() -> None:
    allowed = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert allowed == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def dry_run(**environ: str) -> str:
    done = subprocess.run(
        ["bash", MACOS / "make_dmg.sh", "--dry-run", "My App.app", "out.dmg"],
        env={"PATH": "/usr/bin:/bin", **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="no bash here")
def test_without_secrets_the_image_is_made_and_nothing_is_sent_to_apple() -> None:
    said = dry_run()
    assert "codesign" in said
    assert "hdiutil create" in said
    assert "notarytool" not in said
    assert "signed ad hoc" in said


@pytest.mark.skipif(os.name == "nt" or shutil.which("bash") is None, reason="no bash here")
def test_with_secrets_the_image_is_signed_notarised_and_stapled_in_that_order() -> None:
    said = dry_run(MACOS_SIGNING_IDENTITY="Developer ID", MACOS_NOTARY_PROFILE="profile")
    steps = ["--entitlements", "--verify", "hdiutil", "notarytool submit", "stapler", "spctl"]
    assert sorted(steps, key=said.index) == steps
    assert "--options runtime" in said
    assert "My\\ App.app" in said


def imported_key(folder: Path, *arguments: str) -> tuple[str, str]:
    """Return what the script says, and what it asks of macOS's programs, which are stand-ins here."""
    for name in ("security", "xcrun"):
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >> "{folder}/asked"\n')
        program.chmod(0o755)
    (folder / "asked").touch()
    done = subprocess.run(
        ["bash", MACOS / "import_key.sh", *arguments],
        env={
            "PATH": f"{folder}:/usr/bin:/bin",
            "RUNNER_TEMP": str(folder),
            "GITHUB_ENV": str(folder / "env"),
            "MACOS_CERTIFICATE": "aGVsbG8=",
            "MACOS_CERTIFICATE_PASSWORD": "hunter-one",
            "NOTARY_PASSWORD": "hunter-two",
            "NOTARY_APPLE_ID": "a@example.com",
            "NOTARY_TEAM": "T",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout, (folder / "asked").read_text()


@pytest.mark.skipif(os.name == "nt" or shutil.which("openssl") is None, reason="no openssl here")
def test_the_signing_key_is_imported_and_no_secret_is_printed(tmp_path: Path) -> None:
    said, asked = imported_key(tmp_path, "--dry-run")
    assert asked == ""
    assert "hunter" not in said
    printed = [each.split()[1:3] for each in said.splitlines() if not each.startswith("+ rm")]
    said, asked = imported_key(tmp_path)
    assert said == "", "the log of a build is public"
    assert [each.split()[:2] for each in asked.splitlines()] == printed, "a dry run says it all"
    assert "-P hunter-one" in asked
    assert (tmp_path / "env").read_text() == "MACOS_NOTARY_PROFILE=g-copilot-proxy\n"
    assert not (tmp_path / "certificate.p12").exists()


# --- Windows ------------------------------------------------------------------------------------


def test_windows_counts_versions_by_four_numbers() -> None:
    assert four_numbers("0.1.0") == (0, 1, 0, 0)
    assert four_numbers("2.10.3rc4") == (2, 10, 3, 4)


def test_the_version_resource_can_be_read_by_pyinstaller() -> None:
    text = version_resource("1.2.3", 'It\'s a "test"')
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    assert "(1, 2, 3, 0)" in text


def test_the_installer_needs_no_administrator_and_starts_nothing_at_login() -> None:
    script = (WINDOWS / "installer.nsi").read_text("utf-8")
    assert "RequestExecutionLevel user" in script
    assert "HKLM" not in script
    assert RUN_KEY in script
    assert 'WriteRegStr HKCU "${RUN_KEY}"' not in script
    assert 'Section /o "un.Settings, usage and logs"' in script, "data goes only if it is ticked"


@pytest.mark.skipif(shutil.which("makensis") is None, reason="no makensis here")
def test_the_installer_compiles_without_a_warning(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    for name in ("licences/LICENSE.txt", "_internal/a.dll", f"{NAME}.exe", f"{NAME}-app.exe"):
        path = bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", "utf-8")
    target = tmp_path / f"{NAME}-1.2.3-setup.exe"
    done = subprocess.run(
        installer_command(bundle, None, target, "1.2.3"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert target.read_bytes()[:2] == b"MZ"


def test_manifests_carry_the_sums_of_what_was_released(tmp_path: Path) -> None:
    names = ("macos-arm64.dmg", "macos-x86_64.dmg", "windows-x86_64-setup.exe")
    for name in names:
        (tmp_path / f"{NAME}-1.2.3-{name}").write_text(name, "utf-8")
    for template in TEMPLATES:
        text = filled_in(template.read_text("utf-8"), "1.2.3", "https://example.org/r", tmp_path)
        assert "@" not in text
        assert "https://example.org/r/releases/download/v" in text
        assert re.search(r"\b[0-9a-f]{64}\b", text)


def test_a_manifest_is_not_written_for_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match=r"macos-arm64\.dmg is not in"):
        filled_in(TEMPLATES[0].read_text("utf-8"), "1.2.3", "https://example.org/r", tmp_path)


# --- GitHub -------------------------------------------------------------------------------------

FOR_RELEASES = (
    "github.ref_type == 'tag'",
    "startsWith(github.event.release.tag_name, 'v')",
)
"""What a job that may write runs for alone."""


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_uses_actions_by_commit_and_asks_for_little(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []
    content = yaml.safe_load(text)
    assert content["permissions"] in ({}, {"contents": "read"})
    for job in content["jobs"].values():
        assert job["timeout-minutes"] <= 60
        writes = [name for name, right in job.get("permissions", {}).items() if right == "write"]
        assert not writes or job.get("if") in FOR_RELEASES
        for step in job["steps"]:
            # What others choose (a branch's name, a title) must not become part of a command.
            assert "${{" not in step.get("run", "")
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_workflows_call_commands_that_exist() -> None:
    # Not imported by its name: an installed package is called so too.
    parsed = ast.parse((ROOT / "packaging/build.py").read_text("utf-8"))
    known = next(
        {key.value for key in node.value.keys if isinstance(key, ast.Constant)}
        for node in parsed.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
    )
    commands = {
        name
        for path in WORKFLOWS
        for name in re.findall(r"packaging/build\.py ([\w-]+)", path.read_text("utf-8"))
    }
    assert commands >= {"bundle", "archives", "linux", "macos", "windows", "wheel", "prove"}
    assert commands <= known


def jobs(name: str) -> dict[str, dict[str, object]]:
    content = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text("utf-8"))
    found: dict[str, dict[str, object]] = content["jobs"]
    return found


def commands_of(job: dict[str, object]) -> str:
    steps = job["steps"]
    assert isinstance(steps, list)
    return "\n".join(each.get("run", "") + each.get("uses", "") for each in steps)


def test_checks_run_on_three_systems_and_every_python_that_is_promised() -> None:
    found = jobs("check")
    strategy = found["test"]["strategy"]
    assert isinstance(strategy, dict)
    systems = {each.partition("-")[0] for each in strategy["matrix"]["system"]}
    assert systems == {"ubuntu", "macos", "windows"}
    assert strategy["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert "bootstrap.py check" in commands_of(found["check"])
    assert "bootstrap.py test" in commands_of(found["test"])


def test_nothing_is_published_unproved_or_without_sums_bill_of_materials_and_provenance() -> None:
    found = jobs("release")
    assert set(found["publish"]["needs"]) == found.keys() - {"publish"}  # type: ignore[call-overload]
    assert "build.py all" in commands_of(found["whole"])
    assert "build.py sbom" in commands_of(found["wheel"])
    steps = commands_of(found["publish"])
    order = [
        "download-artifact",
        "manifests",
        "build.py sums",
        "attest-build-provenance",
        "gh release",
    ]
    assert sorted(order, key=steps.index) == order
    others = [each for name, each in found.items() if name != "publish"]
    assert all(each["permissions"] == {"contents": "read"} for each in others)
