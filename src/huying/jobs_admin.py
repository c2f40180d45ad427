"""Jobs that failed for good, on the admin site: told on its front page, tried anew, or dropped."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from huying import jobs
from huying.people.admin_site import GuardedAdmin, site
from huying.people.powers import Power, Subject

if admin.site.is_registered(ProcrastinateJob):
    admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(GuardedAdmin):
    """What nobody tries again by itself. What a job was given is not shown."""

    subject = Subject.NOTICES
    shown_as = _("Jobs that failed")
    may_add = False
    list_display = ("id", "kind", "queue", "tries")
    list_filter = ("task_name",)
    fields = ("id", "kind", "queue", "tries", "stands")
    ordering = ("-id",)
    actions = ["retry", "drop"]
    show_full_result_count = False

    # The library's own names of its columns are in English alone.
    @admin.display(description=_("Kind of job"), ordering="task_name")
    def kind(self, job: ProcrastinateJob) -> str:
        return str(job.task_name)

    @admin.display(description=_("Queue"), ordering="queue_name")
    def queue(self, job: ProcrastinateJob) -> str:
        return str(job.queue_name)

    @admin.display(description=_("Tries"), ordering="attempts")
    def tries(self, job: ProcrastinateJob) -> int:
        return int(job.attempts)

    @admin.display(description=_("Status"))
    def stands(self, job: ProcrastinateJob) -> str:
        return str(job.status)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProcrastinateJob]:
        return jobs.dead()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self._may(request, Power.CHANGE)

    @admin.action(description=_("Try again what failed"), permissions=["decide"])
    def retry(self, request: HttpRequest, chosen: QuerySet[ProcrastinateJob]) -> None:
        done = [row for row in list(chosen) if jobs.retry(row)]
        for row in done:
            self.leave_record(request, "retry_job", row)
        messages.success(request, now_("%(n)s are tried again.") % {"n": len(done)})

    @admin.action(description=_("Drop what failed"), permissions=["decide"])
    def drop(self, request: HttpRequest, chosen: QuerySet[ProcrastinateJob]) -> None:
        done = [row for row in list(chosen) if jobs.drop(row)]
        for row in done:
            self.leave_record(request, "drop_job", row)
        messages.success(request, now_("%(n)s are dropped.") % {"n": len(done)})


def _failed() -> list[str]:
    """A sentence while jobs lie aside."""
    number = jobs.dead().count()
    said = now_("%(n)s background jobs failed again and again; please look at them under “jobs”.")
    return [said % {"n": number}] if number else []


site.add_notices(Subject.NOTICES, _failed)
