"""Lists of reasons. A verb that refuses or gives back takes one of these, and words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeclineReason(models.TextChoices):
    NOT_TRUE = "not_true", _("not found to be true")
    NOT_A_MATTER = "not_a_matter", _("not a matter for this platform")
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
