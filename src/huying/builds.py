"""The assets of neighbouring builds: kept in the data folder that all web processes share.

While instances are restarted in turn a page of one build asks for its script where the other build
runs, and a page that was opened before an upgrade asks afterwards. So each web server lays its own
files there before it answers; their names hold what is in them, so that one never means another.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from huying.embedded import private_folder
from huying.installation import PACKAGE

OWN: Final = PACKAGE / "static" / "huying" / "dist" / "assets"
URL: Final = "/static/huying/dist/assets/"

KEPT: Final = timedelta(days=30)
"""For how long a build's files stay once no build that runs has them."""

NAME: Final = re.compile(r"[0-9A-Za-z_][\w.-]*[-.][\w-]{8}\.[0-9a-z]+(\.gz)?", re.ASCII)
"""What Vite calls a file; nothing with a stroke in it."""


def folder(home: Path) -> Path:
    return home / "assets"


def lay(home: Path, own: Path = OWN) -> int:
    """Lays the files of this build beside those of others, and says of each that it is in use; how
    many were new.

    Raises:
        OSError: the data folder cannot be written.
    """
    to, new = private_folder(folder(home)), 0
    for path in sorted(own.iterdir()) if own.is_dir() else ():
        there = to / path.name
        if not NAME.fullmatch(path.name):
            continue
        if there.is_file() and there.stat().st_size == path.stat().st_size:
            os.utime(there)
            continue
        # Whole or not at all: others serve from here, and may lay the same file just now.
        draft = to / f".{path.name}.{secrets.token_hex(4)}"
        shutil.copyfile(path, draft)
        draft.chmod(0o600)
        draft.replace(there)
        new += 1
    return new


def keep(*, now: datetime) -> int:
    """Says that this build's files are in use, and removes those that no build has had for long."""
    from django.conf import settings  # web servers' own processes lay without it

    home = Path(settings.HUYING.home)
    lay(home)
    oldest, gone = (now - KEPT).timestamp(), 0
    for path in folder(home).iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
