"""Writes a list of cases as an Excel file, in the worker, telling how far it is."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import IO, Any

import orjson
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from huying.cases import finding
from huying.cases.answers import said_of_many
from huying.cases.models import Case, Channel
from huying.cases.states import State
from huying.catalogue.models import Kind
from huying.clock.calendar import CIVIL_TZ
from huying.desk import clear_exports, lists_kept, queue, workbook
from huying.desk.filters import TAB_WORDS, Filters
from huying.desk.models import Export
from huying.errors import NotAllowed
from huying.forms.definition import read
from huying.forms.versions import history
from huying.intake.reporting import owner_of
from huying.people.acting import actor_for
from huying.people.models import Post
from huying.places import naming
from huying.places.models import Level

log = logging.getLogger(__name__)

MOST_ROWS = 200_000
KEPT = timedelta(hours=24)
KEPT_ASKED = timedelta(days=7)
"""How long a list waits for somebody to agree."""

CHUNK = 2_000
DAY_ZERO, DAY = datetime(1899, 12, 30), timedelta(days=1)  # noqa: DTZ001 - Excel knows no zones
"""Excel's moments are days since then."""

FIELDS = (
    "id",
    "number",
    "state",
    "item_code",
    "item_version__name",
    "kind",
    "level",
    "channel",
    "area_code",
    "grid_code",
    "address",
    "lon",
    "lat",
    "received_at",
    "accepted_at",
    "dispatched_at",
    "signed_at",
    "arrived_at",
    "handled_at",
    "checked_at",
    "ended_at",
    "due_at",
    "lead_unit__name",
    "handler__name",
    "holder_code",
    "returns",
    "reworks",
    "extensions",
    "emergency",
    "self_handled",
)


@app.task(name="write_export", queue="exports")
def write_export(export_id: str, language: str) -> int:
    """Writes one export; the rows written. A cancelled or repeated job writes nothing."""
    claimed = Export.objects.filter(pk=export_id, state=Export.State.WAITING).update(
        state=Export.State.RUNNING, touched_at=datetime.now(UTC)
    )
    if not claimed:
        return 0
    export = Export.objects.select_related("post__account", "account").get(pk=export_id)
    try:
        with override(language):
            return _write(export)
    except NotAllowed:
        _fail(export, Export.Trouble.NO_POST)
    except OSError:
        log.exception("export %s", export.pk)
        _fail(export, Export.Trouble.DISK)
    except Exception:
        _fail(export, Export.Trouble.BROKEN)
        raise
    return 0


def _fail(export: Export, trouble: Export.Trouble) -> None:
    Export.objects.filter(pk=export.pk, state=Export.State.RUNNING).update(
        state=Export.State.FAILED, trouble=trouble
    )


def chosen(post: Post, query: str, now: datetime) -> QuerySet[Case]:
    """The cases of a view of the queue, as the post may see them now.

    Raises:
        NotAllowed: the post has ended.
    """
    actor = actor_for(post, timezone.localdate(now))
    filters = Filters.read(QueryDict(query), actor)
    return filters.applied(queue.of_tab(filters.tab, actor), now)


def _cases(export: Export, now: datetime) -> QuerySet[Case]:
    """Those of the view; with names and phones those alone that a leader has agreed to.

    A case that has left the view since is in the list as it was agreed to; what the post may see
    no more is not.

    Raises:
        NotAllowed: the post has ended.
    """
    if not export.with_contacts:
        return chosen(export.post, export.query, now)
    actor = actor_for(export.post, timezone.localdate(now))
    return clear_exports.agreed(export, Case.objects.visible_to(actor))


def _write(export: Export) -> int:
    now = datetime.now(UTC)
    cases = _cases(export, now)
    total = cases.order_by()[: MOST_ROWS + 1].count()
    if total > (clear_exports.most() if export.with_contacts else MOST_ROWS):
        _fail(export, Export.Trouble.TOO_MANY)
        return 0
    Export.objects.filter(pk=export.pk).update(total=total, touched_at=datetime.now(UTC))
    with lists_kept.unnamed() as part:
        done = _fill(part, export, cases, now)
        if done is None:
            return 0
        size = lists_kept.keep(export.pk, part)
    ready = datetime.now(UTC)
    Export.objects.filter(pk=export.pk, state=Export.State.RUNNING).update(
        state=Export.State.READY,
        total=done,
        done=done,
        size=size,
        ready_at=ready,
        touched_at=ready,
    )
    return done


