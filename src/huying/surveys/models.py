"""Registers and surveys that somebody designed, what is to be visited, and what was entered."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Self

import orjson
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Attachment
from huying.forms.models import FormVersion
from huying.people.acting import Actor
from huying.people.models import LEADERS, ON_FOOT, Role
from huying.registry.models import Address, Enterprise, Record
from huying.registry.models.records import RecordQuerySet, held_together, usual_indexes

CHECKING: Final = frozenset({Role.DISPATCHER, Role.CHECKER, *LEADERS})
"""Who follows how far the grids are, and looks at what was entered."""

LOOKING: Final = ON_FOOT | CHECKING
"""Who sees what was entered in their area. Administrators design, and see none of it."""


class Kind(models.TextChoices):
    """A register stays open; a survey has a deadline."""

    REGISTER = "register", pgettext_lazy("survey", "register")
    SURVEY = "survey", pgettext_lazy("survey", "survey")


class State(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("survey", "being designed")
    OPEN = "open", pgettext_lazy("survey", "open")
    CLOSED = "closed", pgettext_lazy("survey", "closed")


def around(code: str) -> list[str]:
    """The area itself and those that hold it."""
    return [code[:length] for length in (6, 9, 12, 15) if length <= len(code)]


class SurveyQuerySet(models.QuerySet["Survey"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the post's office or of offices in its area, and open ones that reach it."""
        if actor.is_system:
            return self
        if not actor.area_code:
            return self.none()
        if actor.role == Role.ADMINISTRATOR:
            return self.filter(district_code=actor.area_code[:6])
        if actor.role not in LOOKING:
            return self.none()
        seen = self._reaching(actor.area_code, around(actor.area_code))
        if actor.role not in ON_FOOT:
            seen |= Q(area_code__startswith=actor.area_code)
        return self.filter(seen)

    def seen_on_foot(self, area: Any, around_it: Any) -> Self:
        """What `visible_to` is for those who walk a grid; both may be gaps of a question
        (`postgres.frozen`)."""
        return self.filter(self._reaching(area, around_it))

    @staticmethod
    def _reaching(area: Any, around_it: Any) -> Q:
        """The open and closed ones that reach an area, or one that holds it."""
        reached = SurveyArea.objects.filter(Q(code__startswith=area) | Q(code__any_of=around_it))
        return Q(pk__in=reached.values("survey")) & ~Q(state=State.DRAFT)

    def running(self) -> Self:
        return self.filter(state=State.OPEN)

    def to_climb(self, now: datetime) -> Self:
        """Those of whose deadline somebody must be told."""
        return self.filter(state=State.OPEN, climb_at__lt=now)


