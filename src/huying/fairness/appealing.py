"""申诉: against one counted fact, once, by whom it is counted for; two others decide.

Granted, the fact leaves the figures from that moment on and stays in the log. Where the two do not
agree, a third decides; so nobody alone ever takes a fact out, and nobody alone keeps it in.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.assessment.charges import CHARGES, Held, against, charges_in
from huying.assessment.counting import Asked, lines_of_cases
from huying.assessment.left_out import LeftOut
from huying.assessment.recurring import GRID, lines_again
from huying.cases.attaching import staged_by
from huying.cases.models import Attachment, Case
from huying.errors import Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.fairness.models import Appeal, AppealPhoto, reviews
from huying.notices.kinds import Group, kind
from huying.notices.kinds import Kind as NoticeKind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import Actor

FILED = kind(
    "appeal_filed",
    _("Appeal to be decided"),
    _("Somebody appeals against a counted fact: {charge}. Two others have to decide."),
    group=Group.DESK,
)
DECIDED = kind(
    "appeal_decided",
    _("Appeal decided"),
    _("The appeal was {outcome}: {charge}."),
    group=Group.DESK,
)
ORDER: Final = ("first", "second", "third")


def days() -> int:
    """How many days after it counted something may be appealed against."""
    found: int = settings.HUYING.appeal_days
    return found


def open_to(actor: Actor, case: Case, now: datetime) -> list[Held]:
    """What of a case the actor may appeal against now, appealed or not."""
    today = timezone.localdate(now)
    asked = Asked(case.district_code, today - timedelta(days=days()), today, now)
    found = list(lines_of_cases([case.pk], asked))
    if case.ended_at is not None and len(case.area_code) == GRID:
        # What came up again is nobody's own course: it is looked for among the cases around.
        near = replace(asked, area=case.area_code)
        found += [each for each in lines_again(near) if each[0] == case.pk]
    return [each for each in charges_in(found) if against(each, actor)]


def taken(case: Case) -> dict[tuple[str, int, int], Appeal]:
    """The appeals of a case, by what they are against."""
    return {
        (each.charge, each.seq, each.called_unit): each
        for each in Appeal.objects.filter(case=case).select_related("case")
    }


def key_of(held: Held) -> tuple[str, int, int]:
    return held.charge.code, held.line.seq, held.called_unit


@transaction.atomic
def file(
    case_pk: uuid.UUID,
    charge: str,
    seq: int,
    *,
    words: str,
    photos: Sequence[uuid.UUID] = (),
    by: Actor,
    now: datetime,
) -> Appeal:
    """Files an appeal.

    Raises:
        NotFound: the actor does not see the case.
        NotAllowed: nothing of that kind is counted against them there, or no longer to be appealed.
        Missing: no words.
        WrongState: somebody appealed against it already.
    """
    case = Case.objects.visible_to(by).filter(pk=case_pk).first()
    if case is None or by.account_id is None:
        raise NotFound
    held = next(
        (
            each
            for each in open_to(by, case, now)
            if (each.charge.code, each.line.seq) == (charge, seq)
        ),
        None,
    )
    if held is None:
        raise NotAllowed(_("This does not count against you, or the days to appeal are over."))
    if not words.strip():
        raise Missing(_("Please say why it should not count."), field="words")
    about = held.line.about
    try:
        with transaction.atomic():
            made = Appeal.objects.create(
                district_code=case.district_code,
                area_code=about.area,
                case=case,
                charge=held.charge.code,
                seq=seq,
                called_unit=held.called_unit,
                tallies=held.tallies,
                day=held.line.day,
                against_unit_id=about.unit if by.unit_id == about.unit else None,
                against_desk=about.holder if by.area_code == about.holder else "",
                words=words.strip()[:2000],
                filed_at=now,
                filed_by_id=by.account_id,
                filed_unit_id=by.unit_id,
            )
    except IntegrityError as error:
        raise WrongState(_("An appeal against this was made already.")) from error
    found = staged_by(by, photos)
    Attachment.objects.filter(pk__in=[each.pk for each in found]).update(held=True)
    AppealPhoto.objects.bulk_create(
        AppealPhoto(district_code=case.district_code, appeal=made, attachment=each)
        for each in found
    )
    town = made.area_code[:9]
    whom = Whom(desks=(town,), leaders=(town,), but=(by.account_id,))
    _tell(FILED, whom, made, "filed", now)
    return made


def may_review(appeal: Appeal, actor: Actor) -> bool:
    """Whether the actor may be one of those who decide it: of a desk or a leader above its place,
    who neither filed it, nor belongs to the unit or the desk that it is about, nor spoke before."""
    return (
        reviews(actor)
        and actor.covers(appeal.area_code)
        and actor.account_id is not None
        and actor.account_id not in (appeal.filed_by_id, appeal.first_by_id, appeal.second_by_id)
        and not actor.units & {appeal.filed_unit_id, appeal.against_unit_id}
        and actor.area_code != appeal.against_desk
    )


@transaction.atomic
def decide(
    pk: uuid.UUID, says: bool | None, *, words: str, by: Actor, now: datetime, version: int | None
) -> Appeal:
    """One of the reviewers says yes or no. The last one's word decides it.

    Raises:
        NotFound: out of the actor's sight.
        NotAllowed: not theirs to decide.
        WrongState: it is decided.
        StalePage: somebody has spoken since the page was opened.
        Missing: neither yes nor no, or no words.
    """
    if not Appeal.objects.visible_to(by).filter(pk=pk).exists():
        raise NotFound
    appeal = Appeal.objects.select_for_update().get(pk=pk)
    if appeal.state != Appeal.State.OPEN:
        raise WrongState(_("This appeal is decided."))
    if not may_review(appeal, by):
        raise NotAllowed(_("This appeal is for others to decide."))
    if version != appeal.version:
        raise StalePage
    if says is None:
        raise Missing(_("Please choose one."), field="says")
    if not words.strip():
        raise Missing(_("Please say why."), field="words")
    turn = next(each for each in ORDER if getattr(appeal, f"{each}_by_id") is None)
    given: dict[str, Any] = {"by_id": by.account_id, "says": says, "at": now}
    for name, value in (given | {"words": words.strip()[:2000]}).items():
        setattr(appeal, f"{turn}_{name}", value)
    appeal.version += 1
    outcome = _outcome(appeal)
    if outcome is not None:
        appeal.state = Appeal.State.GRANTED if outcome else Appeal.State.REJECTED
        appeal.decided_at = now
    appeal.save()
    if outcome:
        LeftOut.objects.create(
            district_code=appeal.district_code,
            case_id=appeal.case_id,
            seq=appeal.seq,
            unit_id=appeal.called_unit or None,
            tallies=appeal.tallies,
            why=LeftOut.Why.APPEAL,
            source_id=appeal.pk,
            since=now,
        )
    if outcome is not None:
        _tell_outcome(appeal, now)
    return appeal


def _outcome(appeal: Appeal) -> bool | None:
    """Whether it is granted; None while somebody has to speak still."""
    if appeal.third_says is not None:
        return appeal.third_says
    if appeal.second_says is None:
        return None
    return appeal.first_says if appeal.first_says == appeal.second_says else None


def _tell_outcome(appeal: Appeal, now: datetime) -> None:
    units = (appeal.filed_unit_id,) if appeal.filed_unit_id is not None else ()
    town = appeal.area_code[:9]
    whom = Whom(accounts=(appeal.filed_by_id,), units=units, desks=(town,), leaders=(town,))
    with override(settings.LANGUAGE_CODE):
        outcome = str(appeal.get_state_display())
    _tell(DECIDED, whom, appeal, "decided", now, outcome=outcome)


def _tell(
    what: NoticeKind, whom: Whom, appeal: Appeal, key: str, now: datetime, **data: Any
) -> None:
    with override(settings.LANGUAGE_CODE):
        charge = str(CHARGES[appeal.charge].words)
    job = job_of(
        what,
        whom,
        key=f"appeal:{appeal.pk}:{key}",
        district_code=appeal.district_code,
        now=now,
        path=f"/desk/appeals/{appeal.pk}",
        data={"charge": charge} | data,
    )
    tell_later.defer(**job)
