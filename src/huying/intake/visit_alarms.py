"""An emergency on a visit to somebody on the care list becomes a case, which names nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import models, transaction
from django.utils.translation import gettext as now_
from django.utils.translation import override, pgettext_lazy

from huying.care import visiting
from huying.care.due import Outcome
from huying.care.models import CareCase, CarePerson, CareVisit
from huying.cases.models import Case, Channel
from huying.errors import Missing
from huying.intake.reporting import Told as Reported
from huying.intake.reporting import take
from huying.people.acting import SYSTEM, Actor
from huying.registry import sealing

ITEM: Final = "0106"
"""重点关爱群体走访登记: its escalate words make what these sorts say an emergency."""


class Sort(models.TextChoices):
    """What kind of emergency; the words are those that the report says."""

    COLLAPSED = "collapsed", pgettext_lazy("emergency", "collapsed, hurt or gravely ill")
    NO_ANSWER = "no_answer", pgettext_lazy("emergency", "nobody answers the door")
    MISSING = "missing", pgettext_lazy("emergency", "cannot be found or reached")
    LIFE = "life", pgettext_lazy("emergency", "in danger of taking their life")
    OTHER = "other", pgettext_lazy("emergency", "another emergency")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A visit as it was written down, and the case that it became, if one."""

    visit: CareVisit
    case: Case | None


def record(told: visiting.Told, *, sort: str = "", by: Actor, now: datetime) -> Recorded:
    """Writes a visit down; an emergency is reported in the same transaction, once.

    Raises:
        Missing: it is an emergency, and not said of which kind.
        NotFound, NotAllowed, WrongState, BadInput, KeyReused: as `visiting.record`.
    """
    with transaction.atomic():
        if told.outcome == Outcome.ALARM and sort not in Sort.values:
            raise Missing(now_("Please say what kind of emergency it is."), field="sort")
        visit = visiting.record(told, by=by, now=now)
        before = CareCase.objects.filter(visit=visit).select_related("case").first()
        if before is not None or visit.outcome != Outcome.ALARM:
            return Recorded(visit, before.case if before is not None else None)
        care = CarePerson.objects.for_pages().get(pk=visit.care_id)
        # Who sees no cases reports none; that they were there stands with the visit.
        reporter = by if by.works_cases else SYSTEM
        case = take(_report(care, visit, Sort(sort), told.words), by=reporter, now=now)
        visiting.link(visit, case)
        return Recorded(visit, case)


def _report(care: CarePerson, visit: CareVisit, sort: Sort, words: str) -> Reported:
    # The item's escalate words are Chinese, whatever language the installation speaks.
    with override("zh-hans"):
        said = now_("On a visit to somebody on the care list: %(sort)s.") % {"sort": sort.label}
    spot = care.spot or (None, None)
    return Reported(
        channel=Channel.DESK,
        text=f"{said}{_unnamed(care, words.strip())}",
        lon=spot[0],
        lat=spot[1],
        datum="cgcs2000",
        area=care.area_code,
        address=care.address,
        item=ITEM,
        occurred_at=visit.at,
    )


def _unnamed(care: CarePerson, words: str) -> str:
    """What was written down, with the person's name masked where it stands in it."""
    name = sealing.opened(care.person, "name")
    return words.replace(name, care.person.name_masked) if len(name) > 1 else words
