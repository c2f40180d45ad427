"""The list follows the register: who moved lies in another grid, who was merged is one person.

Whose record ended, who moved away or died, is the community's desk's to decide on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from huying.care.concerned import tell_gone
from huying.care.listing import close
from huying.care.models import CarePerson, CareStep, EndReason
from huying.care.steps import step_of
from huying.people.acting import SYSTEM


def follow(*, now: datetime) -> int:
    """Takes over what changed in the register; how many places on the list changed."""
    changed = Q(person__merged_into__isnull=False) | ~Q(area_code=F("person__area_code"))
    found = CarePerson.objects.standing().filter(changed).values_list("pk", flat=True)
    return sum(_follow(pk, now) for pk in list(found)) + _notice_gone(now)


@transaction.atomic
def _notice_gone(now: datetime) -> int:
    """Whose record has ended and is no other's: told of once each."""
    told = CareStep.objects.filter(care=OuterRef("pk"), verb="gone")
    gone = CarePerson.objects.standing().filter(
        ~Exists(told), person__valid_until__isnull=False, person__merged_into=None
    )
    rows = list(gone.select_for_update(of=("self",), skip_locked=True))
    for care in rows:
        step = step_of(care, "gone", by=SYSTEM, now=now)
        care.save(update_fields=["last_seq"])
        step.save(force_insert=True)
        tell_gone(care, now)
    return len(rows)


@transaction.atomic
def _follow(pk: UUID, now: datetime) -> bool:
    rows = CarePerson.objects.standing().select_for_update(of=("self",), skip_locked=True)
    care = rows.select_related("person__merged_into").filter(pk=pk).first()
    if care is None:
        return False
    person: Any = care.person
    while person.merged_into is not None:
        person = person.merged_into
    if person.pk != care.person_id:
        if CarePerson.objects.standing().filter(person=person).exists():
            close(care, EndReason.TWICE, by=SYSTEM, now=now)
            return True
        care.person = person
    care.area_code, care.district_code = person.area_code, person.district_code
    step = step_of(care, "follow", by=SYSTEM, now=now, area=care.area_code)
    care.version += 1
    care.save()
    step.save(force_insert=True)
    return True
