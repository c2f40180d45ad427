"""A table for the registers is looked over, taken in as a whole, and taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.audit import access
from huying.errors import NotAllowed, Words, WrongState
from huying.intake.excel import keeping
from huying.intake.excel.checking import SHOWN_ROWS, SHOWN_TROUBLES, Cancelled, checked
from huying.intake.excel.register_headings import OF_KIND, Field
from huying.intake.excel.rows import Table, Unusable, read_table
from huying.intake.excel.writing import with_reasons
from huying.intake.models import CaseImport, ImportedRecord
from huying.intake.registers import planning, writing
from huying.intake.registers.comparing import Fate, Outcome, Plan
from huying.intake.registers.entries import entries
from huying.people.acting import Actor
from huying.places import naming
from huying.registry.sight import may_write

Tell = Callable[[int], bool]
TAKEN_BACK_WITHIN: Final = timedelta(days=30)
"""How long an import can be taken back: afterwards others rely on it."""


def look(made: CaseImport, *, by: Actor, now: datetime, tell: Tell) -> None:
    """Compares a table with the registers and keeps what was found. Writes nothing to them.

    Raises:
        Unusable: the file as a whole will not do.
        OSError: what was found could not be kept.
        Cancelled: somebody was before the end of it.
    """
    table = _table(made)
    CaseImport.objects.filter(pk=made.pk).update(rows=len(table.rows))
    plan = _plan(made, table, by=by, now=now, tell=tell)
    told = reasons(plan.outcomes, made.into)
    if told:
        keeping.keep(made.pk, "reasons", with_reasons(table, told, told.__contains__))
    else:
        keeping.forget(made.pk, "reasons")
    keeping.keep_look(made.pk, shown(table, made.into, plan))
    _record_lookups(made, plan, by, now)
    checked(
        made,
        rows=len(table.rows),
        bad=plan.count(Fate.WRONG),
        likely=plan.count(Fate.CONFLICT),
    )


def why_not(made: CaseImport, *, overrule: bool) -> Words | None:
    """What keeps a checked table from coming in: nothing in it that would do something."""
    tally = keeping.kept_look(made.pk).get("tally", {})
    would = tally.get("new", 0) + tally.get("changed", 0)
    if would + (tally.get("conflict", 0) if overrule else 0) == 0:
        return gettext_lazy("There is no row that would change anything.")
    return None


def take_in(made: CaseImport, *, by: Actor, now: datetime, tell: Tell) -> int:
    """Writes what was confirmed, all or nothing; how many rows did something.

    Raises:
        Unusable: the file is gone, or rows that were right are so no more.
        Cancelled: nothing came in.
    """
    table, state = _table(made), CaseImport.State
    rows = len(table.rows)
    try:
        with transaction.atomic():
            _one_after_the_other(made)
            plan = _plan(made, table, by=by, now=now, tell=lambda done: tell(done // 2))
            if plan.count(Fate.WRONG) > made.bad:
                raise Unusable(CaseImport.Trouble.CHANGED)
            all_of = max(1, len(plan.writing))

            def told(done: int) -> None:
                if not tell(rows // 2 + (rows - rows // 2) * done // all_of):
                    raise Cancelled

            writing.write(plan.writing, made, by=by, now=now, tell=told)
            did = plan.count(Fate.NEW) + plan.count(Fate.CHANGED)
            if not CaseImport.objects.filter(pk=made.pk, state=state.RUNNING).update(
                state=state.DONE, made=did, done=rows, ended_at=now, touched_at=datetime.now(UTC)
            ):
                raise Cancelled
    except IntegrityError:
        # Somebody registered the same a moment ago.
        raise Unusable(CaseImport.Trouble.CHANGED) from None
    keeping.forget(made.pk, "table", "look")
    left = reasons(plan.outcomes, made.into)
    if left:
        keeping.keep(made.pk, "reasons", with_reasons(table, left, left.__contains__))
    else:
        keeping.forget(made.pk)
    _record_lookups(made, plan, by, now)
    return did


def why_not_back(made: CaseImport, now: datetime) -> Words | None:
    """What keeps an import from being taken back."""
    if made.into == CaseImport.Into.CASES or made.state != CaseImport.State.DONE:
        return gettext_lazy("This import cannot be taken back.")
    if made.undone_at is not None:
        return gettext_lazy("This import was taken back already.")
    if made.ended_at is None or now - made.ended_at > TAKEN_BACK_WITHIN:
        return gettext_lazy("It has been in use for too long to be taken back.")
    return None


def take_back(made: CaseImport, *, by: Actor, now: datetime) -> tuple[int, int]:
    """撤销导入: takes back what nobody has changed since; how many records, and how many stayed.

    What the import made is deleted, what it changed is as it was before. A record that was
    changed since, or that something else hangs on by now, stays as it is and is marked.

    Raises:
        WrongState: it cannot be taken back (`why_not_back`).
        NotAllowed: its records are not the actor's to write about.
    """
    with transaction.atomic():
        held = CaseImport.objects.select_for_update().get(pk=made.pk)
        if (refusal := why_not_back(held, now)) is not None:
            raise WrongState(refusal)
        if not (by.is_system or may_write(by, by.area_code)):
            raise NotAllowed
        _one_after_the_other(held)
        back, stayed = 0, list[UUID]()
        # What came last hangs on what came first.
        for kept in held.records.order_by("-seq").iterator(2000):
            if writing.take_back(kept, by=by, now=now):
                back += 1
            else:
                stayed.append(kept.pk)
        ImportedRecord.objects.filter(pk__in=stayed).update(stayed=True)
        held.undone_at = now
        held.save(update_fields=["undone_at"])
        access.record(
            action="take_back_import",
            subject_type="case_import",
            subject_id=held.pk,
            now=now,
            by=by,
            fields=[f"back:{back}", f"stayed:{len(stayed)}"],
        )
    made.refresh_from_db()
    return back, len(stayed)


def _table(made: CaseImport) -> Table:
    data = keeping.kept(made.pk, "table")
    if data is None:
        raise Unusable(CaseImport.Trouble.GONE)
    return read_table(data, made.into)


def _plan(made: CaseImport, table: Table, *, by: Actor, now: datetime, tell: Tell) -> Plan:
    def told(done: int) -> None:
        if not tell(done):
            raise Cancelled

    rows = entries(table, made.into, by=by, now=now)
    return planning.plan(rows, made.into, by=by, now=now, overrule=made.overrule, tell=told)


def _one_after_the_other(made: CaseImport) -> None:
    """Two tables for the registers are written one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('register tables', 0))")


