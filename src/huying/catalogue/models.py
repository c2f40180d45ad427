"""Categories, items and their versions, as the database keeps them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.audit.identifiers import new_id
from huying.people.models import Account
from huying.places.models import Level


class Kind(models.TextChoices):
    """How grave a matter is; decides limits and how the desk is alarmed."""

    SIMPLE = "simple", _("simple")
    COMPLEX = "complex", _("complex")
    EMERGENCY = "emergency", _("emergency")


class Clock(models.TextChoices):
    NATURAL_HOUR = "natural_hour", _("hours")
    NATURAL_DAY = "natural_day", _("days")
    WORK_HOUR = "work_hour", _("work hours")
    WORK_DAY = "work_day", _("work days")


class Category(models.Model):
    code = models.CharField(_("code"), max_length=2, primary_key=True)
    name = models.CharField(_("name"), max_length=40)

    class Meta:
        db_table = "category"
        ordering = ["code"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """One of the catalogue's matters. What it demands stands in its versions.

    Attributes:
        trial_towns: codes of the towns in which it is tried; where there are any, it is reported
            and accepted in these alone.
    """

    code = models.CharField(_("code"), max_length=4, primary_key=True)
    category = models.ForeignKey(
        Category, models.PROTECT, related_name="items", verbose_name=_("category")
    )
    active = models.BooleanField(_("active"), default=True)
    trial_towns = ArrayField(
        models.CharField(max_length=9), verbose_name=_("tried in"), default=list, blank=True
    )

    class Meta:
        db_table = "item"
        ordering = ["code"]
        verbose_name = _("item")
        verbose_name_plural = _("items")

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """What an item says from a moment on. A case keeps the version it was accepted under."""

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey(Item, models.PROTECT, related_name="versions", verbose_name=_("item"))
    version = models.PositiveIntegerField(_("version"))
    valid_from = models.DateTimeField(_("valid from"))
    name = models.CharField(_("name"), max_length=60)
    description = models.CharField(_("description"), max_length=400, blank=True)
    default_level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    lead_department = models.CharField(_("lead department"), max_length=40)
    assisting_departments = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("assisting departments"),
        default=list,
        blank=True,
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    settle = models.BooleanField(_("may be settled on the spot"), default=False)
    accept_limit_min = models.PositiveIntegerField(_("accept within, minutes"))
    sign_limit_min = models.PositiveIntegerField(_("sign for within, minutes"))
    handle_limit = models.PositiveIntegerField(_("handle within"))
    handle_clock = models.CharField(_("clock of handling"), max_length=14, choices=Clock.choices)
    check_limit = models.PositiveIntegerField(_("check within"))
    check_clock = models.CharField(_("clock of checking"), max_length=14, choices=Clock.choices)
    total_limit_hours = models.PositiveIntegerField(
        _("whole case within, hours"), null=True, blank=True
    )
    evidence = models.CharField(
        _("evidence"), max_length=120, blank=True, help_text=_("kind[>=n], joined by ;")
    )
    photo_rule = models.CharField(_("rule for photos"), max_length=20, blank=True)
    escalate_words = ArrayField(
        models.CharField(max_length=40), verbose_name=_("escalate words"), default=list, blank=True
    )
    example = models.CharField(_("example"), max_length=400, blank=True)
    author = models.BigIntegerField(null=True, blank=True)

    class Meta:
        db_table = "item_version"
        ordering = ["item_id", "version"]
        verbose_name = _("item version")
        verbose_name_plural = _("item versions")
        constraints = [
            models.UniqueConstraint(name="item_version_once", fields=["item", "version"]),
            models.CheckConstraint(
                name="item_version_limits_positive",
                condition=Q(accept_limit_min__gt=0)
                & Q(sign_limit_min__gt=0)
                & Q(handle_limit__gt=0)
                & Q(check_limit__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.name}"


class SuggestionModel(models.Model):
    """A try at suggesting items better than before: what was measured, and what came of it.

    Attributes:
        learnt_until: decisions after this moment are the month that it was measured on.
        against: what was in charge then; None: the catalogue's words. Of one put back: the one.
        figures, figures_before: of this one and of that, on the same decisions.
        data: the weights, as arrays (`learned`); with their digest.
    """

    class Outcome(models.TextChoices):
        BETTER = "better", _("better: it suggests from then on")
        NO_BETTER = "no_better", _("not better: nothing changed")
        TOO_FEW = "too_few", _("too few decisions: nothing changed")
        PUT_BACK = "put_back", _("put back by hand")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome.choices)
    in_charge = models.BooleanField(default=False)
    learnt_until = models.DateTimeField()
    month_days = models.PositiveSmallIntegerField(default=30)
    learnt_from = models.PositiveIntegerField(default=0)
    measured_on = models.PositiveIntegerField(default=0)
    features = models.PositiveIntegerField(default=0)
    against = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    figures = models.JSONField(default=dict)
    figures_before = models.JSONField(default=dict)
    data = models.BinaryField(null=True)
    digest = models.BinaryField(max_length=32, null=True)

    class Meta:
        db_table = "suggestion_model"
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                name="suggestion_model_one_in_charge",
                fields=["in_charge"],
                condition=Q(in_charge=True),
            ),
            models.CheckConstraint(
                name="suggestion_model_in_charge_is_kept",
                condition=Q(in_charge=False) | Q(data__isnull=False, digest__isnull=False),
            ),
        ]
