"""Files of heads: where the chain of every case stood when it was sealed.

One JSON object a line, ``{"case": id, "seq": n, "hash": hex}``, sorted by case id; the last line
is ``{"seal": {...}}``. Whoever keeps such a file elsewhere can prove later that nothing before
it was removed or changed. Files may be compressed with gzip.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple
from uuid import UUID

_GZIP_MAGIC = b"\x1f\x8b"


class Head(NamedTuple):
    """The last event of a case at some time."""

    case_id: UUID
    seq: int
    hash: bytes


class HeadFileError(ValueError):
    """A file of heads cannot be read; the message says which line and why."""


def head_line(head: Head) -> str:
    """One line of the file."""
    return f'{{"case":"{head.case_id}","seq":{head.seq},"hash":"{head.hash.hex()}"}}\n'


def seal_line(seal: dict[str, Any]) -> str:
    """The last line of the file."""
    return json.dumps({"seal": seal}, sort_keys=True, separators=(",", ":")) + "\n"


class HeadFile:
    """Reads a file of heads, one by one; ``seal`` is there once all were read.

    Raises:
        FileNotFoundError: there is no such file.
        HeadFileError: while reading, at the first line that is wrong or out of order.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seal: dict[str, Any] | None = None
        self.count = 0
        self._file: IO[bytes] = path.open("rb")

    def __iter__(self) -> Iterator[Head]:
        with self._open() as lines:
            last: UUID | None = None
            for number, line in enumerate(lines, 1):
                if self.seal is not None:
                    raise HeadFileError(f"{self.path}: line {number} comes after the seal")
                head = self._parse(line, number)
                if head is None:
                    continue
                if last is not None and head.case_id <= last:
                    raise HeadFileError(f"{self.path}: line {number} is out of order")
                last = head.case_id
                self.count += 1
                yield head

    def _open(self) -> IO[bytes]:
        magic = self._file.read(2)
        self._file.seek(0)
        if magic == _GZIP_MAGIC:
            return gzip.open(self._file)  # type: ignore[return-value]
        return self._file

    def _parse(self, line: bytes, number: int) -> Head | None:
        if not line.strip():
            return None
        try:
            content = json.loads(line)
            if "seal" in content:
                self.seal = dict(content["seal"])
                return None
            head = Head(UUID(content["case"]), content["seq"], bytes.fromhex(content["hash"]))
            if type(head.seq) is not int or head.seq < 1 or len(head.hash) != 32:
                raise ValueError("seq or hash")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise HeadFileError(f"{self.path}: line {number} is no head of a case") from error
        return head
