"""表格导入: from the upload to the cases, by one job that checks and one that takes in.

A table comes in by one transaction: its cases, their row numbers and the word that it is done. A
worker that is killed, a disk that is full or somebody who presses "cancel" leaves nothing behind,
and who tries again begins anew. What takes long (reading, locating, proposing items) comes before;
in the transaction nothing is done but writing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from huying.audit import access
from huying.audit.sm3 import sm3
from huying.cases.reporting import report_many
from huying.cases.reports import Report
from huying.errors import BadInput, HuyingError, NotAllowed, TooMany, Words, WrongState
from huying.intake.excel import checking, keeping
from huying.intake.excel.checking import Cancelled
from huying.intake.excel.reading import LARGEST
from huying.intake.excel.rows import Unusable, looked_at, read_table
from huying.intake.excel.writing import with_reasons
from huying.intake.models import CaseImport, ImportedCase
from huying.intake.registers import taking as registers
from huying.intake.reporting import JOBS
from huying.people.acting import SYSTEM, Actor, actor_for
from huying.people.models import Role
from huying.people.turns import QUIET, has_room

log = logging.getLogger(__name__)

State: TypeAlias = CaseImport.State
Trouble: TypeAlias = CaseImport.Trouble
CHUNK: Final = 500
LONGEST_SECONDS: Final = 90.0
"""Of the transaction. Readers of the log look two minutes back for what was committed late."""

Beside = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Trade:
    """What is done with one kind of tables: looked over, and taken in."""

    look: Callable[..., None]
    take_in: Callable[..., int]


def trade_of(made: CaseImport) -> Trade:
    """What is done with a table of this kind."""
    if made.into == CaseImport.Into.CASES:
        return Trade(checking.look, take_in)
    return Trade(registers.look, registers.take_in)


class Slow(Exception):
    """The transaction has taken too long."""


def may_import(by: Actor) -> bool:
    """Whether a post takes tables in: the desks do, each for its own area."""
    return by.role == Role.DISPATCHER


def receive(
    data: bytes,
    name: str,
    *,
    by: Actor,
    now: datetime,
    language: str = "zh-hans",
    into: str = CaseImport.Into.CASES,
) -> CaseImport:
    """Keeps a table that was sent, and has it checked.

    Raises:
        NotAllowed: the post takes no tables in.
        BadInput: it is empty or too large, or there is no such kind of table.
        TooMany: three are being done for this person already.
    """
    if not may_import(by):
        raise NotAllowed
    if len(data) > LARGEST:
        raise BadInput(Trouble.TOO_BIG.label, field="file")
    if into not in CaseImport.Into.values:
        raise BadInput(_("Please choose what the table is for."), field="into")
    with transaction.atomic():
        _only_with_room(by.account_id)
        made = _made(data, name, by, now, into)
        check_table.defer(import_id=str(made.pk), language=language)
    return made


def _only_with_room(account_id: int | None, *, beside: UUID | None = None) -> None:
    """Raises: TooMany: three, apart from the one named, are being done for this person already."""
    assert account_id is not None
    busy = CaseImport.objects.filter(state__in=CaseImport.UNFINISHED)
    if not has_room(account_id, busy, beside=beside):
        raise TooMany(_("Three tables are being worked on for you; please wait for one."))


def _made(
    data: bytes, name: str, by: Actor, now: datetime, into: str = CaseImport.Into.CASES
) -> CaseImport:
    made = CaseImport.objects.create(
        into=into,
        account_id=by.account_id,
        post_id=by.post_id,
        name="".join(c for c in name if c.isprintable())[-120:] or "?",
        size=len(data),
        digest=sm3(data),
        sent_at=now,
        touched_at=now,
    )
    keeping.keep(made.pk, "table", data)
    _record("send_case_import", made, by, now)
    return made


def _record(action: str, made: CaseImport, by: Actor, now: datetime) -> None:
    """In the access log, which nobody changes: who, when, and the file's digest."""
    access.record(
        action=action,
        subject_type="case_import",
        subject_id=made.pk,
        now=now,
        by=by,
        fields=[f"sm3:{bytes(made.digest).hex()}", f"rows:{made.rows}"],
    )


