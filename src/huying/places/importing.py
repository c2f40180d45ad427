"""Takes real grids in: reads a GeoJSON file, checks all of it, and applies all of it or nothing.

Checked: the file and each feature by itself (`features`), that each grid's community exists, that
no voided code comes back, that no two grids share ground, and that no ground is left over.

Which ground must stay covered: the outline that is given; else what the district's grids in force
cover today; else, for a district whose outline the package carries, that outline. Holes that the
grids enclose are gaps as well. Ground that was a hole before and still is one is a warning, so
that a voided grid does not stand in the way of work elsewhere; not where an outline is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput, WrongState
from huying.places import coverage, drawn, freshness
from huying.places.datum import Datum
from huying.places.features import Fault, Feature, read_features
from huying.places.measure import area_m2
from huying.places.models import Division, Grid, GridChange
from huying.places.voiding import checked_reason

TOLERANCE_M2 = 1.0
"""Shared or uncovered ground up to this many square metres, a pair or a piece, is rounding."""


@dataclass(frozen=True)
class Draft:
    """A grid as it is to be."""

    code: str
    name: str
    outline: shapely.Geometry
    outline_before: dict[str, Any] | None = None


@dataclass(frozen=True)
class Plan:
    """What an import would do, or why it can't be done.

    Attributes:
        created, redrawn: the grids to be made and to be changed.
        voided: codes of the grids in force that the file does not have, if it replaces them.
        unchanged: how many grids of the file are in force just so.
        faults: what is wrong; while there is one, nothing is applied.
        warnings: what was let pass on request.
        versions: the geometry's version of each district when the plan was made.
    """

    created: tuple[Draft, ...] = ()
    redrawn: tuple[Draft, ...] = ()
    voided: tuple[str, ...] = ()
    unchanged: int = 0
    reason: str = ""
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the plan can be applied."""
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "ok": self.ok,
            "created": len(self.created),
            "redrawn": len(self.redrawn),
            "voided": len(self.voided),
            "unchanged": self.unchanged,
            "errors": [fault.as_dict() for fault in self.faults],
            "warnings": [fault.as_dict() for fault in self.warnings],
        }


def read(
    source: Path | str | bytes,
    *,
    replace: bool = False,
    reason: str = "",
    area: str = "",
    outline: shapely.Geometry | None = None,
    allow_gaps: bool = False,
    tolerance_m2: float = TOLERANCE_M2,
    datum: Datum = Datum.WGS84,
    using: str = "default",
) -> Plan:
    """Read and check a file of grids; changes nothing.

    Args:
        source: the file's path, or its bytes.
        replace: void the grids in force that the file lacks. Asks for a ``reason``.
        area: the area that the file is about: grids outside of it are faults, and `replace`
            voids nothing outside of it. "" means the districts that the file's codes name.
        outline: the ground that must be covered; see the module for what is taken without it.
        allow_gaps: uncovered ground is a warning and no fault.
        tolerance_m2: shared or uncovered ground that is taken for rounding.
        datum: the datum of the file's coordinates.

    Raises:
        OSError: the file can't be read.
    """
    before = dict(freshness.versions(using))
    features, faults = read_features(source, datum)
    reason = reason.strip()
    if replace:
        try:
            checked_reason(reason)
        except BadInput as error:
            faults.append(Fault("reason", error.detail))

    existing = _Existing(using)
    features, unknown = _known(features, existing, area)
    faults += unknown
    districts = {feature.code[:6] for feature in features}
    scope = (area,) if area else tuple(sorted(districts))
    in_file = {feature.code for feature in features}
    live = {code: shape for code, shape in existing.live.items() if code[:6] in districts}
    voided: list[str] = []
    if replace:
        voided = [code for code in live if code.startswith(scope) and code not in in_file]
    staying = {c: shape for c, shape in live.items() if c not in in_file and c not in voided}

    faults += _overlaps(features, staying, tolerance_m2)
    warnings: list[Fault] = []
    shapes = [feature.outline for feature in features] + list(staying.values())
    missing, left = _gaps(shapes, list(live.values()), outline, districts, tolerance_m2)
    (warnings if allow_gaps else faults).extend(missing)
    warnings += left
    if outline is not None:
        faults += _outside(features, outline, tolerance_m2)

    created, redrawn, unchanged = [], [], 0
    for feature in features:
        name = feature.name or drawn.grid_name(existing.divisions[feature.code[:12]], feature.code)
        held = existing.live.get(feature.code)
        if held is None:
            created.append(Draft(feature.code, name, feature.outline))
        elif existing.names[feature.code] == name and _same(held, feature.outline):
            unchanged += 1
        else:
            draft = Draft(feature.code, name, feature.outline, _geojson(held))
            redrawn.append(draft)
    return Plan(
        created=tuple(created),
        redrawn=tuple(redrawn),
        voided=tuple(sorted(voided)),
        unchanged=unchanged,
        reason=reason,
        faults=tuple(sorted(faults, key=_place)),
        warnings=tuple(warnings),
        versions={code: before.get(code, 0) for code in districts},
    )


