"""What outlives a fault: a file that is on the disk once said to be, a server that comes back."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from huying import embedded
from huying.computing import aside
from huying.standstill import Standstill


class Keeper:
    """Keeps the embedded server of `home` going, for who holds it: to be called often."""

    def __init__(self, home: Path, standstill: Standstill | None = None) -> None:
        self._home = home
        self._standstill = standstill or Standstill()

    def __call__(self) -> bool:
        """`keep`; before that, ends a server that waits for nothing, so that it is started again.

        Raises:
            OSError: as `keep`.
        """
        layout = embedded.Layout(self._home.expanduser().resolve())
        server = server_of(layout)
        if server is not None and self._standstill.lasts(server):
            with suppress(ProcessLookupError):
                os.kill(server, signal.SIGQUIT)
        return keep(self._home)


def server_of(layout: embedded.Layout) -> int | None:
    """The number of the server's first process; None while none of them lives."""
    return embedded._postmaster(layout) if embedded.running(layout.home) else None


def keep(home: Path) -> bool:
    """Starts the embedded server of `home` again if it has died; whether it had.

    For who holds the server; it does not wait for it. While a process of the one that died still
    ends its statement, the new one would be refused: it is started by a later call.

    Raises:
        OSError: it could not be started now, for want of room on the disk, say.
    """
    from huying.backup import handing_over  # which reads the settings

    layout = embedded.Layout(home.expanduser().resolve())
    if embedded.running(layout.home):
        return False
    # The one that comes back hands its log over as the one before it did.
    tuning = {**embedded.TUNING, **handing_over.tuning()}
    with embedded._locked(layout.root / "lock"):
        return embedded.start(layout, tuning, handing_over.folders(), wait=False)


@aside
def durable_files(files: Mapping[Path, bytes]) -> None:
    """Keeps 0600 files of one folder, each whole or not at all, on the disk when this returns.

    Raises:
        OSError: there is no room, say; nothing is left of the one that it was wanting for then.
    """
    for path, body in files.items():
        _whole(path, body)
    # The names as well: a row that is there after a loss of power must find its file.
    (parent,) = {path.parent for path in files}
    _on_disk(parent)


@aside
def names_on_disk(folder: Path) -> None:
    """Has the disk know which files are in a folder: after a loss of power they still are.

    Raises:
        OSError: the disk is broken, or has no room.
    """
    _on_disk(folder)


def _on_disk(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@aside
def replace_durably(draft: Path, path: Path, body: bytes) -> None:
    """Writes a draft anew and puts it in a file's place; on the disk when this returns.

    Raises:
        OSError: there is no room, say. The draft is left.
    """
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _on_disk(path.parent)


def _whole(path: Path, body: bytes) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(body)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