def _record_lookups(made: CaseImport, plan: Plan, by: Actor, now: datetime) -> None:
    """That id numbers were looked up in the whole district: how many, by whom, and for what."""
    if plan.looked_up:
        access.record(
            action="match_id_numbers",
            subject_type="case_import",
            subject_id=made.pk,
            now=now,
            by=by,
            fields=[f"numbers:{plan.looked_up}"],
        )


def reasons(outcomes: list[Outcome], into: str) -> dict[int, str]:
    """In words, by row: what is wrong with it, or what the register says else. Names nobody."""
    titles = OF_KIND[into].titles
    said = {}
    for each in outcomes:
        if each.fate is Fate.WRONG:
            said[each.entry.number] = _("; ").join(
                f"{titles[one.column]}：{one.words}" if one.column else str(one.words)
                for one in each.entry.troubles
            )
        elif each.fate is Fate.CONFLICT:
            said[each.entry.number] = str(each.why)
    return said


def shown(table: Table, into: str, plan: Plan) -> dict[str, Any]:
    """What the page before the import shows: what is sealed masked."""
    titles = OF_KIND[into].titles
    troubles = [
        {
            "row": each.entry.number,
            "column": titles.get(one.column or "", ""),
            "words": str(one.words),
        }
        for each in plan.outcomes
        if each.fate is Fate.WRONG
        for one in each.entry.troubles
    ]

    def some(fate: Fate) -> list[dict[str, Any]]:
        found = [each for each in plan.outcomes if each.fate is fate]
        return [
            {
                "row": each.entry.number,
                "place": naming.own_name(each.entry.community),
                "address": str(each.entry.get(Field.ADDRESS) or ""),
                "why": str(each.why),
                "changes": [list(change) for change in each.changes],
                "record": [each.record[0], str(each.record[1])] if each.record else None,
            }
            for each in found[:SHOWN_ROWS]
        ]

    return {
        "tally": planning.tally(plan.outcomes),
        "troubles": troubles[:SHOWN_TROUBLES],
        "more": max(0, len(troubles) - SHOWN_TROUBLES),
        "new": some(Fate.NEW),
        "changed": some(Fate.CHANGED),
        "conflicts": some(Fate.CONFLICT),
        "records": {
            str(model.REGISTER): len(rows) for model, rows in plan.writing.new.items() if rows
        },
        "unknown": table.unknown[:20],
        "read": [titles[column] for column in titles if column in table.places],
    }
