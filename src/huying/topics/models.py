"""Topics as the database keeps them: which cases belong, what became of them, who was answered."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.people.models import Account


class Topic(models.Model):
    """热点: reports of one problem at one place.

    Attributes:
        area_code: the smallest division that holds all its reports.
        names, words: that its reports share, each with the number of reports that do.
        case: the main case that handles them all, once the desk has chosen one.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("topics", "open")
        DISMISSED = "dismissed", pgettext_lazy("topics", "dismissed")
        JOINED = "joined", pgettext_lazy("topics", "joined to another")

    class Reason(models.TextChoices):
        THEME = "theme", _("one kind of matter, but not one problem")
        SETTLED = "settled", _("settled and answered")
        OTHER = "other", _("another reason")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    names = models.JSONField(default=list)
    words = models.JSONField(default=list)
    likeness = models.FloatField(default=0)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    made_at = models.DateTimeField()
    case = models.ForeignKey(Case, models.SET_NULL, null=True, related_name="+")
    joined_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    ended_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=7, choices=Reason.choices, blank=True, default="")

    heat = models.FloatField(default=0)
    reports = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    week = models.PositiveIntegerField(default=0)
    week_before = models.PositiveIntegerField(default=0)
    days = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "topic"
        ordering = ["-heat"]
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            models.CheckConstraint(
                name="topic_dismissed_with_a_reason",
                condition=~Q(state="dismissed") | (~Q(reason="") & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="topic_not_joined_to_itself", condition=~Q(joined_into=F("id"))
            ),
        ]
        indexes = [models.Index(fields=["district_code", "state", "-heat"], name="topic_hottest")]

    def __str__(self) -> str:
        return self.title


class TopicMember(models.Model):
    """A case of a topic; removed by a person, it stays out of this topic."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="members")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "topic_member"
        constraints = [
            models.UniqueConstraint(name="topic_member_once", fields=["topic", "case"]),
            models.UniqueConstraint(
                name="topic_member_of_one_topic",
                fields=["case"],
                condition=Q(removed_at__isnull=True),
            ),
        ]


class TopicAnswer(models.Model):
    """The one answer to all who reported. Words of the desk's, not of a resident's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="answers")
    text = models.TextField()
    by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "topic_answer"
        ordering = ["-at"]


class TopicTold(models.Model):
    """Somebody who was told an answer, or is to be called; under the report they are told of."""

    class Way(models.TextChoices):
        LINK = "link", _("on the page they follow the report by")
        PHONE = "phone", pgettext_lazy("topics", "by phone")
        INBOX = "inbox", _("in the inbox")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    answer = models.ForeignKey(TopicAnswer, models.CASCADE, related_name="told")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    way = models.CharField(max_length=5, choices=Way.choices)
    told_at = models.DateTimeField(null=True, help_text="empty until they were called")
    told_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")

    class Meta:
        db_table = "topic_told"
        constraints = [
            models.UniqueConstraint(name="topic_told_once", fields=["answer", "case"]),
            models.CheckConstraint(
                name="topic_told_at_once_but_by_phone",
                condition=Q(way="phone") | Q(told_at__isnull=False),
            ),
        ]


class TopicBuilt(models.Model):
    """Until which report the topics of a town were gathered."""

    area_code = models.CharField(max_length=9, primary_key=True)
    seen_until = models.DateTimeField()

    class Meta:
        db_table = "topic_built"
