"""Which grid an entry lies in: derived from positions and addresses, anew when either moves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import connection, models, transaction

from huying.places import locating
from huying.places.freshness import versions
from huying.places.locating import GridIndex
from huying.registry.deriving import areas_of
from huying.surveys.models import SurveyEntry, SurveyFollowed, SurveyTarget

_SQL: Final = Path(__file__).resolve().parent.parent / "sql"
_STATEMENTS: Final = (_SQL / "survey_follow.sql").read_text("utf-8").split(";\n")
_CHUNK: Final = 5000


def follow(*, now: datetime) -> int:
    """What lies otherwise since outlines were drawn or buildings moved; how many rows moved."""
    moved = 0
    done = dict(SurveyFollowed.objects.values_list("district_code", "version"))
    changed = [(code, version) for code, version in versions() if done.get(code) != version]
    grids = locating.refreshed() if changed else None
    for district, version in changed:
        assert grids is not None
        with transaction.atomic():
            for model in (SurveyTarget, SurveyEntry):
                moved += _move(model, district, grids)
            SurveyFollowed.objects.update_or_create(
                district_code=district, defaults={"version": version}
            )
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement)
            moved += cursor.rowcount
    return moved


def _move(model: Any, district: str, grids: GridIndex) -> int:
    """What has a position of its own; the rest lies where its address lies."""
    rows: models.QuerySet[Any] = model._default_manager.filter(
        district_code=district, lon__isnull=False
    )
    moved = []
    for row in rows.only("pk", "lon", "lat", "area_code").order_by("pk").iterator(_CHUNK):
        (area,) = areas_of(grids, [(row.lon, row.lat, row.area_code[:12])])
        if area != row.area_code:
            row.area_code = area
            moved.append(row)
    model._default_manager.bulk_update(moved, ["area_code"], batch_size=_CHUNK)
    return len(moved)
