"""Reads a GeoJSON file of grids and judges each feature by itself (no database).

A feature is one grid: a Polygon or MultiPolygon in degrees (RFC 7946), with the properties
``code`` (15 digits) and, if it has a name of its own, ``name``. Nothing stops at the first
fault: all are listed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.errors import Words
from huying.places.datum import Datum, to_wgs84
from huying.places.measure import area_m2

LEAST_M2 = 1.0
"""Anything smaller than this is no grid but a slip of the pen."""

_CODE = re.compile(r"[0-9]{15}")
_NAME_MOST = 60
# Names under which files of other programs say that they are in degrees after all.
_CRS_DEGREES = re.compile(r"(CRS:?84|EPSG:+(4326|4490|4979))$", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a file of grids.

    Attributes:
        kind: a word for programs: json, feature, geometry, code, duplicate, parent, area, name,
            voided, overlap, gap, outside, reason.
        sentence: what is wrong, in words.
        feature: the feature's place in the file, from 0; None for the file as a whole.
        code: the grid's code where it is known.
    """

    kind: str
    sentence: Words
    feature: int | None = None
    code: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "feature": self.feature,
            "code": self.code,
            "kind": self.kind,
            "message": str(self.sentence),
        }


@dataclass(frozen=True)
class Feature:
    """One sound grid of a file. ``name`` is "" where the file gives none."""

    index: int
    code: str
    name: str
    outline: shapely.Geometry


def read_features(
    source: Path | str | bytes, datum: Datum = Datum.WGS84
) -> tuple[list[Feature], list[Fault]]:
    """The sound features of a file (a path, or its bytes), and what is wrong with the others.

    Raises:
        OSError: the file can't be read.
    """
    entries, faults = _entries(source)
    features: list[Feature] = []
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        found: list[Fault] = []
        properties = entry.get("properties") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or entry.get("type") != "Feature":
            faults.append(Fault("feature", _("This is not a GeoJSON Feature."), index))
            continue
        properties = properties if isinstance(properties, dict) else {}
        code = _code(properties, index, found)
        if code is not None:
            if code in seen:
                sentence = format_lazy(
                    _("The code {code} is used twice, first in feature {first}."),
                    code=code,
                    first=seen[code],
                )
                found.append(Fault("duplicate", sentence, index, code))
            seen.setdefault(code, index)
        name = _name(properties, index, code, found)
        outline = _outline(entry.get("geometry"), datum, index, code, found)
        if found:
            faults += found
        if outline is not None and code is not None and seen[code] == index:
            # A feature with a poor name still takes part in the checks of overlap and gap.
            features.append(Feature(index, code, name, outline))
    return features, faults


def read_outline(source: Path | str | bytes, datum: Datum = Datum.WGS84) -> shapely.Geometry:
    """The ground that a file's polygons cover together: a district's outline.

    Raises:
        ValueError: the file has no sound polygon.
        OSError: the file can't be read.
    """
    entries, faults = _entries(source)
    shapes = []
    for index, entry in enumerate(entries):
        geometry = entry.get("geometry") if isinstance(entry, dict) else None
        outline = _outline(geometry, datum, index, None, faults)
        if outline is not None:
            shapes.append(outline)
    if faults or not shapes:
        raise ValueError("; ".join(str(fault.sentence) for fault in faults) or "no polygon")
    return shapely.union_all(shapes)


def _refuse(word: str) -> None:
    raise ValueError(word)


def _entries(source: Path | str | bytes) -> tuple[list[Any], list[Fault]]:
    raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    try:
        # NaN and Infinity are no JSON, though Python reads them.
        body = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        sentence = format_lazy(_("The file is not valid JSON: {why}"), why=str(error))
        return [], [Fault("json", sentence)]
    entries = body.get("features") if isinstance(body, dict) else None
    if not isinstance(entries, list) or body.get("type") != "FeatureCollection":
        return [], [Fault("json", _("The file is not a GeoJSON FeatureCollection."))]
    faults = []
    crs = body.get("crs")
    if crs is not None:
        properties = crs.get("properties") if isinstance(crs, dict) else None
        name = properties.get("name") if isinstance(properties, dict) else None
        if not _CRS_DEGREES.search(str(name)):
            sentence = format_lazy(
                _("The file's coordinates must be CGCS2000 or WGS-84 degrees, not {crs}."),
                crs=str(name),
            )
            faults.append(Fault("json", sentence))
    if not entries:
        faults.append(Fault("json", _("The file has no features.")))
    return entries, faults


def _code(properties: dict[str, Any], index: int, found: list[Fault]) -> str | None:
    code = properties.get("code")
    if code is None or code == "":
        found.append(Fault("code", _("The property “code” is missing."), index))
        return None
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        sentence = format_lazy(
            _("{code} is no grid code: 15 digits as text, the community's 12 and a serial of 3."),
            code=str(code)[:40],
        )
        found.append(Fault("code", sentence, index, str(code)[:40]))
        return None
    if code.endswith("000"):
        found.append(Fault("code", _("A grid's serial starts at 001."), index, code))
        return None
    return code


def _name(properties: dict[str, Any], index: int, code: str | None, found: list[Fault]) -> str:
    name = properties.get("name")
    if name is None:
        return ""
    if not isinstance(name, str) or not name.isprintable() or len(name.strip()) > _NAME_MOST:
        sentence = format_lazy(
            _("The name must be a text of at most {most} characters."), most=_NAME_MOST
        )
        found.append(Fault("name", sentence, index, code))
        return ""
    return name.strip()


def _outline(
    geometry: Any, datum: Datum, index: int, code: str | None, found: list[Fault]
) -> shapely.Geometry | None:
    def refuse(sentence: Words) -> shapely.Geometry | None:
        found.append(Fault("geometry", sentence, index, code))
        return None

    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        return refuse(_("The geometry must be a Polygon or MultiPolygon."))
    try:
        outline = shapely.force_2d(shapely.from_geojson(json.dumps(geometry)))
    except (shapely.errors.GEOSException, ValueError, TypeError) as error:
        return refuse(format_lazy(_("The geometry cannot be read: {why}"), why=_first_line(error)))
    if outline is None or outline.is_empty:
        return refuse(_("The geometry is empty."))
    west, south, east, north = outline.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        swapped = west >= 0 and east <= 90 and south > 70 and north <= 180
        return refuse(
            _("Longitude and latitude look swapped: GeoJSON has the longitude first.")
            if swapped
            else _("The coordinates are not degrees of longitude and latitude.")
        )
    if not outline.is_valid:
        return refuse(
            format_lazy(_("The outline is not valid: {why}"), why=shapely.is_valid_reason(outline))
        )
    if datum is not Datum.WGS84:
        outline = shapely.transform(
            outline, lambda lon, lat: to_wgs84(lon, lat, datum), interleaved=False
        )
    if area_m2(outline) < LEAST_M2:
        return refuse(format_lazy(_("The grid is smaller than {least} m²."), least=f"{LEAST_M2:g}"))
    return outline


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
