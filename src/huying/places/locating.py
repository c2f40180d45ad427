"""Where a point is: from a position in any datum to its grid.

All live grids are held in each process (`freshness`), in an R-tree of shapely; a lookup takes
some ten microseconds. The truth stays in the database.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import shapely
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput
from huying.places import naming
from huying.places.datum import Datum, to_wgs84
from huying.places.freshness import Fresh
from huying.places.measure import flat, metres_per_degree
from huying.places.models import CODE_LENGTH, Grid, Level

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""

CANDIDATES_MOST = 20
"""No more candidates than this are named, however poor a position is."""


class Outcome(StrEnum):
    """How certain it is where a point lies."""

    INSIDE = "inside"
    BORDER = "border"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Located:
    """A position, as it was given and where it is.

    Attributes:
        given_lon, given_lat, datum, accuracy_m: what came in, untouched (degrees, metres).
        lon, lat: the same position in CGCS2000 degrees.
        outcome: `inside` a grid; nearer to a `border` than the accuracy; `outside` of all grids.
        grid_code: the grid that holds the point; None where none does.
        candidates: at a border the codes of all grids within the accuracy, the nearest first
            (so the grid that holds the point comes first), at most `CANDIDATES_MOST`.
    """

    given_lon: float
    given_lat: float
    datum: Datum
    accuracy_m: float | None
    lon: float
    lat: float
    outcome: Outcome
    grid_code: str | None
    candidates: tuple[str, ...] = ()

    @property
    def community_code(self) -> str | None:
        """The community of the grid, 12 digits."""
        return self.grid_code and self.grid_code[:12]

    @property
    def town_code(self) -> str | None:
        """The town of the grid, 9 digits."""
        return self.grid_code and self.grid_code[:9]

    @property
    def district_code(self) -> str | None:
        """The district of the grid, 6 digits."""
        return self.grid_code and self.grid_code[:6]

    @property
    def community_name(self) -> str | None:
        """小龙村"""
        return naming.own_name(self.grid_code[:12]) if self.grid_code else None

    @property
    def town_name(self) -> str | None:
        """石碁镇"""
        return naming.own_name(self.grid_code[:9]) if self.grid_code else None

    @property
    def place_name(self) -> str | None:
        """番禺区 石碁镇 小龙村 第3网格"""
        return naming.names(self.grid_code) if self.grid_code else None


class Area(NamedTuple):
    """Where an area lies: its middle, weighed by the size of its grids, and the box around it."""

    lon: float
    lat: float
    west: float
    south: float
    east: float
    north: float


def _area(rows: Any) -> Area:
    x, y, size = rows[:, :3].sum(axis=0)
    west, south = rows[:, 3:5].min(axis=0)
    east, north = rows[:, 5:7].max(axis=0)
    return Area(*(float(each) for each in (x / size, y / size, west, south, east, north)))


class GridIndex:
    """All live grids of one moment. Never changes once made; a change makes a new one.

    Args:
        codes: the grids' codes, ascending.
        outlines: their polygons or multipolygons in CGCS2000 degrees.
    """

    def __init__(self, codes: list[str], outlines: Any) -> None:
        if sorted(codes) != codes:
            raise ValueError("codes must ascend: a shared border belongs to the lowest")
        self.codes = codes
        self.outlines = np.array(outlines, dtype=object)
        self._tree = shapely.STRtree(self.outlines)
        self._boxes: dict[str, Box] = {}

    def __len__(self) -> int:
        return len(self.codes)

    def box_of(self, area_code: str) -> Box | None:
        """The box around all grids of an area; None where there are none."""
        if area_code not in self._boxes:
            chosen = [n for n, code in enumerate(self.codes) if code.startswith(area_code)]
            if not chosen:
                return None
            west, south, east, north = shapely.total_bounds(self.outlines[chosen])
            self._boxes[area_code] = (float(west), float(south), float(east), float(north))
        return self._boxes[area_code]

    def at(self, lon: float, lat: float) -> str | None:
        """The grid that holds the point; on a shared border the one with the lowest code."""
        hits = self._tree.query(shapely.points([lon, lat]), predicate="intersects")
        if len(hits) == 0:
            return None
        code: str = self.codes[hits[0] if len(hits) == 1 else min(hits)]
        return code

    def near(self, lon: float, lat: float, metres: float) -> list[str]:
        """The grids nearer than ``metres`` to the point, the nearest first."""
        tree, outlines, scale = self._flat
        point = shapely.points([lon * scale[0], lat * scale[1]])
        hits = tree.query(point, predicate="dwithin", distance=metres)
        away = shapely.distance(outlines[hits], point)
        found = sorted(zip(away.tolist(), hits.tolist(), strict=True))
        return [self.codes[index] for distance, index in found if distance < metres]

    def border_m(self, code: str, lon: float, lat: float) -> float:
        """Metres from the point to the nearest border of a grid."""
        scale = self._flat[2]
        point = shapely.points([lon * scale[0], lat * scale[1]])
        return float(shapely.distance(self._borders[self._place[code]], point))

    def range_of(self, area: str) -> tuple[int, int]:
        """Where the grids of an area stand: of the first, and after the last."""
        after_all_digits = ":"
        return bisect_left(self.codes, area), bisect_left(self.codes, area + after_all_digits)

    def has(self, code: str) -> bool:
        """Whether a grid with this code is among them."""
        return code in self._place

    @cached_property
    def areas(self) -> dict[str, Area]:
        """Where every grid, community, town and district lies that has grids."""
        size = shapely.area(self.outlines)
        middle = shapely.centroid(self.outlines)
        rows = np.column_stack(
            [
                shapely.get_x(middle) * size,
                shapely.get_y(middle) * size,
                size,
                shapely.bounds(self.outlines),
            ]
        )
        parts: dict[str, list[Any]] = {}
        for code, row in zip(self.codes, rows, strict=True):
            for length in CODE_LENGTH.values():
                parts.setdefault(code[:length], []).append(row)
        return {code: _area(np.array(found)) for code, found in parts.items()}

    @cached_property
    def _place(self) -> dict[str, int]:
        return {code: index for index, code in enumerate(self.codes)}

    @cached_property
    def _borders(self) -> Any:
        borders = shapely.boundary(self._flat[1])
        shapely.prepare(borders)
        return borders

    @cached_property
    def _flat(self) -> tuple[shapely.STRtree, Any, tuple[float, float]]:
        lat = 0.0
        if self.codes:
            _west, south, _east, north = shapely.total_bounds(self.outlines)
            lat = float(south + north) / 2
        outlines = flat(self.outlines, lat)
        return shapely.STRtree(outlines), outlines, metres_per_degree(lat)


def load_index(using: str = "default") -> GridIndex:
    """Read all live grids from the database."""
    rows = list(
        Grid.objects.using(using)
        .live()
        .order_by("code")
        .values_list("code", Cast("outline", TextField()))
    )
    # The database's collation is not to decide which of two neighbours a border belongs to.
    rows.sort()
    return GridIndex([row[0] for row in rows], shapely.from_geojson([row[1] for row in rows]))


_index: Fresh[GridIndex] = Fresh(load_index)


def index() -> GridIndex:
    """All live grids, at most about a second old."""
    return _index.get()


def refresh() -> None:
    """Look at the database now rather than within a second."""
    _index.refresh()
    naming.refresh()


def refreshed() -> GridIndex:
    """All live grids as the database has them now."""
    return _index.refresh()


def forget() -> None:
    """Hold nothing of the database that was used until now."""
    _index.forget()
    naming.forget()


def is_live(code: str) -> bool:
    """Whether reports may be of this place: a division, or a grid that is not voided."""
    if len(code) == CODE_LENGTH[Level.GRID]:
        return _index.get().has(code)
    return naming.is_place(code)


def locate(
    lon: float,
    lat: float,
    datum: Datum | str = Datum.WGS84,
    accuracy_m: float | None = None,
) -> Located:
    """Find the grid of a position.

    Args:
        lon, lat: degrees in ``datum``.
        accuracy_m: the radius in metres that the position is good to, where it is known. A
            point nearer to a border than this comes back as `border`, with its candidates; so
            does a point outside of the district that is nearer to it than this.

    Raises:
        BadInput: a value is missing, no number, out of range, or the two look swapped; or the
            datum is unknown.
    """
    given_lon, given_lat = _degrees(lon, lat)
    if not isinstance(datum, Datum):
        datum = _datum(datum)
    if accuracy_m is not None:
        accuracy_m = _number(accuracy_m, "accuracy_m")
        if accuracy_m < 0:
            raise BadInput(_("An accuracy is not negative."), field="accuracy_m")
    lon, lat = to_wgs84(given_lon, given_lat, datum)

    grids = _index.get()
    code = grids.at(lon, lat)
    outcome = Outcome.OUTSIDE if code is None else Outcome.INSIDE
    candidates: tuple[str, ...] = ()
    if accuracy_m and (code is None or grids.border_m(code, lon, lat) < accuracy_m):
        # Who is farther than this from the own grid's border is farther from any other grid.
        near = grids.near(lon, lat, accuracy_m)
        if code is not None:
            near = [code, *(other for other in near if other != code)]
        if near:
            outcome, candidates = Outcome.BORDER, tuple(near[:CANDIDATES_MOST])
    return Located(given_lon, given_lat, datum, accuracy_m, lon, lat, outcome, code, candidates)


def _datum(word: str) -> Datum:
    try:
        return Datum.of(word)
    except (ValueError, AttributeError):
        raise BadInput(
            _("The datum is unknown; known are wgs84 (cgcs2000), gcj02 and bd09."), field="datum"
        ) from None


def _degrees(lon: float, lat: float) -> tuple[float, float]:
    lon, lat = _number(lon, "lon"), _number(lat, "lat")
    if abs(lat) > 90 or abs(lon) > 180:
        # Where the two are swapped, latitude holds a longitude of China.
        if abs(lon) <= 90 and 90 < abs(lat) <= 180:
            raise BadInput(
                format_lazy(
                    _(
                        "A latitude of {lat} cannot be; longitude and latitude look swapped: "
                        "did you mean longitude {lat}, latitude {lon}?"
                    ),
                    lon=lon,
                    lat=lat,
                ),
                field="lat",
            )
        if abs(lon) > 180:
            raise BadInput(_("A longitude lies between -180 and 180 degrees."), field="lon")
        raise BadInput(_("A latitude lies between -90 and 90 degrees."), field="lat")
    return lon, lat


def _number(value: Any, field: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or isinstance(value, bool):
        raise BadInput(
            format_lazy(_("The value of {field} is not a number."), field=field), field=field
        )
    return number
