"""The clocks on the admin site: special days, known years, working hours, and the ladder."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from huying.clock.models import CalendarDay, CalendarYear, LadderSetting, WorkingHours
from huying.clock.reading import forget_calendars
from huying.people.admin_site import GuardedAdmin
from huying.people.powers import Subject


class CalendarAdmin(GuardedAdmin):
    """A part of the calendar; other processes see an edit within a second."""

    subject = Subject.CALENDAR
    may_delete = True

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_calendars()

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        super().delete_model(request, obj)
        forget_calendars()


@admin.register(CalendarDay)
class CalendarDayAdmin(CalendarAdmin):
    list_display = ("day", "kind", "name", "district_code")
    list_filter = ("kind", "district_code")
    date_hierarchy = "day"
    ordering = ("-day",)


@admin.register(CalendarYear)
class CalendarYearAdmin(CalendarAdmin):
    list_display = ("year", "district_code", "source")


@admin.register(WorkingHours)
class WorkingHoursAdmin(CalendarAdmin):
    list_display = ("district_code", "starts", "ends")


@admin.register(LadderSetting)
class LadderSettingAdmin(CalendarAdmin):
    list_display = ("district_code", "remind", "leader", "supervise", "reworks")