def earlier(made: CaseImport) -> CaseImport | None:
    """An import of the very same file that is done."""
    same = CaseImport.objects.filter(digest=made.digest, state=State.DONE).exclude(pk=made.pk)
    return same.order_by("-ended_at").first()


def why_not(
    made: CaseImport,
    *,
    only_good: bool,
    without_likely: bool = False,
    again: bool = False,
    overrule: bool = False,
) -> Words | None:
    """What keeps a checked table from coming in."""
    if made.bad and not only_good:
        return _("Some rows are wrong; please say that they stay out, or mend the table.")
    if earlier(made) is not None and not again:
        return _("This very file was imported before; please say that you mean it.")
    if made.into != CaseImport.Into.CASES:
        return registers.why_not(made, overrule=overrule)
    if made.good - (made.likely if without_likely else 0) <= 0:
        return _("There is no row that could be imported.")
    return None


def confirm(
    made: CaseImport,
    *,
    by: Actor,
    now: datetime,
    only_good: bool = False,
    without_likely: bool = False,
    alarms: bool = True,
    again: bool = False,
    overrule: bool = False,
    language: str = "zh-hans",
) -> None:
    """Somebody has looked at it, and wants it in.

    ``overrule``: where a register says otherwise, the table is right.

    Raises:
        WrongState: it does not wait for that, nothing would come in, it is not said that the wrong
            rows stay out, or that the same file comes in a second time.
        TooMany: as `receive`.
    """
    refusal = why_not(
        made,
        only_good=only_good,
        without_likely=without_likely,
        again=again,
        overrule=overrule,
    )
    if refusal is not None:
        raise WrongState(refusal)
    with transaction.atomic():
        _only_with_room(by.account_id)
        if not CaseImport.objects.filter(pk=made.pk, state=State.CHECKED).update(
            state=State.CONFIRMED,
            confirmed_at=now,
            only_good=only_good,
            without_likely=without_likely,
            alarms=alarms,
            overrule=overrule,
            done=0,
            touched_at=now,
        ):
            raise WrongState(_("This import does not wait for a confirmation."))
        _record("import_cases", made, by, now)
        import_cases.defer(import_id=str(made.pk), language=language)


def cancel(made: CaseImport, now: datetime) -> None:
    """Nothing of it comes in. What is in already is in as a whole, and stays."""
    open_ones = (*CaseImport.UNFINISHED, State.CHECKED)
    if CaseImport.objects.filter(pk=made.pk, state__in=open_ones).update(
        state=State.CANCELLED, ended_at=now, done=0
    ):
        keeping.forget(made.pk)


def again(made: CaseImport, *, now: datetime, language: str = "zh-hans") -> None:
    """Once more the step that a worker has stopped at, or that failed by nothing in the table.

    What was not confirmed yet is checked again, so that nothing comes in that nobody has seen.

    Raises:
        TooMany: as `receive`.
    """
    stopped = CaseImport.objects.filter(
        Q(state=State.FAILED, trouble__in=CaseImport.PASSING)
        | Q(state__in=CaseImport.UNFINISHED, touched_at__lt=now - QUIET),
        pk=made.pk,
    )
    anew: dict[str, Any] = {"trouble": "", "done": 0, "ended_at": None, "touched_at": now}
    with transaction.atomic():
        _only_with_room(made.account_id, beside=made.pk)
        if stopped.filter(confirmed_at=None).update(state=State.UPLOADED, **anew):
            check_table.defer(import_id=str(made.pk), language=language)
        elif stopped.exclude(confirmed_at=None).update(state=State.CONFIRMED, **anew):
            import_cases.defer(import_id=str(made.pk), language=language)


