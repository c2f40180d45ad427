"""Wishes and projects, who claimed them, what came of it, and how both sides found it."""

from __future__ import annotations

from typing import Any, Final, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Attachment
from huying.neighbours.sight import may_help, may_look, near
from huying.people.acting import Actor
from huying.people.models import Account, Role, Unit

IN_A_COMMUNITY: Final = Q(area_code__regex=r"^\d{12}$") & Q(district_code=Left("area_code", 6))

MOST_CLAIMS: Final = 200
LONGEST_STALL: Final = 60


class Sort(models.TextChoices):
    """What is to be claimed."""

    WISH = "wish", pgettext_lazy("neighbours", "wish")
    PROJECT = "project", pgettext_lazy("neighbours", "project")


class WishState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("neighbours", "to be published")
    OPEN = "open", pgettext_lazy("neighbours", "published")
    DONE = "done", pgettext_lazy("neighbours", "done")
    CLOSED = "closed", pgettext_lazy("neighbours", "closed")


class WishQuerySet(models.QuerySet["Wish"]):
    def visible_to(self, actor: Actor) -> Self:
        """A desk's own area; for who helps what is published around them and what they claimed."""
        if actor.is_system:
            return self
        if may_look(actor):
            return self.filter(area_code__startswith=actor.area_code)
        if may_help(actor):
            published = near(actor) & Q(state__in=[WishState.OPEN, WishState.DONE])
            return self.filter(published | Q(pk__in=WishClaim.objects.of(actor).values("wish")))
        return self.none()

    def public(self) -> Self:
        """What everybody may read."""
        return self.filter(state__in=[WishState.OPEN, WishState.DONE])


