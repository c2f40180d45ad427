"""The three datums that positions in China come in, and the way between them (pure).

* ``WGS84`` is what satellites and phones' raw positions give. CGCS2000 (GB 22021-2008), the
  national datum, differs from it by centimetres; here the two are the same thing.
* ``GCJ02`` is the offset datum of public maps in China (Amap, Tencent).
* ``BD09`` is Baidu's, a second offset on top of GCJ-02.

The offsets are smooth and small (up to about 700 m), so that ``offset(x) = y`` is solved by
repeating ``x = y - shift(x)``; each round shrinks the error at least thirtyfold. A round trip is
true to less than a thousandth of a millimetre.

Outside of China's bounding box no offset is applied and a position comes back unchanged.

All functions take two floats, or two numpy arrays of one shape, and give the like.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

import numpy as np

# A coordinate: one float, or a float64 array. Both coordinates of a call are of one kind.
Number = TypeVar("Number", float, np.ndarray[Any, np.dtype[np.float64]])

# Krasovsky 1940, the ellipsoid of the offset's formula.
_SEMI_MAJOR = 6_378_245.0
_ECCENTRICITY_2 = 0.00669342162296594323
# Baidu's sine runs over 3000/180 half turns a degree.
_BAIDU_TURN = math.pi * 3000.0 / 180.0

# West, south, east, north, in degrees: where the offset is in force.
CHINA = (72.004, 0.8293, 137.8347, 55.8271)

_GCJ_ROUNDS = 8
_BAIDU_ROUNDS = 10


class Datum(StrEnum):
    """The datum a position was given in. CGCS2000 counts as WGS-84."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"

    @classmethod
    def of(cls, word: str) -> Datum:
        """The datum that a word names, in any of its usual spellings (``GCJ-02``, ``cgcs2000``).

        Raises:
            ValueError: the word names none.
        """
        plain = word.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
        if plain in ("wgs84", "cgcs2000", "epsg:4326", "epsg:4490"):
            return cls.WGS84
        if plain in ("gcj02", "gcj"):
            return cls.GCJ02
        if plain in ("bd09", "bd09ll"):
            return cls.BD09
        raise ValueError(f"{word!r} is no known datum; known are wgs84 (cgcs2000), gcj02, bd09")


def in_china(lon: float, lat: float) -> bool:
    """Whether a position lies in the box where the offset is in force."""
    west, south, east, north = CHINA
    return west <= lon <= east and south <= lat <= north


def wgs84_to_gcj02(lon: Number, lat: Number) -> tuple[Number, Number]:
    """WGS-84 degrees to GCJ-02 degrees."""
    return _where_in_china(lon, lat, _plus_shift)


def gcj02_to_wgs84(lon: Number, lat: Number) -> tuple[Number, Number]:
    """GCJ-02 degrees to WGS-84 degrees; the exact inverse of `wgs84_to_gcj02`."""
    return _where_in_china(lon, lat, _minus_shift)


def gcj02_to_bd09(lon: Number, lat: Number) -> tuple[Number, Number]:
    """GCJ-02 degrees to BD-09 degrees."""
    return _where_in_china(lon, lat, _to_baidu)


def bd09_to_gcj02(lon: Number, lat: Number) -> tuple[Number, Number]:
    """BD-09 degrees to GCJ-02 degrees; the exact inverse of `gcj02_to_bd09`."""
    return _where_in_china(lon, lat, _from_baidu)


def to_wgs84(lon: Number, lat: Number, datum: Datum) -> tuple[Number, Number]:
    """Degrees in any datum to WGS-84 (CGCS2000)."""
    if datum is Datum.BD09:
        lon, lat = bd09_to_gcj02(lon, lat)
    if datum is not Datum.WGS84:
        lon, lat = gcj02_to_wgs84(lon, lat)
    return lon, lat


def from_wgs84(lon: Number, lat: Number, datum: Datum) -> tuple[Number, Number]:
    """WGS-84 (CGCS2000) degrees to any datum."""
    if datum is not Datum.WGS84:
        lon, lat = wgs84_to_gcj02(lon, lat)
    if datum is Datum.BD09:
        lon, lat = gcj02_to_bd09(lon, lat)
    return lon, lat


