"""A module is short enough to be read at one sitting."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "huying"
MOST = 500


def test_no_module_is_too_long_to_read() -> None:
    modules = [path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]
    assert len(modules) > 100
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text("utf-8").splitlines())
        for path in modules
    }
    assert {name: length for name, length in lengths.items() if length > MOST} == {}
