"""Members of branches, and the households that are linked to them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.branches.models.branches import Branch
from huying.branches.sight import is_office
from huying.people.acting import Actor
from huying.people.models import Account, Role
from huying.registry.models import Dwelling, Household, Person


class Why(models.TextChoices):
    """Why somebody is a member of the branch no longer."""

    MOVED_AWAY = "moved_away", pgettext_lazy("member", "moved away")
    TRANSFERRED = "transferred", pgettext_lazy("member", "went to another branch")
    DIED = "died", pgettext_lazy("member", "died")
    OTHER = "other", pgettext_lazy("member", "something else")


class MemberQuerySet(models.QuerySet["PartyMember"]):
    def visible_to(self, actor: Actor) -> Self:
        """Of the branches whose members the post may see, and who registered with its community;
        a member sees the own record."""
        if actor.is_system:
            return self
        if actor.role == Role.MEMBER:
            return self.filter(account=actor.account_id, branch__unit=actor.unit_id)
        theirs = Q(branch__in=Branch.objects.with_members_for(actor))
        if is_office(actor):
            theirs |= Q(reported_code=actor.area_code)
        return self.filter(theirs)

    def living(self) -> Self:
        return self.filter(until=None)


class PartyMember(models.Model):
    """党员: belongs to one branch; may register with the community where they live.

    Attributes:
        name, phone: encrypted, as in the registers.
        account: theirs, where they have one; the post in the branch's unit is granted elsewhere.
        person: the same human in the register of people, where it is known.
        dwelling: where they live; households nearby are linked to them first.
        reported_code: the community that they registered with.
        came_from: the record in the branch before, of who was transferred.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="members")
    name_enc = models.BinaryField()
    name_masked = models.CharField(_("name"), max_length=20)
    name_index = models.BinaryField()
    phone_enc = models.BinaryField(null=True, blank=True)
    phone_masked = models.CharField(_("phone"), max_length=20, blank=True, default="")
    phone_index = models.BinaryField(null=True, blank=True)
    account = models.ForeignKey(
        Account, models.SET_NULL, null=True, blank=True, related_name="party_member"
    )
    person = models.ForeignKey(Person, models.SET_NULL, null=True, blank=True, related_name="+")
    dwelling = models.ForeignKey(Dwelling, models.SET_NULL, null=True, blank=True, related_name="+")
    reported_code = models.CharField(_("registered with"), max_length=12, blank=True, default="")
    reported_on = models.DateField(null=True, blank=True)
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)
    why_left = models.CharField(max_length=12, choices=Why.choices, blank=True, default="")
    came_from = models.ForeignKey("self", models.SET_NULL, null=True, related_name="went_to")
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = MemberQuerySet.as_manager()

    class Meta:
        db_table = "party_member"
        ordering = ["branch_id", "since", "id"]
        verbose_name = _("party member")
        verbose_name_plural = _("party members")
        constraints = [
            models.CheckConstraint(
                name="party_member_leaves_for_a_reason",
                condition=Q(until__isnull=True, why_left="")
                | (Q(until__gte=F("since")) & ~Q(why_left="")),
            ),
            models.CheckConstraint(
                name="party_member_reports_on_a_day",
                condition=Q(reported_code="", reported_on__isnull=True)
                | Q(reported_code__regex=r"^\d{12}$", reported_on__isnull=False),
            ),
            models.UniqueConstraint(
                name="party_member_in_one_branch",
                fields=["district_code", "name_index", "phone_index"],
                condition=Q(until__isnull=True, phone_index__isnull=False),
            ),
            models.UniqueConstraint(
                name="party_member_account_in_one_branch",
                fields=["account"],
                condition=Q(until__isnull=True, account__isnull=False),
            ),
            models.UniqueConstraint(
                name="party_member_person_in_one_branch",
                fields=["person"],
                condition=Q(until__isnull=True, person__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                "reported_code", name="party_member_reported", condition=~Q(reported_code="")
            ),
            models.Index("name_index", name="party_member_name"),
            models.Index("phone_index", name="party_member_phone"),
        ]

    def __str__(self) -> str:
        return self.name_masked

    @property
    def is_living(self) -> bool:
        return self.until is None


class Consent(models.TextChoices):
    """How a household said that it agrees."""

    VISIT = "visit", pgettext_lazy("consent", "said on a visit")
    PAPER = "paper", pgettext_lazy("consent", "signed a form")
    PHONE = "phone", pgettext_lazy("consent", "said on the phone")


class LinkQuerySet(models.QuerySet["HouseholdLink"]):
    def visible_to(self, actor: Actor) -> Self:
        """A member sees the living links that are the own ones; others those of the branches
        whose members they may see."""
        if actor.is_system:
            return self
        if actor.role == Role.MEMBER:
            return self.filter(
                ended_at=None,
                member__account=actor.account_id,
                member__until=None,
                member__branch__unit=actor.unit_id,
            )
        return self.filter(member__branch__in=Branch.objects.with_members_for(actor))

    def living(self) -> Self:
        return self.filter(ended_at=None)


class HouseholdLink(models.Model):
    """党员联系户: a member looks after a household that agreed to it.

    Attributes:
        metres: between the two homes when it was made, where both were known.
        consent_at, consent_by, consent_how: that the household agreed, who was told so, and how.
        before: the link that was handed over; what the household had agreed to goes on.
    """

    class Ended(models.TextChoices):
        HANDED = "handed", pgettext_lazy("link", "handed over")
        REFUSED = "refused", pgettext_lazy("link", "the household refused")
        ENDED = "ended", pgettext_lazy("link", "ended")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    household = models.ForeignKey(Household, models.PROTECT, related_name="member_links")
    member = models.ForeignKey(PartyMember, models.PROTECT, related_name="links")
    metres = models.PositiveIntegerField(null=True)
    linked_at = models.DateTimeField()
    linked_by = models.BigIntegerField(null=True)
    consent_at = models.DateTimeField(null=True)
    consent_by = models.BigIntegerField(null=True)
    consent_how = models.CharField(max_length=6, choices=Consent.choices, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.BigIntegerField(null=True)
    why_ended = models.CharField(max_length=8, choices=Ended.choices, blank=True, default="")
    before = models.ForeignKey("self", models.PROTECT, null=True, related_name="after")

    objects = LinkQuerySet.as_manager()

    class Meta:
        db_table = "household_link"
        ordering = ["linked_at", "id"]
        verbose_name = _("linked household")
        verbose_name_plural = _("linked households")
        constraints = [
            models.UniqueConstraint(
                name="household_link_one_at_a_time",
                fields=["household"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="household_link_consent_whole",
                condition=Q(consent_at__isnull=True, consent_how="")
                | (Q(consent_at__isnull=False) & ~Q(consent_how="")),
            ),
            models.CheckConstraint(
                name="household_link_ends_for_a_reason",
                condition=Q(ended_at__isnull=True, why_ended="")
                | (Q(ended_at__gte=F("linked_at")) & ~Q(why_ended="")),
            ),
        ]
        indexes = [
            models.Index("member", name="household_link_living", condition=Q(ended_at__isnull=True))
        ]
