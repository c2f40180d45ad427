"""Versions side by side on a machine with systemd: none is written over, the link says which."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy" / "systemd" / "huying-version"


def wheel(folder: Path, version: str) -> Path:
    """A huying that can only say which it is."""
    path, about = folder / f"huying-{version}-py3-none-any.whl", f"huying-{version}.dist-info"
    files = {
        "huying.py": f"def main():\n    print('{version}')\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: huying\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{about}/entry_points.txt": "[console_scripts]\nhuying = huying:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in {**files, f"{about}/RECORD": record}.items():
            packed.writestr(name, text)
    return path


def version(opt: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *map(str, words)],
        env={**os.environ, "ROOT": str(opt), "PYTHON": sys.executable, "PIP_NO_INDEX": "1",
             "PIP_FIND_LINKS": str(opt.parent)},
        capture_output=True, text=True,
    )  # fmt: skip


def says(program: Path) -> str:
    return subprocess.run([program], capture_output=True, text=True, check=True).stdout.strip()


def test_a_new_version_stands_beside_the_one_that_runs_and_one_goes_back_by_the_link(
    tmp_path: Path,
) -> None:
    opt, pins = tmp_path / "opt", tmp_path / "pins.txt"
    pins.write_text("# none\n")
    current = opt / "current" / "bin" / "huying"
    for each in ("1.0.0", "1.1.0"):
        done = version(opt, "install", wheel(tmp_path, each), pins)
        assert done.returncode == 0, done.stderr
    assert not current.exists(), "installing changes nothing of what runs"
    assert version(opt, "use", "1.0.0").returncode == 0
    # What runs is started by its own folder's name: the link may move below it.
    assert f"#!{opt}/1.0.0/bin/python" in current.read_text("utf-8")
    assert says(current) == "1.0.0"
    assert version(opt, "use", "1.1.0").returncode == 0
    assert (says(current), says(opt / "1.0.0" / "bin" / "huying")) == ("1.1.0", "1.0.0")
    assert version(opt, "list").stdout.splitlines() == ["1.0.0", "1.1.0 *"]
    assert version(opt, "use", "1.0.0").returncode == 0
    assert says(current) == "1.0.0"
    again = version(opt, "install", wheel(tmp_path, "1.0.0"), pins)
    assert again.returncode == 1
    assert "not written over" in again.stderr
    assert version(opt, "use", "2.0.0").returncode == 1
    assert says(current) == "1.0.0"


def test_what_no_pin_names_is_not_installed(tmp_path: Path) -> None:
    """And what came of it is no version."""
    opt, pins = tmp_path / "opt", tmp_path / "pins.txt"
    pins.write_text("huying==1.0.0\n")  # and no digest
    done = version(opt, "install", wheel(tmp_path, "1.0.0"), pins)
    assert done.returncode != 0
    assert "require-hashes" in done.stderr
    assert not (opt / "1.0.0").exists()
    assert version(opt, "use", "1.0.0").returncode == 1


@pytest.mark.parametrize("words", [(), ("install",), ("use",), ("remove", "1.0.0")], ids=str)
def test_it_says_how_it_is_called(words: tuple[str, ...], tmp_path: Path) -> None:
    done = version(tmp_path, *words)
    assert done.returncode == 2
    assert done.stderr.startswith("huying-version install WHEEL")


def test_units_image_and_script_install_from_the_pins() -> None:
    """The packages of a server are those that were tested, each with its digest."""
    docker = (ROOT / "deploy" / "compose" / "Dockerfile").read_text("utf-8")
    for text in (docker, SCRIPT.read_text("utf-8")):
        assert "--require-hashes" in text
        assert "requirements/runtime.txt" in text
        asked = re.findall(r"pip\"? install(.*?)(?:\n(?! {4,})|&&|$)", text, re.DOTALL)
        assert asked
        assert all("--require-hashes" in each or "--no-deps" in each for each in asked)
    for unit in (ROOT / "deploy" / "systemd").glob("*.service"):
        assert "/opt/huying/current/bin/huying " in unit.read_text("utf-8")
    page = (ROOT / "docs" / "deploy.md").read_text("utf-8")
    assert "pip install" not in page
    assert "/opt/huying/bin" not in page
