"""Draws a district's demo grids: a valid tiling of its outline (pure, deterministic).

Nobody has surveyed these cells. They exist so that a demo has grids of a plausible size in the
right number: each town lies around its known centre, each community within its town, each grid
within its community. How it is done:

1. The outline is filled with sample points; each belongs to the town whose centre is nearest.
2. A town's samples are shared out among its communities, a community's among its grids, by
   Lloyd's relaxation (k-means), which makes round cells of like size.
3. The cells' edges are one Voronoi diagram of all grids' seeds, cut by the outline in one planar
   arrangement. Neighbours therefore share the very same corner points: there can be no gap and
   no overlap between them.
4. Corners are rounded to `SCALE`-ths of a degree; where an edge meets the outline, to a hundredth
   of that side of the outline, which is a point that the outline truly passes through.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from huying.places.measure import metres_per_degree

# Corners are whole numbers of this part of a degree (about a millimetre).
SCALE = 100_000_000
_SAMPLE_STEP_M = 60.0
_ROUNDS = 30
_BAND_M = 900.0

Points = NDArray[np.float64]
Indexes = NDArray[np.intp]
Corner = tuple[int, int]


@dataclass(frozen=True)
class Town:
    """A town to be tiled: its code, centre in degrees and its communities' codes."""

    code: str
    lon: float
    lat: float
    communities: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One drawn grid: its code and its ring of corners, counter-clockwise, not closed,
    in whole `SCALE`-ths of a degree."""

    code: str
    ring: tuple[Corner, ...]

    def polygon(self) -> shapely.Polygon:
        """The cell in degrees."""
        return shapely.Polygon([(x / SCALE, y / SCALE) for x, y in self.ring])


def draw(
    outline: shapely.Polygon,
    towns: Sequence[Town],
    total: int,
    fixed: Mapping[str, int] | None = None,
) -> list[Cell]:
    """Split the outline into exactly ``total`` cells, sorted by code.

    ``fixed`` gives the number of cells of some towns; the others share the rest by area and by
    number of communities, half and half.

    Raises:
        ValueError: the numbers can't be met, or the outline is too fine for so many cells.
    """
    east_m, north_m = metres_per_degree(float(outline.centroid.y))
    scale = np.array([east_m, north_m])
    samples = _samples(outline, scale)
    centres = np.array([(town.lon, town.lat) for town in towns]) * scale
    town_of = _nearest(samples, centres)
    parts = [samples[town_of == index] for index in range(len(towns))]
    numbers = _numbers(parts, towns, total, fixed or {})

    seeds: list[Points] = []
    community_of: list[str] = []
    for town, part, number in zip(towns, parts, numbers, strict=True):
        for code, ground, count in _communities(town, part, number):
            found = _relax(ground, count)
            seeds.append(found)
            community_of += [code] * len(found)
    faces = _faces(outline, np.concatenate(seeds), np.array(community_of), scale)
    rings = _round(faces, outline)
    return _numbered(rings, community_of, scale)


def _samples(outline: shapely.Polygon, scale: Points) -> Points:
    """Points at an even step within the outline, in metres."""
    west, south, east, north = (float(side) for side in outline.bounds)
    lons = np.arange(west, east, _SAMPLE_STEP_M / scale[0])
    lats = np.arange(south, north, _SAMPLE_STEP_M / scale[1])
    grid = np.stack(np.meshgrid(lons, lats), axis=-1).reshape(-1, 2)
    shapely.prepare(outline)
    inside: NDArray[np.bool_] = shapely.contains_xy(outline, grid[:, 0], grid[:, 1])
    return grid[inside] * scale


def _nearest(points: Points, centres: Points) -> Indexes:
    """For each point the index of its nearest centre."""
    best = np.zeros(len(points), dtype=np.intp)
    least = np.full(len(points), np.inf)
    for index, centre in enumerate(centres):
        distance = ((points - centre) ** 2).sum(axis=1)
        closer = distance < least
        best[closer] = index
        least[closer] = distance[closer]
    return best


def _relax(points: Points, count: int) -> Points:
    """``count`` seeds spread evenly over the points (Lloyd's relaxation).

    Starts from the points furthest from each other, so that no chance is involved.
    """
    if count > len(points):
        raise ValueError(f"{count} cells do not fit on ground of {len(points)} samples")
    centres = np.empty((count, 2))
    centres[0] = points[np.argmin(((points - points.mean(axis=0)) ** 2).sum(axis=1))]
    distance = ((points - centres[0]) ** 2).sum(axis=1)
    for index in range(1, count):
        centres[index] = points[int(np.argmax(distance))]
        distance = np.minimum(distance, ((points - centres[index]) ** 2).sum(axis=1))
    for _ in range(_ROUNDS):
        nearest = _nearest(points, centres)
        size = np.bincount(nearest, minlength=count)
        for axis in (0, 1):
            total = np.bincount(nearest, weights=points[:, axis], minlength=count)
            centres[:, axis] = np.where(size > 0, total / np.maximum(size, 1), centres[:, axis])
    return centres


def _share(total: int, weights: Sequence[float], least: Sequence[int]) -> list[int]:
    """Split ``total`` by weight (largest remainders), each part at least its ``least``.

    Raises:
        ValueError: the least parts are more than the total.
    """
    if sum(least) > total:
        raise ValueError(f"{total} cells are fewer than the {sum(least)} needed")
    spare = total - sum(least)
    # What a part has beyond its least, by how far its fair share exceeds it.
    whole = sum(weights)
    wants = [max(0.0, total * w / whole - low) for w, low in zip(weights, least, strict=True)]
    wanted = sum(wants) or 1.0
    exact = [spare * want / wanted for want in wants]
    parts = [low + math.floor(more) for low, more in zip(least, exact, strict=True)]
    order = sorted(range(len(exact)), key=lambda i: (math.floor(exact[i]) - exact[i], i))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return parts


def _numbers(
    parts: Sequence[Points], towns: Sequence[Town], total: int, fixed: Mapping[str, int]
) -> list[int]:
    """How many cells each town has."""
    free = [index for index, town in enumerate(towns) if town.code not in fixed]
    area = sum(len(parts[index]) for index in free)
    communities = sum(len(towns[index].communities) for index in free)
    weights = [
        len(parts[index]) / area + len(towns[index].communities) / communities for index in free
    ]
    shared = _share(
        total - sum(fixed.values()), weights, [len(towns[index].communities) for index in free]
    )
    numbers = [fixed.get(town.code, 0) for town in towns]
    for index, number in zip(free, shared, strict=True):
        numbers[index] = number
    return numbers


def _communities(town: Town, ground: Points, number: int) -> list[tuple[str, Points, int]]:
    """A town's communities, each with its ground and its number of cells.

    Neighbouring codes (一村, 二村, …) get neighbouring ground as far as a winding path allows.
    """
    centres = _relax(ground, len(town.communities))
    centres = centres[_winding(centres)]
    nearest = _nearest(ground, centres)
    grounds = [ground[nearest == index] for index in range(len(centres))]
    counts = _share(number, [float(len(part)) for part in grounds], [1] * len(grounds))
    return list(zip(town.communities, grounds, counts, strict=True))


def _winding(points: Points) -> list[int]:
    """An order of the points from north to south in bands, to and fro."""
    top = float(points[:, 1].max())

    def place(index: int) -> tuple[int, float, int]:
        band = int((top - float(points[index, 1])) // _BAND_M)
        lon = float(points[index, 0])
        return band, lon if band % 2 == 0 else -lon, index

    return sorted(range(len(points)), key=place)


def _faces(
    outline: shapely.Polygon, seeds: Points, community_of: NDArray[Any], scale: Points
) -> list[shapely.Polygon]:
    """The seeds' Voronoi cells within the outline, one polygon a seed, in degrees.

    All edges are noded together, so that neighbours have the same corners to the last bit.
    """
    west, south, east, north = (float(side) for side in outline.bounds)
    frame = shapely.box(west - 1, south - 1, east + 1, north + 1)
    edges = shapely.voronoi_polygons(
        shapely.MultiPoint(seeds),
        extend_to=shapely.transform(frame, lambda points: points * scale),
        only_edges=True,
    )
    edges = shapely.transform(edges, lambda points: points / scale)
    lines = shapely.union_all([outline.exterior, edges])
    pieces = [
        piece
        for piece in shapely.polygonize([lines]).geoms
        if outline.contains(piece.representative_point())
    ]
    middles = np.array([piece.representative_point().coords[0] for piece in pieces]) * scale
    owner = _nearest(middles, seeds)

    # The outline is not convex: it can cut a cell in two. The larger piece stays the cell, the
    # rest goes to the neighbour it shares the longest edge with, one of its own community first.
    main: dict[int, int] = {}
    for index, seed in enumerate(owner.tolist()):
        if seed not in main or pieces[index].area > pieces[main[seed]].area:
            main[seed] = index
    if len(main) != len(seeds):
        raise ValueError("the outline is too fine: a cell has no ground of its own")
    grown = {seed: [pieces[index]] for seed, index in main.items()}
    rest = sorted(set(range(len(pieces))) - set(main.values()))
    for index in rest:
        piece, lost = pieces[index], community_of[owner[index]]

        def fit(seed: int, piece: Any = piece, lost: str = lost) -> tuple[bool, float]:
            shared = float(shapely.length(piece.boundary.intersection(grown[seed][0].boundary)))
            return shared > 0 and community_of[seed] == lost, shared

        best = max(grown, key=fit)
        if fit(best)[1] == 0:
            raise ValueError("a piece of the outline touches no cell")
        grown[best].append(piece)
    return [shapely.union_all(grown[seed]) for seed in range(len(seeds))]


def _round(faces: Sequence[shapely.Polygon], outline: shapely.Polygon) -> list[list[Corner]]:
    """Each face's ring of whole corners; the same corner becomes the same in every face."""
    corners = np.unique(np.concatenate([np.array(f.exterior.coords) for f in faces]), axis=0)
    ring = np.array(outline.exterior.coords)
    border = shapely.distance(outline.exterior, shapely.points(corners)) < 1e-10
    rounded: dict[tuple[float, float], Corner] = {}
    fine = SCALE // 1_000_000
    for (x, y), on_border in zip(corners.tolist(), border.tolist(), strict=True):
        if on_border:
            rounded[x, y] = _on_outline(np.array([x, y]), ring)
        else:
            rounded[x, y] = (round(x * 1_000_000) * fine, round(y * 1_000_000) * fine)
    rings = []
    for face in faces:
        points = [rounded[x, y] for x, y in shapely.normalize(face).exterior.coords[:-1]]
        points = [p for i, p in enumerate(points) if p != points[i - 1]]
        if len(face.interiors) or len(set(points)) != len(points) or len(points) < 3:
            raise ValueError("the outline is too fine: a cell vanished in rounding")
        if not shapely.LinearRing(points).is_ccw:
            points.reverse()
        rings.append(points)
    return rings


def _on_outline(point: Points, ring: Points) -> Corner:
    """The hundredth of a side of the outline that is nearest to a point on the outline."""
    start, along = ring[:-1], np.diff(ring, axis=0)
    part = ((point - start) * along).sum(axis=1) / (along**2).sum(axis=1)
    part = np.clip(part, 0.0, 1.0)
    off = ((start + along * part[:, None] - point) ** 2).sum(axis=1)
    side = int(np.argmin(off))
    hundredths = round(float(part[side]) * 100)
    x0, y0, x1, y1 = (round(float(value) * 1_000_000) for value in (*ring[side], *ring[side + 1]))
    return (
        x0 * 100 + (x1 - x0) * hundredths,
        y0 * 100 + (y1 - y0) * hundredths,
    )


def _numbered(
    rings: Sequence[list[Corner]], community_of: Sequence[str], scale: Points
) -> list[Cell]:
    """The cells with their 15-digit codes: serials run along a winding path in a community."""
    members: dict[str, list[int]] = defaultdict(list)
    for index, code in enumerate(community_of):
        members[code].append(index)
    cells = []
    for code, indexes in members.items():
        middles = np.array([np.mean(rings[index], axis=0) for index in indexes]) / SCALE * scale
        for serial, place in enumerate(_winding(middles), start=1):
            cells.append(Cell(f"{code}{serial:03d}", tuple(rings[indexes[place]])))
    return sorted(cells, key=lambda cell: cell.code)
