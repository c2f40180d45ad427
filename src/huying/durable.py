"""What outlives a fault: a file that is on the disk once said to be, a server that comes back."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from huying import embedded


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


def durable_file(path: Path, body: bytes) -> None:
    """Keeps a 0600 file whole or not at all, on the disk when this returns.

    Raises:
        OSError: there is no room, say; nothing is left of it then.
    """
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
    # The name as well: a row that is there after a loss of power must find its file.
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