class Survey(models.Model):
    """自定义台账 or 专项任务: what is asked, where, and until when.

    Attributes:
        area_code: the office that made it, a town or the district.
        sample_percent: so many in a hundred entries are drawn for a look by somebody else.
        stale_days: after how many days somebody should look at an entry again.
        rung, climb_at: how far its deadline has climbed, and when it goes on.
        version: counts its changes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=9)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    title = models.CharField(max_length=40)
    why = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    due_at = models.DateTimeField(null=True)
    sample_percent = models.PositiveSmallIntegerField(default=10)
    stale_days = models.PositiveSmallIntegerField(default=365)
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    rung = models.PositiveSmallIntegerField(default=0)
    climb_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        db_table = "survey"
        ordering = ["kind", "-made_at", "id"]
        verbose_name = _("register or survey")
        verbose_name_plural = _("registers and surveys")
        constraints = [
            models.CheckConstraint(
                name="survey_of_town_or_district",
                condition=Q(area_code__regex=r"^(\d{6}|\d{9})$")
                & Q(district_code=Left("area_code", 6)),
            ),
            models.CheckConstraint(
                name="survey_known",
                condition=Q(kind__in=Kind.values) & Q(state__in=State.values) & ~Q(title=""),
            ),
            models.CheckConstraint(
                name="survey_deadline_of_surveys",
                condition=Q(kind="register", due_at__isnull=True)
                | Q(kind="survey", due_at__isnull=False),
            ),
            models.CheckConstraint(
                name="survey_share", condition=Q(sample_percent__lte=100) & Q(stale_days__gte=1)
            ),
            models.CheckConstraint(
                name="survey_opened",
                condition=Q(state="draft", opened_at__isnull=True)
                | Q(state="open", opened_at__isnull=False)
                | Q(state="closed", opened_at__isnull=False, closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="survey_climbs_to_deadline",
                condition=Q(climb_at__isnull=True) | Q(due_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index("area_code", "state", name="survey_of_area"),
            models.Index("climb_at", name="survey_to_climb", condition=Q(climb_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def owner(self) -> str:
        """Under which name its questions are kept."""
        return f"survey:{self.pk.hex}"


class SurveyArea(models.Model):
    """A town, community or grid that it is for; or the whole district."""

    id = models.BigAutoField(primary_key=True)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="areas")
    code = models.CharField(max_length=15)

    class Meta:
        db_table = "survey_area"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(name="survey_area_once", fields=["survey", "code"]),
            models.CheckConstraint(
                name="survey_area_is_one",
                condition=Q(code__regex=r"^(\d{6}|\d{9}|\d{12}|\d{15})$"),
            ),
        ]
        indexes = [models.Index("code", name="survey_area_code")]


class AreaQuerySet(models.QuerySet[Any]):
    """Rows with the code of where they lie."""

    def visible_to(self, actor: Actor) -> Self:
        """Those in the post's area; of drafts they are its office's alone."""
        if actor.is_system:
            return self
        if actor.role not in LOOKING or not actor.area_code:
            return self.none()
        return self.filter(area_code__startswith=actor.area_code)


def position(row: SurveyTarget | SurveyEntry) -> tuple[float, float] | None:
    """Where a target or an entry is: its own position, else its address's or building's."""
    places: list[Any] = [row]
    if row.address is not None:
        places += [row.address, row.address.building]
    for each in places:
        if each is not None and each.lon is not None and each.lat is not None:
            return each.lon, each.lat
    return None


class SurveyTarget(models.Model):
    """走访对象: one thing that is to be visited.

    Attributes:
        lon, lat: its own position; without one it lies where its address lies.
        name, place: as it was told, or as the base registers call it.
        done_at: somebody entered it; empty again when that is sent back.
        obstacle: why it cannot be visited; counts as done without an entry.
    """

    class Obstacle(models.TextChoices):
        GONE = "gone", pgettext_lazy("survey", "moved away or pulled down")
        NOT_FOUND = "not_found", pgettext_lazy("survey", "not found")
        NOBODY = "nobody", pgettext_lazy("survey", "nobody there, several times")
        REFUSED = "refused", pgettext_lazy("survey", "refuses")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="targets")
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=15)
    name = models.CharField(max_length=80)
    place = models.CharField(max_length=120, blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    obstacle = models.CharField(max_length=10, choices=Obstacle.choices, blank=True, default="")
    obstacle_by = models.BigIntegerField(null=True)

    objects = AreaQuerySet.as_manager()

    class Meta:
        db_table = "survey_target"
        ordering = ["area_code", "name", "id"]
        constraints = [
            models.CheckConstraint(
                name="survey_target_in_an_area",
                condition=Q(area_code__regex=r"^(\d{12}|\d{15})$")
                & Q(district_code=Left("area_code", 6)),
            ),
            models.CheckConstraint(name="survey_target_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="survey_target_on_earth",
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="survey_target_done_or_not",
                condition=Q(obstacle="")
                | Q(obstacle__in=["gone", "not_found", "nobody", "refused"], done_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="survey_target_unit_once",
                fields=["survey", "enterprise"],
                condition=Q(enterprise__isnull=False),
            ),
            models.UniqueConstraint(
                name="survey_target_address_once",
                fields=["survey", "address", "name"],
                condition=Q(address__isnull=False, enterprise__isnull=True),
            ),
            models.UniqueConstraint(
                name="survey_target_words_once",
                fields=["survey", "area_code", "name", "place"],
                condition=Q(address__isnull=True, enterprise__isnull=True),
            ),
        ]
        indexes = [models.Index("survey", "area_code", name="survey_target_of_area")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.done_at is None and not self.obstacle


class SurveyGrid(models.Model):
    """本网格已查完: who walks a grid says that everything in it was entered, be it nothing."""

    id = models.BigAutoField(primary_key=True)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="grids")
    grid_code = models.CharField(max_length=15)
    finished_at = models.DateTimeField()
    finished_by = models.BigIntegerField()

    class Meta:
        db_table = "survey_grid"
        constraints = [
            models.UniqueConstraint(name="survey_grid_once", fields=["survey", "grid_code"]),
            models.CheckConstraint(
                name="survey_grid_is_one", condition=Q(grid_code__regex=r"^\d{15}$")
            ),
        ]


class EntryQuerySet(RecordQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """The own grid of who walks there; the area of desks, checkers and leaders."""
        if actor.is_system:
            return self
        if actor.role not in LOOKING or not actor.area_code:
            return self.none()
        return self.filter(area_code__startswith=actor.area_code)

    def to_look(self) -> Self:
        """Drawn for a look that nobody has taken yet."""
        return self.living().filter(state=SurveyEntry.State.KEPT, sampled=True)


class SurveyEntry(Record):
    """One thing that was entered, at the place where it is. The phone names it: it is there once.

    Attributes:
        name: what lists call it: the target's name, or the first open answer in words.
        place: where it is, in words.
        words: what it is found by.
        lon, lat: its own position; without one it lies where its address lies.
        told_by, told_at: who answered last, and when it was where they stood.
        sampled: drawn for a look when it was told last.
        looked_by: the other person who let it pass or sent it back.
    """

    class State(models.TextChoices):
        KEPT = "kept", pgettext_lazy("entry", "entered")
        PASSED = "passed", pgettext_lazy("entry", "looked at and good")
        SENT_BACK = "sent_back", pgettext_lazy("entry", "sent back")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="entries")
    target = models.ForeignKey(SurveyTarget, models.SET_NULL, null=True, related_name="entries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.KEPT)
    name = models.CharField(max_length=80)
    place = models.CharField(max_length=120, blank=True, default="")
    words = models.TextField(blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    address = models.ForeignKey(Address, models.PROTECT, null=True, related_name="+")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+")
    told_by = models.BigIntegerField()
    told_at = models.DateTimeField()
    sampled = models.BooleanField(default=False)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.BigIntegerField(null=True)
    last_seq = models.PositiveIntegerField(default=0)

    objects = EntryQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        db_table = "survey_entry"
        ordering = ["-told_at", "id"]
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        constraints = [
            *held_together("survey_entry"),
            models.CheckConstraint(
                name="survey_entry_known",
                condition=Q(state__in=["kept", "passed", "sent_back"]) & ~Q(name=""),
            ),
            models.CheckConstraint(
                name="survey_entry_on_earth",
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__range=(-180, 180), lat__range=(-90, 90)),
            ),
            models.CheckConstraint(
                name="survey_entry_looked_at_by_another",
                condition=Q(state="kept")
                | Q(looked_at__isnull=False, looked_by__isnull=False) & ~Q(looked_by=F("told_by")),
            ),
            models.UniqueConstraint(
                name="survey_entry_of_target_once",
                fields=["target"],
                condition=Q(target__isnull=False, valid_until__isnull=True),
            ),
        ]
        indexes = [
            *usual_indexes("survey_entry"),
            models.Index("survey", "area_code", "told_at", name="survey_entry_of_survey"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stale_at(self) -> datetime:
        """From when on somebody should look at it again."""
        return (self.checked_at or self.made_at) + timedelta(days=self.survey.stale_days)


class SurveyAnswers(models.Model):
    """What was answered to one version of the questions; the latest counts. Erasable."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="given by the phone")
    entry = models.ForeignKey(SurveyEntry, models.CASCADE, related_name="answers")
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField(help_text="of the step it came with")
    body = models.TextField(help_text="answers that tell of no person, as JSON by question")
    masked = models.TextField(help_text="the other answers as they may be shown, as JSON")
    sealed = models.BinaryField(null=True, help_text="the other answers, encrypted")

    class Meta:
        db_table = "survey_answers"
        ordering = ["entry_id", "seq"]
        constraints = [models.UniqueConstraint(name="survey_answers_once", fields=["entry", "seq"])]

    @property
    def plain(self) -> dict[str, Any]:
        """The answers that tell of no person."""
        known: dict[str, Any] = orjson.loads(self.body)
        return known

    @property
    def shown(self) -> dict[str, Any]:
        """The answers as whoever sees the entry may see them."""
        masks: dict[str, Any] = orjson.loads(self.masked)
        return self.plain | masks

    @property
    def sealed_names(self) -> tuple[str, ...]:
        """Which questions have answers that are kept encrypted."""
        return tuple(orjson.loads(self.masked))


