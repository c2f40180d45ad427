"""Gathers the cases of each town into topics, as reports come in.

A town is gathered anew only when something was reported there since. Topics that stand keep their
members; what a person has put apart stays apart, and what a person has dismissed goes on taking up
reports of its kind without being shown, so that it does not come back under another number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case, CaseContact, Channel
from huying.cases.states import State
from huying.catalogue.versions import snapshot
from huying.dispatch.duplicates import descriptions
from huying.notices.kinds import Group, kind
from huying.notices.telling import Whom, tell
from huying.places.models import CODE_LENGTH, Level
from huying.topics.gathering import Cluster, gather
from huying.topics.heat import heat
from huying.topics.models import Topic, TopicBuilt, TopicMember
from huying.topics.reading import Report

WINDOW: Final = timedelta(days=60)
"""Reports that are gathered. Members of a topic that stands are read however old they are."""
MOST: Final = 8000
"""Reports of a town that are gathered at once, the newest."""
COOLS: Final = timedelta(days=21)
"""How long after its last report a topic's heat is worked out anew every time."""
TOWN: Final = CODE_LENGTH[Level.TOWN]
READ: Final = (
    "area_code", "address", "lon", "lat", "item_code", "suggested_item", "channel", "reporter",
    "occurred_at", "received_at",
)  # fmt: skip
"""What is read of a case."""

FOUND = kind(
    "topic_found",
    _("Many report one problem"),
    _("{people} people report one problem: {item}. Please look whether one case can handle it."),
    group=Group.DESK,
)
GREW = kind(
    "topic_grew",
    _("More reports of a problem that is being handled"),
    _("{new} new reports belong to the topic with case …{serial}; they can be merged into it."),
    group=Group.DESK,
)


def build(*, now: datetime) -> int:
    """The worker's turn: gathers where something came in; how many topics are new."""
    seen = dict(TopicBuilt.objects.values_list("area_code", "seen_until"))
    newest = (
        Case.objects.filter(received_at__gt=now - WINDOW, received_at__lte=now)
        .annotate(town=Left("area_code", TOWN))
        .values_list("town")
        .annotate(last=Max("received_at"))
    )
    made = 0
    for town, last in newest:
        if town not in seen or last > seen[town]:
            new, whole = _build_in(town, now)
            made += new
            if whole:  # Else what a desk changed meanwhile is gathered the next time.
                TopicBuilt.objects.update_or_create(area_code=town, defaults={"seen_until": last})
    cool(now)
    return made


def cool(now: datetime) -> None:
    """Heat falls when nothing more comes in."""
    warm = Topic.objects.filter(state=Topic.State.OPEN, last_at__gt=now - COOLS)
    for key in _changed(list(warm), now):
        # A desk that dismisses or joins it meanwhile must not be written over.
        with transaction.atomic():
            topic = warm.select_for_update(of=("self",)).filter(pk=key).first()
            if topic is not None:
                describe(topic, now)


def _changed(topics: Sequence[Topic], now: datetime) -> list[UUID]:
    """Those whose figures are others by now; most stay the same from one turn to the next."""
    members = TopicMember.objects.filter(
        topic__any_of=[topic.pk for topic in topics], removed_at=None
    )
    topic_of = dict(members.values_list("case_id", "topic_id"))
    cases = list(Case.objects.only(*READ).filter(pk__any_of=list(topic_of)))
    people = people_of(cases)
    belong: dict[UUID, list[Case]] = defaultdict(list)
    for case in cases:
        belong[topic_of[case.pk]].append(case)
    return [
        topic.pk
        for topic in topics
        if any(
            getattr(topic, name) != value
            for name, value in _figures(belong[topic.pk], people, now).items()
        )
    ]


