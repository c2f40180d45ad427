"""Suggestions of residents and members, and the topics that a community sorts them by."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.neighbours.models.wishes import IN_A_COMMUNITY, Wish
from huying.neighbours.sight import may_look
from huying.people.acting import Actor
from huying.people.models import Account


class SuggestionTopic(models.Model):
    """What suggestions are about; each community has its own list.

    Attributes:
        signs: words that a suggestion of this topic is likely to hold.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    name = models.CharField(max_length=20)
    signs: models.JSONField[Any, Any] = models.JSONField(default=list)
    place = models.PositiveSmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "suggestion_topic"
        ordering = ["area_code", "place", "name"]
        verbose_name = _("topic of suggestions")
        verbose_name_plural = _("topics of suggestions")
        constraints = [
            models.CheckConstraint(
                name="suggestion_topic_in_a_community", condition=IN_A_COMMUNITY
            ),
            models.CheckConstraint(name="suggestion_topic_named", condition=~Q(name="")),
            models.UniqueConstraint(name="suggestion_topic_once", fields=["area_code", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class SuggestionState(models.TextChoices):
    NEW = "new", pgettext_lazy("neighbours", "to be looked at")
    ADOPTED = "adopted", pgettext_lazy("neighbours", "adopted")
    DONE = "done", pgettext_lazy("neighbours", "carried out")
    ANSWERED = "answered", pgettext_lazy("neighbours", "answered")


class Source(models.TextChoices):
    PUBLIC = "public", pgettext_lazy("neighbours", "public page")
    DESK = "desk", pgettext_lazy("neighbours", "told at the desk")
    MEMBER = "member", pgettext_lazy("neighbours", "member")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the area for a desk or leader; one's own for who helps."""
        if actor.is_system:
            return self
        if may_look(actor):
            return self.filter(area_code__startswith=actor.area_code)
        if actor.account_id is not None:
            return self.filter(account=actor.account_id)
        return self.none()


class Suggestion(models.Model):
    """意见建议: what somebody wants to be better. Of a resident's code only its hash is kept.

    Attributes:
        account: the member or clerk who put it in; none for what came by the public page.
        answer: what the one who suggested is told.
        done_words: what was done, for everybody to read.
        wish, case: what it was turned into.
        form_hash: the public form's number; the same form makes one suggestion.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    source = models.CharField(max_length=8, choices=Source.choices)
    state = models.CharField(
        max_length=8, choices=SuggestionState.choices, default=SuggestionState.NEW
    )
    topic = models.ForeignKey(
        SuggestionTopic, models.PROTECT, null=True, related_name="suggestions"
    )
    words = models.TextField()
    spot = models.CharField(max_length=100, blank=True, default="")
    phone_enc = models.BinaryField(null=True)
    phone_masked = models.CharField(max_length=20, blank=True, default="")
    phone_index = models.BinaryField(null=True, max_length=32)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    code_hash = models.BinaryField(max_length=32, unique=True)
    form_hash = models.BinaryField(max_length=32, unique=True, null=True)
    said_digest = models.BinaryField(max_length=32)
    collected_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_words = models.TextField(blank=True, default="")
    wish = models.ForeignKey(Wish, models.SET_NULL, null=True, related_name="suggestions")
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        db_table = "suggestion"
        ordering = ["-collected_at", "-id"]
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        constraints = [
            models.CheckConstraint(name="suggestion_in_a_community", condition=IN_A_COMMUNITY),
            models.CheckConstraint(
                name="suggestion_state_known", condition=Q(state__in=SuggestionState.values)
            ),
            models.CheckConstraint(
                name="suggestion_answered_in_words",
                condition=~Q(state="answered") | ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="suggestion_done_at_a_time",
                condition=Q(state="done", done_at__isnull=False)
                | (~Q(state="done") & Q(done_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="suggestion_becomes_one_thing",
                condition=Q(wish__isnull=True) | Q(case__isnull=True),
            ),
        ]
        indexes = [
            models.Index("area_code", "state", "collected_at", name="suggestion_of_area"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
