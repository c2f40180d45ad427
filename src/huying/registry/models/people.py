"""People and the households that they live in. What tells who somebody is, is kept encrypted."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.registry.models.records import Record, Register, held_together, usual_indexes
from huying.registry.models.things import Dwelling
from huying.registry.numbers import is_minor


class Household(Record):
    """户: people who keep house together in a dwelling; a dwelling may hold several.

    Attributes:
        number: tells the households of a dwelling apart.
    """

    REGISTER = Register.HOUSEHOLD

    dwelling = models.ForeignKey(Dwelling, models.PROTECT, related_name="households")
    number = models.PositiveSmallIntegerField(_("household"))

    class Meta:
        db_table = "register_household"
        ordering = ["dwelling_id", "number"]
        verbose_name = _("household")
        verbose_name_plural = _("households")
        constraints = [
            *held_together("register_household"),
            models.UniqueConstraint(
                name="register_household_once",
                fields=["dwelling", "number"],
                condition=Q(valid_until__isnull=True),
            ),
        ]
        indexes = [*usual_indexes("register_household")]

    def __str__(self) -> str:
        return f"{self.dwelling} · {self.number}"


class Person(Record):
    """人口: somebody who lives here.

    Attributes:
        name, id_number, phone: encrypted; ``_masked`` is what is shown, ``_index`` what an equal
            value is found by.
        initials: of the name, in pinyin.
        birth_year, sex: said by the id number where there is one, else told.
        household: theirs in the dwelling, where it is known.
        relation: to the head of the household.
    """

    REGISTER = Register.PERSON

    class Sex(models.TextChoices):
        MALE = "male", pgettext_lazy("sex", "male")
        FEMALE = "female", pgettext_lazy("sex", "female")

    class Relation(models.TextChoices):
        HEAD = "head", pgettext_lazy("household", "head")
        SPOUSE = "spouse", pgettext_lazy("household", "spouse")
        CHILD = "child", pgettext_lazy("household", "child")
        PARENT = "parent", pgettext_lazy("household", "parent")
        RELATIVE = "relative", pgettext_lazy("household", "other relative")
        TENANT = "tenant", pgettext_lazy("household", "tenant")
        OTHER = "other", pgettext_lazy("household", "not related")

    class Stay(models.TextChoices):
        REGISTERED = "registered", pgettext_lazy("stay", "registered here")
        MOVED_IN = "moved_in", pgettext_lazy("stay", "lives here, registered elsewhere")
        AWAY = "away", pgettext_lazy("stay", "registered here, lives elsewhere")

    name_enc = models.BinaryField()
    name_masked = models.CharField(_("name"), max_length=20)
    name_index = models.BinaryField()
    initials = models.CharField(max_length=20, blank=True, default="")
    id_number_enc = models.BinaryField(null=True, blank=True)
    id_number_masked = models.CharField(_("id number"), max_length=20, blank=True, default="")
    id_number_index = models.BinaryField(null=True, blank=True)
    phone_enc = models.BinaryField(null=True, blank=True)
    phone_masked = models.CharField(_("phone"), max_length=20, blank=True, default="")
    phone_index = models.BinaryField(null=True, blank=True)
    birth_year = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=6, choices=Sex.choices, blank=True, default="")
    stay = models.CharField(_("stay"), max_length=12, choices=Stay.choices)
    dwelling = models.ForeignKey(
        Dwelling, models.PROTECT, null=True, blank=True, related_name="people"
    )
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="people"
    )
    relation = models.CharField(
        _("relation"), max_length=8, choices=Relation.choices, blank=True, default=""
    )

    class Meta:
        db_table = "register_person"
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            *held_together("register_person"),
            models.CheckConstraint(
                name="register_person_born",
                condition=Q(birth_year__isnull=True) | Q(birth_year__range=(1850, 2200)),
            ),
            models.CheckConstraint(
                name="register_person_known",
                condition=Q(stay__in=["registered", "moved_in", "away"])
                & Q(sex__in=["", "male", "female"]),
            ),
            models.CheckConstraint(
                name="register_person_housed",
                condition=Q(household__isnull=True) | Q(dwelling__isnull=False),
            ),
            # Under one key; while keys change, what an older one marked is looked up beforehand.
            models.UniqueConstraint(
                name="register_person_id_once",
                fields=["district_code", "id_number_index"],
                condition=Q(valid_until__isnull=True, id_number_index__isnull=False),
            ),
        ]
        indexes = [
            *usual_indexes("register_person"),
            models.Index("name_index", name="register_person_name"),
            models.Index(
                "phone_index",
                name="register_person_phone",
                condition=Q(phone_index__isnull=False),
            ),
            models.Index(
                "id_number_index",
                name="register_person_number",
                condition=Q(id_number_index__isnull=False),
            ),
            models.Index(
                OpClass(F("initials"), name="varchar_pattern_ops"),
                OpClass(F("area_code"), name="varchar_pattern_ops"),
                name="register_person_initials",
                condition=Q(valid_until__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name_masked

    def is_minor(self, today: date) -> bool:
        return is_minor(self.birth_year, today)
