"""Who reads plans and evaluations, who keeps them, and who answers for a measure."""

from __future__ import annotations

from huying.duties.sight import applies, decides, is_district_office, may_read
from huying.measures.models import Measure
from huying.people.acting import Actor

__all__ = ["applies", "decides", "keeps", "may_read", "reports"]

keeps = is_district_office
"""The district's desk and leaders keep its plans."""


def reports(actor: Actor, measure: Measure) -> bool:
    """The units that are responsible say how it goes, and what was reached; the office may, too."""
    if keeps(actor) and actor.area_code == measure.district_code:
        return True
    return applies(actor) and actor.unit_id in (measure.unit_id, *measure.helpers)
