"""Reading a picture that somebody sent, within a bound on memory.

A file of a few hundred kilobytes can hold fifty million pixels, and each step of making it smaller
would like a copy of them all. So what a picture would take is asked of its header first; a JPEG is
unpacked at a fraction of its size; what has to be unpacked whole is made smaller band by band; and
one picture at a time is unpacked in a process.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Final, NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image

from huying.cases.bare_jpeg import BYTES_A_PIXEL, bare
from huying.computing import aside
from huying.errors import BadInput, HuyingError, TooLarge, TooMany

TYPES: Final = ("JPEG", "PNG", "WEBP")
LARGEST_PIXELS: Final = 50_000_000
MOST_MEMORY: Final = 256 * 2**20
"""What unpacking one picture may take, in bytes."""

PATIENCE_SECONDS: Final = 20.0
"""How long a picture waits for those before it; a thread should not wait for ever."""

_BAND: Final = 64
_ORIENTATION: Final = 0x0112
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by the orientation that its EXIF tells."""

_WHITE: Final = (255, 255, 255)
_one_at_a_time = threading.Lock()

# The room of the last picture is kept for the next one: to get new room from the system takes
# as long as to unpack a photo into it.
Image.core.set_blocks_max(1)


@aside
def read(file: IO[bytes], *, side: int) -> Image.Image:
    """The picture upright, in RGB, at most `side` pixels wide or high, with nothing but pixels.

    Transparent parts become white, as paper is.

    Raises:
        TooLarge: it has more pixels than are unpacked.
        TooMany: others are being unpacked for too long already.
        BadInput: not a JPEG, PNG or WebP picture, or a damaged one.
    """
    with _alone():
        return _read(file, side)


class AsItCame(NamedTuple):
    """A photo whose bytes are kept, without all but its pixels.

    Attributes:
        small: the same, unpacked at a fraction of its size.
    """

    body: bytes
    width: int
    height: int
    small: Image.Image


@aside
def as_it_came(file: IO[bytes], *, side: int, small: int) -> AsItCame | None:
    """A photo that is bare, upright and at most `side` pixels wide or high when all but its pixels
    is left out (`bare_jpeg`); None where it has to be read and packed anew. Looked at is what will
    be kept; made smaller to no less than `small` pixels, in a third of the time.

    Raises:
        TooMany, BadInput: as `read`.
    """
    length = file.seek(0, io.SEEK_END)
    file.seek(0)
    if length > BYTES_A_PIXEL * side * side:  # whatever it holds, it is not one of these
        return None
    found = bare(file.read())
    file.seek(0)
    if found is None or max(found.width, found.height) > side:
        return None
    with _alone():
        if found.may_be_turned:
            with Image.open(file, formats=("JPEG",)) as sent:
                turned = sent.getexif().get(_ORIENTATION, 1) in _TURNS
            file.seek(0)
            if turned:
                return None
        with Image.open(io.BytesIO(found.body), formats=("JPEG",)) as picture:
            picture.draft("RGB", _within(picture.size, small))
            picture.load()
            return AsItCame(found.body, found.width, found.height, picture)


@contextmanager
def _alone() -> Iterator[None]:
    """While no other is unpacked; what decoders raise becomes a refusal in words."""
    if not _one_at_a_time.acquire(timeout=PATIENCE_SECONDS):
        words = _("Too many photos are being read just now; please send it again.")
        raise TooMany(words, retry_after=round(PATIENCE_SECONDS))
    try:
        yield
    except HuyingError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(LARGEST_PIXELS) from error
    except Exception as error:  # decoders of damaged files raise whatever comes to them
        raise BadInput(_("This is not a JPEG, PNG or WebP picture."), field="file") from error
    finally:
        _one_at_a_time.release()


def most_pixels(picture: Image.Image) -> int:
    """How many pixels a picture of this kind may have, by what its decoder takes for each."""
    if picture.format == "WEBP":
        each = 16  # two canvases of the decoder's, its answer, and Pillow's own
    elif picture.info.get("progressive"):
        each = 8  # the coefficients of all its components are kept until the last scan
    else:
        each = 4
    return min(LARGEST_PIXELS, MOST_MEMORY // each)


def _too_many_pixels(most: int) -> TooLarge:
    words = _("A photo of this kind may have {most} pixels at most.")
    return TooLarge(format_lazy(words, most=f"{most // 10**6 * 10**6:,}"), field="file")


def _read(file: IO[bytes], side: int) -> Image.Image:
    with Image.open(file, formats=TYPES) as picture:
        most = most_pixels(picture)
        if picture.width * picture.height > most:
            raise _too_many_pixels(most)
        wanted = _within(picture.size, side)
        picture.draft("RGB", wanted)  # a JPEG's halves, quarters or eighths; others ignore it
        picture.load()
        # Some files tell it behind their pixels: so only now.
        turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
        small = _reduced(picture, side)
    if max(small.size) > side:
        small.thumbnail((side, side), Image.Resampling.LANCZOS)
    bare = small if turn is None else small.transpose(turn)
    bare.info.clear()
    return bare


def _within(size: tuple[int, int], side: int) -> tuple[int, int]:
    share = min(1.0, side / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _reduced(picture: Image.Image, side: int) -> Image.Image:
    """In RGB on white, and as many whole times smaller as leaves it `side` pixels at least."""
    factor = max(1, max(picture.size) // side)
    if factor == 1 and picture.mode == "RGB" and not picture.has_transparency_data:
        return picture  # as phones send them: nothing to be done, and no second copy to be made
    width, height = picture.size
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    step = _BAND * factor
    for top in range(0, height, step):
        band = picture.crop((0, top, width, min(top + step, height)))
        band = _on_white(band)
        small.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return small


def _on_white(band: Image.Image) -> Image.Image:
    if not band.has_transparency_data:
        return band.convert("RGB")
    coloured = band.convert("RGBA")
    white = Image.new("RGB", band.size, _WHITE)
    white.paste(coloured, mask=coloured)
    return white
