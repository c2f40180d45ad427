"""Loads the carried divisions and, for the demo, the drawn grids."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from huying.places import drawn, freshness
from huying.places.measure import area_m2
from huying.places.models import Division, Grid, GridChange
from huying.places.tiling import SCALE, Cell


def load_divisions(using: str = "default") -> int:
    """Load the carried divisions that are missing; gives how many came in.

    What is there already stays as it is, also where somebody has changed it.
    """
    rows = drawn.divisions()
    table = Division.objects.using(using)
    with transaction.atomic(using=using):
        present = set(table.values_list("code", flat=True))
        missing = [row for row in rows if row.code not in present]
        if missing:
            table.bulk_create(
                [
                    Division(
                        code=row.code,
                        level=row.level,
                        name=row.name,
                        short_name=row.short_name,
                        # The city above the district is no division of ours.
                        parent_id=row.parent_code if row.level != "district" else None,
                        lon=row.lon,
                        lat=row.lat,
                    )
                    for row in missing
                ],
                ignore_conflicts=True,
            )
            freshness.raise_versions({row.code[:6] for row in missing}, using=using)
    return len(missing)


def load_demo_grids(now: datetime, using: str = "default") -> int:
    """Load the drawn grids of the carried district; gives how many came in.

    Does nothing where the district has grids already, drawn or real, in force or voided.
    """
    district = drawn.outline_code()
    with transaction.atomic(using=using):
        freshness.lock([district], using=using)
        if Grid.objects.using(using).within(district).exists():
            return 0
        cells = drawn.cells()
        names = drawn.names(cells)
        grids = [
            Grid(
                code=cell.code,
                community_id=cell.code[:12],
                name=names[cell.code],
                outline=_outline(cell),
                area_m2=round(area_m2(cell.polygon()), 1),
                generated=True,
                changed_at=now,
            )
            for cell in cells
        ]
        Grid.objects.using(using).bulk_create(grids, batch_size=500)
        GridChange.objects.using(using).bulk_create(
            [
                GridChange(grid_id=cell.code, at=now, kind="created", reason="generated")
                for cell in cells
            ],
            batch_size=1000,
        )
        freshness.raise_versions([district], using=using)
    return len(grids)


def _outline(cell: Cell) -> dict[str, Any]:
    ring = [[x / SCALE, y / SCALE] for x, y in (*cell.ring, cell.ring[0])]
    return {"type": "Polygon", "coordinates": [ring]}
