"""The scores of a month: live while it runs, as they were written once it is closed.

A closed month never changes. What was learned or decided later stands beside it as a correction:
a veto that came or went, and what the figures would be by the log of today.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from huying.assessment.following import COUNTED_ANEW, follows
from huying.assessment.rolled import closed
from huying.assessment.scores import keeping, sheets
from huying.assessment.scores.figuring import asked_of, figures_of
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import ClosedMonth, ClosedScore, ScoreVeto
from huying.assessment.scores.publishing import Held, held
from huying.assessment.scores.rating import rated_of
from huying.assessment.scores.scoring import (
    Score,
    scored,
    standards_of,
    unvetoed,
    vetoed,
)
from huying.assessment.scores.subjects import Subject, last_of, subjects_of
from huying.errors import Words


@dataclass(frozen=True, slots=True)
class Standing:
    """A subject with its score.

    Attributes:
        place: among those of the kind that have a total, who share one share the place; none
            without a total.
        veto: the one that holds now.
    """

    subject: Subject
    score: Score
    place: int | None = None
    veto: ScoreVeto | None = None

    @property
    def corrected(self) -> Score | None:
        """What a veto that came or went since the closing makes of it; None where nothing did."""
        if self.veto is not None and not self.score.vetoed:
            return vetoed(self.score)
        if self.veto is None and self.score.vetoed:
            return unvetoed(self.score)
        return None


@dataclass(frozen=True, slots=True)
class Month:
    """All scores of a kind in a district and month.

    Attributes:
        at: the figures are those of the log at this moment.
        ranked: how many have a total.
        closed: set once the month's scores are closed.
        figures_stand: whether its figures are closed, and its scores are not yet: ratings and
            vetoes may still come.
    """

    kind: Kind
    district: str
    month: date
    held: Held
    at: datetime
    standings: tuple[Standing, ...]
    ranked: int
    closed: ClosedMonth | None = None
    figures_stand: bool = False

    @property
    def says(self) -> Words:
        """What has to be said of where its figures come from; mostly nothing."""
        stand = self.closed is not None or self.figures_stand
        return "" if stand or follows() else COUNTED_ANEW

    def of(self, key: str) -> Standing | None:
        """A subject's standing."""
        return next((each for each in self.standings if each.subject.key == key), None)


def month_of(kind: Kind, district: str, month: date, *, now: datetime) -> Month:
    """The scores of a kind: as they were closed, or by the log of now; where the month's figures
    are closed already and its scores are not yet, by these."""
    kept = ClosedMonth.objects.filter(district_code=district, month=month).first()
    if kept is not None:
        return _closed(kind, kept)
    period = closed(district, month, last_of(month))
    at = now if period is None else period.as_of
    found = live(kind, district, month, held(kind, district, month), at=at)
    return replace(found, figures_stand=period is not None)


def live(kind: Kind, district: str, month: date, by: Held, *, at: datetime) -> Month:
    """The scores by the log of a moment and by a sheet; of the moment at which the month's figures
    were closed by these."""
    subjects = subjects_of(kind, district, month)
    asked, keys = asked_of(district, month, at), [each.key for each in subjects]
    figures = figures_of(kind, by.sheet, keys, asked)
    groups: dict[str, list[str]] = defaultdict(list)
    for each in subjects:
        groups[each.group].append(each.key)
    standards = {
        group: standards_of(by.sheet, [figures[key] for key in keys])
        for group, keys in groups.items()
    }
    said, vetoes = rated_of(kind, district, month), vetoes_of(kind, district, month)
    standings = []
    for each in subjects:
        score = scored(by.sheet, figures[each.key], standards[each.group], said.get(each.key))
        veto = vetoes.get(each.key)
        standings.append(Standing(each, vetoed(score) if veto else score, veto=veto))
    return _month(kind, district, month, by, at, standings, None)


def vetoes_of(kind: Kind, district: str, month: date) -> dict[str, ScoreVeto]:
    """The vetoes that hold now, by subject."""
    found = ScoreVeto.objects.filter(district_code=district, kind=kind, month=month).holding()
    return {each.subject: each for each in found}


def _closed(kind: Kind, row: ClosedMonth) -> Month:
    """As it was written, with the sheet that was kept with it."""
    kept = row.sheets[kind]
    by = Held(kept["version"], sheets.read(kind, kept["sheet"]))
    district, month = row.district_code, row.month
    known = {each.key: each for each in subjects_of(kind, district, month)}
    vetoes = vetoes_of(kind, district, month)
    standings = [
        Standing(
            # Who was dissolved since has a score all the same.
            known.get(each.subject) or Subject(kind, each.subject, each.subject, each.area_code),
            keeping.read(by.sheet, each.body),
            veto=vetoes.get(each.subject),
        )
        for each in ClosedScore.objects.filter(closed=row, kind=kind).order_by(
            "area_code", "subject"
        )
    ]
    return _month(kind, district, month, by, row.at, standings, row)


def _month(
    kind: Kind,
    district: str,
    month: date,
    by: Held,
    at: datetime,
    standings: list[Standing],
    kept: ClosedMonth | None,
) -> Month:
    totals = sorted(each.score.total for each in standings if each.score.total is not None)
    places = {total: len(totals) - n for n, total in enumerate(totals)}
    return Month(
        kind=kind,
        district=district,
        month=month,
        held=by,
        at=at,
        standings=tuple(
            replace(each, place=None if each.score.total is None else places[each.score.total])
            for each in standings
        ),
        ranked=len(totals),
        closed=kept,
    )


def by_today(month: Month, key: str, *, now: datetime) -> Score | None:
    """What a closed month's figures would be by the log of now, by the sheet that held then; None
    where they are the same."""
    kept = month.of(key)
    fresh = live(month.kind, month.district, month.month, month.held, at=now).of(key)
    if kept is None or fresh is None:
        return None
    same = [line.measured for line in fresh.score.lines] == [
        line.measured for line in kept.score.lines
    ]
    return None if same else unvetoed(fresh.score)