def _build_in(town: str, now: datetime) -> tuple[int, bool]:
    """Gathers a town's cases; those of no town (messages without a place) are a group of their own.

    The cases lie in the town, or nowhere but in the district. Comparing them takes seconds in a
    busy town: nothing is held locked meanwhile, for the figures follow no further than the oldest
    transaction that writes. Each topic is then written by itself, if it still is what was read.

    Returns:
        How many topics are new, and whether all that was found could be written.
    """
    topics = Topic.objects.exclude(state=Topic.State.JOINED).filter(
        area_code__startswith=town, district_code=town[:6]
    )
    keys = [pk for pk, area in topics.values_list("pk", "area_code") if _is_of(area, town)]
    members = TopicMember.objects.filter(topic__in=keys)
    earlier: dict[str, list[str]] = {str(key): [] for key in keys}
    for topic, case in members.filter(removed_at=None).values_list("topic_id", "case_id"):
        earlier[str(topic)].append(str(case))
    apart = [
        (str(case), str(topic))
        for topic, case in members.exclude(removed_at=None).values_list("topic_id", "case_id")
    ]
    kept = [UUID(case) for cases in earlier.values() for case in cases]
    there = {key: cases for key, cases in earlier.items() if cases}
    found = gather(reports_of(_cases(town, kept, now)), earlier=there, apart=apart)
    made, whole = 0, True
    for cluster in found:
        done = False
        # Where somebody has put one of the cases into another topic meanwhile, a constraint of
        # the members says so: a question beforehand would leave a gap until they are written.
        with suppress(IntegrityError), transaction.atomic():
            if cluster.key:
                done = _goes_on(cluster, set(earlier[cluster.key]), now)
            else:
                _make(cluster, town[:6], now)
                done = True
        made += done and not cluster.key
        whole = whole and done
    return made, whole


def _is_of(area: str, town: str) -> bool:
    return len(town) == TOWN or area == town


def _cases(town: str, kept: Sequence[UUID], now: datetime) -> list[Case]:
    there = Case.objects.filter(parent=None).exclude(
        state__in=(str(State.DECLINED), str(State.WITHDRAWN))
    )
    place = {"area_code": town} if len(town) < TOWN else {"area_code__startswith": town}
    window = there.filter(received_at__gt=now - WINDOW, received_at__lte=now, **place)
    # A case of another town's topic (it was pinned elsewhere since) stays with that.
    elsewhere = TopicMember.objects.filter(removed_at=None).exclude(case__in=kept)
    window = window.exclude(pk__in=elsewhere.values("case"))
    found = {case.pk: case for case in window.only(*READ).order_by("-received_at")[:MOST]}
    found |= {case.pk: case for case in Case.objects.only(*READ).filter(pk__any_of=kept)}
    return sorted(found.values(), key=lambda case: (case.received_at, case.pk))


def reports_of(cases: Sequence[Case]) -> list[Report]:
    """What is compared of cases. A reporter is told apart by the phone's keyed hash alone."""
    ids = [case.pk for case in cases]
    texts = descriptions(ids)
    people = people_of(cases)
    return [
        Report(
            id=str(case.pk),
            at=case.occurred_at or case.received_at,
            text=texts[case.pk],
            person=people.get(case.pk, ""),
            item=case.item_code or case.suggested_item,
            lon=case.lon,
            lat=case.lat,
            address=case.address,
        )
        for case in cases
        if texts.get(case.pk)
    ]


def people_of(cases: Iterable[Case]) -> dict[UUID, str]:
    """Who reported which case, as far as anybody can tell: a number, or an account on patrol."""
    known = {
        case.pk: f"account:{case.reporter_id}"
        for case in cases
        if case.channel == Channel.PATROL and case.reporter_id is not None
    }
    contacts = CaseContact.objects.filter(
        case__any_of=[case.pk for case in cases], party=False, phone_index__isnull=False
    )
    for case, index in contacts.values_list("case_id", "phone_index"):
        assert index is not None
        known[case] = f"phone:{bytes(index).hex()}"
    return known


