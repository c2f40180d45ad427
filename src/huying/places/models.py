"""Divisions and grids, as the database keeps them.

Areas are nested by code: a place lies in an area exactly when its code starts with the area's
code. District 6 digits, town 9, community 12 (GB/T 10114, six county digits + three + three),
grid 15 (division code + serial of three).
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.places.areas import DivisionQuerySet, GridQuerySet


class Level(models.TextChoices):
    """The three levels of authority, and the base grid below them."""

    GRID = "grid", _("grid")
    COMMUNITY = "community", _("community")
    TOWN = "town", _("town")
    DISTRICT = "district", _("district")


CODE_LENGTH = {Level.DISTRICT: 6, Level.TOWN: 9, Level.COMMUNITY: 12, Level.GRID: 15}
LEVEL_OF_LENGTH = {length: level for level, length in CODE_LENGTH.items()}


def level_of(code: str) -> Level:
    """The level that a code of this length names.

    Raises:
        ValueError: the code has no length that a level uses.
    """
    try:
        return LEVEL_OF_LENGTH[len(code)]
    except KeyError:
        raise ValueError(f"{code!r} is no district, town, community or grid code") from None


def above(code: str) -> str | None:
    """The code one level up; None above the district."""
    if len(code) <= CODE_LENGTH[Level.DISTRICT]:
        return None
    return code[:-3]


class Division(models.Model):
    """A district, town or community, with its official code."""

    code = models.CharField(_("division code"), max_length=12, primary_key=True)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    name = models.CharField(_("name"), max_length=60)
    short_name = models.CharField(_("short name"), max_length=40)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    lon = models.FloatField(_("longitude"), null=True, blank=True)
    lat = models.FloatField(_("latitude"), null=True, blank=True)

    objects = DivisionQuerySet.as_manager()

    class Meta:
        db_table = "division"
        ordering = ["code"]
        verbose_name = _("division")
        verbose_name_plural = _("divisions")
        constraints = [
            models.CheckConstraint(
                name="division_code_fits_level",
                condition=(
                    Q(level="district", code__regex=r"^\d{6}$")
                    | Q(level="town", code__regex=r"^\d{9}$")
                    | Q(level="community", code__regex=r"^\d{12}$")
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.short_name


class Grid(models.Model):
    """A base grid: one grid, one worker. A voided grid keeps its code for ever."""

    code = models.CharField(_("grid code"), max_length=15, primary_key=True)
    community = models.ForeignKey(
        Division, models.PROTECT, related_name="grids", verbose_name=_("community")
    )
    name = models.CharField(_("name"), max_length=60)
    outline = models.JSONField(
        _("outline"), help_text=_("GeoJSON Polygon or MultiPolygon, CGCS2000 degrees")
    )
    area_m2 = models.FloatField(_("area in square metres"), default=0)
    generated = models.BooleanField(
        _("generated"), default=False, help_text=_("Drawn by a program, not surveyed.")
    )
    voided_at = models.DateTimeField(_("voided at"), null=True, blank=True)
    void_reason = models.CharField(_("reason for voiding"), max_length=200, blank=True)
    changed_at = models.DateTimeField(_("changed at"))

    objects = GridQuerySet.as_manager()

    class Meta:
        db_table = "grid"
        ordering = ["code"]
        verbose_name = _("grid")
        verbose_name_plural = _("grids")
        constraints = [
            models.CheckConstraint(
                name="grid_code_is_15_digits", condition=Q(code__regex=r"^\d{15}$")
            ),
            models.CheckConstraint(
                name="grid_voided_with_reason",
                condition=Q(voided_at__isnull=True) | ~Q(void_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GridChange(models.Model):
    """One change of a grid: what it was before, when, and why. Append only."""

    id = models.BigAutoField(primary_key=True)
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="changes")
    at = models.DateTimeField(_("at"))
    by_account = models.BigIntegerField(_("by"), null=True, blank=True)
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=[("created", _("created")), ("redrawn", _("redrawn")), ("voided", _("voided"))],
    )
    outline_before = models.JSONField(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        db_table = "grid_change"
        ordering = ["grid_id", "id"]
        verbose_name = _("grid change")
        verbose_name_plural = _("grid changes")


class GeometryVersion(models.Model):
    """One row a district, raised with each change of outlines, so that every process sees it."""

    district_code = models.CharField(max_length=6, primary_key=True)
    version = models.BigIntegerField(default=1)

    class Meta:
        db_table = "geometry_version"
