"""The demo's appeals and findings: what guards see in its own cases, what units object to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from huying.cases.models import Case, CaseEvent
from huying.errors import HuyingError
from huying.fairness import appealing, settling, watching
from huying.fairness.guards import Guard
from huying.fairness.models import Appeal, Unusual
from huying.people.acting import Actor, actor_on, posts_of
from huying.people.demo import SHOWN_TOWN
from huying.people.models import Account, Role
from huying.scenarios.demo_gaming import load_gaming

NIGHTS: Final = 7
WORDS: Final = (
    "当天暴雨，清理后又被上游冲来垃圾，核查时间正好在退水之前。",
    "现场需供电部门先断电，我单位当日已两次去函，附来函照片。",
    "同一处当天已由环卫另案清理，核查照片拍的是隔壁档口。",
)
SAYS: Final = ((True, True), (False, False), (True,))
"""What is said of each: granted, rejected, and one that waits for a second word."""


def load_fairness(now: datetime) -> tuple[int, int]:
    """Tells a story for each guard, looks through the last nights and appeals against a few checks;
    how many appeals and findings."""
    load_gaming(now)
    today = timezone.localdate(now)
    found = sum(
        watching.watch_day(today - timedelta(days=back), now=now) for back in range(NIGHTS, 0, -1)
    )
    several = reviewers()
    filed = 0
    failed = (
        CaseEvent.objects.filter(verb="check_fail", at__gt=now - timedelta(days=appealing.days()))
        .filter(case__area_code__startswith=SHOWN_TOWN)
        .order_by("-at", "case_id")
    )
    for case in dict.fromkeys(failed.values_list("case_id", flat=True)):
        if filed == len(SAYS):
            break
        appeal = _appeal(Case.objects.get(pk=case), WORDS[filed], now)
        if appeal is None:
            continue
        for says in SAYS[filed]:
            decides(appeal.pk, says, several, now)
        filed += 1
    if several:
        _decide_one(several[0], now)
    return filed, found


def decides(pk: UUID, says: bool, several: list[Actor], now: datetime) -> None:
    """The first of them whose word it may be; nobody, where it may be none's."""
    appeal = Appeal.objects.get(pk=pk)
    by = next((each for each in several if appealing.may_review(appeal, each)), None)
    if by is not None:
        words = "看过照片，情况属实。" if says else "照片时间对不上。"
        appealing.decide(pk, says, words=words, by=by, now=now, version=appeal.version)


def reviewers() -> list[Actor]:
    """Dispatchers and leaders of the town that is shown and of the district."""
    found = []
    for role, area in (
        (Role.DISPATCHER, SHOWN_TOWN),
        (Role.TOWN_LEADER, SHOWN_TOWN),
        (Role.DISTRICT_LEADER, SHOWN_TOWN[:6]),
        (Role.DISPATCHER, SHOWN_TOWN[:6]),
    ):
        of_role = Account.objects.filter(demo=True, posts__role=role, posts__area_code=area)
        for account in of_role.order_by("pk").distinct()[:2]:
            actor = _acting(account, role, area)
            if actor is not None:
                found.append(actor)
    return found


def _acting(account: Account, role: Role, area: str = "") -> Actor | None:
    posts = posts_of(account, timezone.localdate())
    there = (each for each in posts if each.role == role and each.area_code.startswith(area))
    post = next(there, None)
    return None if post is None else actor_on(post, posts)


def _appeal(case: Case, words: str, now: datetime) -> Appeal | None:
    """By somebody of the unit that handled it; None where nothing can be appealed against."""
    handler = case.handler
    if handler is None or not handler.demo:
        return None
    try:
        actor = _acting(handler, Role.HANDLER)
        if actor is None:
            return None
        held = [
            each for each in appealing.open_to(actor, case, now) if each.charge.code == "rework"
        ]
        if not held:
            return None
        return appealing.file(case.pk, "rework", held[0].line.seq, words=words, by=actor, now=now)
    except HuyingError:
        return None


def _decide_one(by: Actor, now: datetime) -> None:
    """One finding was looked at already, and is in order."""
    found = Unusual.objects.visible_to(by).filter(guard=Guard.SUSPENDED)
    first = found.order_by("day", "key").first()
    if first is not None:
        settling.decide(
            first.pk,
            False,
            words="已电话核实，须等供电部门停电后作业，挂账属实。",
            by=by,
            now=now,
            version=first.version,
        )
