"""dHash: whether each of 8 × 8 places of a picture is darker than the one to its right."""

from __future__ import annotations

from PIL import Image


def fingerprint(picture: Image.Image) -> int:
    """64 bits as the database keeps them, with a sign; made smaller, brighter or packed harder, a
    picture keeps nearly all of them."""
    small = picture.convert("L").resize((9, 8), Image.Resampling.BOX)
    pixels = small.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            place = 9 * row + column
            bits = bits << 1 | (pixels[place] < pixels[place + 1])
    return bits - (1 << 64) if bits >> 63 else bits
