"""The residents' own door: one report for one form that was sent, and a code to follow it by."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from huying.audit.sm3 import sm3
from huying.cases.models import Case
from huying.cases.reporting import Key
from huying.intake.reporting import Told, take
from huying.people.acting import RESIDENT
from huying.response.hearing import make_link


def take_from_resident(told: Told, *, form: str, now: datetime) -> tuple[Case, str]:
    """The case of a report, and the code to follow it by.

    ``form`` is the number of the form that was filled in: sent twice, it makes one case and gives
    the same code. Photos are not compared, since each sending keeps them anew.

    Raises:
        KeyReused: the form was sent before with other words.
        Missing, BadInput, WrongAnswers: as `take`.
    """
    said = [
        told.text,
        told.item,
        told.address,
        told.area,
        told.lon,
        told.lat,
        told.contact_name,
        told.contact_phone,
    ]
    digest = sm3(json.dumps(said, ensure_ascii=False).encode())
    with transaction.atomic():
        case = take(told, by=RESIDENT, now=now, key=Key("resident", form, digest))
        return case, make_link(case, now)
