"""What the walk through events asks the database for: the versions of the catalogue's items."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from huying.assessment.standing import Stated, Versions
from huying.catalogue.limits import limits_of
from huying.catalogue.models import ItemVersion
from huying.clock.stages import StageLimits


def versions() -> Versions:
    """All versions of all items, read by one question: some hundreds of rows at most.

    The function made raises KeyError for an item or version that was never there.
    """
    by_number: dict[tuple[str, int], Stated] = {}
    by_time: dict[str, list[tuple[datetime, Stated]]] = defaultdict(list)
    for each in ItemVersion.objects.order_by("item_id", "valid_from", "version"):
        stated = Stated(
            each.kind,
            usual=StageLimits.from_catalogue(**limits_of(each)),
            urgent=StageLimits.from_catalogue(**limits_of(each, emergency=True)),
        )
        by_number[each.item_id, each.version] = stated
        by_time[each.item_id].append((each.valid_from, stated))

    def find(item: str, version: int | None, at: datetime) -> Stated:
        if version is not None:
            return by_number[item, version]
        held = [stated for since, stated in by_time[item] if since <= at]
        if not held:
            raise KeyError(item)
        return held[-1]

    return find
