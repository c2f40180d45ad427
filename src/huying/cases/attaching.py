"""Photos: bare of all but their pixels, limited, staged by whoever uploads, taken up by a verb.

The files lie under the data folder and not in the database; the row holds each file's SM3 digest.
A photo that no verb takes up within a day is swept away.
"""

from __future__ import annotations

import io
import os
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from PIL import Image

from huying.audit.identifiers import new_id
from huying.audit.sm3 import sm3
from huying.cases import pictures
from huying.cases.fingerprint import fingerprint
from huying.cases.models import Attachment, Case
from huying.computing import aside
from huying.durable import durable_files, names_on_disk, replace_durably
from huying.embedded import private_folder
from huying.errors import BadInput, Missing, TooLarge
from huying.people.acting import Actor, ActorKind
from huying.postgres.prepared import rows_of, statement

TAKE_UP = statement("take_up")

LARGEST_BYTES = 15 * 1024 * 1024
LONGEST_SIDE = 2048
THUMB_SIDE = 320
MOST_AT_ONCE = 9
STAGED_FOR = timedelta(days=1)
COLUMNS = Attachment._meta.concrete_fields


def folder() -> Path:
    path: Path = settings.HUYING.attachments
    return path


def file_of(attachment_id: uuid.UUID, *, thumb: bool = False) -> Path:
    """Where a photo's file lies. Spread over folders by the id's last two digits."""
    name = attachment_id.hex
    return folder() / name[-2:] / f"{name}{'.thumb' if thumb else ''}.jpg"


def files_of(attachment_id: uuid.UUID, kind: str) -> tuple[Path, ...]:
    """All of an attachment's files; the first is the one whose digest its row holds."""
    photo = file_of(attachment_id)
    if kind == Attachment.Kind.DOCUMENT:
        return (photo.with_suffix(".pdf"),)
    return photo, file_of(attachment_id, thumb=True)


@dataclass(frozen=True, slots=True)
class Taken:
    """When and where a photo was taken, as the phone says that took it; degrees as it gives them.

    A moment after ``now`` is a clock that is wrong: the photo was there by then.
    """

    at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float | None = None


def stage(
    upload: IO[bytes],
    *,
    kind: Attachment.Kind | str,
    by: Actor,
    now: datetime,
    taken: Taken = Taken(),
) -> Attachment:
    """Reads an upload and keeps it without its EXIF for a verb to take up.

    What was in the file besides its pixels is gone: positions, names, serial numbers, comments.
    What is too large, no plain JPEG, or turned by its EXIF, is packed anew, upright; and whatever
    comes from somebody whom the system does not know, so that no byte of theirs is shown.

    Raises:
        TooLarge: over 15 MB, or of more pixels than are unpacked (`pictures`).
        TooMany: too many others are being unpacked.
        BadInput: not a JPEG, PNG or WebP picture, a damaged one, or an unknown kind.
    """
    if kind not in Attachment.Kind.values or kind == Attachment.Kind.DOCUMENT:
        raise BadInput(_("There is no such kind of photo."), field="kind")
    size = upload.seek(0, os.SEEK_END)
    if size > LARGEST_BYTES:
        raise TooLarge(_("A photo may have 15 MB at most."), field="file")
    if not size:
        raise Missing(_("Please add a photo."), field="file")
    upload.seek(0)
    kept = None
    if by.kind is ActorKind.ACCOUNT:
        kept = pictures.as_it_came(upload, side=LONGEST_SIDE, small=THUMB_SIDE)
    if kept is None:
        full = pictures.read(upload, side=LONGEST_SIDE)
        body = _encoded(full, quality=82)
        kept = pictures.AsItCame(body, full.width, full.height, full)
    thumb = _fitted(kept.small, THUMB_SIDE)
    body = kept.body
    attachment = Attachment(
        id=new_id(),
        district_code=by.area_code[:6],
        kind=str(kind),
        width=kept.width,
        height=kept.height,
        size=len(body),
        digest=sm3(body),
        uploaded_at=now,
        taken_at=None if taken.at is None else min(taken.at, now),
        lon=taken.lon,
        lat=taken.lat,
        accuracy_m=taken.accuracy_m,
        look=fingerprint(thumb),
        uploader_kind=str(by.kind),
        uploader_id=by.actor_id,
    )
    # The files first: a row without its file would show as a broken picture.
    with none_left(attachment.pk, attachment.kind):
        photo, small = files_of(attachment.pk, attachment.kind)
        write({photo: body, small: _encoded(thumb, quality=80)})
        rows_of(_statement(), {each.attname: getattr(attachment, each.attname) for each in COLUMNS})
    attachment._state.adding = False
    return attachment


@cache
def _statement() -> str:
    """Each photo of a shift comes through here: put together once."""
    columns = [str(each.column) for each in COLUMNS]
    places = [f"%({each.attname})s" for each in COLUMNS]
    return (
        f"INSERT INTO {Attachment._meta.db_table} ({', '.join(columns)})"  # noqa: S608 - names of ours
        f" VALUES ({', '.join(places)}) RETURNING true"
    )


@contextmanager
def none_left(attachment_id: uuid.UUID, kind: str) -> Iterator[None]:
    """Files of an upload that fails half way do not stay."""
    try:
        yield
    except BaseException:
        for path in files_of(attachment_id, kind):
            path.unlink(missing_ok=True)
        raise


