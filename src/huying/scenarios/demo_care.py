"""The demo's care list: some of the demo's register, with a month of visits. All made up."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from huying.care import listing, visiting
from huying.care.due import Outcome, Way
from huying.care.listing import Told
from huying.care.models import CarePerson, CareStep, CareVisit, Consent
from huying.cases.attaching import files_of
from huying.cases.models import Attachment
from huying.clock.calendar import CIVIL_TZ
from huying.people.acting import Actor
from huying.people.demo import SHOWN_VILLAGE, SINCE
from huying.people.models import Account, Role
from huying.people.names import generated_name
from huying.registry.models import Person
from huying.scenarios.demo_cast import Cast
from huying.scenarios.demo_words import dice

SEED: Final = "huying"
DAYS: Final = 30
OLD: Final = 34
CHILDREN: Final = 5
OWN: Final = 6
"""So many of the first grid are the member's too."""
WORDS: Final = (
    *("精神不错，饭量正常。", "在楼下和邻居聊天。", "家里收拾得整齐。"),
    *("腿脚有点疼，走得慢。", ""),
)
NEEDS: Final = (
    ("doctor", "降压药快吃完了。"),
    ("repair", "厨房水龙头漏水。"),
    ("meals", "想订长者饭堂。"),
    ("papers", "高龄津贴要年审。"),
)


def load_care(now: datetime) -> int:
    """Puts people of the demo's village on the list, unless somebody is on it; how many."""
    if CarePerson.objects.exists():
        return 0
    cast = Cast(SINCE, dice(SEED, "care"))
    grids = cast.grids(SHOWN_VILLAGE)[:3]
    demo = Account.objects.filter(demo=True).values("pk")
    people = Person.objects.living().filter(area_code__in=grids, made_by__in=demo)
    this = timezone.localdate(now).year
    old = list(people.order_by("birth_year", "made_at", "pk").exclude(birth_year=None)[:OLD])
    young = people.filter(birth_year__gt=this - 17).order_by("made_at", "pk")[:CHILDREN]
    if not old:
        return 0  # a district of one's own
    chance, by = dice(SEED, "care"), cast.dispatcher(SHOWN_VILLAGE, dice(SEED, "care"))
    begun = now - timedelta(days=DAYS)
    told = [(each.pk, _old(number, chance)) for number, each in enumerate(old)]
    told += [(each.pk, _child(number)) for number, each in enumerate(young)]
    cares = listing.put_on_many(told, by=by, now=begun)
    _visit(cares, cast, now, chance)
    _give(cares, grids[0], by, now)
    return len(cares)


def _old(number: int, chance: random.Random) -> Told:
    kinds = ["alone"] if number % 3 else ["alone", "disabled"]
    kinds = ["frail"] if number % 7 == 6 else kinds
    level = 1 if number % 9 == 0 else 2 if number % 3 else 3
    return Told(
        kinds, level, chance.choice((Consent.SIGNED, Consent.SPOKEN)),
        look_at=["spirits", "food", chance.choice(("gas", "medicine", "house"))],
        health=chance.choice(("高血压，每天服药。", "糖尿病，行动慢。", "")),
        contact=generated_name(8000 + number), phone=f"1990000{8000 + number}",
    )  # fmt: skip


def _child(number: int) -> Told:
    kind = "child" if number % 2 else "left_behind"
    return Told([kind], 2, Consent.GUARDIAN, look_at=["spirits", "school"])


def _visit(cares: list[CarePerson], cast: Cast, now: datetime, chance: random.Random) -> None:
    """A month, day by day: most who are due are visited, some late, one or two not met."""
    for back in range(DAYS, -1, -1):
        day = timezone.localdate(now) - timedelta(days=back)
        for grid in sorted({care.area_code for care in cares}):
            worker = cast.worker(grid, chance)
            here = [care for care in cares if care.area_code == grid]
            due = CarePerson.objects.filter(pk__in=[care.pk for care in here], due_on__lte=day)
            at = datetime.combine(day, time(9), CIVIL_TZ)
            made = [
                _told(care, at + timedelta(minutes=7 * number), chance)
                for number, care in enumerate(due.order_by("pk"))
                if chance.randrange(100) < (80 if back else 40)
            ]
            made = [each for each in made if each.at is not None and each.at <= now]
            if made:
                last = max(each.at for each in made if each.at is not None)
                visiting.record_many(made, by=worker, now=min(now, last + timedelta(minutes=30)))


def _told(care: CarePerson, at: datetime, chance: random.Random) -> visiting.Told:
    named, roll = uuid.UUID(int=chance.getrandbits(128)), chance.randrange(100)
    if roll < 8:
        return visiting.Told(care.pk, named, Way.DOOR, Outcome.NOT_MET, at=at)
    if roll < 16:
        need, words = chance.choice(NEEDS)
        return visiting.Told(
            care.pk, named, Way.DOOR, Outcome.NEEDS, at=at, words=words, needs=[need]
        )
    way = Way.PHONE if roll > 85 else Way.DOOR
    return visiting.Told(care.pk, named, way, Outcome.WELL, at=at, words=chance.choice(WORDS))


def _give(cares: list[CarePerson], grid: str, by: Actor, now: datetime) -> None:
    """The demo's member takes part with some of the first grid."""
    member = Account.objects.filter(demo=True, posts__role=Role.MEMBER).order_by("pk").first()
    if member is None:
        return
    here = CarePerson.objects.filter(pk__in=[each.pk for each in cares], area_code=grid)
    for care in list(here.order_by("due_on", "pk")[:OWN]):
        listing.hand_over(care.pk, by=by, now=now, worker=None, member=member.pk)


def unload_care() -> None:
    """Takes away what the demo's people put on the list and visited, with photos."""
    mine = CarePerson.objects.using("owner").filter(made_by__demo=True)
    visits = CareVisit.objects.using("owner").filter(Q(account__demo=True) | Q(care__in=mine))
    photos = Attachment.objects.using("owner").filter(care_file__visit__in=visits)
    files = list(photos.values_list("pk", "kind"))
    with transaction.atomic(using="owner"):
        visits.delete()
        CareStep.objects.using("owner").filter(care__in=mine).delete()
        mine.delete()
        Attachment.objects.using("owner").filter(pk__in=[pk for pk, _kind in files]).delete()
    for attachment, kind in files:
        for path in files_of(attachment, kind):
            path.unlink(missing_ok=True)
