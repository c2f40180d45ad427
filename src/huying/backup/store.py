"""A folder of the archive: files that are whole, on the disk, listed with their digests.

`index.jsonl` has one line a file: its name, the SHA-256 and size of what lies there, whether it is
encrypted and under which key, and what else is to be known of it. A file comes first and its line
after it: one without a line was broken off, and is put there again by who still has it.

Encrypted files are sealed in pieces (`huying.audit.pieces`) under the newest data key (SM4-GCM),
each bound to its file's name: what was cut, mixed or renamed does not open.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from huying.audit import crypto, pieces
from huying.audit.crypto import CryptoError
from huying.audit.keys import KeyFileError
from huying.backup.manifest import BackupError
from huying.embedded import private_folder

INDEX: Final = "index.jsonl"

Entry = dict[str, Any]


def sync_folder(path: Path) -> None:
    """Makes the names in a folder survive a crash."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Store:
    """One folder of the archive. Not for two writers at once: who writes holds a lock."""

    def __init__(self, folder: Path, *, sealed: bool = False) -> None:
        self.folder = folder
        self.sealed = sealed

    def put(self, name: str, content: Iterable[bytes], **about: Any) -> Entry:
        """Writes a file from its pieces, waits until it is on the disk, and lists it.

        Raises:
            OSError: it could not be written; nothing is listed.
        """
        entry = self.lay(name, content, **about)
        self.enter([entry])
        return entry

    def lay(self, name: str, content: Iterable[bytes], **about: Any) -> Entry:
        """As `put`, but `enter` has still to be called with what it gives."""
        target = self.folder / name
        private_folder(target.parent)
        draft = target.with_name(f".{target.name}.part")
        digest, size, key = hashlib.sha256(), 0, None
        try:
            with _opened(draft) as file:
                for sealed, piece in self._sealed(name, content):
                    digest.update(piece)
                    size += len(piece)
                    key = sealed or key
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return {
            "name": name,
            "sha256": digest.hexdigest(),
            "bytes": size,
            "key": key,
            **about,
        }

    def enter(self, entries: Sequence[Entry]) -> None:
        """Makes files that were laid known."""
        if not entries:
            return
        for folder in {(self.folder / entry["name"]).parent for entry in entries}:
            sync_folder(folder)
        text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)
        descriptor = os.open(self.folder / INDEX, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self.folder)

    def _sealed(self, name: str, content: Iterable[bytes]) -> Iterator[tuple[str | None, bytes]]:
        if self.sealed:
            return pieces.seal(content, _context(name))
        return ((None, piece) for piece in content)

    def entries(self) -> dict[str, Entry]:
        """What is listed, by name; of a file that was put there twice, the last.

        Raises:
            BackupError: a line is damaged that is not the last, which may have been broken off.
        """
        try:
            lines = (self.folder / INDEX).read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return {}
        found: dict[str, Entry] = {}
        for number, line in enumerate(lines, 1):
            if not line:
                continue
            try:
                entry = json.loads(line)
                if entry.get("gone"):
                    found.pop(entry["name"], None)
                else:
                    found[entry["name"]] = entry
            except (ValueError, KeyError, AttributeError, TypeError) as error:
                if number >= len(lines) - 1:
                    break
                raise BackupError(f"{self.folder / INDEX}: line {number} is damaged.") from error
        return found

    def read(self, entry: Entry) -> Iterator[bytes]:
        """The file's content in pieces, each proved before it is given; the digest at the end.

        Raises:
            BackupError: it is missing, not what was written, or cannot be decrypted.
        """
        name = entry["name"]
        digest = hashlib.sha256()
        try:
            with (self.folder / name).open("rb") as file:
                if entry["key"]:
                    yield from pieces.unseal(file, _context(name), seen=digest.update)
                else:
                    yield from _plain(file, digest)
        except FileNotFoundError:
            raise BackupError(f"{self.folder / name} is missing.") from None
        except KeyFileError as error:
            raise BackupError(
                f"{self.folder / name} is encrypted with the data key {entry['key']}, which is not "
                f"here. Put the copy of the keys into {crypto.keys_folder()} first."
            ) from error
        except CryptoError as error:
            raise BackupError(f"{self.folder / name} is not what was written: {error}.") from error
        if digest.hexdigest() != entry["sha256"]:
            raise BackupError(f"{self.folder / name} is not what was written.")

    def content(self, entry: Entry) -> bytes:
        """The whole file. Raises as `read`."""
        return b"".join(self.read(entry))

    def copy_to(self, entry: Entry, target: Path, *also: Any) -> None:
        """Writes the content to a file of its own; each of `also` is a digest that is fed."""
        private_folder(target.parent)
        with _opened(target) as file:
            for piece in self.read(entry):
                for other in also:
                    other.update(piece)
                file.write(piece)

    def forget(self, names: Iterable[str]) -> int:
        """Takes files away, and out of the list; the bytes that are free again."""
        known = self.entries()
        gone = [name for name in names if name in known]
        if not gone:
            return 0
        for name in gone:
            known.pop(name)
        # The list first: a file that nothing names is taken away at the next time.
        draft = self.folder / f".{INDEX}.part"
        with _opened(draft) as file:
            for entry in known.values():
                file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / INDEX)
        sync_folder(self.folder)
        free = 0
        for name in gone:
            with contextlib.suppress(FileNotFoundError):
                free += (self.folder / name).stat().st_size
                (self.folder / name).unlink()
        return free


def _opened(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _context(name: str) -> pieces.Context:
    return lambda number, last: f"backup:{name}:{number}:{'last' if last else 'more'}".encode()


def _plain(file: IO[bytes], digest: Any) -> Iterator[bytes]:
    for piece in pieces.blocks(file):
        digest.update(piece)
        yield piece
