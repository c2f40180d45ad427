"""Lists of reasons. A verb that refuses, gives back or moves a case takes one of these, and words.

The code stands in the event, the words in a row that can be erased.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeclineReason(models.TextChoices):
    NOT_TRUE = "not_true", _("not found to be true")
    NOT_A_MATTER = "not_a_matter", _("not a matter for this platform")
    OUTSIDE_LIST = "outside_list", _("outside the list of responsibilities")
    OUTSIDE = "outside", _("outside the district")
    UNCLEAR = "unclear", _("unclear, and the reporter cannot be reached")
    IN_COURT = "in_court", _("before a court or in arbitration")
    OTHER = "other", _("other")


class ReturnReason(models.TextChoices):
    NOT_OURS = "not_ours", _("not our responsibility")
    WRONG_PLACE = "wrong_place", _("outside our area")
    UNCLEAR = "unclear", _("the report is unclear")
    NO_MEANS = "no_means", _("we lack the means or authority")
    ALREADY_DONE = "already_done", _("already dealt with")
    OTHER = "other", _("other")


class EscalateReason(models.TextChoices):
    BEYOND_POWERS = "beyond_powers", _("beyond this level's powers")
    SEVERAL_AREAS = "several_areas", _("concerns several towns or communities")
    NO_UNIT = "no_unit", _("no unit here can handle it")
    SERIOUS = "serious", _("serious or sensitive")
    OTHER = "other", _("other")


class SendDownReason(models.TextChoices):
    LIES_BELOW = "lies_below", _("can be handled below")
    KNOWN_THERE = "known_there", _("is known there already")
    ESCALATED_IN_ERROR = "escalated_in_error", _("should not have been escalated")
    OTHER = "other", _("other")


class TakeOverReason(models.TextChoices):
    SERIOUS = "serious", _("serious or sensitive")
    SEVERAL_AREAS = "several_areas", _("concerns several towns or communities")
    STUCK = "stuck", _("does not get on below")
    INSTRUCTED = "instructed", _("instructed by a leader")
    OTHER = "other", _("other")


class FailReason(models.TextChoices):
    NOT_DONE = "not_done", _("not done")
    PARTLY_DONE = "partly_done", _("done in part only")
    CAME_AGAIN = "came_again", _("there again")
    PHOTOS_DO_NOT_SHOW = "photos_do_not_show", _("the photos do not show it")
    OTHER = "other", _("other")


class SuspendReason(models.TextChoices):
    MATERIALS = "materials", _("waits for materials or works")
    WEATHER = "weather", _("weather")
    LEGAL = "legal", _("a legal procedure is running")
    REPORTER_AWAY = "reporter_away", _("waits for the reporter")
    OTHER = "other", _("other")


class RefuseReason(models.TextChoices):
    ENOUGH_TIME = "enough_time", _("the time is enough")
    NO_GROUNDS = "no_grounds", _("the grounds do not suffice")
    URGENT = "urgent", _("the matter is urgent")
    OTHER = "other", _("other")


class GiveBackReason(models.TextChoices):
    NOT_OURS = "not_ours", _("not our responsibility")
    NO_MEANS = "no_means", _("we lack the means or authority")
    NOT_NEEDED = "not_needed", _("our part is not needed")
    ALREADY_DONE = "already_done", _("already dealt with")
    OTHER = "other", _("other")


class CallRefusal(models.TextChoices):
    NOT_OURS = "not_ours", _("not our responsibility")
    AT_ANOTHER = "at_another", _("all are at another emergency")
    NO_POWERS = "no_powers", _("we lack the powers for it")
    OTHER = "other", _("other")


LISTS: dict[str, type[models.TextChoices]] = {
    "decline": DeclineReason,
    "return": ReturnReason,
    "assist_return": GiveBackReason,
    "escalate": EscalateReason,
    "send_down": SendDownReason,
    "take_over": TakeOverReason,
    "check_fail": FailReason,
    "suspend": SuspendReason,
    "refuse_extension": RefuseReason,
    "refuse_call": CallRefusal,
}
"""Which verb takes which list."""


def reason_words(verb: str, code: str) -> str:
    """A reason as its verb's list says it: the same code may say something else in another."""
    known = LISTS.get(verb)
    return str(known(code).label) if known is not None and code in known.values else code