class Wish(models.Model):
    """微心愿、微项目: something that neighbours can take on. Its words are for everybody to read.

    Attributes:
        capacity: how many may claim it at a time.
        claim_by: the last day on which it can be claimed.
        due_on: by when it should be done.
        stall_days: a claim of which nothing is heard for so many days returns to the list.
        version: counts changes, so that nobody writes over another's.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    sort = models.CharField(max_length=8, choices=Sort.choices)
    state = models.CharField(max_length=8, choices=WishState.choices, default=WishState.DRAFT)
    title = models.CharField(max_length=60)
    words = models.TextField()
    capacity = models.PositiveSmallIntegerField(default=1)
    claim_by = models.DateField(null=True)
    due_on = models.DateField(null=True)
    stall_days = models.PositiveSmallIntegerField(default=7)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    objects = WishQuerySet.as_manager()

    class Meta:
        db_table = "wish"
        ordering = ["-made_at", "-id"]
        verbose_name = _("wish or project")
        verbose_name_plural = _("wishes and projects")
        constraints = [
            models.CheckConstraint(name="wish_in_a_community", condition=IN_A_COMMUNITY),
            models.CheckConstraint(name="wish_titled", condition=~Q(title="")),
            models.CheckConstraint(name="wish_sort_known", condition=Q(sort__in=Sort.values)),
            models.CheckConstraint(
                name="wish_state_known", condition=Q(state__in=WishState.values)
            ),
            models.CheckConstraint(
                name="wish_capacity", condition=Q(capacity__range=(1, MOST_CLAIMS))
            ),
            models.CheckConstraint(
                name="wish_stalls", condition=Q(stall_days__range=(1, LONGEST_STALL))
            ),
            models.CheckConstraint(
                name="wish_published_before_it_is_claimed",
                condition=Q(state__in=["draft", "closed"]) | Q(published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="wish_due_after_the_claiming",
                condition=Q(claim_by__isnull=True)
                | Q(due_on__isnull=True)
                | Q(due_on__gte=F("claim_by")),
            ),
        ]
        indexes = [models.Index("area_code", "state", name="wish_of_area")]

    def __str__(self) -> str:
        return self.title


class ClaimState(models.TextChoices):
    RUNNING = "running", pgettext_lazy("neighbours", "being done")
    REPORTED = "reported", pgettext_lazy("neighbours", "result told")
    DONE = "done", pgettext_lazy("neighbours", "approved")
    STALLED = "stalled", pgettext_lazy("neighbours", "returned to the list")
    GIVEN_UP = "given_up", pgettext_lazy("neighbours", "given up")
    CLOSED = "closed", pgettext_lazy("neighbours", "ended with the wish")


HOLDING: Final = (ClaimState.RUNNING, ClaimState.REPORTED, ClaimState.DONE)
"""Claims that take up one of the places."""


class WishClaimQuerySet(models.QuerySet["WishClaim"]):
    def of(self, actor: Actor) -> Self:
        """A member's own; a handler's those of the unit they act for."""
        if actor.role == Role.HANDLER and actor.unit_id is not None:
            return self.filter(for_unit=True, unit=actor.unit_id)
        if actor.role == Role.MEMBER:
            return self.filter(for_unit=False, account=actor.account_id)
        return self.none()

    def holding(self) -> Self:
        return self.filter(state__in=HOLDING)


class WishClaim(models.Model):
    """认领: a member or a unit takes a wish on.

    Attributes:
        unit: the branch, team or organisation that it counts for.
        for_unit: the unit as such claimed it, not the person alone.
        heard_at: when something was last reported of it.
        urged_at: when the claimant was last reminded.
        result, reason, asked: free words of the claimant, and of the desk that wants more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    wish = models.ForeignKey(Wish, models.CASCADE, related_name="claims")
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    for_unit = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ClaimState.choices, default=ClaimState.RUNNING)
    claimed_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    urged_at = models.DateTimeField(null=True)
    progress = models.TextField(blank=True, default="")
    result = models.TextField(blank=True, default="")
    asked = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = WishClaimQuerySet.as_manager()

    class Meta:
        db_table = "wish_claim"
        ordering = ["-claimed_at", "-id"]
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.CheckConstraint(
                name="wish_claim_state_known", condition=Q(state__in=ClaimState.values)
            ),
            models.CheckConstraint(
                name="wish_claim_reported",
                condition=~Q(state__in=["reported", "done"]) | Q(reported_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="wish_claim_once_a_person",
                fields=["wish", "account"],
                condition=Q(state__in=["running", "reported", "done"], for_unit=False),
            ),
            models.UniqueConstraint(
                name="wish_claim_once_a_unit",
                fields=["wish", "unit"],
                condition=Q(state__in=["running", "reported", "done"], for_unit=True),
            ),
        ]
        indexes = [
            models.Index("heard_at", name="wish_claim_running", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.wish_id} {self.state}"


class Side(models.TextChoices):
    """Who rates."""

    RESIDENT = "resident", pgettext_lazy("neighbours", "the resident")
    CLAIMANT = "claimant", pgettext_lazy("neighbours", "who did it")


class ClaimRating(models.Model):
    """双向考评: the resident rates what was done, who did it rates the community's support."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    claim = models.ForeignKey(WishClaim, models.CASCADE, related_name="ratings")
    side = models.CharField(max_length=8, choices=Side.choices)
    suggestion = models.ForeignKey("Suggestion", models.CASCADE, null=True, related_name="ratings")
    stars = models.PositiveSmallIntegerField()
    words = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "wish_rating"
        ordering = ["at", "id"]
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.CheckConstraint(name="wish_rating_stars", condition=Q(stars__range=(1, 5))),
            models.CheckConstraint(
                name="wish_rating_of_a_side",
                condition=Q(side="resident", suggestion__isnull=False)
                | Q(side="claimant", suggestion__isnull=True),
            ),
            models.UniqueConstraint(
                name="wish_rating_once_a_resident",
                fields=["claim", "suggestion"],
                condition=Q(side="resident"),
            ),
            models.UniqueConstraint(
                name="wish_rating_once_a_claimant",
                fields=["claim"],
                condition=Q(side="claimant"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.stars}"


class Stage(models.TextChoices):
    BEFORE = "before", pgettext_lazy("neighbours", "before")
    AFTER = "after", pgettext_lazy("neighbours", "after")


class NeighbourPhoto(models.Model):
    """A photo of a suggestion or of a claim's result. The desk decides whether everybody sees it.

    Attributes:
        shown: nobody can be recognised in it, somebody at the desk has said; it is public.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    attachment = models.OneToOneField(Attachment, models.CASCADE, related_name="of_neighbours")
    suggestion = models.ForeignKey("Suggestion", models.CASCADE, null=True, related_name="photos")
    claim = models.ForeignKey(WishClaim, models.CASCADE, null=True, related_name="photos")
    stage = models.CharField(max_length=8, choices=Stage.choices)
    shown = models.BooleanField(default=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "neighbour_photo"
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                name="neighbour_photo_of_one_thing",
                condition=Q(suggestion__isnull=False, claim__isnull=True)
                | Q(suggestion__isnull=True, claim__isnull=False),
            ),
        ]


class NeighbourStep(models.Model):
    """What was done, by whom, when. Only added to; it holds no words and nothing of residents.

    Attributes:
        subject, subject_id: the table and the row that it was done to.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    subject = models.CharField(max_length=24)
    subject_id = models.UUIDField()
    verb = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    post_id = models.BigIntegerField(null=True)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        db_table = "neighbour_step"
        ordering = ["at", "id"]
        indexes = [models.Index("subject_id", "at", name="neighbour_step_of_subject")]
