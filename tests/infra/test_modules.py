"""A module is short enough to be read at one sitting, and the worker finds every job."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

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


def test_the_worker_knows_every_job() -> None:
    # A job whose module the worker does not import ends with an error, and its page waits for ever.
    making = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in PACKAGE.rglob("*.py")
        if "@app.task(" in path.read_text(encoding="utf-8")
    }
    assert making - set(settings.PROCRASTINATE_IMPORT_PATHS) == set()
    assert len(making) > 3
