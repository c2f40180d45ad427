"""A JPEG in the plainest form made bare: what draws it is kept byte for byte, all else is left out.

Phones send their photos so (`ISO/IEC 10918-1`, baseline, one scan). To unpack such a photo whole
and pack it again costs more than all else that is done with it, and takes some of its sharpness.
So its tables, its frame and its scan are copied, and nothing besides: no EXIF and no other
application's part, no comment, nothing behind its end. What is in any way unlike this, or takes
more bytes than a photo of its size needs, is left to be packed anew.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

BYTES_A_PIXEL: Final = 0.4
"""Most that a scan may take; ours take 0.1 to 0.3."""
LONGEST_HEAD: Final = 4096
"""Tables of the plainest form take 600 bytes."""

_START, _END = b"\xff\xd8", b"\xff\xd9"
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_FRAME, _CODES, _SCAN, _QUANTA, _INTERVAL = 0xC0, 0xC4, 0xDA, 0xDB, 0xDD
_EXIF, _ADOBE, _COMMENT = 0xE1, 0xEE, 0xFE
_OF_APPLICATIONS: Final = range(0xE0, 0xF0)
_THREE_COLOURS: Final = (1, 2, 3)
_WHOLE: Final = b"\x00\x3f\x00"
"""Of a scan that has all of the picture: the first and the last of its frequencies, all bits."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")
"""What ends a scan: a marker that is no escaped byte and no restart."""


class Bare(NamedTuple):
    """A photo without all but its pixels.

    Attributes:
        may_be_turned: whether a part that was left out may have told how the phone was held.
    """

    body: bytes
    width: int
    height: int
    may_be_turned: bool


def bare(sent: bytes) -> Bare | None:
    """The photo made bare; None where it is not of the plainest form.

    Whether its scan can be unpacked is not looked at here.
    """
    if not sent.startswith(_START):
        return None
    kept, at, size, may_be_turned = [_START, _JFIF], len(_START), (0, 0), False
    while at < len(sent) - 4 and sent[at] == 0xFF:
        kind = sent[at + 1]
        behind = at + 2 + int.from_bytes(sent[at + 2 : at + 4])
        held = sent[at + 4 : behind]
        if len(held) != behind - at - 4:
            return None
        if kind == _FRAME and size == (0, 0):
            size = _size(held)
        if kind in _OF_APPLICATIONS and kind != _ADOBE:
            may_be_turned |= kind == _EXIF
        elif _is_plain(kind, held):
            kept.append(sent[at:behind])
        elif kind != _COMMENT:
            return None
        at = behind
        if kind == _SCAN:
            scan = _scan(sent, at)
            fits = 0 < len(scan) <= BYTES_A_PIXEL * size[0] * size[1] + LONGEST_HEAD
            if not fits or sum(map(len, kept)) > LONGEST_HEAD:
                return None
            return Bare(b"".join((*kept, scan, _END)), *size, may_be_turned)
    return None


def _size(frame: bytes) -> tuple[int, int]:
    """Width and height."""
    return int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])


def _is_plain(kind: int, held: bytes) -> bool:
    """Whether a part draws the picture, is of the plainest form, and holds nothing besides."""
    if kind == _FRAME:
        colours = tuple(held[6::3])
        return len(held) == 15 and held[0] == 8 and held[5] == 3 and colours == _THREE_COLOURS
    if kind == _SCAN:
        colours = tuple(held[1:7:2])
        return len(held) == 10 and held[0] == 3 and colours == _THREE_COLOURS and held[7:] == _WHOLE
    if kind == _INTERVAL:
        return len(held) == 2
    if kind == _QUANTA:
        return len(held) % 65 == 0 and all(which < 4 for which in held[::65])
    return kind == _CODES and _are_codes(held)


def _are_codes(held: bytes) -> bool:
    """Whether tables of codes follow each other without a gap: of each its name, how many codes
    there are of each of 16 lengths, and the codes' values."""
    at = 0
    while at < len(held):
        at += 17 + sum(held[at + 1 : at + 17])
    return at == len(held)


def _scan(sent: bytes, at: int) -> bytes:
    """The scan that begins there; nothing where it is not the last."""
    found = _MARKER.search(sent, at)
    return sent[at : found.start()] if found is not None and found[0] == _END else b""
