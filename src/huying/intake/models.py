"""Systems that send us signed messages, and what they sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.cases.models import Case
from huying.notices.models import Subscription


class Source(models.Model):
    """A system that sends signed messages: a hotline. Its secret is kept encrypted."""

    class Kind(models.TextChoices):
        HOTLINE = "hotline", _("hotline")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    secret_enc = models.BinaryField()
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))
    subscription = models.OneToOneField(
        Subscription,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="by which the outbox sends what we tell it",
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
