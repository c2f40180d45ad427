"""大党委 and 四个三: organisations that belong; a community's teams, platforms and projects."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.branches.models.branches import Branch
from huying.branches.sight import is_office
from huying.people.acting import Actor


class OfCommunity(models.QuerySet[Any]):
    def visible_to(self, actor: Actor) -> Self:
        """Desks and leaders see what their area's communities have; nobody else."""
        if actor.is_system:
            return self
        return (
            self.filter(area_code__startswith=actor.area_code) if is_office(actor) else self.none()
        )

    def living(self) -> Self:
        return self.filter(until=None)


class MemberOrganisation(models.Model):
    """成员单位: an organisation in the community's 大党委, and what it shares.

    Attributes:
        shares: halls, parking, equipment, skills, a line each.
        contact, phone: who answers for it, encrypted.
        branch: its own branch, where that is in the tree.
    """

    class Kind(models.TextChoices):
        OFFICE = "office", pgettext_lazy("organisation", "government office")
        ENTERPRISE = "enterprise", pgettext_lazy("organisation", "enterprise")
        PROPERTY = "property", pgettext_lazy("organisation", "property company")
        SCHOOL = "school", pgettext_lazy("organisation", "school")
        CLINIC = "clinic", pgettext_lazy("organisation", "hospital or clinic")
        SOCIAL = "social", pgettext_lazy("organisation", "social organisation")
        OTHER = "other", pgettext_lazy("organisation", "other")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    branch = models.ForeignKey(Branch, models.SET_NULL, null=True, related_name="organisations")
    shares: models.JSONField[Any, Any] = models.JSONField(default=list)
    contact_enc = models.BinaryField(null=True)
    contact_masked = models.CharField(max_length=20, blank=True, default="")
    phone_enc = models.BinaryField(null=True)
    phone_masked = models.CharField(max_length=20, blank=True, default="")
    phone_index = models.BinaryField(null=True)
    since = models.DateField(_("since"))
    until = models.DateField(null=True)
    made_by = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = OfCommunity.as_manager()

    class Meta:
        db_table = "member_organisation"
        ordering = ["area_code", "name", "id"]
        verbose_name = _("member organisation")
        verbose_name_plural = _("member organisations")
        constraints = [
            models.CheckConstraint(
                name="member_organisation_of_a_community",
                condition=Q(area_code__regex=r"^\d{12}$") & Q(district_code=Left("area_code", 6)),
            ),
            models.CheckConstraint(name="member_organisation_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="member_organisation_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
            models.UniqueConstraint(
                name="member_organisation_once",
                fields=["area_code", "name"],
                condition=Q(until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Undertaking(models.Model):
    """One of a community's three teams, three platforms or three projects; there may be more.

    Attributes:
        about: what it is and does, in public words.
        branch, organisation: who leads it.
        outcome: of a project, what came of it.
    """

    class Kind(models.TextChoices):
        TEAM = "team", pgettext_lazy("undertaking", "teams")
        PLATFORM = "platform", pgettext_lazy("undertaking", "platforms")
        PROJECT = "project", pgettext_lazy("undertaking", "projects")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=60)
    about = models.TextField(blank=True, default="")
    branch = models.ForeignKey(Branch, models.SET_NULL, null=True, related_name="undertakings")
    organisation = models.ForeignKey(
        MemberOrganisation, models.SET_NULL, null=True, related_name="undertakings"
    )
    outcome = models.TextField(blank=True, default="")
    since = models.DateField(_("since"))
    until = models.DateField(null=True)
    made_by = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = OfCommunity.as_manager()

    class Meta:
        db_table = "undertaking"
        ordering = ["area_code", "kind", "since", "id"]
        verbose_name = _("team, platform or project")
        verbose_name_plural = _("teams, platforms and projects")
        constraints = [
            models.CheckConstraint(
                name="undertaking_of_a_community",
                condition=Q(area_code__regex=r"^\d{12}$") & Q(district_code=Left("area_code", 6)),
            ),
            models.CheckConstraint(
                name="undertaking_known",
                condition=Q(kind__in=["team", "platform", "project"]) & ~Q(name=""),
            ),
            models.CheckConstraint(
                name="undertaking_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
            ),
            models.UniqueConstraint(
                name="undertaking_once",
                fields=["area_code", "kind", "name"],
                condition=Q(until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
