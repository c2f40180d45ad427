"""执法文书: what a unit did on the spot as rows with structure, numbered by unit and year.

A record is never changed: a later one that names it corrects it. Its words, and the name and phone
of a party, come with the event as rows that can be erased; the record itself holds none.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.cases.contacts import new_contact
from huying.cases.models import TextKind
from huying.cases.verbs import Act, verb
from huying.errors import BadInput, Missing, NotAllowed
from huying.people.models import Unit
from huying.response.models import DocumentSerial, HandlingRecord, RecordKind, SeizedGoods

MARKS = {
    RecordKind.INSPECTION: "检",
    RecordKind.CORRECTION: "责改",
    RecordKind.SEIZURE: "扣",
}
"""The mark of each kind in a document's number, as 石碁镇应急管理办（扣）〔2026〕3号."""

MOST_LINES = 20
LARGEST_AMOUNT = Decimal(999_999_999)


def number_of(unit: Unit, kind: str, year: int, serial: int) -> str:
    """文号."""
    return f"{unit.name}（{MARKS[RecordKind(kind)]}）〔{year}〕{serial}号"


def _next_serial(unit: Unit, year: int) -> int:
    """The unit's next serial in the year. Inside the verb's transaction: no number is lost."""
    DocumentSerial.objects.get_or_create(unit=unit, year=year, defaults={"last": 0})
    row = DocumentSerial.objects.select_for_update().get(unit=unit, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last


@verb("record")
def record(
    act: Act,
    *,
    kind: RecordKind | str = "",
    found: str = "",
    demanded: str = "",
    correct_by: date | None = None,
    goods: Sequence[str] = (),
    amounts: Sequence[str] = (),
    measures: Sequence[str] = (),
    custody: str = "",
    party_name: str = "",
    party_phone: str = "",
    corrects: uuid.UUID | None = None,
) -> None:
    """执法文书: an inspection, an order to correct, or a seizure.

    An order says what is demanded and until when; a seizure what was taken, how much of it in
    which measure (three lists of one length), and where it is kept. ``corrects`` names an earlier
    record of the unit on this case, of the same kind, which this one takes the place of.

    Raises:
        Missing: no kind, no words, no demand and day, no goods or no custody.
        BadInput: a day that has passed, an amount or measure that is none, or a record that cannot
            be corrected.
    """
    case = act.case
    assert act.by.unit_id is not None  # the flow table lets a unit's handlers in, and nobody else
    unit = Unit.objects.get(pk=act.by.unit_id)
    if not kind:
        raise Missing(_("Please choose a kind."), field="kind")
    if kind not in RecordKind.values:
        raise BadInput(_("There is no such kind of record."), field="kind")
    before = _corrected(act, corrects, str(kind))
    act.text(TextKind.FOUND, found, needed="found")
    today = timezone.localdate(act.now)
    if kind == RecordKind.CORRECTION:
        act.text(TextKind.DEMANDED, demanded, needed="demanded")
        if correct_by is None:
            raise Missing(_("Please say until when."), field="correct_by")
        if correct_by < today:
            raise BadInput(_("This day has passed."), field="correct_by")
    else:
        correct_by = None
    lines = _lines(goods, amounts, measures) if kind == RecordKind.SEIZURE else []
    serial = _next_serial(unit, today.year)
    made = HandlingRecord.objects.create(
        case=case,
        district_code=case.district_code,
        seq=act.seq,
        unit=unit,
        kind=str(kind),
        year=today.year,
        serial=serial,
        number=number_of(unit, str(kind), today.year, serial),
        made_at=act.now,
        correct_by=correct_by,
        corrects=before,
    )
    for line, (what, amount, measure) in enumerate(lines, start=1):
        act.text(TextKind.GOODS, what, needed="goods")
        SeizedGoods.objects.create(
            record=made,
            district_code=case.district_code,
            line=line,
            amount=amount,
            measure=measure,
            words=act.texts[-1].pk,
        )
    if lines:
        act.text(TextKind.CUSTODY, custody, needed="custody")
    if party_name.strip() or party_phone.strip():
        contact = new_contact(
            case.pk, case.district_code, party_name, party_phone, seq=act.seq, party=True
        )
        contact.save(force_insert=True)
        act.data["contacts"] = [{"id": contact.pk, "digest": contact.digest}]
    act.data |= {"record": made.pk, "kind": str(kind), "document": made.number, "unit": unit.pk}
    if before is not None:
        act.data["corrects"] = before.pk


def _corrected(act: Act, pk: uuid.UUID | None, kind: str) -> HandlingRecord | None:
    if pk is None:
        return None
    before = HandlingRecord.objects.filter(case=act.case, pk=pk, kind=kind).first()
    if before is None:
        raise BadInput(_("There is no such record of this kind."), field="corrects")
    if before.unit_id != act.by.unit_id:
        raise NotAllowed(_("Only the unit that made a record may correct it."))
    if HandlingRecord.objects.filter(corrects=before).exists():
        raise BadInput(
            _("This record was corrected already; correct the later one."), field="corrects"
        )
    return before


def _lines(
    goods: Sequence[str], amounts: Sequence[str], measures: Sequence[str]
) -> list[tuple[str, Decimal, str]]:
    if not goods:
        raise Missing(_("Please say what was taken."), field="goods")
    if not len(goods) == len(amounts) == len(measures) <= MOST_LINES:
        raise BadInput(_("Each line needs what, how much and a measure."), field="goods")
    lines = []
    for what, written, measure in zip(goods, amounts, measures, strict=True):
        try:
            amount = Decimal(written.strip())
        except InvalidOperation:
            raise BadInput(_("This is not an amount."), field="amounts") from None
        if not amount.is_finite() or not 0 < amount <= LARGEST_AMOUNT:
            raise BadInput(_("This is not an amount."), field="amounts")
        if amount != round(amount, 3):
            raise BadInput(_("This is not an amount."), field="amounts")
        if measure not in SeizedGoods.Measure.values:
            raise BadInput(_("There is no such measure."), field="measures")
        lines.append((what, amount, measure))
    return lines
