"""申诉: against one counted fact, a veto or a confirmed finding, once, by whom it is held against.

Two others decide. Granted, the fact leaves the figures from that moment on and stays in the log;
the veto is lifted; what the finding took out counts again. Where the two do not agree, a third
decides; so nobody alone ever takes a fact out, and nobody alone keeps it in.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext, override, pgettext
from django.utils.translation import gettext_lazy as _

from huying.assessment.charges import CHARGES, Held, against, charges_in
from huying.assessment.counting import Asked, lines_of_cases
from huying.assessment.left_out import LeftOut
from huying.assessment.recurring import lines_again
from huying.assessment.scores import vetoing
from huying.assessment.scores.kinds import Kind as VetoKind
from huying.assessment.scores.models import ScoreVeto
from huying.assessment.spots import grid_of
from huying.cases.attaching import staged_by
from huying.cases.models import Attachment, Case
from huying.errors import Missing, NotAllowed, NotFound, StalePage, WrongState
from huying.fairness import settling
from huying.fairness.guards import Guard
from huying.fairness.models import Appeal, AppealPhoto, Unusual, reviews
from huying.fairness.saying import GUARD_WORDS
from huying.notices.kinds import Group, kind
from huying.notices.kinds import Kind as NoticeKind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import SYSTEM, Actor
from huying.people.models import Role
from huying.places.models import CODE_LENGTH, Level

FILED = kind(
    "appeal_filed",
    _("Appeal to be decided"),
    _("Somebody appeals against what is held against them: {charge}. Two others have to decide."),
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
    if case.ended_at is not None and grid_of(case.area_code):
        # What came up again is nobody's own course: it is looked for among the cases around.
        near = replace(asked, area=case.area_code)
        found += [each for each in lines_again(near) if each[0] == case.pk]
    return [each for each in charges_in(found) if against(each, actor)]


def taken(case: Case) -> dict[tuple[str, int, int], Appeal]:
    """The appeals of a case, by the facts that they are against."""
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
    about = held.line.about
    made = Appeal(
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
    )
    return _filed(made, words, photos, by, now)


def _filed(
    made: Appeal, words: str, photos: Sequence[uuid.UUID], by: Actor, now: datetime
) -> Appeal:
    """Writes an appeal down with its photos, and tells those who may decide it."""
    if not words.strip():
        raise Missing(_("Please say why it should not count."), field="words")
    made.words, made.filed_at = words.strip()[:2000], now
    made.filed_by_id, made.filed_unit_id = by.account_id, by.unit_id  # type: ignore[assignment]
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise WrongState(_("An appeal against this was made already.")) from error
    found = staged_by(by, photos)
    Attachment.objects.filter(pk__in=[each.pk for each in found]).update(held=True)
    AppealPhoto.objects.bulk_create(
        AppealPhoto(district_code=made.district_code, appeal=made, attachment=each)
        for each in found
    )
    town = made.area_code[:9]
    whom = Whom(desks=(town,), leaders=(town,), but=(made.filed_by_id,))
    _tell(FILED, whom, made, "filed", now)
    return made


def is_against(actor: Actor, what: ScoreVeto | Unusual) -> bool:
    """Whether a veto in force or a confirmed finding is held against the actor, on this post."""
    if actor.account_id is None or what.district_code != actor.area_code[:6]:
        return False
    if isinstance(what, ScoreVeto):
        in_force = what.state == ScoreVeto.State.APPROVED
        return in_force and vetoing.speaks_for(actor, VetoKind(what.kind), what.subject)
    if what.state != Unusual.State.CONFIRMED:
        return False
    if what.account_id is not None:
        return what.account_id == actor.account_id
    return actor.role == Role.HANDLER and what.unit_id == actor.unit_id is not None


def until(what: ScoreVeto | Unusual) -> date:
    """The last day on which a veto or a finding that was decided can be appealed against."""
    assert what.decided_at is not None
    return timezone.localdate(what.decided_at) + timedelta(days=days())


@transaction.atomic
def file_against(
    what: ScoreVeto | Unusual,
    *,
    words: str,
    photos: Sequence[uuid.UUID] = (),
    by: Actor,
    now: datetime,
) -> Appeal:
    """Files an appeal against a veto or a finding.

    Raises:
        NotAllowed: it is not held against the actor, or the days to appeal are over.
        Missing, WrongState: as `file`.
    """
    if not is_against(by, what) or timezone.localdate(now) > until(what):
        raise NotAllowed(_("This does not count against you, or the days to appeal are over."))
    assert what.decided_at is not None
    made = Appeal(
        district_code=what.district_code,
        area_code=what.area_code,
        seq=0,
        tallies=[],
        day=timezone.localdate(what.decided_at),
    )
    if isinstance(what, ScoreVeto):
        made.kind, made.charge, made.veto = Appeal.Kind.VETO, str(Appeal.Kind.VETO), what
    else:
        made.kind, made.charge, made.finding = Appeal.Kind.FINDING, str(Appeal.Kind.FINDING), what
        made.against_unit_id = what.unit_id
    return _filed(made, words, photos, by, now)


def words_of(appeal: Appeal) -> str:
    """What an appeal is against, in a few words."""
    if appeal.veto is not None:
        month = f"{appeal.veto.month:%Y-%m}"
        return pgettext("appeal", "%(month)s put to zero by a veto") % {"month": month}
    if appeal.finding is not None:
        return str(GUARD_WORDS[Guard(appeal.finding.guard)][0])
    return str(CHARGES[appeal.charge].words)


def may_review(appeal: Appeal, actor: Actor) -> bool:
    """Whether the actor may be one of those who decide it: of a desk or a leader above its place,
    who neither filed it, nor belongs to the unit or the desk that it is about, nor had a hand in
    what it is against, nor spoke before."""
    return (
        reviews(actor)
        and actor.covers(appeal.area_code)
        and actor.account_id is not None
        and actor.account_id not in (appeal.filed_by_id, appeal.first_by_id, appeal.second_by_id)
        and not actor.units & {appeal.filed_unit_id, appeal.against_unit_id}
        and actor.area_code != appeal.against_desk
        and not _had_a_hand(appeal, actor)
    )


def _had_a_hand(appeal: Appeal, actor: Actor) -> bool:
    """Whether the actor proposed or decided what it is against, or is whom that is about."""
    if (finding := appeal.finding) is not None:
        return actor.account_id in (finding.decided_by_id, finding.account_id)
    if (veto := appeal.veto) is None:
        return False
    if actor.account_id in (veto.proposed_by_id, veto.decided_by_id):
        return True
    kind_ = VetoKind(veto.kind)
    # Nobody sits above the district's own desk: there a colleague may.
    beside = kind_ is VetoKind.DISPATCHER and len(veto.area_code) > CODE_LENGTH[Level.DISTRICT]
    colleague = beside and actor.role == Role.DISPATCHER and actor.area_code == veto.area_code
    return colleague or vetoing.concerns(actor, kind_, veto.subject)


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
    if appeal.is_moot:
        raise WrongState(_("The veto was lifted meanwhile: there is nothing left to decide."))
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
        _grant(appeal, now)
    if outcome is not None:
        _tell_outcome(appeal, now)
    return appeal


def _grant(appeal: Appeal, now: datetime) -> None:
    """What comes of it; the log stays as it is."""
    if appeal.veto is not None:
        with override(settings.LANGUAGE_CODE):
            why = gettext("An appeal against it was granted.")
        vetoing.lift(appeal.veto.pk, why=why, by=SYSTEM, now=now)
    elif appeal.finding is not None:
        settling.take_back(appeal.finding, now)
    elif appeal.case_id is not None:
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
        charge = words_of(appeal)
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
