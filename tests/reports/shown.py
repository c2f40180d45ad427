"""A report made of whatever a test's world has been through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from huying.reports import making
from huying.reports.models import MadeReport

if TYPE_CHECKING:
    from tests.desk.world import World


def with_report(world: World) -> MadeReport:
    """The present month of 石碁镇, as its dispatcher asked for it."""
    now = timezone.now()
    asked = making.ask(
        "440113120", "monthly", timezone.localdate(now), by=world.actor("dispatcher"), now=now
    )
    making.make_report(str(asked.pk))
    return MadeReport.objects.get(pk=asked.pk)
