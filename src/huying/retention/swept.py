"""What goes by itself already, by work of its own; told beside the rules, not run by them."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from huying.errors import Words


class Swept(NamedTuple):
    """What goes, after how long, and the name of the periodic work that does it."""

    label: Words
    after: Words
    work: str


def swept() -> tuple[Swept, ...]:
    """All of it, with the settings as they are."""
    tracks = _("kept for %(n)s days") % {"n": settings.HUYING.track_keep_days}
    return (*_FIXED[:3], Swept(_("Tracks of people on duty"), tracks, "tidy_tracks"), *_FIXED[3:])


_FIXED: Final = (
    Swept(_("Reasons in words of looks at sealed data"), _("366 days"), "tidy_looks"),
    Swept(_("Alarms of devices, with their pictures"), _("90 days"), "tidy_device_alarms"),
    Swept(_("Positions of teams"), _("when off duty"), "forget_positions"),
    Swept(_("Files of exports"), _("24 hours"), "sweep_exports"),
    Swept(_("Tables that were imported"), _("90 days, the file for a day"), "sweep_imports"),
    Swept(_("Photos that no case took up"), _("a day"), "sweep_photos"),
    Swept(_("Phones and names of appointments, sign-ups and meals"), _("30 days"), "tidy_booked"),
    Swept(_("Notices"), _("180 days"), "tidy_notices"),
    Swept(_("Messages outside"), _("30 days"), "tidy_outgoing"),
    Swept(_("Who signed in from where"), _("366 days"), "tidy_sign_ins"),
    Swept(_("Keys of repeated requests"), _("90 days"), "forget_keys"),
)
