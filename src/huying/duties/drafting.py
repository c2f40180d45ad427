"""How a list comes to hold: one drafts it, another publishes it. A published one never changes."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.catalogue.versions import snapshot
from huying.duties.listing import Entry, as_data, entries_of, holding
from huying.duties.models import DutyList
from huying.duties.noting import note, require_revision, words_of
from huying.duties.sight import may_draft
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.people.acting import Actor
from huying.places.models import Level

MOST = 400
"""Entries of a list."""


@transaction.atomic
def begin(area_code: str, *, by: Actor, now: datetime) -> DutyList:
    """A draft with the entries of the list that holds there now.

    Raises:
        NotAllowed: not the desk or a leader of that town or district.
        WrongState: there is a draft already.
    """
    if not may_draft(by, area_code):
        raise NotAllowed
    newest = DutyList.objects.filter(area_code=area_code).aggregate(newest=Max("version"))
    row = DutyList(
        district_code=area_code[:6],
        area_code=area_code,
        version=(newest["newest"] or 0) + 1,
        entries=[as_data(each) for each in holding(area_code, now).entries],
        begun_by_id=by.account_id,
        made_at=now,
        changed_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise WrongState(_("There is a draft already; work on that one.")) from error
    note(row, "begin", by=by, now=now, version=row.version)
    return row


def locked(pk: uuid.UUID, by: Actor, revision: int | None = None) -> DutyList:
    """The draft, held until the transaction ends.

    Raises:
        NotFound, NotAllowed, StalePage: it is not theirs to see or work on, or was changed.
        WrongState: it was published.
    """
    found = DutyList.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    if not may_draft(by, found.area_code):
        raise NotAllowed
    require_revision(found, revision)
    if found.state != DutyList.State.DRAFT:
        raise WrongState(_("This list was published; it changes no more."))
    return found


def _save(row: DutyList, verb: str, by: Actor, now: datetime, **data: object) -> DutyList:
    if by.account_id is not None and by.account_id not in row.editors:
        row.editors = [*row.editors, by.account_id]
    row.changed_at, row.revision = now, row.revision + 1
    row.save()
    note(row, verb, by=by, now=now, **data)
    return row


def proved(entry: Entry, now: datetime) -> Entry:
    """The entry as it may stand in a list.

    Raises:
        Missing, BadInput: what is lacking or wrong, at its field.
    """
    title = words_of(entry.title, field="title", most=100)
    department = words_of(entry.department, field="department", most=40)
    basis = words_of(entry.basis, field="basis", most=400)
    limits = words_of(entry.limits, field="limits", most=400, needed=False)
    if entry.level not in Level.values:
        raise Missing(_("Please choose one."), field="level")
    catalogue = snapshot(now)
    if not entry.items:
        raise Missing(_("Please choose an item."), field="items")
    if any(code not in catalogue for code in entry.items):
        raise BadInput(_("There is no such item."), field="items")
    if entry.since and entry.until and entry.until < entry.since:
        raise BadInput(_("It ends before it begins."), field="until")
    items = tuple(sorted(set(entry.items)))
    return replace(
        entry, title=title, department=department, basis=basis, limits=limits, items=items
    )


@transaction.atomic
def put(
    pk: uuid.UUID, entry: Entry, *, by: Actor, now: datetime, revision: int | None = None
) -> DutyList:
    """Puts an entry in the place of the one of its number; number 0 is a new one.

    Raises: as `locked` and `proved`; NotFound: there is no entry of this number.
    """
    row = locked(pk, by, revision)
    entry = proved(entry, now)
    entries = list(entries_of(row))
    if any(each.title == entry.title and each.number != entry.number for each in entries):
        raise BadInput(_("This name is there already."), field="title")
    if entry.number == 0:
        if len(entries) >= MOST:
            raise BadInput(_("At most %(n)s points.") % {"n": MOST}, field="title")
        entry = replace(entry, number=1 + max((each.number for each in entries), default=0))
        entries.append(entry)
    else:
        at = next((n for n, each in enumerate(entries) if each.number == entry.number), None)
        if at is None:
            raise NotFound
        entries[at] = entry
    row.entries = [as_data(each) for each in entries]
    return _save(row, "put", by, now, entry=entry.number)


@transaction.atomic
def strike(
    pk: uuid.UUID, number: int, *, by: Actor, now: datetime, revision: int | None = None
) -> DutyList:
    """Strikes an entry off. Raises as `locked`; NotFound: there is none of this number."""
    row = locked(pk, by, revision)
    entries = entries_of(row)
    if all(each.number != number for each in entries):
        raise NotFound
    row.entries = [as_data(each) for each in entries if each.number != number]
    return _save(row, "strike", by, now, entry=number)


@transaction.atomic
def publish(
    pk: uuid.UUID,
    since: date | None,
    *,
    by: Actor,
    now: datetime,
    revision: int | None = None,
) -> DutyList:
    """Lets it hold from a day on; by one who has neither begun it nor written in it.

    Raises: as `locked`; NotAllowed: who has; Missing, BadInput: no day, or one that lies behind;
        WrongState: there is no entry.
    """
    row = locked(pk, by, revision)
    if by.account_id is None or by.account_id in (row.begun_by_id, *row.editors):
        raise NotAllowed(_("A list is published by a second person, who has not written in it."))
    if since is None:
        raise Missing(_("Please give a day."), field="since")
    if since < timezone.localdate(now):
        raise BadInput(_("This day lies behind."), field="since")
    if not row.entries:
        raise WrongState(_("There is nothing in this list."))
    row.state = DutyList.State.PUBLISHED
    row.published_by_id, row.published_at, row.effective_from = by.account_id, now, since
    row.changed_at, row.revision = now, row.revision + 1
    row.save()
    note(row, "publish", by=by, now=now, version=row.version, since=since)
    return row


@transaction.atomic
def discard(pk: uuid.UUID, *, by: Actor, now: datetime, revision: int | None = None) -> None:
    """Throws a draft away. Raises as `locked`."""
    row = locked(pk, by, revision)
    note(row, "discard", by=by, now=now, version=row.version)
    row.delete()
