"""The calendar as editable data: one row a special day, a known year, a working interval."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from huying.clock.ladder import USUAL


class CalendarDay(models.Model):
    """A day off, or a make-up day worked on a weekend."""

    class Kind(models.TextChoices):
        WORK = "work", _("make-up work day")
        HOLIDAY = "holiday", _("day off")

    district_code = models.CharField(_("district code"), max_length=6)
    day = models.DateField(_("calendar day"))
    kind = models.CharField(_("kind of day"), max_length=7, choices=Kind.choices)
    name = models.CharField(_("name of the holiday"), max_length=40, blank=True)

    class Meta:
        db_table = "calendar_day"
        ordering = ["district_code", "day"]
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        constraints = [
            models.UniqueConstraint(name="calendar_day_once", fields=["district_code", "day"]),
            models.CheckConstraint(
                name="calendar_day_kind_known", condition=Q(kind__in=["work", "holiday"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarYear(models.Model):
    """A year whose days off are known: announced, and entered here.

    While a year has no row, deadlines that cross it count plain weekdays and say so.
    """

    district_code = models.CharField(_("district code"), max_length=6)
    year = models.PositiveSmallIntegerField(_("year"))
    source = models.CharField(_("announced by"), max_length=200, blank=True)

    class Meta:
        db_table = "calendar_year"
        ordering = ["district_code", "year"]
        verbose_name = _("known year")
        verbose_name_plural = _("known years")
        constraints = [
            models.UniqueConstraint(name="calendar_year_once", fields=["district_code", "year"]),
            models.CheckConstraint(
                name="calendar_year_plausible", condition=Q(year__gte=1992, year__lte=2999)
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)


class LadderSetting(models.Model):
    """Where the rungs of the ladder stand in a district; see `clock/ladder.py`."""

    district_code = models.CharField(_("district code"), max_length=6, unique=True)
    remind = models.PositiveSmallIntegerField(
        _("reminder, per cent of the limit"), default=USUAL.remind
    )
    leader = models.PositiveSmallIntegerField(
        _("leader told, per cent of the limit"), default=USUAL.leader
    )
    supervise = models.PositiveSmallIntegerField(
        _("formal supervision, per cent of the limit"), default=USUAL.supervise
    )
    reworks = models.PositiveSmallIntegerField(
        _("formal supervision, failed checks"), default=USUAL.reworks
    )

    class Meta:
        db_table = "ladder_setting"
        ordering = ["district_code"]
        verbose_name = _("ladder of supervision")
        verbose_name_plural = _("ladders of supervision")
        constraints = [
            models.CheckConstraint(
                name="ladder_in_order",
                condition=Q(remind__gte=1, remind__lte=100, leader__gte=100, reworks__gte=1)
                & Q(supervise__gte=F("leader"), supervise__lte=1000),
                violation_error_message=_(
                    "The reminder stands at 1 to 100 %, the leader at 100 % or later, formal"
                    " supervision not before the leader and at 1000 % at the latest, and at least"
                    " one check has failed."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.district_code


class WorkingHours(models.Model):
    """One working interval of every work day; 00:00 as its end is midnight."""

    district_code = models.CharField(_("district code"), max_length=6)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))

    class Meta:
        db_table = "working_hours"
        ordering = ["district_code", "starts"]
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        constraints = [
            models.UniqueConstraint(name="working_hours_once", fields=["district_code", "starts"]),
            models.CheckConstraint(
                name="working_hours_in_order",
                condition=Q(ends__gt=F("starts")) | Q(ends="00:00"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M}–{self.ends:%H:%M}"

    def clean(self) -> None:
        """Refuse an interval that overlaps another one of the district."""
        super().clean()
        if None in (self.starts, self.ends):
            return  # a field that did not parse has its own message
        others = WorkingHours.objects.filter(district_code=self.district_code).exclude(pk=self.pk)
        begins_inside = Q(ends__gt=self.starts) | Q(ends="00:00")
        midnight = self.ends.hour == self.ends.minute == self.ends.second == 0
        ends_inside = Q() if midnight else Q(starts__lt=self.ends)
        if others.filter(begins_inside & ends_inside).exists():
            raise ValidationError(_("These hours overlap others of the same district."))
