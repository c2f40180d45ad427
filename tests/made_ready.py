"""A data folder that is made ready once, and copied wherever a test begins with a new installation.

Making one ready takes a core seven seconds and more; a copy takes half a second. It is kept in
.cache under a digest of all that it follows from. `huying serve` from an empty folder has its own
test, which copies nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from huying import database, embedded, embedded_roles, readiness, squashing

PACKAGE = Path(database.__file__).parent
KEPT = PACKAGE.parent.parent / ".cache" / "homes"

QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
}
"""Settings of a server that keeps nothing."""

MAKE = f"""
from huying import cli, embedded
embedded.TUNING |= {QUICK!r}
with cli.needed("data"):
    pass
"""


def follows_from() -> list[Path]:
    """The files that decide what is in a database that was just made ready."""
    folders = [PACKAGE / name for name in ("migrations", "sql", "data")]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    modules = [module for module, _function in database.BASE_DATA]
    found += [PACKAGE.parent / f"{module.replace('.', '/')}.py" for module in modules]
    found += PACKAGE.rglob("models*.py")
    modules_ = (database, embedded, embedded_roles, readiness, squashing)
    found += [Path(module.__file__ or "") for module in modules_]
    return sorted(set(found) - set(PACKAGE.rglob("__pycache__/*")))


def digest() -> str:
    """What a folder made ready now is kept under. Each month has its own: the log's months are made
    ahead of the day."""
    month = f"{datetime.now(UTC):%Y-%m}"
    whole = hashlib.sha256(f"{sys.version} {readiness.needed()} {MAKE} {month}".encode())
    for path in follows_from():
        whole.update(f"{path.relative_to(PACKAGE)}\n".encode() + path.read_bytes())
    return whole.hexdigest()[:20]


def made() -> Path:
    """The folder, made now if nothing of the kind is kept. Its server does not run."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        home = KEPT / digest()
        if home.exists():
            return home
        for old in KEPT.iterdir():
            if old.is_dir():
                shutil.rmtree(old)
        draft = KEPT / "draft"
        foreign = ("HUYING_", "DATABASE_", "DJANGO_")
        own = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        done = subprocess.run(
            [sys.executable, "-c", MAKE],
            env=own | {"HUYING_HOME": str(draft)}, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        draft.rename(home)
        return home


def copy(home: Path) -> None:
    """Makes `home` a folder in which everything is ready, its server not yet started.

    Its roles have the passwords of the one that was copied, and nothing else is the same: each
    installation makes its own keys.
    """
    source, target = embedded.Layout(made()), embedded.Layout(home)
    for folder in (home, home / "secrets", target.root):
        embedded.private_folder(folder)
    for role in (embedded.SUPERUSER, embedded.OWNER, embedded.APPLICATION):
        shutil.copy2(source.password_file(role), target.password_file(role))
    shutil.copy2(source.root / "ready", target.root / "ready")
    # `cp`, since shutil gives every file to who copies it, and the server's user must keep them.
    subprocess.run(["cp", "-a", source.data, target.data], check=True)


if __name__ == "__main__":
    made()