def apply(
    plan: Plan, *, now: datetime, by_account: int | None = None, using: str = "default"
) -> dict[str, Any]:
    """Do what a plan says, all of it in one transaction; gives `Plan.as_dict`.

    Raises:
        BadInput: the plan has faults (all of them in ``extra["errors"]``).
        WrongState: the grids changed since the plan was made.
    """
    if not plan.ok:
        raise BadInput(
            format_lazy(
                _("The file has {count} errors; nothing was imported."), count=len(plan.faults)
            ),
            field="file",
            errors=[fault.as_dict() for fault in plan.faults],
        )
    if not (plan.created or plan.redrawn or plan.voided):
        return plan.as_dict()
    with transaction.atomic(using=using):
        locked = freshness.lock(plan.versions, using=using)
        if any(locked[code] != version for code, version in plan.versions.items() if version):
            raise WrongState(_("The grids changed in the meantime; read the file again."))
        _write(plan, now, by_account, using)
        freshness.raise_versions(plan.versions, using=using)
    return plan.as_dict()


def _write(plan: Plan, now: datetime, by_account: int | None, using: str) -> None:
    grids = Grid.objects.using(using)
    drafts = (*plan.created, *plan.redrawn)
    rows = [
        Grid(
            code=draft.code,
            community_id=draft.code[:12],
            name=draft.name,
            outline=_geojson(draft.outline),
            area_m2=round(area_m2(draft.outline), 1),
            generated=False,
            changed_at=now,
        )
        for draft in drafts
    ]
    created, redrawn = rows[: len(plan.created)], rows[len(plan.created) :]
    grids.bulk_create(created, batch_size=500)
    grids.bulk_create(
        redrawn,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "outline", "area_m2", "generated", "changed_at"],
    )
    history = [
        GridChange(
            grid_id=draft.code,
            at=now,
            by_account=by_account,
            kind="created" if draft.outline_before is None else "redrawn",
            outline_before=draft.outline_before,
            reason=plan.reason,
        )
        for draft in drafts
    ]
    gone = grids.filter(code__in=plan.voided)
    history += [
        GridChange(
            grid_id=code,
            at=now,
            by_account=by_account,
            kind="voided",
            outline_before=before,
            reason=plan.reason,
        )
        for code, before in gone.values_list("code", "outline")
    ]
    gone.update(voided_at=now, void_reason=plan.reason, changed_at=now)
    GridChange.objects.using(using).bulk_create(history, batch_size=500)


class _Existing:
    """What the database has: divisions, grids in force with their outlines, voided codes."""

    def __init__(self, using: str) -> None:
        communities = Division.objects.using(using).communities()
        self.divisions = dict(communities.values_list("code", "short_name"))
        rows = list(
            Grid.objects.using(using)
            .live()
            .order_by("code")
            .values_list("code", "name", Cast("outline", TextField()))
        )
        shapes = shapely.from_geojson([row[2] for row in rows])
        self.live: dict[str, shapely.Geometry] = {
            row[0]: shape for row, shape in zip(rows, shapes, strict=True)
        }
        self.names = {row[0]: row[1] for row in rows}
        gone = Grid.objects.using(using).filter(voided_at__isnull=False)
        self.voided = set(gone.values_list("code", flat=True))


