"""What the page of a case shows, alone or beside the queue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from typing import Any

from huying.cases import documents
from huying.cases.answers import asks_of, rows_of, said_of
from huying.cases.at_building import there
from huying.cases.contacts import MAY_REVEAL
from huying.cases.deadlines import Past, dues_of, past_of
from huying.cases.describing import why_by_rule
from huying.cases.models import Attachment, Case, CaseContact, CaseParty, CaseText, TextKind
from huying.cases.states import State
from huying.cases.timeline import Entry, attachments_of, texts_of, timeline
from huying.clock.explaining import (
    countdown_words,
    explain,
    explain_stages,
    own_time_words,
    warnings,
)
from huying.clock.lights import countdown
from huying.clock.reading import calendar_for
from huying.clock.stages import Stage
from huying.desk import duties, handing, levels, offers, parts, queue, ruled, supervising, watching
from huying.desk.buttons import ICONS, buttons
from huying.desk.calling import calling
from huying.desk.care import found_on_visit
from huying.desk.having import having
from huying.desk.patrol import found_at
from huying.desk.printing import sheets_of
from huying.desk.scores import report_rating
from huying.desk.tasks import found_by
from huying.desk.whistles import whistles_of
from huying.dispatch import duplicates
from huying.dispatch.moves import moves
from huying.dispatch.standing import exactly, standing
from huying.dispatch.suggesting import suggest
from huying.dispatch.why_here import why_here
from huying.people.acting import Actor
from huying.people.models import Role
from huying.places import naming


def shown(found: Case, actor: Actor, now: datetime) -> dict[str, Any]:
    """Everything about one case that the actor, who may see it, is shown."""
    has = having(found, actor)
    texts = texts_of(case=found.pk)
    attachments = attachments_of(case=found.pk)
    entries = timeline(found, texts=texts, attachments=attachments)
    answers = rows_of(found) if has.answers else []
    asks = asks_of(found)
    by_seq = {entry.seq: entry for entry in entries}
    latest = answers[-1] if answers else None
    photos, papers = documents.apart(attachments)
    for entry in entries:
        entry.attachments[:] = in_order(entry.attachments)
    return {
        "actor": actor,
        "case": found,
        "now": now,
        "whereabouts": naming.names(found.area_code),
        "short_place": queue.short_place(found.area_code),
        "holder": naming.own_name(found.holder_code),
        "buttons": buttons(actor, found, asks=asks is not None),
        "entries": list(reversed(entries)),
        "icons": ICONS,
        "said": _description(entries),
        "words_hidden": any(text.hidden_enc is not None for text in texts),
        "alarming": [word for word in found.emergency_words.split(";") if word],
        "photos": in_order(photos),
        "documents": papers,
        "answers": said_of(latest),
        "answers_hidden": latest is not None and latest.hidden,
        "answered": by_seq.get(latest.seq) if latest is not None else None,
        "answers_before": [(by_seq.get(row.seq), said_of(row)) for row in answers[-2::-1]],
        "item_asks": asks is not None,
        "contacts": (CaseContact.objects.filter(case=found, party=False) if has.contacts else []),
        "may_reveal": actor.role in MAY_REVEAL,
        "parties": _parties(found) if has.parties else [],
        **_alike(found, actor, texts),
        "merged": (
            Case.objects.visible_to(actor).filter(merged_into=found)[:20] if has.merged else []
        ),
        "into": _merged_into(found, actor),
        "holds": parts.holds_of(found) if has.holds else [],
        "parts": parts.parts_of(found, actor, entries, now) if has.parts else [],
        "asks": parts.asks_of(found, actor, entries, now) if has.asks else [],
        "records": parts.records_of(found) if has.records else [],
        "subs": parts.subs_of(found, actor, now) if has.subs else [],
        "main": parts.main_of(found, actor),
        "sheets": sheets_of(found, supervised=has.supervisions),
        "suggestion": _suggestion(found, actor, now),
        "ruling": ruled.explained(found, entries, now),
        "way": levels.way(entries, actor),
        "taken_over": levels.taken_over(entries, found, actor),
        "why_here": why_here(entries),
        "misplaced": levels.misplaced(found),
        "calling": calling(found, actor, now, alarmed=has.alarms),
        "whistles": whistles_of(found, actor, now) if has.whistles else [],
        "duty": duties.of_case(found, now),
        "found_by": found_by(found, actor) if has.task else None,
        "found_at": found_at(found, actor) if has.patrol else None,
        "found_on_visit": found_on_visit(found, actor) if has.visit else None,
        "report_rating": report_rating(found, actor),
        "there": there(found, actor) if has.buildings else None,
        **supervising.records(found, entries, now),
        "may_watch": found.is_open and handing.has_desk(actor),
        "watch": watching.mark_of(found, actor) if has.watch else None,
        **_times(
            found,
            past_of(found, paused=has.pauses),
            now,
            moved=any(each.at == found.desk_since for each in moves(entries)),
        ),
    }


def _alike(found: Case, actor: Actor, texts: Sequence[CaseText]) -> dict[str, Any]:
    """What may be the same matter as an open case, and what came before it; one look at limits."""
    if not found.is_open:
        return {"likely": [], "repeats": []}
    limits = duplicates.limits_of(found.district_code)
    said = [text.body for text in texts if text.kind == TextKind.DESCRIPTION]
    return {
        "likely": offers.likely_duplicates(found, actor, limits, said[-1] if said else ""),
        "repeats": duplicates.repeats_of(found, limits, by=actor),
    }


def _times(found: Case, past: Past, now: datetime, *, moved: bool) -> dict[str, Any]:
    """The deadlines with their reasons; of the whole case and of the step that counts now."""
    calendar = calendar_for(found.district_code)
    dues = dues_of(found, past)
    stages = []
    for explained, (stage, due) in zip(explain_stages(dues.stages, now), dues.stages, strict=True):
        done = dues.stages.done_at(stage)
        if stage is Stage.HANDLE:
            explained = replace(explained, sentences=(*explained.sentences, *why_by_rule(found)))
        stages.append(
            {
                "words": explained,
                "at": due.at,
                "left": countdown_words(countdown(due, now, done), calendar, now),
                "present": stage == dues.stage and found.is_open,
                "done": done is not None,
            }
        )
    return {
        "rungs": supervising.rungs(found, dues.current),
        "stages": stages,
        "desk_due": dues.desk if found.is_open else None,
        "desk_why": (
            [*([own_time_words()] if moved else []), *explain(dues.desk)]
            if dues.desk is not None
            else []
        ),
        "standing": (
            exactly(dues, now, calendar)
            if found.is_open and not found.is_suspended
            else standing(found, now)
        ),
        "warnings": warnings(due for _stage, due in dues.stages),
    }


def _description(entries: Sequence[Entry]) -> str | None:
    """The words of the report; None once they were erased."""
    said = entries[0].texts if entries else []
    return next((body for kind, body in said if kind == "description"), "")


_ORDER = (Attachment.Kind.PHOTO_BEFORE, Attachment.Kind.OTHER, Attachment.Kind.PHOTO_AFTER)


def in_order(photos: Iterable[Attachment]) -> list[Attachment]:
    """Before comes before after, in whichever order they were sent up."""
    return sorted(photos, key=lambda photo: (_ORDER.index(Attachment.Kind(photo.kind)), photo.pk))


def _parties(found: Case) -> list[tuple[str, list[str]]]:
    """Who takes part now, by part."""
    rows = (
        CaseParty.objects.filter(case=found, until_seq__isnull=True)
        .exclude(part__in=[CaseParty.Part.REPORTER, CaseParty.Part.LEAD, CaseParty.Part.ASSIST])
        .select_related("unit", "account")
        .order_by("part", "since_seq")
    )
    return [
        (str(CaseParty.Part(part).label), [str(row.unit or row.account) for row in group])
        for part, group in groupby(rows, key=lambda row: row.part)
    ]


def _merged_into(found: Case, actor: Actor) -> Case | None:
    """The case that goes on for this one, if the actor may see it."""
    if found.merged_into_id is None:
        return None
    return Case.objects.visible_to(actor).filter(pk=found.merged_into_id).first()


def _suggestion(found: Case, actor: Actor, now: datetime) -> Any:
    """The unit to send it to, for the desk that has to decide."""
    if found.state != State.ACCEPTED or actor.role != Role.DISPATCHER:
        return None
    if actor.area_code != found.holder_code or found.awaits_arbitration:
        return None
    return suggest(found, now).best
