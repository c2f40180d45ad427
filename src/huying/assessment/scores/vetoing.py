"""一票否决: a subject's month put to zero: proposed by one, decided by another, open to an appeal.

Whoever it is about is told when it takes effect. An appeal that is granted (`fairness.appealing`)
takes it back by `lift`; the facts and the figures are not touched by any of it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import ScoreVeto, ScoreVetoFile
from huying.assessment.scores.subjects import Subject, first_of, sees, subjects_of
from huying.cases.attaching import staged_by
from huying.cases.models import Case
from huying.errors import BadInput, Missing, NotAllowed, NotFound, WrongState
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, job_of, tell_later
from huying.people.acting import Actor
from huying.people.models import LEADERS, Role

VETOED = kind(
    "score_vetoed",
    _("A month is put to zero"),
    _(
        "Veto: your month {month} is put to zero, for: {ground}. You may appeal against it once,"
        " until {until}."
    ),
    group=Group.DESK,
)
State = ScoreVeto.State
MOST_CASES: Final = 20
DECIDERS: Final = frozenset({Role.TOWN_LEADER, Role.DISTRICT_LEADER})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a month may be put to zero for."""

    code: str
    zh: str
    en: str
    kinds: frozenset[str]
    basis: str

    @property
    def name(self) -> str:
        """In the language of the page."""
        return self.en if (get_language() or "").startswith("en") else self.zh


@cache
def grounds() -> Mapping[str, Ground]:
    """All of them by code, in the order of the list."""
    text = (files("huying") / "data" / "veto_grounds.csv").read_text(encoding="utf-8")
    return {
        row["code"]: Ground(
            row["code"], row["name"], row["name_en"], frozenset(row["kinds"].split()), row["basis"]
        )
        for row in csv.DictReader(text.splitlines())
    }


@dataclass(frozen=True, slots=True)
class Told:
    """A veto as it is proposed."""

    kind: Kind
    subject: str
    month: date
    ground: str
    words: str
    cases: Sequence[str] = ()
    photos: Sequence[UUID] = ()


def may_propose(by: Actor) -> bool:
    """Desks and leaders."""
    return by.role == Role.DISPATCHER or by.role in LEADERS


def may_decide(by: Actor, veto: ScoreVeto) -> bool:
    """A leader of the town or the district who did not propose it and is not the one concerned."""
    return (
        by.role in DECIDERS
        and by.covers(veto.area_code)
        and by.account_id != veto.proposed_by_id
        and not concerns(by, Kind(veto.kind), veto.subject)
    )


def speaks_for(by: Actor, kind: Kind, key: str) -> bool:
    """Whether the actor may speak for whom it is about: the person, whoever handles for the unit,
    who leads the place or sits at its desk."""
    if kind in (Kind.WORKER, Kind.DISPATCHER):
        return key == str(by.account_id)
    if kind in (Kind.UNIT, Kind.BRANCH):
        return by.role == Role.HANDLER and key == str(by.unit_id)
    if key != by.area_code:
        return False
    return by.role == Role.DISPATCHER or (kind is not Kind.DESK and by.role in LEADERS)


def concerns(by: Actor, kind: Kind, key: str) -> bool:
    """Whether it is about the actor, or the unit or place that the actor stands for."""
    if kind in (Kind.WORKER, Kind.DISPATCHER):
        return key == str(by.account_id)
    if kind in (Kind.UNIT, Kind.BRANCH):
        return key in {str(unit) for unit in by.units}
    return key == by.area_code


@transaction.atomic
def propose(told: Told, *, by: Actor, now: datetime) -> ScoreVeto:
    """Proposes that a subject's month be put to zero.

    Raises:
        NotAllowed: no desk and no leader, or it is about the actor.
        NotFound: there is no such subject below the actor's place.
        BadInput, Missing: no ground, no words, no evidence, or a month that has not come.
        WrongState: one is proposed or in force already.
    """
    if not may_propose(by) or by.account_id is None:
        raise NotAllowed()
    district = by.area_code[:6]
    found = next(
        (each for each in subjects_of(told.kind, district, told.month) if each.key == told.subject),
        None,
    )
    if found is None or not sees(by, found):
        raise NotFound()
    if concerns(by, told.kind, told.subject):
        raise NotAllowed(_("Nobody proposes a veto on themselves or on what they stand for."))
    words = _proved(told, now)
    cases = _cases(told.cases, by)
    photos = staged_by(by, told.photos)
    if not cases and not photos:
        raise Missing(_("Please give evidence: a case number or a picture."), field="cases")
    try:
        with transaction.atomic():
            veto = ScoreVeto.objects.create(
                district_code=district,
                kind=told.kind,
                subject=told.subject,
                area_code=found.area,
                month=told.month,
                ground=told.ground,
                words=words,
                cases=cases,
                proposed_by_id=by.account_id,
                proposed_at=now,
            )
    except IntegrityError as error:
        raise WrongState(_("A veto of this month is proposed or in force already.")) from error
    for photo in photos:
        photo.held, photo.district_code = True, district
        photo.save(update_fields=["held", "district_code"])
        ScoreVetoFile.objects.create(attachment=photo, veto=veto, district_code=district)
    return veto


