"""The elder canteen: the meals of a day, and who ordered them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.audit.identifiers import new_id
from huying.people.models import Account
from huying.platforms.models.booking import Booked
from huying.platforms.models.points import OfAreaQuerySet, ServicePoint

MOST_MEALS = 1000
MOST_OF_ONE = 4
"""Meals of one order: for a couple, and their neighbours."""


class CanteenDay(models.Model):
    """长者饭堂 of a day: what there is, and how many meals.

    Attributes:
        taken: meals that are ordered; the database lets no more be ordered than there are.
        closed_at: when the office called the day off, and why in ``reason``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    point = models.ForeignKey(ServicePoint, models.PROTECT, related_name="canteen_days")
    day = models.DateField()
    menu = models.CharField(max_length=300)
    meals = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    order_until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=100, blank=True, default="")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Account, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = OfAreaQuerySet.as_manager()

    class Meta:
        db_table = "canteen_day"
        ordering = ["day"]
        verbose_name = _("canteen day")
        verbose_name_plural = _("canteen days")
        constraints = [
            models.CheckConstraint(name="canteen_day_menu", condition=~Q(menu="")),
            models.CheckConstraint(
                name="canteen_day_meals",
                condition=Q(meals__range=(1, MOST_MEALS), taken__lte=F("meals")),
            ),
            models.CheckConstraint(
                name="canteen_day_closed_with_a_reason",
                condition=Q(closed_at__isnull=True) | ~Q(reason=""),
            ),
            models.UniqueConstraint(name="canteen_day_once", fields=["point", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.point_id} {self.day}"

    @property
    def left(self) -> int:
        return int(self.meals - self.taken)


class Way(models.TextChoices):
    EAT_IN = "eat_in", pgettext_lazy("platforms", "eats there")
    PICK_UP = "pick_up", pgettext_lazy("platforms", "takes it away")
    DELIVER = "deliver", pgettext_lazy("platforms", "is brought it")


class MealState(models.TextChoices):
    ORDERED = "ordered", pgettext_lazy("platforms", "ordered")
    COLLECTED = "collected", pgettext_lazy("platforms", "handed over")
    DELIVERED = "delivered", pgettext_lazy("platforms", "delivered")
    MISSED = "missed", pgettext_lazy("platforms", "not collected")
    CANCELLED = "cancelled", pgettext_lazy("platforms", "cancelled")


class MealOrder(Booked):
    """订餐. Of whom it is for: a name and phone if they like; where to bring it, if it is brought.

    Attributes:
        day: the canteen day's.
        number: what it is handed over by.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    district_code = models.CharField(max_length=6)
    area_code = models.CharField(max_length=12)
    canteen = models.ForeignKey(CanteenDay, models.PROTECT, related_name="orders")
    day = models.DateField()
    number = models.PositiveSmallIntegerField()
    meals = models.PositiveSmallIntegerField()
    way = models.CharField(max_length=8, choices=Way.choices)
    state = models.CharField(max_length=10, choices=MealState.choices, default=MealState.ORDERED)
    name_enc = models.BinaryField(null=True)
    name_masked = models.CharField(max_length=20, blank=True, default="")
    where_enc = models.BinaryField(null=True)
    decided_at = models.DateTimeField(null=True)

    PAST = "day"

    objects = OfAreaQuerySet.as_manager()

    class Meta:
        db_table = "meal_order"
        ordering = ["number"]
        verbose_name = _("order of meals")
        verbose_name_plural = _("orders of meals")
        constraints = [
            models.CheckConstraint(
                name="meal_order_state_known", condition=Q(state__in=MealState.values)
            ),
            models.CheckConstraint(name="meal_order_way_known", condition=Q(way__in=Way.values)),
            models.CheckConstraint(
                name="meal_order_meals", condition=Q(meals__range=(1, MOST_OF_ONE))
            ),
            models.CheckConstraint(
                name="meal_order_handed_over_as_ordered",
                condition=~Q(state="delivered") | Q(way="deliver"),
            ),
            models.UniqueConstraint(name="meal_order_number_once", fields=["canteen", "number"]),
        ]

    def __str__(self) -> str:
        return str(self.pk)
