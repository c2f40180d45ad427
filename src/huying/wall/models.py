"""Screens that may show a wall without anybody signed in."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _


class WallScreen(models.Model):
    """A screen and the area that it may show. Of its secret only the digest is kept."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name of the screen"), max_length=60)
    district_code = models.CharField(_("district code"), max_length=6)
    area_code = models.CharField(_("area"), max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(_("begins with"), max_length=8)
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    seen_on = models.DateField(_("last used on"), null=True, blank=True)

    class Meta:
        db_table = "wall_screen"
        ordering = ["area_code", "id"]
        verbose_name = _("wall screen")
        verbose_name_plural = _("wall screens")
        constraints = [
            models.CheckConstraint(
                name="wall_screen_expires_after_making", condition=Q(expires_at__gt=F("made_at"))
            ),
            models.CheckConstraint(
                name="wall_screen_in_district",
                condition=Q(district_code=Left("area_code", 6)),
            ),
        ]

    def __str__(self) -> str:
        return self.name
