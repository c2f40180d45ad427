"""What a table does to the registers, gathered first and then written, many rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import connection, transaction
from django.db.models import ProtectedError, RestrictedError

from huying.audit.crypto import decrypt_text, encrypt_text
from huying.audit.identifiers import new_id
from huying.intake.models import CaseImport, ImportedRecord
from huying.people.acting import Actor
from huying.registry import addressing, history, recording
from huying.registry.addressing import Spot
from huying.registry.classes import Sensitivity, sensitivity
from huying.registry.history import Kind, Was
from huying.registry.models import (
    Address,
    Dwelling,
    Enterprise,
    Facility,
    Household,
    Person,
    Record,
)

CHUNK: Final = 1000
MODELS: Final[dict[str, type[Record]]] = {
    str(model.REGISTER): model
    for model in (Address, Dwelling, Household, Person, Enterprise, Facility)
}
_ORDER: Final = tuple(MODELS.values())
"""Each hangs on what comes before it."""


@dataclass(slots=True)
class Change:
    """A record that is there is set to other values."""

    row: int
    record: Record
    values: dict[str, Any]


@dataclass(slots=True)
class Writing:
    """New records with the rows that they come from, and changes of those that are there.

    Attributes:
        late: sets what of a new record is sealed, which a look ahead has no need of.
    """

    new: dict[type[Record], list[tuple[Any, int]]] = field(default_factory=dict)
    late: dict[UUID, Callable[[], object]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    aliases: list[tuple[Address, str]] = field(default_factory=list)
    undo: list[Callable[[], object]] = field(default_factory=list)
    _kept: int = 0
    _named: int = 0

    def begin(self) -> None:
        """A row begins: from here on it may come to nothing."""
        self.undo.clear()
        self._kept = len(self.changes)
        self._named = len(self.aliases)

    def roll_back(self) -> None:
        """The row comes to nothing."""
        for each in reversed(self.undo):
            each()
        self.undo.clear()
        del self.changes[self._kept :]
        del self.aliases[self._named :]

    def add(self, record: Any, row: int, late: Callable[[], object] | None = None) -> None:
        rows = self.new.setdefault(type(record), [])
        rows.append((record, row))
        self.undo.append(rows.pop)
        if late is not None:
            self.late[record.pk] = late

    def __len__(self) -> int:
        return sum(len(each) for each in self.new.values()) + len(self.changes)


def write(
    writing: Writing,
    made: CaseImport,
    *,
    by: Actor,
    now: datetime,
    tell: Callable[[int], object],
) -> None:
    """Writes all of it, with its history and what taking it back will need. In a transaction."""
    done = 0
    for model in _ORDER:
        rows = writing.new.get(model, [])
        if model is Address:
            rows = sorted(rows, key=lambda each: each[0].level)
        for start in range(0, len(rows), CHUNK):
            some = rows[start : start + CHUNK]
            for record, _row in some:
                if (late := writing.late.get(record.pk)) is not None:
                    late()
            records = [record for record, _row in some]
            model._default_manager.bulk_create(records)
            _note(records, by, now)
            _keep(made, some, done)
            tell(done := done + len(some))
    for change in writing.changes:
        _change(change, made, done, by, now)
        done += 1
        if done % CHUNK == 0:
            tell(done)
    for node, name in writing.aliases:
        history.called(node, addressing.call(node, name, "alias").name, by=by, now=now)


def _note(records: Iterable[Record], by: Actor, now: datetime) -> None:
    """What `history.note` writes of new records. Copied in: a town has half a million of them."""
    with connection.cursor() as cursor, cursor.copy(_NOTE) as copy:
        for record in records:
            what = (Kind.MADE.value, "", "", "")
            of = (record.REGISTER, record.pk, record.district_code)
            copy.write_row((new_id(), *of, now, by.account_id, *what))


def _keep(made: CaseImport, some: Sequence[tuple[Record, int]], done: int) -> None:
    with connection.cursor() as cursor, cursor.copy(_KEEP) as copy:
        for seq, (record, row) in enumerate(some, start=done):
            what = (record.REGISTER, record.pk, record.version, False)
            copy.write_row((new_id(), made.pk, row, seq, *what))


_NOTE: Final = (
    "COPY register_change"
    " (id, register, record_id, district_code, at, by_account, kind, field, old, new) FROM STDIN"
)
_KEEP: Final = (
    "COPY imported_record (id, file_id, row, seq, register, record_id, version, stayed) FROM STDIN"
)


def _kept(
    made: CaseImport, row: int, seq: int, record: Record, was: Sequence[Was]
) -> ImportedRecord:
    kept = ImportedRecord(
        file=made,
        row=row,
        seq=seq,
        register=record.REGISTER,
        record_id=record.pk,
        version=record.version,
    )
    values = {each.name: _plain(each.value) for each in was}
    kept.before_enc = encrypt_text(orjson.dumps(values).decode(), context=_context(kept))
    return kept


def _plain(value: Any) -> Any:
    return str(value.pk) if isinstance(value, Record) else value


def before(kept: ImportedRecord) -> dict[str, Any]:
    """The fields of a record as they were before the import, for taking it back."""
    if kept.before_enc is None:
        return {}
    found: dict[str, Any] = orjson.loads(decrypt_text(kept.before_enc, context=_context(kept)))
    return found


def _context(kept: ImportedRecord) -> str:
    return f"imported_record.before_enc.{kept.pk}"


def _change(change: Change, made: CaseImport, seq: int, by: Actor, now: datetime) -> None:
    """Sets a record that is there, as it is by now."""
    record: Any = (
        type(change.record)
        ._default_manager.select_for_update(of=("self",))
        .get(pk=change.record.pk)
    )
    was = set_to(record, change.values, by=by, now=now)
    if was:
        ImportedRecord.objects.bulk_create([_kept(made, change.row, seq, record, was)])


def set_to(record: Any, values: dict[str, Any], *, by: Actor, now: datetime) -> list[Was]:
    """Sets values of a living record, notes it, and lets what lies below follow."""
    area = values.pop("area_code", None)
    if isinstance(record, Address):
        return _set_address(record, values, by=by, now=now)
    if area is not None:
        record.area_code, record.district_code = area, area[:6]
    was = recording.put(record, values)
    recording.corrected(record, was, by=by, now=now)
    return was


def _set_address(node: Address, values: dict[str, Any], *, by: Actor, now: datetime) -> list[Was]:
    """Through the tree's own verb: what lies below a building moves with it."""
    was = [
        Was(name, getattr(node, name))
        for name, value in values.items()
        if getattr(node, name) != value
    ]
    pinned = "lon" in values or "lat" in values
    lon, lat = values.get("lon", node.lon), values.get("lat", node.lat)
    spot = Spot(lon, lat) if lon is not None and lat is not None else None
    code = (values["building_code"] or "") if "building_code" in values else None
    addressing.correct(node.pk, by=by, now=now, spot=spot if pinned else None, building_code=code)
    if pinned and spot is None:
        addressing.unpin(node.pk, by=by, now=now)
    node.refresh_from_db()
    return was


