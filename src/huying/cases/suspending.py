"""挂账: the clocks stand still until a day that is set; and 延期, more time for handling."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from huying.cases.models import Suspension, TextKind
from huying.cases.reasons import SuspendReason
from huying.cases.verbs import Act, verb
from huying.errors import BadInput, Missing

LONGEST = timedelta(days=180)


@verb("suspend")
def suspend(
    act: Act,
    *,
    until: datetime | None = None,
    reason_code: SuspendReason | str = "",
    reason: str = "",
) -> None:
    """挂账, with a reason and an end. It resumes by itself when the end comes.

    Raises:
        Missing: no end or no reason.
        BadInput: the end is not after now, or more than half a year away.
    """
    if until is None:
        raise Missing(_("A suspension needs an end."), field="until")
    if not act.now < until <= act.now + LONGEST:
        raise BadInput(_("The end must lie ahead, by half a year at most."), field="until")
    act.reason_code(reason_code, needed=False)
    act.text(TextKind.REASON, reason, needed="reason")
    Suspension.objects.create(
        case=act.case,
        district_code=act.case.district_code,
        starts_at=act.now,
        planned_until=until,
    )
    act.case.suspended_until = until
    act.data["until"] = until


@verb("resume")
def resume(act: Act, *, text: str = "") -> None:
    """恢复: the clocks run again. By the desk at any time, by the system at the set end."""
    # However late the system comes round, the clocks run from the moment that was set.
    ends = min(act.now, act.case.suspended_until or act.now)
    Suspension.objects.filter(case=act.case, ended_at=None).update(ended_at=ends)
    act.case.suspended_until = None
    act.data["ended"] = ends
    act.text(TextKind.COMMENT, text)
