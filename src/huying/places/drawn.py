"""The demo's cells as package data: 2,025 grids that a program drew and nobody surveyed (pure).

`data/grids.json.gz` holds what `tiling.draw` makes of the carried outline and divisions, so that
loading the demo needs no drawing. Each corner is written once and named by its number:

    {"scale": 100000000, "corners": [[lon, lat], …], "grids": {"440113007003001": [0, 1, 2], …}}

with corners in whole parts of a degree, each but the first as the difference to the one before.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from itertools import accumulate
from typing import NamedTuple

import shapely

from huying.places import tiling
from huying.places.tiling import Cell, Corner, Town

GRIDS_TOTAL = 2025
"""Base grids of the district, as published (2019)."""

GRIDS_FIXED = {"440113120": 100}
"""Grids of Shiqi town, as published (2019)."""

_DATA = resources.files("huying") / "data"


class DivisionRow(NamedTuple):
    """One line of the carried list of divisions."""

    code: str
    level: str
    name: str
    parent_code: str
    lon: float | None
    lat: float | None

    @property
    def short_name(self) -> str:
        """What people say: the name without the word for its committee."""
        return short_name(self.name)


def short_name(name: str) -> str:
    """A community's name without its committee.

    德兴社区居民委员会 → 德兴社区, 小龙村民委员会 → 小龙村, 御院社区居委会 → 御院社区.
    Names of towns, and of places that have no committee, stay as they are.
    """
    for ending, kept in (
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("居民委员会", "社区"),
        ("居委会", "社区"),
        ("村民委员会", "村"),
        ("村委会", "村"),
    ):
        if name.endswith(ending) and name != ending:
            return name.removesuffix(ending).removesuffix(kept) + kept
    return name


@cache
def divisions() -> tuple[DivisionRow, ...]:
    """The carried divisions, each parent before its children."""
    text = (_DATA / "divisions.csv").read_text(encoding="utf-8-sig")
    rows = [
        DivisionRow(
            row["code"],
            row["level"],
            row["name"],
            row["parent_code"],
            float(row["approx_lon"]) if row["approx_lon"] else None,
            float(row["approx_lat"]) if row["approx_lat"] else None,
        )
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(rows, key=lambda row: (len(row.code), row.code)))


@cache
def outline() -> shapely.Polygon:
    """The carried outline of the district, in degrees, good to about 100 m."""
    collection = json.loads((_DATA / "boundary.geojson").read_text(encoding="utf-8"))
    return shapely.from_geojson(json.dumps(collection["features"][0]["geometry"]))


def outline_code() -> str:
    """The code of the district whose outline is carried."""
    return next(row.code for row in divisions() if row.level == "district")


def towns() -> tuple[Town, ...]:
    """The carried towns with their centres and communities."""
    children: dict[str, list[str]] = {}
    for row in divisions():
        children.setdefault(row.parent_code, []).append(row.code)
    return tuple(
        Town(row.code, row.lon or 0.0, row.lat or 0.0, tuple(children.get(row.code, ())))
        for row in divisions()
        if row.level == "town"
    )


def draw() -> list[Cell]:
    """Draw the cells anew (about three seconds); the same as `cells`, which only reads them."""
    return tiling.draw(outline(), towns(), GRIDS_TOTAL, GRIDS_FIXED)


def cells() -> list[Cell]:
    """The carried cells, sorted by code."""
    return unpack((_DATA / "grids.json.gz").read_bytes())


def names(drawn: Iterable[Cell]) -> Mapping[str, str]:
    """The cells' names by code: <community>第N网格."""
    short = {row.code: row.short_name for row in divisions()}
    return {cell.code: grid_name(short[cell.code[:12]], cell.code) for cell in drawn}


def grid_name(community: str, code: str) -> str:
    """What a grid without a name of its own is called: 小龙村第3网格."""
    return f"{community}第{int(code[12:])}网格"


def pack(drawn: Iterable[Cell]) -> bytes:
    """Cells as the bytes of the package's data file."""
    number: dict[Corner, int] = {}
    grids = {
        cell.code: [number.setdefault(corner, len(number)) for corner in cell.ring]
        for cell in drawn
    }
    steps, last = [], (0, 0)
    for corner in number:
        steps.append([corner[0] - last[0], corner[1] - last[1]])
        last = corner
    body = {"scale": tiling.SCALE, "corners": steps, "grids": grids}
    return gzip.compress(json.dumps(body, separators=(",", ":")).encode(), 9, mtime=0)


def unpack(packed: bytes) -> list[Cell]:
    """The cells that `pack` wrote."""
    body = json.loads(gzip.decompress(packed))
    if body["scale"] != tiling.SCALE:
        raise ValueError(f"cells in parts of 1/{body['scale']} of a degree cannot be read")
    lons = accumulate(step[0] for step in body["corners"])
    lats = accumulate(step[1] for step in body["corners"])
    corners = list(zip(lons, lats, strict=True))
    return [Cell(code, tuple(corners[n] for n in ring)) for code, ring in body["grids"].items()]
