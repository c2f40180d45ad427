"""The registers that every district begins with: drainage users, pollution sources, sheds."""

from __future__ import annotations

import json
import uuid
from importlib.resources import files
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from huying.forms import versions
from huying.people.acting import SYSTEM
from huying.places.models import Division, Level
from huying.surveys.models import Kind, State, Survey, SurveyArea

_NAMES: Final = uuid.UUID("6e0a6a0e-4a51-5d43-9d0c-2f6a4f6f5b11")


def register_id(district: str, key: str) -> uuid.UUID:
    """The id of one of them: the same wherever it is loaded, so that none is loaded twice."""
    return uuid.uuid5(_NAMES, f"{district}:{key}")


def load_registers() -> int:
    """Opens those that were never there, for each district; how many. Later they are edited."""
    told = json.loads((files("huying") / "data" / "survey_registers.json").read_text("utf-8"))
    districts = list(Division.objects.filter(level=Level.DISTRICT).values_list("code", flat=True))
    return sum(_load(district, each) for district in districts for each in told)


@transaction.atomic
def _load(district: str, told: dict[str, Any]) -> int:
    pk, now = register_id(district, told["key"]), timezone.now()
    if Survey.objects.filter(pk=pk).exists():
        return 0
    survey = Survey.objects.create(
        id=pk,
        district_code=district,
        area_code=district,
        kind=Kind.REGISTER,
        title=told["title"],
        why=told["why"],
        state=State.OPEN,
        sample_percent=told["sample_percent"],
        stale_days=told["stale_days"],
        made_at=now,
        opened_at=now,
    )
    SurveyArea.objects.create(survey=survey, code=district)
    versions.write(survey.owner, {"questions": told["questions"]}, by=SYSTEM, now=now)
    versions.publish(survey.owner, by=SYSTEM, now=now)
    return 1
