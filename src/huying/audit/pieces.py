"""Large files, sealed in pieces: no more than one of them is in memory.

Each piece comes after its length in four bytes. What it is sealed for says its number and whether
it is the last: what was cut, mixed or put in another place does not open.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final

from huying.audit import crypto

PIECE: Final = 4 << 20
_LENGTH: Final = struct.Struct(">I")
_MOST_AROUND: Final = 1024
"""Bytes that encrypting adds to a piece, at most."""

Context = Callable[[int, bool], bytes]
"""What a piece is sealed for, by its number and whether it is the last."""


def seal(pieces: Iterable[bytes], context: Context) -> Iterator[tuple[str, bytes]]:
    """What is to be written, and under which key that part of it is sealed."""
    provider = crypto.provider()
    for number, piece, last in _numbered(pieces):
        body = provider.encrypt(piece, context=context(number, last))
        yield provider.sealed_under(body), _LENGTH.pack(len(body)) + body


def unseal(
    file: IO[bytes], context: Context, *, seen: Callable[[bytes], object] = lambda _: None
) -> Iterator[bytes]:
    """The content, each piece proved before it is given; `seen` is told what lies there.

    Raises:
        CryptoError: it is not what was written.
        KeyFileError: its key is not here.
    """
    provider = crypto.provider()
    for number, body, last in _laid(file, seen):
        yield provider.decrypt(body, context=context(number, last))


def keys(file: IO[bytes]) -> set[str]:
    """The ids of the keys under which it is sealed. Raises `CryptoError`."""
    provider = crypto.provider()
    return {provider.sealed_under(body) for _number, body, _last in _laid(file, lambda _: None)}


def blocks(file: IO[bytes]) -> Iterator[bytes]:
    """What is left of a file, in pieces."""
    while piece := file.read(1 << 20):
        yield piece


def _numbered(pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Pieces of equal size, and which of them is the last; of nothing, one that is empty."""
    number, waiting = 0, bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > PIECE:
            yield number, bytes(waiting[:PIECE]), False
            del waiting[:PIECE]
            number += 1
    yield number, bytes(waiting), True


def _laid(file: IO[bytes], seen: Callable[[bytes], object]) -> Iterator[tuple[int, bytes, bool]]:
    number, head = 0, file.read(_LENGTH.size)
    while True:
        if len(head) < _LENGTH.size:
            raise crypto.CryptoError("it was cut short")
        (length,) = _LENGTH.unpack(head)
        if length > PIECE + _MOST_AROUND:
            raise crypto.CryptoError("it is damaged")
        body = file.read(length)
        seen(head + body)
        head = file.read(_LENGTH.size)
        yield number, body, not head
        if not head:
            return
        number += 1