@app.task(name="check_case_table", queue="imports")
def check_table(import_id: str, language: str) -> int:
    """Checks a table; the rows in it."""
    made = _claimed(import_id, State.UPLOADED, State.CHECKING)
    if made is None:
        return 0
    with override(language), _fails(made, State.CHECKING):
        now = datetime.now(UTC)
        with telling(made.pk, State.CHECKING) as tell:
            trade_of(made).look(made, by=_actor(made, now), now=now, tell=tell)
    made.refresh_from_db()
    return made.rows


@app.task(name="import_cases", queue="imports")
def import_cases(import_id: str, language: str) -> int:
    """Takes a table in as a whole; the cases made. A cancelled or repeated job makes none."""
    made = _claimed(import_id, State.CONFIRMED, State.RUNNING)
    if made is None:
        return 0
    with override(language), _fails(made, State.RUNNING):
        now = datetime.now(UTC)
        with telling(made.pk, State.RUNNING) as tell:
            trade_of(made).take_in(made, by=_actor(made, now), now=now, tell=tell)
    made.refresh_from_db()
    return made.made


def _claimed(import_id: str, before: State, state: State) -> CaseImport | None:
    """The import, if it waits for this step; a job that comes twice finds none."""
    mine = CaseImport.objects.filter(pk=import_id, state=before)
    if not mine.update(state=state, done=0, touched_at=datetime.now(UTC)):
        return None
    return CaseImport.objects.select_related("post__account").get(pk=import_id)


def _actor(made: CaseImport, now: datetime) -> Actor:
    """Who sent it, on the post as it is now. Raises: NotAllowed: the post has ended."""
    if made.post is None:
        return SYSTEM
    actor = actor_for(made.post, timezone.localdate(now))
    if not may_import(actor):
        raise NotAllowed
    return actor


@contextmanager
def _fails(made: CaseImport, state: State) -> Iterator[None]:
    """What goes wrong is said on the page, in words that name no row's content."""
    trouble = Trouble.BROKEN
    try:
        yield
    except Cancelled:
        keeping.forget_unneeded(made.pk)
        return
    except Unusable as error:
        trouble = error.trouble
    except NotAllowed:
        trouble = Trouble.NO_POST
    except Slow:
        trouble = Trouble.TOO_SLOW
    except OSError:
        log.exception("import %s", made.pk)
        trouble = Trouble.DISK
    except Exception:
        _fail(made, state, trouble)
        raise
    else:
        return
    _fail(made, state, trouble)


def _fail(made: CaseImport, state: State, trouble: Trouble) -> None:
    CaseImport.objects.filter(pk=made.pk, state=state).update(
        state=State.FAILED, trouble=trouble, ended_at=datetime.now(UTC), done=0
    )
    keeping.forget_unneeded(made.pk)


@contextmanager
def telling(pk: UUID, state: State) -> Iterator[Beside]:
    """Tells how far it is over a connection of its own, past the transaction that is open."""
    beside = connection.copy()
    try:

        def tell(done: int) -> bool:
            with beside.cursor() as cursor:
                cursor.execute(
                    "UPDATE case_import SET done = %s, touched_at = now()"
                    " WHERE id = %s AND state = %s",
                    [done, pk, state.value],
                )
                return bool(cursor.rowcount)

        yield tell
    finally:
        beside.close()