def _make(cluster: Cluster, district: str, now: datetime) -> None:
    """A new topic.

    Raises:
        IntegrityError: one of its cases is in another by now.
    """
    cases = [UUID(each.id) for each in cluster.members]
    topic = Topic(district_code=district, area_code=district, made_at=now)
    _take_in(topic, cluster, cases, now)
    holders = Case.objects.filter(pk__in=cases).values_list("holder_code", flat=True)
    tell(
        FOUND,
        Whom(desks=tuple(sorted(set(holders)))),
        key=f"topic:{topic.pk}",
        district_code=district,
        now=now,
        path=f"/desk/topics/{topic.pk}",
        data={"people": topic.people, "item": item_of(cluster.members, now)},
    )


def _goes_on(cluster: Cluster, before: set[str], now: datetime) -> bool:
    """A topic that stands takes in what is new; not if its members changed meanwhile.

    Raises:
        IntegrityError: one of the cases is in another by now, or was taken out of this one.
    """
    new = [UUID(each.id) for each in cluster.members if each.id not in before]
    if not new:
        return True
    topic = (
        Topic.objects.select_for_update(of=("self",))
        .exclude(state=Topic.State.JOINED)
        .filter(pk=cluster.key)
        .first()
    )
    if topic is None:
        return False
    members = TopicMember.objects.filter(topic=topic)
    present = set(members.filter(removed_at=None).values_list("case_id", flat=True))
    if present != {UUID(each) for each in before}:
        return False
    _take_in(topic, cluster, new, now)
    if topic.state == Topic.State.OPEN and topic.case is not None and topic.case.is_open:
        tell(
            GREW,
            Whom(desks=(topic.case.holder_code,)),
            key=f"topic:{topic.pk}:{topic.reports}",
            district_code=topic.district_code,
            now=now,
            path=f"/desk/topics/{topic.pk}",
            data={"new": len(new), "serial": topic.case.number[-8:]},
        )
    return True


def _take_in(topic: Topic, cluster: Cluster, cases: Sequence[UUID], now: datetime) -> None:
    TopicMember.objects.bulk_create(
        TopicMember(topic=topic, case_id=case, added_at=now) for case in cases
    )
    topic.title = (cluster.title or item_of(cluster.members, now))[:120]
    topic.names = [list(each) for each in cluster.names]
    topic.words = [list(each) for each in cluster.words]
    topic.likeness = cluster.alike
    describe(topic, now)


def item_of(members: Sequence[Report], now: datetime) -> str:
    """The name of the item that most members have."""
    codes = [each.item for each in members if each.item]
    if not codes:
        return str(_("not classified yet"))
    code = max(sorted(set(codes)), key=codes.count)
    item = snapshot(now).get(code)
    return item.name if item is not None else code


def describe(topic: Topic, now: datetime) -> None:
    """Works out anew how hot a topic is, and where it lies."""
    members = TopicMember.objects.filter(topic=topic, removed_at=None)
    cases = list(Case.objects.only(*READ).filter(pk__in=members.values("case")))
    for name, value in _figures(cases, people_of(cases), now).items():
        setattr(topic, name, value)
    topic.save()


def _figures(cases: Sequence[Case], people: Mapping[UUID, str], now: datetime) -> dict[str, Any]:
    """What a topic says of its cases, by its fields."""
    if not cases:
        return dict.fromkeys(("heat", "reports", "people", "week", "week_before", "days"), 0)
    members = [
        Report(str(c.pk), c.occurred_at or c.received_at, "", people.get(c.pk, "")) for c in cases
    ]
    found = heat(members, now)
    return {
        "heat": found.value,
        "reports": found.reports,
        "people": found.people,
        "week": found.week,
        "week_before": found.before,
        "days": found.days,
        "first_at": min(each.at for each in members),
        "last_at": max(each.at for each in members),
        "area_code": _common([case.area_code[:12] for case in cases]),
    }


def _common(codes: Sequence[str]) -> str:
    """The smallest division that holds all of these."""
    return next(codes[0][:n] for n in (12, 9, 6) if len({code[:n] for code in codes}) == 1)
