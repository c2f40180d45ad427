"""吹哨报到 as the database keeps it: whistles, calls, their log, limits and vetoes.

A whistle on a case is told on the case's own timeline. One on a standing problem that is no case
keeps its own log, ``whistle_step``, which the application cannot change or delete; so do the steps
of every veto, which concern a unit and not the case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.people.acting import Actor
from huying.people.models import LEADERS, Account, Role, Unit

if TYPE_CHECKING:
    from datetime import datetime


class Sort(models.TextChoices):
    """What a whistle is blown for."""

    PROBLEM = "problem", _("hard problem")
    JOINT = "joint", _("joint enforcement")
    EMERGENCY = "emergency", _("emergency call")


class CallState(models.TextChoices):
    """How far a called unit is."""

    CALLED = "called", _("to answer")
    ANSWERED = "answered", _("on the way")
    PRESENT = "present", _("on the spot")
    REFUSED = "refused", _("refused, to be decided")
    EXCUSED = "excused", _("excused")
    RELEASED = "released", _("released")
    STOOD_IN = "stood_in", _("the level above stood in")


OPEN_CALLS = frozenset({CallState.CALLED, CallState.ANSWERED, CallState.PRESENT, CallState.REFUSED})


class WhistleLimit(models.Model):
    """How long a called unit may take to answer: of a district, or of all that have none."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(
        _("district"), max_length=6, blank=True, default="", help_text=_("Empty: every district.")
    )
    sort = models.CharField(_("sort of whistle"), max_length=10, choices=Sort.choices)
    minutes = models.PositiveIntegerField(_("minutes"))
    working_time = models.BooleanField(_("counted in working time only"), default=False)

    class Meta:
        db_table = "whistle_limit"
        ordering = ["district_code", "sort"]
        verbose_name = _("time to answer a whistle")
        verbose_name_plural = _("times to answer a whistle")
        constraints = [
            models.UniqueConstraint(name="whistle_limit_once", fields=["district_code", "sort"]),
            models.CheckConstraint(name="whistle_limit_some_time", condition=Q(minutes__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.district_code} {self.sort}".strip()


class WhistleQuerySet(models.QuerySet["Whistle"]):
    def visible_to(self, actor: Actor) -> Self:
        """Of a desk's or leader's area or climbed to it, and those that the post's unit was called
        by. Others see none."""
        if actor.is_system:
            return self
        if actor.role == Role.DISPATCHER or actor.role in LEADERS:
            return self.filter(caller_code__startswith=actor.area_code)
        if actor.role == Role.HANDLER and actor.unit_id is not None:
            called = Call.objects.filter(unit=actor.unit_id)
            return self.filter(pk__in=called.values("whistle"))
        return self.none()


class Whistle(models.Model):
    """吹哨: a desk calls units to a case, or to a standing problem that is no case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="whistles")
    sort = models.CharField(max_length=10, choices=Sort.choices)
    caller_code = models.CharField(max_length=12)
    title = models.CharField(max_length=60, blank=True, help_text="of a standing problem")
    area_code = models.CharField(max_length=15)
    address = models.CharField(max_length=200, blank=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    blown_at = models.DateTimeField()
    blown_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    last_seq = models.PositiveIntegerField(default=0, help_text="of its own log")

    objects = WhistleQuerySet.as_manager()

    class Meta:
        db_table = "whistle"
        ordering = ["-blown_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="whistle_on_a_case_or_a_problem",
                condition=Q(case__isnull=False, title="") | (Q(case__isnull=True) & ~Q(title="")),
            ),
            models.CheckConstraint(name="whistle_sort_known", condition=Q(sort__in=Sort.values)),
        ]
        indexes = [models.Index("caller_code", "blown_at", name="whistle_of_desk")]

    def __str__(self) -> str:
        return self.title or str(self.case)


class CallQuerySet(models.QuerySet["Call"]):
    def overdue(self, now: datetime) -> Self:
        """Those that wait for somebody longer than they should."""
        return self.filter(
            Q(state=CallState.CALLED, answer_by__lt=now)
            | Q(state=CallState.REFUSED, decide_by__lt=now)
        )


class Call(models.Model):
    """One unit that a whistle calls: asked, answered, on the spot, released, rated.

    Attributes:
        level_code: the desk that the unanswered call is with; the caller's until it climbs.
        climb_at: when it climbs by itself; empty once answered, and at the district.
        arbiter_code: the desk that decides on the unit's refusal, by ``decide_by``.
        tell_at: when leaders are told, or told again, that nobody has seen to it: of an unanswered
            call at the district, which can climb no further, and of a refusal.
        told: how often they were told of it.
    """

    State = CallState

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    whistle = models.ForeignKey(Whistle, models.CASCADE, related_name="calls")
    district_code = models.CharField(max_length=6)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="calls")
    state = models.CharField(max_length=10, choices=CallState.choices, default=CallState.CALLED)
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    climb_at = models.DateTimeField(null=True)
    level_code = models.CharField(max_length=12)
    climbs = models.PositiveSmallIntegerField(default=0)
    missed_at = models.DateTimeField(null=True, help_text="the first limit that passed unanswered")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    arrived_at = models.DateTimeField(null=True)
    arrived_grid = models.CharField(max_length=15, blank=True)
    arrived_m = models.PositiveIntegerField(null=True, help_text="metres from the spot")
    refused_at = models.DateTimeField(null=True)
    refuse_reason = models.CharField(max_length=16, blank=True)
    arbiter_code = models.CharField(max_length=12, blank=True)
    decide_by = models.DateTimeField(null=True, help_text="on the refusal, while it is undecided")
    tell_at = models.DateTimeField(null=True)
    told = models.PositiveSmallIntegerField(default=0)
    upheld = models.BooleanField(null=True, help_text="whether the refusal was found right")
    ended_at = models.DateTimeField(null=True)
    rated_at = models.DateTimeField(null=True)
    attendance = models.PositiveSmallIntegerField(null=True)
    cooperation = models.PositiveSmallIntegerField(null=True)
    outcome = models.PositiveSmallIntegerField(null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        db_table = "whistle_call"
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="call_state_known", condition=Q(state__in=CallState.values)
            ),
            models.UniqueConstraint(
                name="call_one_open_a_unit",
                fields=["whistle", "unit"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="call_ended_when_over",
                condition=Q(state__in=sorted(OPEN_CALLS), ended_at__isnull=True)
                | (~Q(state__in=sorted(OPEN_CALLS)) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="call_marks_from_1_to_5",
                condition=Q(
                    rated_at__isnull=True,
                    attendance__isnull=True,
                    cooperation__isnull=True,
                    outcome__isnull=True,
                )
                | Q(
                    rated_at__isnull=False,
                    attendance__range=(1, 5),
                    cooperation__range=(1, 5),
                    outcome__range=(1, 5),
                ),
            ),
            models.CheckConstraint(
                name="call_climbs_only_unanswered",
                condition=Q(climb_at__isnull=True) | Q(state="called"),
            ),
            models.CheckConstraint(
                name="call_told_of_while_somebody_is_to_act",
                condition=Q(tell_at__isnull=True)
                | Q(state="called", climb_at__isnull=True)
                | Q(state="refused"),
            ),
            models.CheckConstraint(
                name="call_decided_by_when_refused",
                condition=Q(state="refused", decide_by__isnull=False)
                | (~Q(state="refused") & Q(decide_by__isnull=True)),
            ),
        ]
        indexes = [
            models.Index("climb_at", name="call_to_climb", condition=Q(climb_at__isnull=False)),
            models.Index("tell_at", name="call_to_tell_of", condition=Q(tell_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_CALLS

    @property
    def late(self) -> bool:
        """Whether a limit to answer passed before the unit answered."""
        return self.missed_at is not None

    @property
    def due_at(self) -> datetime | None:
        """When somebody is to have acted: the unit, or who decides on its refusal."""
        return self.answer_by if self.state == CallState.CALLED else self.decide_by

    def overdue(self, now: datetime) -> bool:
        """Whether that has passed."""
        return self.due_at is not None and self.due_at < now

    @property
    def may_be_vetoed(self) -> bool:
        """Missed, or refused and told to answer."""
        return self.state != CallState.EXCUSED and (self.late or self.upheld is False)

    def minutes_to(self, moment: datetime | None) -> int | None:
        """Whole minutes from being asked to a moment."""
        return None if moment is None else int((moment - self.asked_at).total_seconds() // 60)


class WhistleStep(models.Model):
    """One thing that happened to a standing problem's whistle, or to a veto. Append only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    whistle = models.ForeignKey(Whistle, models.DO_NOTHING, related_name="steps")
    district_code = models.CharField(max_length=6)
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "whistle_step"
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(name="whistle_step_once", fields=["whistle", "seq"]),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb}"


class WhistleText(models.Model):
    """Words that came with a step of a whistle's own log; they can be erased, the step cannot."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    whistle = models.ForeignKey(Whistle, models.CASCADE, related_name="texts")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=12)
    seq = models.PositiveIntegerField()
    body = models.TextField()

    class Meta:
        db_table = "whistle_text"
        ordering = ["seq", "id"]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class VetoQuerySet(models.QuerySet["Veto"]):
    def in_force(self) -> Self:
        """Those that count against their unit: confirmed, and not lifted on appeal.

        One that is appealed counts until the appeal is decided.
        """
        return self.filter(state__in=["confirmed", "appealed", "upheld"])


class Veto(models.Model):
    """一票否决: a missed or refused call that is to weigh on the unit's assessment."""

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("veto", "proposed")
        REJECTED = "rejected", _("not approved")
        CONFIRMED = "confirmed", pgettext_lazy("veto", "in force")
        APPEALED = "appealed", _("appealed against")
        UPHELD = "upheld", _("in force after appeal")
        LIFTED = "lifted", _("lifted on appeal")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    call = models.OneToOneField(Call, models.PROTECT, related_name="veto")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="vetoes")
    district_code = models.CharField(max_length=6)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposer_code = models.CharField(max_length=12)
    approver_code = models.CharField(max_length=12, help_text="the desk or leaders that decide")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    evidence = models.JSONField(default=list, help_text="numbers and seqs that it refers to")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    appealed_at = models.DateTimeField(null=True)
    appealed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    objects = VetoQuerySet.as_manager()

    class Meta:
        db_table = "veto"
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="veto_approved_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="veto_appeal_settled_by_a_third",
                condition=Q(settled_by__isnull=True)
                | (~Q(settled_by=F("proposed_by")) & ~Q(settled_by=F("decided_by"))),
            ),
        ]
        indexes = [models.Index("unit", "decided_at", name="veto_of_unit")]

    def __str__(self) -> str:
        return f"{self.unit} {self.state}"