def take_in(made: CaseImport, *, by: Actor, now: datetime, tell: Beside) -> int:
    """Makes the cases of the rows that were confirmed, all or none; how many.

    Raises:
        Unusable: the file is gone, or rows that were right are so no more.
        Cancelled, Slow: nothing came in.
    """
    data = keeping.kept(made.pk, "table")
    if data is None:
        raise Unusable(Trouble.GONE)
    table = read_table(data)
    doubled = set(keeping.kept_look(made.pk).get("doubled", ())) if made.without_likely else set()
    reports: list[tuple[int, Report]] = []
    out: dict[int, str] = {}
    for seen, row in enumerate(looked_at(table, by=by, now=now, alarms=made.alarms), start=1):
        if row.report is None:
            out[row.number] = checking.reasons([row], {})[row.number]
        elif row.number in doubled:
            out[row.number] = str(_("Left out as a likely double."))
        else:
            reports.append((row.number, row.report))
        if seen % checking.STEP == 0 and not tell(seen // 2):
            raise Cancelled
    wrong = len(out) - len(doubled & out.keys())
    if wrong > made.bad:
        raise Unusable(Trouble.CHANGED)
    _write(made, reports, by, now, tell, len(table.rows))
    keeping.forget(made.pk, "table", "look")
    if out:
        keeping.keep(made.pk, "reasons", with_reasons(table, out, out.__contains__))
    else:
        keeping.forget(made.pk)
    return len(reports)


def _write(
    made: CaseImport,
    reports: list[tuple[int, Report]],
    by: Actor,
    now: datetime,
    tell: Beside,
    rows: int,
) -> None:
    began, half = time.monotonic(), rows - rows // 2
    with transaction.atomic():
        with connection.cursor() as cursor:
            # A worker that was given up may still be writing: its transaction comes first.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [made.pk.hex])
        written = 0
        for start in range(0, len(reports), CHUNK):
            some = reports[start : start + CHUNK]
            answers = report_many([(each, None) for _row, each in some], by=by, now=now, jobs=JOBS)
            links = []
            for (row, _report), answer in zip(some, answers, strict=True):
                if isinstance(answer, HuyingError):
                    raise Unusable(Trouble.CHANGED)
                links.append(ImportedCase(case_id=answer.id, file_id=made.pk, row=row))
            ImportedCase.objects.bulk_create(links)
            written += len(some)
            if time.monotonic() - began > LONGEST_SECONDS:
                raise Slow
            if not tell(rows // 2 + half * written // len(reports)):
                raise Cancelled
        if not CaseImport.objects.filter(pk=made.pk, state=State.RUNNING).update(
            state=State.DONE, made=written, done=rows, ended_at=now, touched_at=datetime.now(UTC)
        ):
            raise Cancelled


def sent_by_system(
    data: bytes,
    name: str,
    now: datetime,
    *,
    into: str = CaseImport.Into.CASES,
    by: Actor = SYSTEM,
) -> CaseImport:
    """A table brought at the machine itself, for the district's desk. No job follows."""
    return _made(data, name, by, now, into)


def confirmed_by_system(
    made: CaseImport,
    now: datetime,
    *,
    only_good: bool = False,
    again: bool = False,
    overrule: bool = False,
) -> None:
    """Its confirmation. No job follows.

    Raises:
        WrongState: as `confirm`.
    """
    refusal = why_not(made, only_good=only_good, again=again, overrule=overrule)
    if refusal is not None:
        raise WrongState(refusal)
    CaseImport.objects.filter(pk=made.pk).update(
        state=State.CONFIRMED, confirmed_at=now, only_good=only_good, overrule=overrule
    )
    _record("import_cases", made, SYSTEM, now)


def from_command(
    data: bytes,
    name: str,
    *,
    now: datetime,
    tell: Beside,
    seen: Callable[[CaseImport, dict[str, Any]], bool],
    only_good: bool,
    again: bool,
    overrule: bool = False,
    into: str = CaseImport.Into.CASES,
    by: Actor = SYSTEM,
) -> CaseImport:
    """Both steps at once; the second if whoever has ``seen`` what the first one found wants it.

    Raises:
        Unusable: the file as a whole will not do.
        WrongState: as `confirm`.
    """
    made = sent_by_system(data, name, now, into=into, by=by)
    mine = CaseImport.objects.filter(pk=made.pk)
    try:
        mine.update(state=State.CHECKING)
        trade_of(made).look(made, by=by, now=now, tell=tell)
        made.refresh_from_db()
        if seen(made, keeping.kept_look(made.pk)):
            confirmed_by_system(made, now, only_good=only_good, again=again, overrule=overrule)
            mine.update(state=State.RUNNING)
            made.refresh_from_db()
            trade_of(made).take_in(made, by=by, now=now, tell=tell)
    finally:
        keeping.forget(made.pk)
        mine.exclude(state=State.DONE).update(state=State.CANCELLED, ended_at=now)
    made.refresh_from_db()
    return made
