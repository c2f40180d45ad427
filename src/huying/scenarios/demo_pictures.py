"""Drawn pictures that stand for photos in the demo, and say so.

A few are drawn and pass through the same door as every photo; each later one is the same stored
file under its own id, so that a month of demo photos costs neither time nor space. Each stands for
a photo of its own, and has a fingerprint of its own (`own_look`).
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final
from uuid import UUID

from PIL import Image, ImageDraw

from huying.audit.identifiers import new_id
from huying.cases.attaching import file_of, stage
from huying.cases.models import Attachment
from huying.people.acting import Actor

VARIANTS: Final = 4
SIZE: Final = (960, 720)
_SKIES: Final = ("#cfe0ee", "#e9e3d5", "#d3dccf", "#c9ced8")
_YAN: Final = (
    ((12, 15), (24, 25)),
    ((6, 38), (18, 46)),
    ((8, 88), (26, 58)),
    ((62, 6), (62, 16)),
    ((36, 28), (36, 18), (92, 18), (90, 28)),
    ((44, 32), (84, 32)),
    ((44, 44), (84, 44), (84, 72), (44, 72), (44, 44)),
    ((64, 32), (64, 72)),
    ((44, 58), (84, 58)),
    ((56, 76), (40, 92)),
    ((72, 76), (88, 92)),
)
_SHI: Final = (
    ((25, 20), (75, 20)),
    ((10, 42), (90, 42)),
    ((50, 42), (50, 90), (40, 84)),
    ((30, 55), (15, 78)),
    ((70, 55), (85, 78)),
)
_WALLS: Final = ("#b9a48c", "#a7adb3", "#c7b7a3", "#9fae9f")


@cache
def drawing(kind: str, variant: int) -> bytes:
    """A street with a house; before with a heap in front of it, after without."""
    picture = Image.new("RGB", SIZE, _SKIES[variant % 4])
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 500, 960, 720), fill="#8d9091")
    pen.rectangle((0, 500, 960, 530), fill="#b4b6b5")
    left = 120 + 90 * variant
    pen.rectangle((left, 190, left + 460, 500), fill=_WALLS[variant % 4])
    for row in range(2):
        for column in range(4):
            x, y = left + 35 + 108 * column, 220 + 110 * row
            pen.rectangle((x, y, x + 64, y + 70), fill="#5d7181", outline="#f1f1ee", width=4)
    pen.rectangle((left + 190, 410, left + 270, 500), fill="#6b5140")
    if kind == Attachment.Kind.PHOTO_BEFORE:
        for bag in range(5):
            x = left - 60 + 70 * bag
            pen.ellipse((x, 500 + 8 * (bag % 2), x + 90, 570), fill=("#2f3b35", "#51483d")[bag % 2])
    _label(pen)
    body = io.BytesIO()
    picture.save(body, "JPEG", quality=80)
    return body.getvalue()


def _label(pen: ImageDraw.ImageDraw) -> None:
    """演示, stroke by stroke: no font of the machine is sure to know these characters."""
    pen.rectangle((64, 74, 230, 154), fill="#f7f4ea")
    for place, strokes in enumerate((_YAN, _SHI)):
        for stroke in strokes:
            points = [(80 + 70 * place + 0.6 * x, 84 + 0.6 * y) for x, y in stroke]
            pen.line(points, fill="#9c2f23", width=5, joint="curve")


def own_look(photo: UUID) -> int:
    """The fingerprint that a photo would have which was taken of nothing else; by its id."""
    return int.from_bytes(sha256(photo.bytes).digest()[:8], signed=True)


@dataclass
class Pictures:
    """Stages the demo's photos. ``first`` remembers the one of each drawing that was re-encoded."""

    first: dict[tuple[str, int], Attachment] = field(default_factory=dict)

    def stage(self, kind: Attachment.Kind, by: Actor, now: datetime, variant: int) -> Attachment:
        """A photo ready for a verb to take up, uploaded by this actor."""
        known = self.first.get((kind, variant))
        if known is None:
            known = stage(io.BytesIO(drawing(kind, variant)), kind=kind, by=by, now=now)
            known.look = own_look(known.pk)
            known.save(update_fields=["look"])
            self.first[kind, variant] = known
            return known
        made = new_id()
        copy = Attachment(
            id=made,
            district_code=by.area_code[:6],
            kind=kind,
            width=known.width,
            height=known.height,
            size=known.size,
            digest=known.digest,
            look=own_look(made),
            uploaded_at=now,
            uploader_kind=str(by.kind),
            uploader_id=by.account_id,
        )
        for thumb in (False, True):
            target = file_of(copy.pk, thumb=thumb)
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.link(file_of(known.pk, thumb=thumb), target)
        copy.save(force_insert=True)
        return copy


class TakenAnew(Pictures):
    """Pictures that each pass through the door: two of one drawing look the same."""

    def stage(self, kind: Attachment.Kind, by: Actor, now: datetime, variant: int) -> Attachment:
        return stage(io.BytesIO(drawing(kind, variant)), kind=kind, by=by, now=now)