def _where_in_china(
    lon: Number, lat: Number, move: Callable[[Any, Any, Any], tuple[Any, Any]]
) -> tuple[Any, Any]:
    """Move what lies in China with ``move(lon, lat, functions)``, leave the rest as it is."""
    if isinstance(lon, np.ndarray):
        west, south, east, north = CHINA
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        moved_lon, moved_lat = move(lon, lat, np)
        return np.where(inside, moved_lon, lon), np.where(inside, moved_lat, lat)
    if not in_china(lon, lat):
        return lon, lat
    return move(lon, lat, math)


def _shift(lon: Any, lat: Any, fn: Any) -> tuple[Any, Any]:
    """GCJ-02 minus WGS-84 at a WGS-84 position, in degrees."""
    x, y = lon - 105.0, lat - 35.0
    root = fn.sqrt(fn.fabs(x))
    ripple = 20.0 * fn.sin(6.0 * math.pi * x) + 20.0 * fn.sin(2.0 * math.pi * x)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (
        ripple
        + 20.0 * fn.sin(math.pi * y)
        + 40.0 * fn.sin(math.pi / 3.0 * y)
        + 160.0 * fn.sin(math.pi / 12.0 * y)
        + 320.0 * fn.sin(math.pi / 30.0 * y)
    ) * (2.0 / 3.0)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (
        ripple
        + 20.0 * fn.sin(math.pi * x)
        + 40.0 * fn.sin(math.pi / 3.0 * x)
        + 150.0 * fn.sin(math.pi / 12.0 * x)
        + 300.0 * fn.sin(math.pi / 30.0 * x)
    ) * (2.0 / 3.0)
    phi = lat * (math.pi / 180.0)
    sine = fn.sin(phi)
    square = 1.0 - _ECCENTRICITY_2 * sine * sine
    meridian = _SEMI_MAJOR * (1.0 - _ECCENTRICITY_2) / (square * fn.sqrt(square))
    parallel = _SEMI_MAJOR / fn.sqrt(square) * fn.cos(phi)
    return east * 180.0 / (parallel * math.pi), north * 180.0 / (meridian * math.pi)


def _plus_shift(lon: Any, lat: Any, fn: Any) -> tuple[Any, Any]:
    east, north = _shift(lon, lat, fn)
    return lon + east, lat + north


def _minus_shift(lon: Any, lat: Any, fn: Any) -> tuple[Any, Any]:
    return _solve(lon, lat, _plus_shift, _GCJ_ROUNDS, fn)


def _to_baidu(lon: Any, lat: Any, fn: Any) -> tuple[Any, Any]:
    angle_of = fn.arctan2 if fn is np else fn.atan2
    radius = fn.sqrt(lon * lon + lat * lat) + 0.00002 * fn.sin(lat * _BAIDU_TURN)
    angle = angle_of(lat, lon) + 0.000003 * fn.cos(lon * _BAIDU_TURN)
    return radius * fn.cos(angle) + 0.0065, radius * fn.sin(angle) + 0.006


def _from_baidu(lon: Any, lat: Any, fn: Any) -> tuple[Any, Any]:
    return _solve(lon, lat, _to_baidu, _BAIDU_ROUNDS, fn)


def _solve(
    lon: Any, lat: Any, forward: Callable[[Any, Any, Any], tuple[Any, Any]], rounds: int, fn: Any
) -> tuple[Any, Any]:
    """The position that ``forward`` brings to (lon, lat)."""
    x, y = lon, lat
    for _ in range(rounds):
        there_x, there_y = forward(x, y, fn)
        step_x, step_y = lon - there_x, lat - there_y
        x, y = x + step_x, y + step_y
        # A nanodegree of a nanodegree is far below what a float64 of degrees can say.
        if fn is math and abs(step_x) + abs(step_y) < 1e-13:
            break
    return x, y
