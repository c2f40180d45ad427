"""Connected systems and their tokens."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.people.models import Role, Unit


class Integration(models.Model):
    """A connected system. It acts as a post would: a role, in an area or for a unit."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=60, unique=True)
    role = models.CharField(_("role"), max_length=24, choices=Role.choices)
    area_code = models.CharField(_("area"), max_length=15)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, verbose_name=_("unit"))
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "integration"
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """A secret by which an integration proves itself. Only its digest is kept."""

    id = models.BigAutoField(primary_key=True)
    integration = models.ForeignKey(
        Integration, models.CASCADE, related_name="tokens", verbose_name=_("integration")
    )
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(_("begins with"), max_length=8)
    scopes = ArrayField(models.CharField(max_length=16), verbose_name=_("scopes"))
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    used_on = models.DateField(_("last used on"), null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("replaced by"),
    )

    class Meta:
        db_table = "token"
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            models.CheckConstraint(
                name="token_expires_after_creation",
                condition=Q(expires_at__gt=models.F("created_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hint}…"
