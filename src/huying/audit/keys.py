"""Keys in files, outside the database, made anew by each installation.

One folder (0700), one file (0600) a key, named ``PURPOSE.ID.key`` and holding the key in hex. An
id begins with the time it was made, so the newest by name writes and every other one still
reads: to rotate is to add a file. Every process sees a new file at its next use of a key.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

_FILE = re.compile(r"(?P<purpose>[a-z]+)\.(?P<id>[0-9A-Za-z-]+)\.key")
_SHARED_BITS = 0o077
_TICK = 2_000_000_000
"""Nanoseconds: coarser no file system in use keeps the time of a folder."""


class KeyPurpose(StrEnum):
    """What a key is for. No key serves two purposes."""

    DATA = "data"
    """SM4, 16 bytes: personal data at rest."""
    INDEX = "index"
    """HMAC-SM3, 32 bytes: finding a phone number without storing it."""
    SAMPLING = "sampling"
    """HMAC-SM3, 32 bytes: which cases settled on the spot are drawn for checking."""
    SEAL = "seal"
    """Ed25519, 32 bytes: signing the seals, and what is sealed anew."""
    CODE = "code"
    """HMAC-SM3, 32 bytes: the codes by which residents follow their cases."""


SIZE = {
    KeyPurpose.DATA: 16,
    KeyPurpose.INDEX: 32,
    KeyPurpose.SAMPLING: 32,
    KeyPurpose.SEAL: 32,
    KeyPurpose.CODE: 32,
}
"""Bytes in a key of each purpose."""


_PURPOSES = frozenset(purpose.value for purpose in KeyPurpose)


class KeyFileError(RuntimeError):
    """A key file is missing, damaged, or can be read by others."""


class _Folder(NamedTuple):
    """The folder as it was when it was read; ``settled`` once its time tells of every change."""

    changed_at: int
    files: tuple[tuple[str, int], ...]
    settled: bool


class KeyRing:
    """The keys of one folder, read again when the folder has changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: dict[KeyPurpose, dict[str, bytes]] | None = None
        self._seen = _Folder(0, (), settled=False)

    def current(self, purpose: KeyPurpose) -> tuple[str, bytes]:
        """The id and key that write, made now if this installation has none yet.

        Raises:
            KeyFileError: a file in the folder cannot be used.
        """
        keys = self._read()[purpose]
        if not keys:
            keys = self._make_first(purpose)
        newest = max(keys)
        return newest, keys[newest]

    def get(self, purpose: KeyPurpose, key_id: str) -> bytes:
        """The key of this id.

        Raises:
            KeyFileError: there is none.
        """
        key = self._read()[purpose].get(key_id)
        if key is None:
            # Another process may have added it since.
            self.reload()
            key = self._read()[purpose].get(key_id)
        if key is None:
            raise KeyFileError(f"no {purpose} key {key_id} in {self.folder}")
        return key

    def ids(self, purpose: KeyPurpose) -> list[str]:
        """The ids of all keys of this purpose, oldest first."""
        return sorted(self._read()[purpose])

    def rotate(self, purpose: KeyPurpose) -> str:
        """Add a new key, which writes from now on; its id."""
        with self._locked():
            key_id = self._add(purpose)
        self.reload()
        return key_id

    def remove(self, purpose: KeyPurpose, key_id: str) -> None:
        """Delete a key that is not the newest.

        Raises:
            KeyFileError: there is none of this id, or it is the one that writes.
        """
        with self._locked():
            self.reload()
            known = self._read()[purpose]
            if key_id not in known or key_id == max(known):
                raise KeyFileError(f"no {purpose} key {key_id} that could be removed")
            (self.folder / f"{purpose}.{key_id}.key").unlink()
        self.reload()

    def reload(self) -> None:
        """Read the folder again at the next use."""
        self._keys = None

    def _read(self) -> dict[KeyPurpose, dict[str, bytes]]:
        keys, seen = self._keys, self._seen
        changed = self._changed_at()
        if keys is not None and changed == seen.changed_at and seen.settled:
            return keys
        # Two changes within one tick of the clock leave the folder the same time: while that is
        # young, its files are compared by name and size, too.
        found = _Folder(changed, self._files(), settled=time.time_ns() - changed > _TICK)
        if keys is None or (changed, found.files) != (seen.changed_at, seen.files):
            keys = self._read_folder()
        self._keys, self._seen = keys, found
        return keys

    def _changed_at(self) -> int:
        """When a file was last added to the folder, or taken away."""
        try:
            return self.folder.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _files(self) -> tuple[tuple[str, int], ...]:
        """The names of the key files and their sizes."""
        try:
            with os.scandir(self.folder) as entries:
                found = [(x.name, x.stat().st_size) for x in entries if _FILE.fullmatch(x.name)]
        except FileNotFoundError:
            return ()
        return tuple(sorted(found))

    def _read_folder(self) -> dict[KeyPurpose, dict[str, bytes]]:
        keys: dict[KeyPurpose, dict[str, bytes]] = {purpose: {} for purpose in KeyPurpose}
        if not self.folder.is_dir():
            return keys
        for path in sorted(self.folder.iterdir()):
            name = _FILE.fullmatch(path.name)
            if name and name["purpose"] in _PURPOSES:
                purpose = KeyPurpose(name["purpose"])
                keys[purpose][name["id"]] = _read_key(path, SIZE[purpose])
        return keys

    def _make_first(self, purpose: KeyPurpose) -> dict[str, bytes]:
        # Two processes that start together must not write with two different keys.
        with self._locked():
            self.reload()
            if not self._read()[purpose]:
                self._add(purpose)
        self.reload()
        return self._read()[purpose]

    def _add(self, purpose: KeyPurpose) -> str:
        made = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        key_id = f"{made}-{secrets.token_hex(3)}"
        path = self.folder / f"{purpose}.{key_id}.key"
        waiting = path.with_suffix(".new")
        handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_bytes(SIZE[purpose]).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        # Readers take no lock, so a key appears whole or not at all.
        waiting.rename(path)
        return key_id

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _read_key(path: Path, size: int) -> bytes:
    if path.stat().st_mode & _SHARED_BITS:
        raise KeyFileError(f"{path} can be read by others; it must be 0600")
    try:
        key = bytes.fromhex(path.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != size:
        raise KeyFileError(f"{path} does not hold {size} bytes in hex")
    return key
