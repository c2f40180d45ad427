"""驻点联系: cadres who are assigned to a grid, and the log of their visits."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.branches.sight import is_office
from huying.people.acting import Actor
from huying.people.models import Account
from huying.places.models import Grid


class AssignmentQuerySet(models.QuerySet["CadreAssignment"]):
    def visible_to(self, actor: Actor) -> Self:
        """The own ones, whatever the post; desks and leaders see those of their area."""
        if actor.is_system:
            return self
        theirs = Q(account=actor.account_id) if actor.works_cases else Q(pk__in=[])
        if is_office(actor):
            theirs |= Q(grid__code__startswith=actor.area_code)
        return self.filter(theirs)

    def living(self) -> Self:
        return self.filter(until=None)


class CadreAssignment(models.Model):
    """A cadre keeps in touch with one grid, and goes there so many times a month."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    grid = models.ForeignKey(Grid, models.PROTECT, related_name="cadres")
    account = models.ForeignKey(Account, models.CASCADE, related_name="grid_assignments")
    times = models.PositiveSmallIntegerField(_("visits a month"), default=2)
    since = models.DateField(_("since"))
    until = models.DateField(null=True)
    made_by = models.BigIntegerField(null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        db_table = "cadre_assignment"
        ordering = ["grid_id", "since", "id"]
        verbose_name = _("cadre of a grid")
        verbose_name_plural = _("cadres of grids")
        constraints = [
            models.UniqueConstraint(
                name="cadre_assignment_once",
                fields=["grid", "account"],
                condition=Q(until__isnull=True),
            ),
            models.CheckConstraint(
                name="cadre_assignment_some_visits", condition=Q(times__range=(1, 31))
            ),
            models.CheckConstraint(
                name="cadre_assignment_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
            models.CheckConstraint(
                name="cadre_assignment_in_its_district",
                condition=Q(district_code=Left("grid", 6)),
            ),
        ]


class CadreVisit(models.Model):
    """One visit of a cadre to their grid: the day, whom they met, what was said and settled."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    assignment = models.ForeignKey(CadreAssignment, models.CASCADE, related_name="visits")
    day = models.DateField(_("day"))
    households = models.PositiveSmallIntegerField(_("households visited"), default=0)
    heard = models.TextField(blank=True, default="")
    settled = models.TextField(blank=True, default="")
    written_at = models.DateTimeField()
    written_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cadre_visit"
        ordering = ["-day", "-id"]
        verbose_name = _("visit of a cadre")
        verbose_name_plural = _("visits of cadres")
        constraints = [
            models.UniqueConstraint(name="cadre_visit_once_a_day", fields=["assignment", "day"]),
        ]
