"""Plans, their places, visits to them, cases found there, times on duty and points of a track."""

from __future__ import annotations

from typing import Any, Final, Self

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.forms.models import FormVersion
from huying.patrol.due import Rhythm, Turns
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Account, Role

LOOKING: Final = frozenset(
    {Role.DISPATCHER, Role.COMMUNITY_LEADER, Role.TOWN_LEADER, Role.DISTRICT_LEADER}
)
"""Who plans patrols and sees what was covered."""

CODE_SIZE: Final = 8
FARTHEST_M: Final = 500


class PlanQuerySet(models.QuerySet["PatrolPlan"]):
    def visible_to(self, actor: Actor) -> Self:
        """Plans of the post's area, and those from above that have places in it."""
        if actor.is_system:
            return self
        if actor.role not in LOOKING or not actor.area_code:
            return self.none()
        here = PatrolPlace.objects.filter(grid_code__startswith=actor.area_code).values("plan")
        return self.filter(Q(area_code__startswith=actor.area_code) | Q(pk__in=here))


class PatrolPlan(models.Model):
    """巡查计划: what is looked at, and how often each of its places.

    Attributes:
        area_code: the town or community that planned it.
        times: visits wanted in each week or month; one where it is every day.
        form: the questions that are answered at each place; without, its points are looked at.
        stopped_at: nothing falls due since then.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    item_code = models.CharField(max_length=4)
    title = models.CharField(max_length=60)
    rhythm = models.CharField(max_length=8, choices=Rhythm.choices)
    times = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    form = models.ForeignKey(FormVersion, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    stopped_at = models.DateTimeField(null=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        db_table = "patrol_plan"
        ordering = ["area_code", "title", "id"]
        verbose_name = _("patrol plan")
        verbose_name_plural = _("patrol plans")
        constraints = [
            models.CheckConstraint(
                name="patrol_plan_of_town_or_community",
                condition=Q(area_code__regex=r"^(\d{9}|\d{12})$")
                & Q(district_code=Left("area_code", 6)),
            ),
            models.CheckConstraint(name="patrol_plan_named", condition=~Q(title="")),
            models.CheckConstraint(name="patrol_plan_known", condition=Q(rhythm__in=Rhythm.values)),
            models.CheckConstraint(
                name="patrol_plan_some_times",
                condition=Q(times__range=(1, 7)) & (Q(rhythm__in=["week", "month"]) | Q(times=1)),
            ),
            models.CheckConstraint(
                name="patrol_plan_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            ),
        ]
        indexes = [models.Index("area_code", name="patrol_plan_of_area")]

    def __str__(self) -> str:
        return self.title

    @property
    def turns(self) -> Turns:
        return Turns(Rhythm(self.rhythm), self.times, self.starts_on, self.ends_on)


class PlaceQuerySet(models.QuerySet["PatrolPlace"]):
    def visible_to(self, actor: Actor) -> Self:
        """Places in the post's area, on foot or at a desk."""
        if actor.is_system:
            return self
        if actor.role not in ON_FOOT | LOOKING or not actor.area_code:
            return self.none()
        return self.filter(grid_code__startswith=actor.area_code)

    def standing(self) -> Self:
        """Those that are still to be visited, of plans that run."""
        return self.filter(removed_at=None, plan__stopped_at=None)