def _known(
    features: Sequence[Feature], existing: _Existing, area: str
) -> tuple[list[Feature], list[Fault]]:
    """The features whose code may be used, and what is wrong with the others."""
    known, faults = [], []
    for feature in features:
        parent = feature.code[:12]
        if parent not in existing.divisions:
            sentence = format_lazy(_("There is no community with the code {code}."), code=parent)
            faults.append(Fault("parent", sentence, feature.index, feature.code))
        elif feature.code in existing.voided:
            sentence = _("This grid was voided; its code is never used again.")
            faults.append(Fault("voided", sentence, feature.index, feature.code))
        elif not feature.code.startswith(area):
            sentence = format_lazy(_("The grid does not lie in the area {area}."), area=area)
            faults.append(Fault("area", sentence, feature.index, feature.code))
        else:
            known.append(feature)
    return known, faults


def _overlaps(
    features: Sequence[Feature], staying: dict[str, shapely.Geometry], tolerance_m2: float
) -> list[Fault]:
    shapes = [feature.outline for feature in features] + list(staying.values())
    codes = [feature.code for feature in features] + list(staying)
    return [
        Fault(
            "overlap",
            format_lazy(
                _("The grid shares {area} m² with the grid {other}."),
                area=f"{found.m2:.1f}",
                other=codes[found.second],
            ),
            features[found.first].index,
            features[found.first].code,
        )
        for found in coverage.overlaps(shapes, tolerance_m2, checked=len(features))
    ]


def _gaps(
    shapes: Sequence[shapely.Geometry],
    today: Sequence[shapely.Geometry],
    outline: shapely.Geometry | None,
    districts: set[str],
    tolerance_m2: float,
) -> tuple[list[Fault], list[Fault]]:
    """Gaps that the import would make, and gaps that were there and stay."""
    if not shapes:
        return [], []
    old = shapely.Polygon()
    if outline is None and today:
        outline = shapely.union_all(today)
        old = coverage.holes(today)
    if outline is None and districts == {drawn.outline_code()}:
        outline = drawn.outline()
    ground = shapely.difference(coverage.holes(shapes), old)
    if outline is not None:
        ground = shapely.union(outline, ground)
    return _gap_faults(ground, shapes, tolerance_m2), _gap_faults(old, shapes, tolerance_m2)


def _gap_faults(
    ground: shapely.Geometry, shapes: Sequence[shapely.Geometry], tolerance_m2: float
) -> list[Fault]:
    return [
        Fault(
            "gap",
            format_lazy(
                _("No grid covers {area} m² around longitude {lon}, latitude {lat}."),
                area=f"{gap.m2:.1f}",
                lon=f"{gap.lon:.6f}",
                lat=f"{gap.lat:.6f}",
            ),
        )
        for gap in coverage.gaps(ground, shapes, tolerance_m2)
    ]


def _outside(
    features: Sequence[Feature], outline: shapely.Geometry, tolerance_m2: float
) -> list[Fault]:
    faults = []
    for feature in features:
        m2 = area_m2(shapely.difference(feature.outline, outline))
        if m2 > tolerance_m2:
            sentence = format_lazy(
                _("The grid reaches {area} m² beyond the outline."), area=f"{m2:.1f}"
            )
            faults.append(Fault("outside", sentence, feature.index, feature.code))
    return faults


def _same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other)))


def _geojson(outline: shapely.Geometry) -> dict[str, Any]:
    mapping = shapely.geometry.mapping(outline)
    return {"type": mapping["type"], "coordinates": mapping["coordinates"]}


def _place(fault: Fault) -> tuple[int, str]:
    """Faults of the file first, then by feature, gaps last."""
    if fault.kind == "gap":
        return 1 << 40, fault.kind
    return (-1 if fault.feature is None else fault.feature), fault.kind
