"""The states of a case. One column; everything else is a row beside it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    REPORTED = "reported", _("awaiting acceptance")
    ACCEPTED = "accepted", _("awaiting dispatch")
    DISPATCHED = "dispatched", _("awaiting sign-for")
    HANDLING = "handling", _("being handled")
    HANDLED = "handled", _("awaiting check")
    CHECKED = "checked", _("awaiting closure")
    CLOSED = "closed", _("closed")
    DECLINED = "declined", _("declined")
    MERGED = "merged", _("merged")
    WITHDRAWN = "withdrawn", _("withdrawn")


class PartState(models.TextChoices):
    """How far an assisting unit is with its open part of a case."""

    ASKED = "asked", _("part to be signed for")
    WORKING = "working", _("part in hand")
    THERE = "there", _("arrived for its part")
    DONE = "done", _("part to be signed off")


OPEN_STATES = frozenset(
    {
        State.REPORTED,
        State.ACCEPTED,
        State.DISPATCHED,
        State.HANDLING,
        State.HANDLED,
        State.CHECKED,
    }
)
END_STATES = frozenset(State) - OPEN_STATES
