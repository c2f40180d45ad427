"""From a point to its grid: the process's own tree against an indexed look-up in the database."""

from __future__ import annotations

import random
from time import perf_counter
from typing import Any

from huying.benchmarks.bed import Bed
from huying.benchmarks.figures import Options, at_most, figures
from huying.cli import say

GOAL = at_most(0.1)
POINTS = 20_000
ASKED = 3_000
"""Points of a round that the database is asked; it takes longer for each."""

SCALE = 10_000_000
"""Degrees are stored as whole 1e-7 degrees, where PostgreSQL's fuzz of 1e-6 does no harm."""


def run(bed: Bed, options: Options) -> dict[str, Any]:
    from django.db import connection

    from huying.places import locating

    bed.copy("locate")
    bed.enter("locate")
    locating.refresh()
    index = locating.index()
    points = sample(index)
    _make_table(index)
    connection.ensure_connection()
    server = connection.connection
    query = "SELECT min(code) FROM bench_grid WHERE outline @> point(%s, %s)"
    ours, other = [], []
    found: list[str | None] = []
    for turn in range(options.rounds):
        started = perf_counter()
        found = [locating.locate(lon, lat).grid_code for lon, lat in points]
        ours.append((perf_counter() - started) / len(points) * 1e6)
        started = perf_counter()
        for lon, lat in points[:ASKED]:
            server.execute(query, (lon * SCALE, lat * SCALE), prepare=True).fetchone()
        other.append((perf_counter() - started) / ASKED * 1e6)
        say(f"locate {turn + 1}/{options.rounds}: {ours[-1]:.1f} µs, database {other[-1]:.0f} µs")
    wrong = _wrong(index, points, found)
    bed.drop("locate")
    return figures(
        "locate", "µs", ours, other, GOAL, met=wrong == 0, points=len(points), wrong=wrong
    )


def sample(index: Any) -> list[tuple[float, float]]:
    """Points all over the district and around it, and a thousand corners of grids."""
    import shapely

    dice = random.Random(440113)  # noqa: S311 - the same points at every run
    west, south, east, north = shapely.total_bounds(index.outlines)
    points = [(dice.uniform(west, east), dice.uniform(south, north)) for _ in range(POINTS - 1000)]
    corners = shapely.get_coordinates(index.outlines)
    points += [tuple(corners[dice.randrange(len(corners))].tolist()) for _ in range(1000)]
    dice.shuffle(points)
    return points


def _make_table(index: Any) -> None:
    """The grids as PostgreSQL's own polygons, with a GiST index."""
    import shapely
    from django.db import connections

    rows = []
    for code, outline in zip(index.codes, index.outlines, strict=True):
        ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_parts(outline)[0]))
        rows.append((code, ",".join(f"({x * SCALE:.0f},{y * SCALE:.0f})" for x, y in ring[:-1])))
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE bench_grid (code varchar(15) PRIMARY KEY, outline polygon)")
        cursor.executemany("INSERT INTO bench_grid VALUES (%s, %s::polygon)", rows)
        cursor.execute("CREATE INDEX bench_grid_outline ON bench_grid USING gist (outline)")
        cursor.execute("ANALYZE bench_grid")


def _wrong(index: Any, points: list[tuple[float, float]], found: list[str | None]) -> int:
    """How many answers differ from looking at all grids one by one, the lowest code first.

    A grid whose box does not hold the point does not hold it either.
    """
    import shapely

    wrong = 0
    shapely.prepare(index.outlines)
    west, south, east, north = shapely.bounds(index.outlines).T
    for (lon, lat), answer in zip(points, found, strict=True):
        near = ((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)).nonzero()[0]
        hits = near[shapely.intersects_xy(index.outlines[near], lon, lat)]
        wrong += answer != (index.codes[hits[0]] if len(hits) else None)
    return wrong