class SurveyMark(models.Model):
    """A name or number in sealed answers: by it what is kept of somebody is found again.

    Attributes:
        value_enc: what the mark is made of, so that a new key can mark it anew.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    answers = models.ForeignKey(SurveyAnswers, models.CASCADE, related_name="marks")
    value_enc = models.BinaryField()
    value_index = models.BinaryField(max_length=32)

    class Meta:
        db_table = "survey_mark"
        indexes = [models.Index("value_index", name="survey_mark_value")]


class SurveyStep(models.Model):
    """One thing done to an entry. The application can add to it, and change nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(SurveyEntry, models.DO_NOTHING, related_name="steps")
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=10)
    at = models.DateTimeField()
    by_account = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "survey_step"
        ordering = ["entry_id", "seq"]
        constraints = [models.UniqueConstraint(name="survey_step_once", fields=["entry", "seq"])]


class SurveyText(models.Model):
    """Words that came with a step, apart from the log: they can be erased."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(SurveyEntry, models.CASCADE, related_name="texts")
    seq = models.PositiveIntegerField(help_text="of the step it came with")
    body = models.TextField()

    class Meta:
        db_table = "survey_text"
        constraints = [models.UniqueConstraint(name="survey_text_once", fields=["entry", "seq"])]


class SurveyPhoto(models.Model):
    """A photo that answers a question of an entry."""

    attachment = models.OneToOneField(
        Attachment, models.PROTECT, primary_key=True, related_name="survey_photo"
    )
    entry = models.ForeignKey(SurveyEntry, models.CASCADE, related_name="photos")

    class Meta:
        db_table = "survey_photo"
        ordering = ["attachment_id"]


class SurveyFollowed(models.Model):
    """Up to which change of a district's outlines the entries' grids were derived."""

    district_code = models.CharField(max_length=6, primary_key=True)
    version = models.BigIntegerField()

    class Meta:
        db_table = "survey_followed"
