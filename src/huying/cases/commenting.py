"""Words and photos that anyone who sees a case may add while it is open."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from huying.cases.attaching import take_up
from huying.cases.models import TextKind
from huying.cases.verbs import Act, verb
from huying.errors import Missing


@verb("comment")
def comment(act: Act, *, text: str = "") -> None:
    """备注."""
    act.text(TextKind.COMMENT, text, needed="text")


@verb("attach")
def attach(act: Act, *, photos: Sequence[uuid.UUID] = (), text: str = "") -> None:
    """补充照片或文件: takes up photos and documents that the actor uploaded before.

    Raises:
        Missing: no photo.
        BadInput: a photo is not there, is another's, or belongs to a case already.
    """
    if not photos:
        raise Missing(_("Please add a photo."), field="photos")
    take_up(act.case, photos, by=act.by, seq=act.seq)
    act.data["photos"] = [str(photo) for photo in photos]
    act.text(TextKind.COMMENT, text)