def _fill(part: IO[bytes], export: Export, cases: QuerySet[Case], now: datetime) -> int | None:
    """Writes the book; its rows, or None when it was cancelled on the way.

    Raises:
        OSError: the disk is full, or may not be written.
    """
    filters = _filters(export, now)
    columns = (*_columns(), *_asked(filters.item), *_contacts(export))
    head = [(title, width, kind) for title, width, kind, _get in columns]
    done = 0
    with _writer(part) as put:
        mark = clear_exports.mark_of(export) if export.with_contacts else ""
        put({"title": _("Cases"), "about": _("About"), "columns": head, "mark": mark})
        for rows in _chunks(cases):
            if export.with_contacts:
                known = clear_exports.contacts(export, [row["id"] for row in rows])
                for row in rows:
                    row["contact"] = known.get(row["id"], ("", ""))
            for row in rows:
                put([_plain(get(row)) for _title, _width, _kind, get in columns])
            done += len(rows)
            if not _still_wanted(export, done):
                return None
        put({"rows": _about(export, done, now)})
    return done


@contextmanager
def _writer(part: IO[bytes]) -> Iterator[Callable[[Any], None]]:
    """The program that writes the book, and how to tell it a line.

    Raises:
        OSError: it could not write.
        RuntimeError: it ended for another reason.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", workbook.__name__, f"/dev/fd/{part.fileno()}"],
        stdin=subprocess.PIPE,
        # Its own scraps, which hold people's words, have no names either.
        env={**os.environ, "TMPDIR": str(lists_kept.folder())},
        pass_fds=[part.fileno()],
    )
    assert process.stdin is not None
    lines, broken = process.stdin, False
    try:
        yield lambda value: _tell(lines, value)
        lines.close()
    except BrokenPipeError:
        broken = True  # why it ended is in its exit code
    except BaseException:
        process.kill()
        raise
    finally:
        with suppress(BrokenPipeError):
            lines.close()
        code = process.wait()
    if code == workbook.FULL:
        raise OSError(code, "the list could not be written")
    if broken or code not in (0, 1):
        raise RuntimeError(f"the program that writes lists ended with {code}")


def _tell(lines: IO[bytes], value: Any) -> None:
    lines.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))


def _still_wanted(export: Export, done: int) -> bool:
    """Tells how far it is; False once somebody has cancelled it."""
    return bool(
        Export.objects.filter(pk=export.pk, state=Export.State.RUNNING).update(
            done=done, touched_at=datetime.now(UTC)
        )
    )


def _chunks(cases: QuerySet[Case]) -> Iterator[list[dict[str, Any]]]:
    """The rows in chunks, the latest report first, each with place and words of its report."""
    keys = list(cases.order_by("-received_at", "-id").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        some = Case.objects.filter(pk__in=keys[start : start + CHUNK])
        chunk = list(some.order_by("-received_at", "-id").values(*FIELDS))
        words = finding.descriptions(row["id"] for row in chunk)
        answers = said_of_many(row["id"] for row in chunk)
        for row in chunk:
            row["answers"] = answers.get(row["id"], [])
            row["said"] = words.get(row["id"], "")
            row["places"] = naming.parts(row["area_code"])
        yield chunk


Column = tuple[str, int, workbook.Kind, Callable[[dict[str, Any]], Any]]


def _columns() -> Sequence[Column]:
    """Title, width in characters, and what stands there."""
    # In words once, not for every row: translating took as long as writing.
    states, kinds, levels, channels = (
        {value: str(label) for value, label in known.choices}
        for known in (State, Kind, Level, Channel)
    )
    yes = _("yes")

    def plain(name: str) -> Callable[[dict[str, Any]], Any]:
        return lambda row: row[name]

    def part(at: int) -> Callable[[dict[str, Any]], Any]:
        return lambda row: row["places"][at] if len(row["places"]) > at else ""

    text, number, time = workbook.Kind
    return (
        (_("Case number"), 28, text, plain("number")),
        (_("State"), 9, text, lambda row: states[row["state"]]),
        (_("Item code"), 9, text, plain("item_code")),
        (_("Item"), 24, text, plain("item_version__name")),
        (_("Kind"), 7, text, lambda row: kinds[row["kind"]]),
        (_("Level"), 9, text, lambda row: levels[row["level"]]),
        (_("Channel"), 10, text, lambda row: channels[row["channel"]]),
        (_("Town"), 10, text, part(1)),
        (_("Community"), 14, text, part(2)),
        (_("Grid code"), 18, text, plain("grid_code")),
        (_("Address"), 28, text, plain("address")),
        (_("Longitude"), 11, number, plain("lon")),
        (_("Latitude"), 11, number, plain("lat")),
        (_("What was reported"), 60, text, plain("said")),
        (_("Received"), 20, time, plain("received_at")),
        (_("Accepted at"), 20, time, plain("accepted_at")),
        (_("Dispatched at"), 20, time, plain("dispatched_at")),
        (_("Signed for at"), 20, time, plain("signed_at")),
        (_("Arrived at"), 20, time, plain("arrived_at")),
        (_("Handled at"), 20, time, plain("handled_at")),
        (_("Checked at"), 20, time, plain("checked_at")),
        (_("Ended at"), 20, time, plain("ended_at")),
        (_("Due at"), 20, time, plain("due_at")),
        (_("Unit"), 24, text, plain("lead_unit__name")),
        (_("Handler"), 10, text, plain("handler__name")),
        (_("Held by"), 12, text, lambda row: naming.own_name(row["holder_code"])),
        (_("Returns"), 7, number, plain("returns")),
        (_("Reworks"), 7, number, plain("reworks")),
        (_("Extensions"), 7, number, plain("extensions")),
        (_("Emergency"), 7, text, lambda row: yes if row["emergency"] else ""),
        (_("settled on the spot"), 9, text, lambda row: yes if row["self_handled"] else ""),
    )


def _asked(item: str) -> Iterator[Column]:
    """One column for the answers in words; in a list of one item, one for each of its questions.

    A question that goes on in later versions under its id goes on in its column. Answers that
    tell of a person stand there as masked as they are on every page.
    """
    text = workbook.Kind.TEXT
    labels: dict[str, str] = {}
    for row in reversed(history(owner_of(item)) if item else []):
        labels |= {each.id: each.label for each in read(row.definition).asks}
    if not labels:
        yield _("Answers"), 40, text, lambda row: "\n".join(map(str, row["answers"]))

    def answer(name: str) -> Callable[[dict[str, Any]], Any]:
        return lambda row: next((each.words for each in row["answers"] if each.id == name), "")

    for name, label in labels.items():
        yield label, 16, text, answer(name)


def _contacts(export: Export) -> Sequence[Column]:
    """Name and phone of who reported, and beside them, on each row, whose list this is."""
    if not export.with_contacts:
        return ()
    text, mark = workbook.Kind.TEXT, clear_exports.mark_of(export)
    return (
        (_("Reporter"), 12, text, lambda row: row["contact"][0]),
        (_("Phone"), 16, text, lambda row: row["contact"][1]),
        (_("Taken by"), 34, text, lambda row: mark),
    )


def _plain(value: Any) -> Any:
    """A value as a line of JSON holds it; a moment in China's time, as Excel counts it."""
    if isinstance(value, datetime):
        local = value.astimezone(CIVIL_TZ).replace(tzinfo=None, microsecond=0)
        return (local - DAY_ZERO) / DAY
    return value


def _filters(export: Export, now: datetime) -> Filters:
    return Filters.read(QueryDict(export.query), actor_for(export.post, timezone.localdate(now)))


def _about(export: Export, rows: int, now: datetime) -> list[tuple[str, str]]:
    """A second sheet: whose list this is, and of what."""
    filters = _filters(export, now)
    return [
        (_("List"), str(TAB_WORDS[filters.tab])),
        (_("Filters"), filters.query()),
        (_("Cases"), str(rows)),
        (_("Asked for by"), export.account.name),
        (_("Post"), str(export.post)),
        (_("As of"), f"{timezone.localtime(now):%Y-%m-%d %H:%M:%S}"),
    ]


def sweep(*, now: datetime) -> int:
    """Removes exports that are over a day old, and their files."""
    asked = Export.objects.filter(state=Export.State.ASKED, asked_at__gte=now - KEPT_ASKED)
    gone = Export.objects.exclude(pk__in=asked.values("pk"))
    old = list(gone.filter(asked_at__lt=now - KEPT).values_list("pk", flat=True))
    Export.objects.filter(pk__in=old).delete()
    lists_kept.sweep(now=now)
    return len(old)
