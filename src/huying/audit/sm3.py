"""SM3 (GB/T 32905-2016), by the fastest implementation at hand.

OpenSSL behind ``hashlib`` knows SM3 where Python was built against one that does; the copy of
a fresh state costs 1.4 µs for an event of 400 bytes, against 1.9 µs through ``cryptography``,
which brings its own OpenSSL and is therefore always there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from cryptography.hazmat.primitives import hashes

SIZE = 32
"""Bytes in a digest."""


class Hasher(Protocol):
    """A digest under way, for data that comes in pieces."""

    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _CryptographyHasher:
    def __init__(self) -> None:
        self._state = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._state.update(data)

    def digest(self) -> bytes:
        return self._state.copy().finalize()


def _by_cryptography() -> tuple[Callable[[bytes], bytes], Callable[[], Hasher]]:
    fresh = hashes.Hash(hashes.SM3())

    def sm3(data: bytes) -> bytes:
        state = fresh.copy()
        state.update(data)
        return state.finalize()

    return sm3, _CryptographyHasher


def _by_hashlib() -> tuple[Callable[[bytes], bytes], Callable[[], Hasher]]:
    fresh = hashlib.new("sm3")

    def sm3(data: bytes) -> bytes:
        state = fresh.copy()
        state.update(data)
        return state.digest()

    return sm3, fresh.copy


def _fastest() -> tuple[Callable[[bytes], bytes], Callable[[], Hasher]]:
    try:
        return _by_hashlib()
    except ValueError:
        return _by_cryptography()


_sm3, _hasher = _fastest()


def sm3(data: bytes) -> bytes:
    """The SM3 digest of ``data``, 32 bytes."""
    return _sm3(data)


def hasher() -> Hasher:
    """A fresh SM3 state."""
    return _hasher()
