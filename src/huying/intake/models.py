"""Systems that send us signed messages, and what they sent."""

from __future__ import annotations

import math
import re

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.notices.models import Subscription
from huying.people.models import Account


class Source(models.Model):
    """A system that sends signed messages. Its secret is kept encrypted.

    ``fold_hours`` and ``fold_metres`` say what is the same alarm again.
    """

    class Kind(models.TextChoices):
        HOTLINE = "hotline", _("hotline")
        ALARMS = "alarms", _("cameras and sensors")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    secret_enc = models.BinaryField()
    old_secret_enc = models.BinaryField(null=True)
    old_until = models.DateTimeField(_("old secret until"), null=True)
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))
    subscription = models.OneToOneField(
        Subscription,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="by which the outbox sends what we tell it",
    )

    fold_hours = models.PositiveSmallIntegerField(
        _("hours within which an alarm is the same again"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(720)],
    )
    fold_metres = models.PositiveSmallIntegerField(
        _("metres within which an alarm is the same again"),
        default=50,
        validators=[MaxValueValidator(5000)],
    )
    grave_kinds = models.CharField(
        _("kinds of which the desk is told at once"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text=_("Separated by commas; beside those whose words mean danger to life."),
    )

    class Meta:
        db_table = "source"
        verbose_name = _("signed source")
        verbose_name_plural = _("signed sources")
        constraints = [
            models.CheckConstraint(
                name="source_hotline_is_told",
                condition=~Q(kind="hotline") | Q(subscription__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def finds_grave(self, kind: str) -> bool:
        """Whether alarms of this kind are on its list."""
        listed = (each.strip() for each in re.split("[,，、]", self.grave_kinds))
        return kind in {each for each in listed if each}


class UsedNonce(models.Model):
    """A message's id that came once, as long as a message of its age would be believed."""

    id = models.BigAutoField(primary_key=True)
    source = models.ForeignKey(Source, models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=80)
    used_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "used_nonce"
        constraints = [models.UniqueConstraint(name="nonce_once", fields=["source", "nonce"])]


class HotlineOrder(models.Model):
    """工单: a hotline's work order, and the one case that it became. It holds no words."""

    case = models.OneToOneField(
        Case, models.CASCADE, primary_key=True, related_name="hotline_order"
    )
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    number = models.CharField(_("order number"), max_length=60)
    body_digest = models.BinaryField(max_length=32)
    taken_at = models.DateTimeField()
    called_back_at = models.DateTimeField(null=True)
    responded = models.BooleanField(null=True)
    resolved = models.BooleanField(null=True)
    satisfied = models.BooleanField(null=True)

    class Meta:
        db_table = "hotline_order"
        verbose_name = _("hotline order")
        verbose_name_plural = _("hotline orders")
        constraints = [
            models.UniqueConstraint(name="hotline_order_once", fields=["source", "number"])
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def three(self) -> tuple[bool | None, bool | None, bool | None]:
        """What the caller said at the call-back: answered in time, solved, satisfied."""
        return self.responded, self.resolved, self.satisfied


class DeviceAlarm(models.Model):
    """报警: what a camera or sensor noticed, until a person has decided on it.

    The same again counts up ``count`` and moves ``last_at``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("alarms", "waiting")
        CONFIRMED = "confirmed", _("confirmed")
        DISMISSED = "dismissed", _("dismissed")

    class Reason(models.TextChoices):
        FALSE = "false", _("false alarm")
        KNOWN = "known", _("already reported")
        GONE = "gone", _("over by itself")
        NOT_OURS = "not_ours", _("not for us")
        UNCLEAR = "unclear", _("cannot be made out")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    device = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    received_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    area_code = models.CharField(max_length=15)
    lon = models.FloatField()
    lat = models.FloatField()
    confidence = models.FloatField(null=True)
    has_picture = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=8, choices=Reason.choices, blank=True, default="")
    case = models.OneToOneField(Case, models.SET_NULL, null=True, related_name="+")
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "device_alarm"
        verbose_name = _("alarm of a device")
        verbose_name_plural = _("alarms of devices")
        constraints = [
            models.CheckConstraint(
                name="device_alarm_decided_by_a_person",
                condition=Q(state="waiting", decided_by__isnull=True, case__isnull=True)
                | Q(state="confirmed", decided_by__isnull=False)
                | (
                    Q(state="dismissed", decided_by__isnull=False, case__isnull=True)
                    & ~Q(reason="")
                ),
            )
        ]
        indexes = [
            models.Index("source", "device", "kind", "first_at", name="device_alarm_same"),
            models.Index("last_at", name="device_alarm_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.device}"

    @property
    def percent(self) -> str:
        return "" if self.confidence is None else f"{math.floor(self.confidence * 100)}%"