def _proved(told: Told, now: datetime) -> str:
    ground = grounds().get(told.ground)
    if ground is None or told.kind not in ground.kinds:
        raise BadInput(_("Please choose a ground that fits."), field="ground")
    words = told.words.strip()
    if not words:
        raise Missing(_("Please say what happened and how it is known."), field="words")
    if len(words) > 500:
        raise BadInput(_("At most 500 characters."), field="words")
    if told.month.day != 1 or told.month > first_of(timezone.localdate(now)):
        raise BadInput(_("This month has not come."), field="month")
    return words


def _cases(numbers: Sequence[str], by: Actor) -> list[UUID]:
    wanted = [number for number in dict.fromkeys(numbers) if number]
    if len(wanted) > MOST_CASES:
        raise BadInput(_("Twenty cases at most."), field="cases")
    sane = [number for number in wanted if number.isascii() and number.isdigit()]
    seen = dict(Case.objects.visible_to(by).filter(number__in=sane).values_list("number", "pk"))
    missing = next((number for number in wanted if number not in seen), None)
    if missing is not None:
        raise BadInput(
            _("There is no case %(number)s, or it is not yours to see.") % {"number": missing[:30]},
            field="cases",
        )
    return [seen[number] for number in wanted]


@transaction.atomic
def decide(pk: UUID, *, agree: bool, answer: str, by: Actor, now: datetime) -> ScoreVeto:
    """Agrees to a veto or not, with a sentence where not.

    Raises:
        NotFound, NotAllowed, WrongState: there is none to decide, or it is not theirs.
        Missing: not agreed to, and no reason said.
    """
    veto = _locked(pk, by, State.PROPOSED)
    if not may_decide(by, veto):
        raise NotAllowed(_("A veto is decided by a leader who did not propose it."))
    words = answer.strip()[:200]
    if not agree and not words:
        raise Missing(_("Please say why not."), field="answer")
    veto.state = State.APPROVED if agree else State.REFUSED
    veto.decided_by_id, veto.decided_at, veto.answer = by.account_id, now, words
    veto.save()
    if agree:
        _tell(veto, now)
    return veto


def _tell(veto: ScoreVeto, now: datetime) -> None:
    """Tells whom it is about that it is in force, and how to appeal."""
    until = timezone.localdate(now) + timedelta(days=settings.HUYING.appeal_days)
    ground = grounds().get(veto.ground)
    job = job_of(
        VETOED,
        _whom(veto),
        key=f"score_veto:{veto.pk}",
        district_code=veto.district_code,
        now=now,
        path=f"/desk/scores/vetoes/{veto.pk}",
        data={
            "month": f"{veto.month:%Y-%m}",
            "ground": veto.ground if ground is None else ground.zh,
            "until": until.isoformat(),
        },
    )
    tell_later.defer(**job)


def _whom(veto: ScoreVeto) -> Whom:
    match Kind(veto.kind):
        case Kind.WORKER | Kind.DISPATCHER:
            return Whom(accounts=(int(veto.subject),))
        case Kind.UNIT | Kind.BRANCH:
            return Whom(units=(int(veto.subject),))
        case Kind.DESK:
            return Whom(desks=(veto.subject,))
        case Kind.COMMUNITY | Kind.TOWN:
            return Whom(desks=(veto.subject,), leaders=(veto.subject,))


@transaction.atomic
def withdraw(pk: UUID, *, by: Actor) -> ScoreVeto:
    """Takes back what one proposed oneself.

    Raises:
        NotFound, NotAllowed, WrongState: there is none to take back, or it is another's.
    """
    veto = _locked(pk, by, State.PROPOSED)
    if veto.proposed_by_id != by.account_id:
        raise NotAllowed()
    veto.state = State.WITHDRAWN
    veto.save()
    return veto


@transaction.atomic
def lift(pk: UUID, *, why: str, by: Actor, now: datetime) -> ScoreVeto:
    """Takes a veto back that is in force: an appeal that was granted does, through the system, or
    a leader who neither proposed nor decided it.

    Raises:
        NotFound, NotAllowed, WrongState: there is none in force, or it is not theirs.
        Missing: no reason.
    """
    veto = _locked(pk, by, State.APPROVED)
    fresh = by.account_id not in (veto.proposed_by_id, veto.decided_by_id)
    if not by.is_system and not (fresh and by.role in DECIDERS and by.covers(veto.area_code)):
        raise NotAllowed(_("A veto is lifted by a leader who neither proposed nor decided it."))
    words = why.strip()[:200]
    if not words:
        raise Missing(_("Please say why."), field="why")
    veto.state, veto.lifted_why, veto.lifted_at = State.LIFTED, words, now
    veto.lifted_by_id = by.account_id
    veto.save()
    return veto


def may_lift(by: Actor, veto: ScoreVeto) -> bool:
    """Whether `lift` would let them."""
    return may_decide(by, veto) and by.account_id != veto.decided_by_id


def _locked(pk: UUID, by: Actor, state: State) -> ScoreVeto:
    found = ScoreVeto.objects.select_for_update().visible_to(by).filter(pk=pk).first()
    if found is None:
        raise NotFound()
    if found.state != state:
        raise WrongState(_("This veto is not in a state that allows this."))
    return found


def subject_of(veto: ScoreVeto) -> Subject | None:
    """Whom it is about, as they were called in that month."""
    kind = Kind(veto.kind)
    known = subjects_of(kind, veto.district_code, veto.month)
    return next((each for each in known if each.key == veto.subject), None)


def may_concern(by: Actor, subject: Subject) -> bool:
    """Whether the actor may propose a veto on them."""
    return sees(by, subject) and not concerns(by, subject.kind, subject.key)
