"""The care list, visits to who is on it, what was done to it, and the cases that came of visits."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.care.due import Outcome, Plan, Rung, Standing, Way, standing
from huying.cases.models import Attachment, Case
from huying.people.acting import Actor
from huying.people.models import LEADERS, ON_FOOT, Account, Role
from huying.registry.models import Person

LOOKING: Final = ON_FOOT | LEADERS | {Role.DISPATCHER}
"""Who sees the list of an area, masked: the desk and the leaders; on foot the own grid's."""
VISITING: Final = ON_FOOT | {Role.DISPATCHER, Role.MEMBER}
"""Who writes down a visit: of members only to whom they were given."""
LONGEST_INTERVAL: Final = 180


class CareKind(models.Model):
    """Why somebody is on the list: 独居老人, 残疾人, …; an administrator keeps them.

    Attributes:
        minors: it is about children.
        active: it can be chosen anew.
    """

    code = models.CharField(_("code"), max_length=16, unique=True)
    name = models.CharField(_("name"), max_length=20, unique=True)
    minors = models.BooleanField(_("about children"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        db_table = "care_kind"
        ordering = ["position", "id"]
        verbose_name = _("kind of people to visit")
        verbose_name_plural = _("kinds of people to visit")
        constraints = [
            models.CheckConstraint(
                name="care_kind_named",
                condition=Q(code__regex=r"^[a-z][a-z0-9_]*$") & ~Q(name=""),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CareLevel(models.Model):
    """How often: a level, its colour, and the days between two visits."""

    class Colour(models.TextChoices):
        RED = "red", pgettext_lazy("care", "red")
        ORANGE = "orange", pgettext_lazy("care", "orange")
        YELLOW = "yellow", pgettext_lazy("care", "yellow")

    number = models.PositiveSmallIntegerField(_("level"), primary_key=True)
    name = models.CharField(_("name"), max_length=12, unique=True)
    colour = models.CharField(pgettext_lazy("care", "colour"), max_length=8, choices=Colour.choices)
    days = models.PositiveSmallIntegerField(_("days between two visits"))

    class Meta:
        db_table = "care_level"
        ordering = ["number"]
        verbose_name = _("level of care")
        verbose_name_plural = _("levels of care")
        constraints = [
            models.CheckConstraint(
                name="care_level_days",
                condition=Q(days__range=(1, LONGEST_INTERVAL)) & Q(number__range=(1, 9)),
            ),
            models.CheckConstraint(
                name="care_level_known",
                condition=Q(colour__in=["red", "orange", "yellow"]) & ~Q(name=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LookAt(models.TextChoices):
    """What whoever visits looks at; says nothing of why somebody is on the list."""

    SPIRITS = "spirits", pgettext_lazy("look at", "spirits")
    FOOD = "food", pgettext_lazy("look at", "food and water")
    MEDICINE = "medicine", pgettext_lazy("look at", "medicine")
    GAS = "gas", pgettext_lazy("look at", "gas and electricity")
    HOUSE = "house", pgettext_lazy("look at", "the dwelling")
    SCHOOL = "school", pgettext_lazy("look at", "school and guardian")
    COMPANY = "company", pgettext_lazy("look at", "who else comes by")


class Consent(models.TextChoices):
    """Who agreed to be visited, and how."""

    SIGNED = "signed", pgettext_lazy("consent", "signed by the person")
    SPOKEN = "spoken", pgettext_lazy("consent", "said by the person")
    GUARDIAN = "guardian", pgettext_lazy("consent", "by the guardian")


class EndReason(models.TextChoices):
    """Why somebody is no longer visited."""

    MOVED = "moved", pgettext_lazy("care ended", "moved away")
    DIED = "died", pgettext_lazy("care ended", "died")
    BETTER = "better", pgettext_lazy("care ended", "no longer needs it")
    HOME = "home", pgettext_lazy("care ended", "lives in a home now")
    REFUSED = "refused", pgettext_lazy("care ended", "does not want it any more")
    TWICE = "twice", pgettext_lazy("care ended", "was on the list twice")


class CareQuerySet(models.QuerySet["CarePerson"]):
    def visible_to(self, actor: Actor) -> Self:
        """A desk's and leader's area; the own grid, and who was given to one; of members theirs."""
        if actor.is_system:
            return self
        if actor.role == Role.MEMBER:
            return self.filter(member=actor.account_id, ended_on=None)
        if actor.role not in LOOKING or not actor.area_code:
            return self.none()
        seen = Q(area_code__startswith=actor.area_code)
        if actor.role in ON_FOOT:
            seen |= Q(worker=actor.account_id)
        return self.filter(seen)

    def standing(self) -> Self:
        """Those who are visited today."""
        return self.filter(ended_on=None)

    def late(self, today: date) -> Self:
        return self.standing().filter(due_on__lt=today)

    def due(self, today: date) -> Self:
        """Late, or due today."""
        return self.standing().filter(due_on__lte=today)

    def to_climb(self, today: date) -> Self:
        """Those at which the system itself must look."""
        return self.standing().filter(climb_on__lte=today)

    def for_pages(self) -> Self:
        return self.select_related(
            "person__dwelling__address__building", "level", "worker", "member"
        )


class CarePerson(models.Model):
    """关爱对象: somebody of the register who is visited.

    Attributes:
        area_code: the grid where the person lives, followed from the register.
        kinds: codes of `CareKind`.
        every_days: an interval of one's own instead of the level's.
        shorter_on, before_days: since when the interval is shorter, and what it was.
        worker: who visits instead of the grid's own worker.
        member: the member or volunteer who takes part.
        health_enc: what is to be known of the person's health.
        contact, contact's phone: whom to call in an emergency.
        due_on, why, last_on, misses: as `due.due_after` has them.
        rung, climb_on: who was told of a missed visit, and the day on which the next one is.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(_("grid"), max_length=15)
    person = models.ForeignKey(Person, models.PROTECT, related_name="cared_for")
    kinds = ArrayField(models.CharField(max_length=16), verbose_name=pgettext_lazy("care", "kinds"))
    level = models.ForeignKey(CareLevel, models.PROTECT, related_name="people")
    every_days = models.PositiveSmallIntegerField(null=True)
    shorter_on = models.DateField(null=True)
    before_days = models.PositiveSmallIntegerField(null=True)
    look_at: Any = ArrayField(
        models.CharField(max_length=12, choices=LookAt.choices), default=list, blank=True
    )
    consent = models.CharField(
        pgettext_lazy("care", "consent"), max_length=10, choices=Consent.choices
    )
    worker = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    member = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    health_enc = models.BinaryField(null=True)
    contact_enc = models.BinaryField(null=True)
    contact_masked = models.CharField(_("emergency contact"), max_length=20, default="")
    phone_enc = models.BinaryField(null=True)
    phone_masked = models.CharField(_("phone of the contact"), max_length=20, default="")
    since = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True, default="")
    due_on = models.DateField()
    why = models.CharField(max_length=12)
    last_on = models.DateField(null=True)
    misses = models.PositiveSmallIntegerField(default=0)
    rung = models.PositiveSmallIntegerField(default=0)
    climb_on = models.DateField(null=True)
    last_seq = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = CareQuerySet.as_manager()

    class Meta:
        db_table = "care_person"
        ordering = ["due_on", "level_id", "id"]
        verbose_name = _("person to visit")
        verbose_name_plural = _("people to visit")
        constraints = [
            models.CheckConstraint(
                name="care_person_in_an_area",
                condition=Q(area_code__regex=r"^(\d{12}|\d{15})$")
                & Q(district_code=Left("area_code", 6)),
            ),
            models.UniqueConstraint(
                name="care_person_once", fields=["person"], condition=Q(ended_on__isnull=True)
            ),
            models.CheckConstraint(name="care_person_of_a_kind", condition=Q(kinds__len__gt=0)),
            models.CheckConstraint(
                name="care_person_agreed", condition=Q(consent__in=Consent.values)
            ),
            models.CheckConstraint(
                name="care_person_interval",
                condition=Q(every_days__isnull=True) | Q(every_days__range=(1, LONGEST_INTERVAL)),
            ),
            models.CheckConstraint(
                name="care_person_look_at_known",
                condition=Q(look_at__contained_by=LookAt.values),
            ),
            models.CheckConstraint(
                name="care_person_ended_with_reason",
                condition=Q(ended_on__isnull=True, end_reason="")
                | Q(ended_on__gte=F("since"), end_reason__in=EndReason.values),
            ),
            models.CheckConstraint(name="care_person_rung", condition=Q(rung__lte=max(Rung))),
        ]
        indexes = [
            models.Index(
                OpClass(F("area_code"), name="varchar_pattern_ops"),
                F("due_on"),
                name="care_person_of_area",
            ),
            models.Index(
                "climb_on",
                name="care_person_to_climb",
                condition=Q(ended_on__isnull=True, climb_on__isnull=False),
            ),
            models.Index("worker", name="care_person_worker", condition=Q(worker__isnull=False)),
            models.Index("member", name="care_person_member", condition=Q(member__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.person.name_masked

    @property
    def every(self) -> int:
        """Days between two visits."""
        return self.every_days or self.level.days

    @property
    def plan(self) -> Plan:
        return Plan(self.since, self.every, self.shorter_on, self.before_days)

    @property
    def address(self) -> str:
        """Where the person lives, as far as the register says."""
        dwelling = self.person.dwelling
        return dwelling.address.full_name if dwelling is not None else ""

    @property
    def spot(self) -> tuple[float, float] | None:
        """The pin of the dwelling, or of its building."""
        dwelling = self.person.dwelling
        if dwelling is None:
            return None
        for node in (dwelling.address, dwelling.address.building):
            if node is not None and node.lon is not None and node.lat is not None:
                return node.lon, node.lat
        return None

    @property
    def look_at_words(self) -> list[str]:
        return [str(LookAt(each).label) for each in self.look_at]

    def is_minor(self, today: date) -> bool:
        return self.person.is_minor(today)

    def standing_on(self, today: date) -> Standing:
        return standing(self.due_on, today)


class Need(models.TextChoices):
    """What somebody needs, in a word that tells nothing of their health."""

    ERRANDS = "errands", pgettext_lazy("need", "shopping or errands")
    MEALS = "meals", pgettext_lazy("need", "meals")
    DOCTOR = "doctor", pgettext_lazy("need", "doctor or medicine")
    REPAIR = "repair", pgettext_lazy("need", "a repair")
    PAPERS = "papers", pgettext_lazy("need", "papers or allowance")
    COMPANY = "company", pgettext_lazy("need", "company")
    OTHER = "other", pgettext_lazy("need", "something else")


class CareVisit(models.Model):
    """走访: somebody was met, or was not. The phone names it, so that it is there once.

    Attributes:
        planned_on: the day on which the visit was due.
        day: the civil day that it counts for.
        counts: it moved the next due day.
        distance_m: from the dwelling, where both are known; the position itself is not kept.
        words_enc: what is to be said of it.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    care = models.ForeignKey(CarePerson, models.CASCADE, related_name="visits")
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=15)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    planned_on = models.DateField()
    at = models.DateTimeField()
    day = models.DateField()
    received_at = models.DateTimeField()
    way = models.CharField(max_length=10, choices=Way.choices)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    counts = models.BooleanField()
    needs: Any = ArrayField(
        models.CharField(max_length=10, choices=Need.choices), default=list, blank=True
    )
    distance_m = models.PositiveIntegerField(null=True)
    words_enc = models.BinaryField(null=True)

    class Meta:
        db_table = "care_visit"
        ordering = ["-at", "-id"]
        verbose_name = pgettext_lazy("care", "visit")
        verbose_name_plural = pgettext_lazy("care", "visits")
        constraints = [
            models.CheckConstraint(
                name="care_visit_known",
                condition=Q(way__in=Way.values)
                & Q(outcome__in=Outcome.values)
                & Q(needs__contained_by=Need.values),
            ),
            models.CheckConstraint(
                name="care_visit_not_ahead", condition=Q(at__lte=F("received_at"))
            ),
            models.CheckConstraint(
                name="care_visit_counts_if_met",
                condition=Q(counts=False) | ~Q(outcome="not_met"),
            ),
            models.CheckConstraint(
                name="care_visit_elsewhere_met",
                condition=~Q(way="elsewhere") | ~Q(outcome="not_met"),
            ),
        ]
        indexes = [
            models.Index("care", "at", name="care_visit_of_person"),
            models.Index(
                OpClass(F("area_code"), name="varchar_pattern_ops"),
                F("planned_on"),
                name="care_visit_of_area",
            ),
            models.Index("account", "day", name="care_visit_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.care_id} {self.day}"

    @property
    def late(self) -> bool:
        return self.day > self.planned_on


class CareStep(models.Model):
    """One thing done to a place on the list. The application can add to it, and change nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    care = models.ForeignKey(CarePerson, models.DO_NOTHING, related_name="steps")
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=12)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "care_step"
        ordering = ["care_id", "seq"]
        constraints = [models.UniqueConstraint(name="care_step_once", fields=["care", "seq"])]


class CareFile(models.Model):
    """A photo that somebody took on a visit."""

    attachment = models.OneToOneField(
        Attachment, models.PROTECT, primary_key=True, related_name="care_file"
    )
    visit = models.ForeignKey(CareVisit, models.CASCADE, related_name="files")

    class Meta:
        db_table = "care_file"
        ordering = ["attachment_id"]


class CareCase(models.Model):
    """The case that an emergency on a visit became; it names nobody."""

    case = models.OneToOneField(
        Case, models.CASCADE, primary_key=True, related_name="found_on_visit"
    )
    care = models.ForeignKey(CarePerson, models.CASCADE, related_name="cases")
    visit = models.OneToOneField(CareVisit, models.CASCADE, related_name="case_link")

    class Meta:
        db_table = "care_case"
