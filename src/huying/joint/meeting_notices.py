"""Whom a joint meeting and what it resolved concern, and the words they are told in."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huying.joint.models import JointMeeting, JointResolution
from huying.neighbours.telling import put
from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom
from huying.places import naming

CALLED = kind(
    "joint_meeting",
    pgettext_lazy("joint", "Joint meeting"),
    _("{place} invites your organisation to a joint meeting on {day}."),
    group=Group.OTHER,
)
CALLED_OFF = kind(
    "joint_meeting_off",
    _("Joint meeting called off"),
    _("The joint meeting of {place} on {day} was called off."),
    group=Group.OTHER,
)
RESOLVED = kind(
    "joint_resolved",
    _("Resolved at the joint meeting"),
    _("The joint meeting of {place} gave {unit} something to do by {day}."),
    group=Group.TASKS,
)
DUE = kind(
    "joint_due",
    _("Resolution due soon"),
    _("What the joint meeting of {place} gave {unit} is due on {day}."),
    group=Group.TASKS,
)
OVERDUE = kind(
    "joint_overdue",
    _("Resolution overdue"),
    _("What the joint meeting of {place} gave {unit} was due on {day}."),
    group=Group.TASKS,
)
SAID = kind(
    "joint_said",
    _("Word on a resolution"),
    _("{unit} says how a resolution of the joint meeting of {place} goes."),
    group=Group.DESK,
)


def tell_invited(
    what: Kind, meeting: JointMeeting, now: datetime, only: Collection[uuid.UUID] | None = None
) -> int:
    """The secretaries of the invited organisations that have a branch of their own; and for a
    town's meeting the desks of the communities they belong to."""
    rows = meeting.invitations.all()
    if only is not None:
        rows = rows.filter(organisation__in=only)
    rows = rows.select_related("organisation__branch")
    units = {row.organisation.branch.unit_id for row in rows if row.organisation.branch}
    desks = {row.organisation.area_code for row in rows} - {meeting.area_code}
    day = f"{timezone.localtime(meeting.begins_at):%m-%d %H:%M}"
    return put(
        what,
        Whom(units=tuple(sorted(units)), desks=tuple(sorted(desks))),
        meeting,
        now,
        f"/desk/joint/meetings/{meeting.pk}",
        day,
        place=naming.own_name(meeting.area_code),
        day=day,
    )


def tell_of(what: Kind, resolution: JointResolution, now: datetime, key: str, **whom: Any) -> int:
    """Who answers for the resolution, or who is named."""
    if not whom:
        unit = resolution.unit_id
        if resolution.organisation is not None and resolution.organisation.branch is not None:
            unit = resolution.organisation.branch.unit_id
        whom = {"units": (unit,)} if unit is not None else {}
        if what in (DUE, OVERDUE):
            whom["desks"] = (resolution.area_code,)
    return put(
        what,
        Whom(**whom),
        resolution,
        now,
        f"/desk/joint/resolutions/{resolution.pk}",
        key,
        place=naming.own_name(resolution.area_code),
        unit=resolution.answering,
        day=f"{resolution.due_on:%m-%d}",
    )
