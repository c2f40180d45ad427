"""Where the administrator keeps skills and the time that a team has to answer an alarm."""

from __future__ import annotations

from django.contrib import admin

from huying.people.admin_site import GuardedAdmin
from huying.people.powers import Subject
from huying.response.models import AlarmLimit, Skill
from huying.response.whistles import WhistleLimit


@admin.register(Skill)
class SkillAdmin(GuardedAdmin):
    """What people of teams can do, and the items that it is needed for."""

    subject = Subject.UNITS
    list_display = ("name", "district_code", "items")
    fields = ("district_code", "name", "items")


@admin.register(AlarmLimit)
class AlarmLimitAdmin(GuardedAdmin):
    """How long a team may take to answer: for the district, or for one item."""

    subject = Subject.UNITS
    list_display = ("district_code", "item_code", "minutes")
    fields = ("district_code", "item_code", "minutes")


@admin.register(WhistleLimit)
class WhistleLimitAdmin(GuardedAdmin):
    """How long a called unit may take to answer: of every district, or of one."""

    subject = Subject.UNITS
    list_display = ("district_code", "sort", "minutes", "working_time")
    fields = ("district_code", "sort", "minutes", "working_time")