def _fitted(picture: Image.Image, side: int) -> Image.Image:
    # As many whole times smaller as there are, first: mostly that is all, or nearly all.
    fitted = picture.reduce(max(1, max(picture.size) // side))
    fitted.thumbnail((side, side), Image.Resampling.HAMMING)
    return fitted


@aside
def _encoded(picture: Image.Image, *, quality: int) -> bytes:
    """As a JPEG in the plainest form: tables made for the one picture take twice the time and save
    a twelfth, scans that follow each other thrice, and phones send their photos all at once when
    they have signal again."""
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=quality)
    return target.getvalue()


def write(files: Mapping[Path, bytes]) -> None:
    """Keeps an attachment's files, which lie in one folder, on the disk, each whole or not at all.

    Raises:
        OSError: there is no room; nothing is left of the one that it was wanting for then.
    """
    private_folder(folder())
    private_folder(next(iter(files)).parent)
    durable_files(files)
    if settings.HUYING.backup_dir is not None:
        _leave_for_archive(files)


def _leave_for_archive(files: Mapping[Path, bytes]) -> None:
    """Leaves files for the archive, whatever becomes of them: before their row can be written."""
    waiting = private_folder(private_folder(settings.HUYING.home / "backup") / "outgoing")
    for path, body in files.items():
        link = waiting / path.name
        link.unlink(missing_ok=True)
        try:
            os.link(path, link)
        except OSError:  # attachments on a file system of their own
            replace_durably(waiting / f".{path.name}", link, body)
    names_on_disk(waiting)


def staged_by(by: Actor, photos: Sequence[uuid.UUID]) -> list[Attachment]:
    """The actor's own staged photos of these ids, locked.

    Raises:
        BadInput: too many, or one is not there, is another's, or belongs to a case already.
    """
    _not_too_many(photos)
    found = list(
        Attachment.objects.select_for_update().filter(
            pk__in=photos,
            case=None,
            held=False,
            uploader_kind=str(by.kind),
            uploader_id=by.actor_id,
        )
    )
    _all_of(photos, found)
    return found


def take_up(case: Case, photos: Sequence[uuid.UUID], *, by: Actor, seq: int) -> None:
    """Makes staged photos part of a case. Inside the verb's transaction; raises as `staged_by`."""
    _not_too_many(photos)
    values = {"case": case.pk, "district": case.district_code, "seq": seq, "photos": list(photos)}
    values |= {"kind": str(by.kind), "uploader": by.actor_id}
    _all_of(photos, rows_of(TAKE_UP, values))


def _not_too_many(photos: Sequence[uuid.UUID]) -> None:
    if len(photos) > MOST_AT_ONCE:
        raise BadInput(_("Nine photos at once at most."), field="photos")


def _all_of(photos: Sequence[uuid.UUID], found: Sequence[Any]) -> None:
    if len(found) != len(set(photos)):
        raise BadInput(_("A photo is not there or is used already."), field="photos")


def let_go(photos: Sequence[uuid.UUID], *, by: Actor) -> int:
    """Deletes of the actor's own staged photos those that nothing took up; how many."""
    own = Attachment.objects.filter(uploader_kind=str(by.kind), uploader_id=by.actor_id)
    return _delete(own.filter(pk__in=photos, case=None, held=False))


def sweep(*, now: datetime) -> int:
    """Deletes photos that were staged and never taken up; how many there were."""
    return _delete(
        Attachment.objects.filter(case=None, held=False, uploaded_at__lt=now - STAGED_FOR)
    )


def _delete(stale: QuerySet[Attachment]) -> int:
    """Rows and files of what is not taken up."""
    count = 0
    for pk, kind in list(stale.values_list("pk", "kind")):
        # What a verb is taking up just now is locked. Deleted is by the id alone, once it is ours.
        with transaction.atomic():
            own = stale.select_for_update(skip_locked=True).filter(pk=pk).first()
            if own is None:
                continue
            own.delete()
        for path in files_of(pk, kind):
            path.unlink(missing_ok=True)
        count += 1
    return count


_ORPHANED_AFTER = timedelta(hours=6)
_ID = re.compile(r"[0-9a-f]{32}(?=[.])")


def sweep_orphans(*, now: datetime) -> int:
    """Deletes files without a row: of uploads in the midst of which the process or the database
    was killed. How many went.

    Only such as were there for some hours: a row comes after its files. And only those of the last
    day, so that this looks at few of them.
    """
    latest, earliest = (now - _ORPHANED_AFTER).timestamp(), (now - 2 * STAGED_FOR).timestamp()
    found: dict[uuid.UUID, list[Path]] = defaultdict(list)
    count = 0
    for each in sorted(folder().glob("[0-9a-f][0-9a-f]")):
        if each.stat().st_mtime < earliest:
            continue  # nothing has come or gone there lately
        for path in each.iterdir():
            name, at = _ID.search(path.name), path.stat().st_mtime
            if at > latest or at < earliest or name is None:
                continue
            if path.suffix == ".part":
                path.unlink(missing_ok=True)
                count += 1
            else:
                found[uuid.UUID(name.group())].append(path)
    known = set(Attachment.objects.filter(pk__in=found).values_list("pk", flat=True))
    for pk, paths in found.items():
        if pk not in known:
            for path in paths:
                path.unlink(missing_ok=True)
                count += 1
    return count
