"""The demo's scores: both sides' ratings, a veto that is appealed against, a sheet in the making,
what is over closed."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from huying.assessment.scores import closing, publishing, rating, sheets, vetoing
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import (
    ClosedMonth,
    ClosedScore,
    ReportRating,
    ScoreSheet,
    ScoreVeto,
    ScoreVetoFile,
    UnitRating,
)
from huying.assessment.scores.rating import Stars
from huying.assessment.scores.subjects import first_of
from huying.cases.attaching import files_of
from huying.cases.models import Attachment, Case
from huying.dispatch.models import Order
from huying.fairness import appealing
from huying.people.acting import SYSTEM, Actor, actor_on
from huying.people.demo import SHOWN_TOWN, SHOWN_VILLAGE, SINCE
from huying.people.models import Account, Post, Role, Unit
from huying.scenarios import demo_fairness
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
MOST_REPORTS: Final = 60
GOOD: Final = "来得快，处理完会回头看。"
POOR: Final = ("催了三次才到现场。", "清理不彻底，第二天又堆起来。", "电话没人接，群众意见大。")
APPEAL: Final = "照片为当日补拍，附现场值守记录和原图，请复核。"
VETO: Final = "处置照片与三天前另一案件的照片相同，现场未处理，核查员到场确认。"


def load_scores(now: datetime) -> int:
    """Rates, proposes and closes, unless somebody has; how many ratings."""
    if UnitRating.objects.exists() or ReportRating.objects.exists():
        return 0
    cast, chance = Cast(SINCE, dice(SEED, "scores")), dice(SEED, "scores")
    made = _rate_units(cast, now, chance) + _rate_reports(cast, now, chance)
    _veto(cast, now, chance)
    _draft(now)
    district = SHOWN_TOWN[:6]
    for over in closing.due(district, now):
        if Case.objects.filter(reporter__demo=True, district_code=district).exists():
            closing.close(district, over, by=SYSTEM, now=now)
    return made


def _rate_units(cast: Cast, now: datetime, chance: random.Random) -> int:
    """The shown town and its villages say what they think of who worked for them this month."""
    month, made = first_of(timezone.localdate(now)), 0
    villages = sorted({grid[:12] for grid in cast.grids(SHOWN_TOWN)})
    for area in (SHOWN_TOWN, SHOWN_VILLAGE, *villages[:4]):
        by = cast.dispatcher(area, chance)
        for unit in list(rating.ratable(area, month))[:5]:
            if unit.pk in by.units:
                continue
            rating.rate_unit(unit.pk, month, _stars(unit, chance), by=by, now=now)
            made += 1
    return made


def _stars(unit: Unit, chance: random.Random) -> Stars:
    """Each unit has its ways: most are liked, one in four is not."""
    usual = 2 if unit.pk % 4 == 0 else 4
    given = [min(5, max(1, usual + chance.choice((-1, 0, 0, 1)))) for _each in range(3)]
    words = chance.choice(POOR) if min(given) <= 2 else GOOD if min(given) == 5 else ""
    speed, quality, manner = given
    return Stars(speed, quality, manner, words)


def _rate_reports(cast: Cast, now: datetime, chance: random.Random) -> int:
    """Units say of some of what they handled whether the report was right."""
    since = now - timedelta(days=30)
    orders = (
        Order.objects.filter(handled_at__gte=since, part=Order.Part.LEAD, case__reporter__demo=True)
        .select_related("case")
        .order_by("-handled_at", "pk")[:MOST_REPORTS]
    )
    made = 0
    for order in orders:
        by = cast.handler(order.unit_id, chance)
        if not rating.may_rate_report(by, order.case):
            continue
        right = [name for name, _words in rating.POINTS if chance.randrange(100) < 88]
        rating.rate_report(order.case, right=right, by=by, now=now)
        made += 1
    return made


def _veto(cast: Cast, now: datetime, chance: random.Random) -> None:
    """One in force, which its unit appeals against, and one to be decided, each of a unit of the
    shown town with a case of its."""
    by, month = cast.dispatcher(SHOWN_TOWN, chance), first_of(timezone.localdate(now))
    leader = _on_post(Role.TOWN_LEADER, SHOWN_TOWN)
    if leader is None:
        return
    units = [unit for unit in rating.ratable(SHOWN_TOWN, month) if unit.area_code == SHOWN_TOWN]
    for number, unit in enumerate(units[-2:]):
        case = (
            Case.objects.visible_to(by).filter(orders__unit=unit).order_by("-received_at").first()
        )
        if case is None:
            continue
        told = vetoing.Told(
            Kind.UNIT, str(unit.pk), month, "false_evidence", VETO, cases=[case.number]
        )
        veto = vetoing.propose(told, by=by, now=now)
        if number == 0:
            held = vetoing.decide(veto.pk, agree=True, answer="情况属实。", by=leader, now=now)
            _appeal(held, cast.handler(unit.pk, chance), now)


def _appeal(veto: ScoreVeto, by: Actor, now: datetime) -> None:
    """One reviewer has spoken, and another is waited for."""
    appeal = appealing.file_against(veto, words=APPEAL, by=by, now=now)
    demo_fairness.decides(appeal.pk, True, demo_fairness.reviewers(), now)


def _draft(now: datetime) -> None:
    """An administrator thinks about another weight for departments."""
    by = _on_post(Role.ADMINISTRATOR, SHOWN_TOWN[:6])
    if by is None or ScoreSheet.objects.exists():
        return
    row = publishing.begin(Kind.UNIT, by.area_code, by=by, now=now)
    body = sheets.as_data(sheets.defaults()[Kind.UNIT])
    body["others"] = "30"
    publishing.write(row.pk, body, by=by, now=now)
    publishing.propose(row.pk, by=by, now=now)


def _on_post(role: Role, area: str) -> Actor | None:
    post = (
        Post.objects.filter(role=role, area_code=area, account__demo=True, ends_on=None)
        .select_related("account")
        .order_by("pk")
        .first()
    )
    return None if post is None else actor_on(post, [post])


def unload_scores(using: str) -> None:
    """Takes away what the demo's people said, and closed months: they counted the demo's cases."""
    demo = Account.objects.using(using).filter(demo=True)
    numbers = list(demo.values_list("pk", flat=True))
    vetoes = ScoreVeto.objects.using(using).filter(
        Q(proposed_by__in=demo) | Q(decided_by__in=demo) | Q(lifted_by__in=demo)
    )
    photos = Attachment.objects.using(using).filter(
        Q(score_veto_file__veto__in=vetoes) | Q(appeal_photo__appeal__veto__in=vetoes)
    )
    files = list(photos.values_list("pk", "kind"))
    with transaction.atomic(using=using):
        ScoreVetoFile.objects.using(using).filter(veto__in=vetoes).delete()
        vetoes.delete()
        Attachment.objects.using(using).filter(pk__in=[pk for pk, _kind in files]).delete()
        UnitRating.objects.using(using).filter(rated_by__in=demo).delete()
        ReportRating.objects.using(using).filter(
            Q(rated_by__in=demo) | Q(reporter__in=demo)
        ).delete()
        ScoreSheet.objects.using(using).filter(
            Q(proposed_by__in=demo) | Q(approved_by__in=demo) | Q(edited_by__overlap=numbers)
        ).delete()
        ClosedScore.objects.using(using).all().delete()
        ClosedMonth.objects.using(using).all().delete()
    for attachment, kind in files:
        for path in files_of(attachment, kind):
            path.unlink(missing_ok=True)
