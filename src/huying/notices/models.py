"""The inbox, and what leaves the house, as the database keeps them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.notices.kinds import KINDS
from huying.people.models import Account


class Notice(models.Model):
    """One thing that one person was told.

    ``key`` names the occasion (a case's event, a rung of the ladder): telling of the same occasion
    twice tells it once, whoever repeats it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="notices")
    district_code = models.CharField(max_length=6)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    alarm = models.BooleanField()
    case_id = models.UUIDField(null=True)
    case_number = models.CharField(max_length=25, blank=True)
    path = models.CharField(max_length=200, blank=True, help_text="the page of ours it leads to")
    data = models.JSONField(default=dict, help_text="what fills in the kind's words")
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(
        db_default=Now(), help_text="when it came into the inbox, by the database's clock"
    )
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "notice"
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="notice_once", fields=["account", "kind", "key"]),
        ]
        indexes = [
            models.Index(
                "account", "id", name="notice_unread", condition=models.Q(read_at__isnull=True)
            ),
            models.Index("account", "id", name="notice_of_account"),
            # What came in the last half minute, for whoever has a page open; and what is old.
            models.Index("told_at", name="notice_by_time"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        # A kind that is told of no more has no words; what was told of it stays until it is old.
        return str(KINDS[self.kind].title) if self.kind in KINDS else gettext("notice")

    @property
    def body(self) -> str:
        """The sentence in the reader's language."""
        data: dict[str, Any] = self.data
        return str(KINDS[self.kind].body).format_map(data) if self.kind in KINDS else ""


class Channel(models.TextChoices):
    """Ways out of the house to a person."""

    WECOM = "wecom", _("WeCom")
    SMS = "sms", _("SMS")
    APPRISE = "apprise", _("E-mail or another service")


WEBHOOK = "webhook"


class NoticeAddress(models.Model):
    """Where a person is reached: a WeCom user id, a phone, an e-mail. Encrypted, shown masked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    value_enc = models.BinaryField()
    masked = models.CharField(max_length=40)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "notice_address"
        constraints = [
            models.UniqueConstraint(name="notice_address_once", fields=["account", "channel"])
        ]


class NoticeChoice(models.Model):
    """How a person wants one group of kinds over one channel, where that is not the usual."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    channel = models.CharField(max_length=8, choices=Channel.choices)
    group = models.CharField(max_length=12)
    how = models.CharField(max_length=8)

    class Meta:
        db_table = "notice_choice"
        constraints = [
            models.UniqueConstraint(
                name="notice_choice_once", fields=["account", "channel", "group"]
            )
        ]


class QuietHours(models.Model):
    """The hours in which a person is told nothing but alarms, where these are not the usual."""

    account = models.OneToOneField(
        Account, models.CASCADE, primary_key=True, related_name="quiet_hours"
    )
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        db_table = "quiet_hours"


class NoticeTemplate(models.Model):
    """The words of an outside message, where these are not the usual. In Chinese."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("kind of notice"), max_length=40)
    channel = models.CharField(
        _("outside channel"), max_length=8, choices=Channel.choices, blank=True, default=""
    )
    text = models.TextField(_("text"), max_length=500)

    class Meta:
        db_table = "notice_template"
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        constraints = [
            models.UniqueConstraint(name="notice_template_once", fields=["kind", "channel"])
        ]

    def __str__(self) -> str:
        return str(KINDS[self.kind].title) if self.kind in KINDS else self.kind


class SharesSecret(models.Model):
    """Another system with which a secret is shared, encrypted here (`signing`)."""

    secret_enc = models.BinaryField()
    old_secret_enc = models.BinaryField(null=True)
    old_until = models.DateTimeField(_("old secret until"), null=True)

    class Meta:
        abstract = True


class Subscription(SharesSecret):
    """Another system that is sent events of cases, signed with a secret that both know."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=60, unique=True)
    url = models.URLField(_("address"), max_length=300)
    types = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("types of event"),
        blank=True,
        default=list,
        help_text=_("None: all."),
    )
    area_code = models.CharField(_("area"), max_length=15)
    active = models.BooleanField(_("active"), default=True)
    told_until = models.DateTimeField(_("events told up to"))
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "subscription"
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name


class Outgoing(models.Model):
    """A message on its way out, to a person or a subscriber; its id is the same at each try.

    A sender leases the row while it sends. A lease that ran out was a sender that died: the row
    is sent again, possibly for the second time, and its receiver knows it by its id.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DEAD = "dead", _("failed")
        DROPPED = "dropped", _("dropped")
        NEEDLESS = "needless", _("no longer needed")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    channel = models.CharField(
        _("outside channel"), max_length=8, choices=[*Channel.choices, (WEBHOOK, _("webhook"))]
    )
    target = models.CharField(max_length=48, help_text="what fails, and is limited, as one")
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, null=True, related_name="+", verbose_name=_("webhook")
    )
    key = models.CharField(max_length=160)
    body = models.JSONField(help_text="the ids of the notices, or the event")
    alarm = models.BooleanField(_("alarm"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try"))
    leased_until = models.DateTimeField(null=True)
    trouble = models.CharField(_("trouble"), max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True)

    class Meta:
        db_table = "outgoing"
        verbose_name = _("outgoing message")
        verbose_name_plural = _("outgoing messages")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(name="outgoing_once", fields=["target", "key"])]
        indexes = [
            models.Index("next_at", name="outgoing_waiting", condition=models.Q(state="waiting")),
            models.Index("target", "ended_at", name="outgoing_sent"),
            # The sender takes one after the other in this order, however many wait.
            models.Index(
                models.F("alarm").desc(),
                "next_at",
                "id",
                name="outgoing_next",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                "target",
                name="outgoing_under_way",
                condition=models.Q(state="waiting", leased_until__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
