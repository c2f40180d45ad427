"""What a picture looks like, in 64 bits: two pictures that look the same differ in few of them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from PIL import Image, UnidentifiedImageError

from huying.cases.attaching import file_of
from huying.cases.fingerprint import fingerprint
from huying.cases.models import Attachment

AT_ONCE: Final = 500
"""Photos of before there were fingerprints that one run of the job looks at."""


def look_back(*, now: datetime) -> int:
    """Works out the fingerprints of photos that have none yet; how many."""
    kinds = [Attachment.Kind.PHOTO_BEFORE, Attachment.Kind.PHOTO_AFTER, Attachment.Kind.OTHER]
    rows = Attachment.objects.filter(look=None, kind__in=kinds, uploaded_at__lte=now)
    found = 0
    for each in rows.order_by("-uploaded_at", "pk")[:AT_ONCE]:
        try:
            with Image.open(file_of(each.pk, thumb=True)) as picture:
                look = fingerprint(picture)
        except (OSError, UnidentifiedImageError):
            look = 0  # a file that is gone looks like nothing, and is not asked for again
        Attachment.objects.filter(pk=each.pk).update(look=look)
        found += 1
    return found