@transaction.atomic
def take_back(kept: ImportedRecord, *, by: Actor, now: datetime) -> bool:
    """Takes back what an import did to one record; False where it was changed since, or something
    hangs on it by now."""
    model = MODELS[kept.register]
    record: Any = (
        model._default_manager.select_for_update(of=("self",)).filter(pk=kept.record_id).first()
    )
    if record is None:
        return True
    if record.version != kept.version or not record.is_living:
        return False
    if kept.before_enc is None:
        return _remove(record)
    values = _again(model, before(kept))
    set_to(record, values, by=by, now=now)
    return True


def _again(model: type[Record], values: dict[str, Any]) -> dict[str, Any]:
    """The values as the record has them; another record by its id."""
    found = dict(values)
    for name, value in values.items():
        if sensitivity(model, name) is Sensitivity.SENSITIVE:
            found[name] = value or ""
            continue
        held = model._meta.get_field(name)
        if held.is_relation and value is not None:
            found[name] = held.related_model._default_manager.get(pk=value)  # type: ignore[union-attr]
    dwelling = found.get("dwelling")
    if dwelling is not None:
        found["area_code"] = dwelling.area_code
    address = found.get("address")
    if address is not None:
        found["area_code"] = address.area_code
    return found


def _remove(record: Any) -> bool:
    """Deletes what was made by mistake, with the sealed words of its history; never more."""
    if recording.depends_on(record):
        return False
    try:
        with transaction.atomic():
            if isinstance(record, Address) and record.building_id == record.pk:
                type(record).objects.filter(pk=record.pk).update(building=None)
                record.building_id = None
            record.delete()
    except (ProtectedError, RestrictedError):
        return False
    return True
