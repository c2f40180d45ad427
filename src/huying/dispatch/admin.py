"""How near reports must be to be likely duplicates, on the admin site."""

from django.contrib import admin

from huying.dispatch.models import DuplicateLimits
from huying.people.admin_site import GuardedAdmin
from huying.people.powers import Subject


@admin.register(DuplicateLimits)
class DuplicateLimitsAdmin(GuardedAdmin):
    """One row a district; without one the usual limits hold."""

    subject = Subject.CATALOGUE
    may_delete = True
    list_display = ("district_code", "within_m", "within_hours", "repeat_days")