class PatrolPlace(models.Model):
    """巡查点位: where somebody goes, and what they look at there.

    Attributes:
        code: what stands on the label at the place, in its QR code and in letters.
        radius_m: within so many metres, and what the phone does not know better, one is there.
        item_codes: what may be found there; the first one is a report's if nothing else is said.
        points: what is looked at, each good or not.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(PatrolPlan, models.CASCADE, related_name="places")
    district_code = models.CharField(max_length=6)
    grid_code = models.CharField(max_length=15)
    name = models.CharField(max_length=60)
    lon = models.FloatField()
    lat = models.FloatField()
    radius_m = models.PositiveSmallIntegerField(default=50)
    code = models.CharField(max_length=CODE_SIZE, unique=True)
    item_codes: models.JSONField[Any, Any] = models.JSONField(default=list)
    points: models.JSONField[Any, Any] = models.JSONField(default=list)
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        db_table = "patrol_place"
        ordering = ["grid_code", "name", "id"]
        verbose_name = _("place to patrol")
        verbose_name_plural = _("places to patrol")
        constraints = [
            models.CheckConstraint(
                name="patrol_place_in_a_grid",
                condition=Q(grid_code__regex=r"^\d{15}$") & Q(district_code=Left("grid_code", 6)),
            ),
            models.CheckConstraint(name="patrol_place_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="patrol_place_radius", condition=Q(radius_m__range=(10, FARTHEST_M))
            ),
            models.CheckConstraint(
                name="patrol_place_on_earth",
                condition=Q(lon__range=(-180, 180)) & Q(lat__range=(-90, 90)),
            ),
            models.UniqueConstraint(
                name="patrol_place_once",
                fields=["plan", "grid_code", "name"],
                condition=Q(removed_at__isnull=True),
            ),
        ]
        indexes = [models.Index("grid_code", name="patrol_place_of_grid")]

    def __str__(self) -> str:
        return self.name


class PatrolVisit(models.Model):
    """到位打卡: somebody was at a place. The phone names it, so that it is there once.

    Attributes:
        day: the civil day that it counts for.
        distance_m: from the place, where the phone knew its position.
        by_code: shown by the code on the label instead of by the position.
        points, answers: what was looked at, as the place had it then, and true where it is good;
            null where nobody said.
        form, said: the questions that were answered instead, and their answers.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    place = models.ForeignKey(PatrolPlace, models.CASCADE, related_name="visits")
    grid_code = models.CharField(max_length=15)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    day = models.DateField()
    received_at = models.DateTimeField()
    by_code = models.BooleanField(default=False)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    distance_m = models.FloatField(null=True)
    points: models.JSONField[Any, Any] = models.JSONField(default=list)
    answers: models.JSONField[Any, Any] = models.JSONField(default=list)
    form = models.ForeignKey(FormVersion, models.PROTECT, null=True, related_name="+")
    said: models.JSONField[Any, Any] = models.JSONField(default=dict)
    words = models.TextField(blank=True, default="")

    class Meta:
        db_table = "patrol_visit"
        ordering = ["-at", "-id"]
        verbose_name = _("patrol visit")
        verbose_name_plural = _("patrol visits")
        constraints = [
            models.CheckConstraint(
                name="patrol_visit_shown",
                condition=Q(by_code=True) | Q(distance_m__isnull=False),
            ),
            models.CheckConstraint(
                name="patrol_visit_not_ahead",
                condition=Q(at__lte=F("received_at")),
            ),
        ]
        indexes = [
            models.Index("grid_code", "day", name="patrol_visit_of_grid"),
            models.Index("account", "day", name="patrol_visit_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.day}"


class PatrolCase(models.Model):
    """A case that somebody reported from a place.

    Attributes:
        visit_id: the check-in it belongs to; that may arrive after the case.
    """

    case = models.OneToOneField(
        Case, models.CASCADE, primary_key=True, related_name="found_on_patrol"
    )
    place = models.ForeignKey(PatrolPlace, models.CASCADE, related_name="found")
    visit = models.ForeignKey(
        PatrolVisit, models.DO_NOTHING, null=True, db_constraint=False, related_name="found"
    )

    class Meta:
        db_table = "patrol_case"


class DutySpan(models.Model):
    """在岗: from when to when somebody was on duty on foot.

    Attributes:
        ends_by: where it ends by itself if nobody says so.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="duty_spans")
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=15, help_text="of the post they acted on")
    began_at = models.DateTimeField()
    ends_by = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "duty_span"
        ordering = ["-began_at"]
        verbose_name = _("time on duty")
        verbose_name_plural = _("times on duty")
        constraints = [
            models.UniqueConstraint(
                name="duty_span_one_open", fields=["account"], condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                name="duty_span_ends_after_start",
                condition=Q(ends_by__gt=F("began_at"))
                & (
                    Q(ended_at__isnull=True)
                    | Q(ended_at__gte=F("began_at"), ended_at__lte=F("ends_by"))
                ),
            ),
        ]
        indexes = [
            models.Index("account", "began_at", name="duty_span_of_account"),
            models.Index("area_code", "began_at", name="duty_span_of_area"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.began_at:%Y-%m-%d %H:%M}"


class TrackPoint(models.Model):
    """Where somebody was at a moment of their duty; a moment has one point, sent however often.

    Two million come in a day. So there are no foreign keys to look up at each (the one statement
    that writes them reads the span), and old ones are found by where they lie on the disk.
    """

    pk = models.CompositePrimaryKey("account_id", "at")
    account_id = models.BigIntegerField()
    at = models.DateTimeField()
    span = models.ForeignKey(
        DutySpan, models.CASCADE, db_index=False, db_constraint=False, related_name="points"
    )
    lon = models.FloatField()
    lat = models.FloatField()
    accuracy_m = models.FloatField(null=True)

    class Meta:
        db_table = "track_point"
        indexes = [BrinIndex("at", name="track_point_by_age")]
