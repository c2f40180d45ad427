"""One form for each verb. A form asks and reads; what is right and wrong, the verb says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Attachment, Case
from huying.cases.states import State
from huying.catalogue.models import Clock
from huying.catalogue.versions import snapshot
from huying.desk import offers
from huying.desk.answer_forms import ANSWER_FORMS
from huying.desk.duty_forms import Decline
from huying.desk.fields import Documents, List, Photos, Pick, Say, When, items_by_category
from huying.desk.paper_forms import PAPER_FORMS
from huying.desk.part_forms import PART_FORMS
from huying.desk.resident_forms import RESIDENT_FORMS
from huying.desk.supervision_forms import SUPERVISION_FORMS
from huying.desk.verb_form import (
    REASON,
    REMARK,
    EvidenceForm,
    ListedReasonForm,
    ReasonForm,
    TextForm,
    VerbForm,
    numbered,
    offer,
    reason_of,
)
from huying.desk.whistle_forms import WHISTLE_FORMS
from huying.dispatch.suggesting import Suggestion, suggest
from huying.places import naming
from huying.places.models import Level
from huying.response import alarming


class AskToLook(VerbForm):
    """Sends somebody to the spot."""

    account = List(label=_("Whom to ask"), empty=_("whoever of the place comes first"))
    text = Say(label=_("What to look at"))

    def prepare(self) -> None:
        offer(self, "account", offers.lookers(self.case, self.now.date()))

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "account")


class AskVerify(AskToLook):
    hint = _("Someone at the place looks whether the report is true before it is accepted.")


class Verify(VerbForm):
    true = Pick(
        label=_("What was found"),
        choices=[("yes", _("The report is true")), ("no", _("The report is not true"))],
    )
    text = Say(label=_("What you saw"))

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        return given | {"true": given.get("true") == "yes"}

    def clean_true(self) -> str:
        value: str = self.cleaned_data["true"]
        if not value:
            raise forms.ValidationError(_("Please choose one."))
        return value


class Accept(VerbForm):
    template = "desk/verbs/accept.html"
    item = List(label=_("Item"), empty=_("choose an item"))
    emergency = forms.BooleanField(label=_("This is an emergency"), required=False)
    level = List(label=_("Level"), empty=_("as the item says"))

    def prepare(self) -> None:
        catalogue = snapshot(self.now)
        offer(self, "item", items_by_category(catalogue, self.case.area_code))
        offer(self, "level", [each for each in Level.choices if each[0] != Level.GRID])
        self.initial.setdefault("item", self.case.item_code or self.case.suggested_item)
        self.initial.setdefault("emergency", bool(self.case.emergency_words))
        self.suggested = catalogue.get(self.case.suggested_item)
        self.why = offers.why_item(self.case, self.now)
        self.words = [word for word in self.case.emergency_words.split(";") if word]

    @property
    def ready(self) -> bool:
        """An item is known or proposed, and nothing speaks of an emergency."""
        return bool(self.initial["item"]) and not self.words and not self.is_bound

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        if "level" in given:
            given["level"] = Level(given["level"])
        return given


class Dispatch(VerbForm):
    template = "desk/verbs/dispatch.html"
    unit = forms.ChoiceField(label=_("Lead unit"), required=False, widget=forms.RadioSelect)
    assist = forms.MultipleChoiceField(
        label=_("Assisting units"), required=False, widget=forms.CheckboxSelectMultiple
    )
    assist_amount = forms.IntegerField(
        label=_("Limit of the assisting units"),
        required=False,
        min_value=1,
        max_value=999,
        help_text=_("Left empty, they have the lead unit's deadline; never a later one."),
    )
    assist_clock = Pick(label=_("Counted in"), choices=Clock.choices, initial=Clock.WORK_HOUR)
    requirement = Say(label=_("Requirement"), rows=2)
    proposed = forms.IntegerField(widget=forms.HiddenInput, required=False)

    suggestion: Suggestion

    def prepare(self) -> None:
        self.suggestion = suggest(self.case, self.now, roster=self.roster)
        best = self.suggestion.best
        if self.case.responsible_unit_id is not None:
            self.initial["unit"] = str(self.case.responsible_unit_id)
        self.units = offers.units_to_send_to(self.case, self.suggestion, self.roster)
        choices = [(str(unit.pk), unit.name) for unit in self.units]
        offer(self, "unit", choices)
        offer(self, "assist", choices)
        if best is not None:
            self.initial.setdefault("unit", str(best.unit.pk))
            self.initial.setdefault("proposed", best.unit.pk)
            self.initial.setdefault("assist", [str(pk) for pk in self.suggestion.assist])

    @property
    def ranked(self) -> list[dict[str, Any]]:
        """The units as the page lists them: the proposed one first, each with reasons and load."""
        known = {each.unit.pk: each for each in self.suggestion.all}
        chosen = str(self["unit"].value() or "")
        open_work = self.roster.loads(self.units)
        best = self.suggestion.best
        return [
            {
                "value": str(unit.pk),
                "name": unit.name,
                "chosen": str(unit.pk) == chosen,
                "best": best is not None and unit.pk == best.unit.pk,
                "load": open_work[unit.pk],
                "reasons": known[unit.pk].reasons if unit.pk in known else (),
            }
            for unit in self.units
        ]

    @property
    def helpers(self) -> list[dict[str, Any]]:
        """Whom a rule or the catalogue wants beside the lead, and whom else was chosen."""
        chosen = set(self["assist"].value() or ())
        wanted = {each.unit.pk for each in self.suggestion.all if each.helps}
        return [
            {"value": str(unit.pk), "name": unit.name, "chosen": str(unit.pk) in chosen}
            for unit in self.units
            if unit.pk in wanted or str(unit.pk) in chosen
        ]

    @property
    def due_at(self) -> datetime | None:
        best = self.suggestion.best
        return best.due_at if best is not None else None

    def inputs(self) -> dict[str, Any]:
        given = numbered(super().inputs(), "unit")
        if "assist" in given:
            given["assist"] = [int(pk) for pk in given["assist"]]
        if "assist" not in given or "assist_amount" not in given:
            given.pop("assist_amount", None)
            given.pop("assist_clock", None)
        # By now another unit may have less to do; whoever took what the page proposed took that.
        best = self.suggestion.best
        proposed = given.pop("proposed", best.unit.pk if best is not None else None)
        return given | {"suggested": proposed is not None and given.get("unit") == proposed}


class Arbitrate(VerbForm):
    hint = _(
        "The case goes to the unit you name at once. It may not return it again, but on new facts."
    )
    unit = List(label=_("Responsible unit"), empty=_("choose a unit"))
    reason = Say(label=_("Why this unit is responsible"))
    requirement = Say(label=_("Requirement"), rows=2)

    def prepare(self) -> None:
        units = self.roster.units_for(self.case)
        self.fields["unit"].help_text = "；".join(
            _("%(unit)s returned it and named %(other)s") % {"unit": unit, "other": other}
            for unit, other in offers.returns_of(self.case)
        )
        offer(
            self,
            "unit",
            offers.grouped(
                [
                    (unit.area_code, str(unit.pk), unit.name)
                    for unit in sorted(units, key=lambda unit: (unit.area_code, unit.code))
                ]
            ),
        )

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "unit")


class Return(VerbForm):
    danger = True
    hint = _("After the second return the level above decides who is responsible.")
    reason_code = reason_of("return")
    suggested_unit = List(label=_("The unit it should go to instead"), empty=_("choose a unit"))
    new_facts = Say(label=_("New facts"), rows=2)
    reason = Say(label=REASON)

    def prepare(self) -> None:
        offer(self, "suggested_unit", offers.units_of_district(self.case))
        if self.case.responsible_unit_id is None:
            del self.fields["new_facts"]
        else:
            self.fields["new_facts"].help_text = _(
                "The level above has named this unit as responsible: it may return the case on"
                " new facts only. Say which they are."
            )

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "suggested_unit")


class Settle(EvidenceForm):
    hint = _("A minor matter that you dealt with yourself. One in ten is checked by another.")
    item = List(label=_("Item"), empty=_("choose an item"))
    field_order = ["item", "result"]

    def prepare(self) -> None:
        super().prepare()
        catalogue = snapshot(self.now)
        items = [
            (each.code, f"{each.code} {each.name}")
            for each in catalogue.active_in(self.case.area_code)
            if each.settle
        ]
        offer(self, "item", items)
        self.initial.setdefault("item", self.case.item_code or self.case.suggested_item)


class AskCheck(AskToLook):
    hint = _("A checker who did not handle it looks at the spot.")


class CheckFail(ListedReasonForm):
    reason_code = reason_of("check_fail")
    danger = True
    hint = _("The case goes back to the unit and counts as rework.")


class Suspend(ListedReasonForm):
    reason_code = reason_of("suspend")
    hint = _("The clocks stand still until then; the case resumes by itself.")
    until = When(label=_("Until"))

    def prepare(self) -> None:
        morning = timezone.localtime(self.now + timedelta(days=7)).replace(hour=9, minute=0)
        self.initial.setdefault("until", morning)


class RequestExtension(VerbForm):
    hint = _("Before the deadline only, and at most twice.")
    amount = forms.IntegerField(
        label=_("How much more"), required=False, min_value=1, max_value=999
    )
    clock = Pick(label=_("Counted in"), choices=Clock.choices, initial=Clock.WORK_DAY)
    reason = Say(label=REASON)


class RefuseExtension(ListedReasonForm):
    reason_code = reason_of("refuse_extension")


class Escalate(ListedReasonForm):
    reason_code = reason_of("escalate")
    tried = Say(label=_("What was tried"), rows=2)
    hint = _("The desk one level up holds the case from then on, with a time of its own.")


class TakeOver(ListedReasonForm):
    reason_code = reason_of("take_over")
    hint = _(
        "Your desk holds the case from then on; the desk below is told why. Whoever works on it"
        " goes on."
    )


class SendDown(ListedReasonForm):
    to = List(label=_("Desk"), empty=_("choose a desk"))
    reason_code = reason_of("send_down")

    def prepare(self) -> None:
        offer(self, "to", offers.desks_below(self.case))


class ChangeItem(VerbForm):
    hint = _("The limits of the new item hold from now on.")
    item = List(label=_("Item"), empty=_("choose an item"))
    emergency = forms.BooleanField(label=_("This is an emergency"), required=False)
    reason = Say(label=REASON)

    def prepare(self) -> None:
        offer(self, "item", items_by_category(snapshot(self.now), self.case.area_code))
        self.initial.setdefault("item", self.case.item_code)
        self.initial.setdefault("emergency", self.case.emergency)


class Pin(VerbForm):
    template = "desk/verbs/pin.html"
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    area = List(label=_("Or choose a place"), empty=_("choose a place"))
    address = forms.CharField(label=_("Address"), required=False, max_length=200)

    def prepare(self) -> None:
        offer(self, "area", naming.towns(self.case.district_code))
        self.initial.setdefault("address", self.case.address)
        for name in ("lon", "lat"):
            self.initial.setdefault(name, getattr(self.case, name))


class Merge(VerbForm):
    template = "desk/verbs/merge.html"
    danger = True
    hint = _("One of the two cases ends; the other goes on for both.")
    likely_one = forms.CharField(required=False)
    number = forms.CharField(label=_("Number of the other case"), required=False)
    main = Pick(
        label=_("Which one goes on"),
        choices=[("other", _("the other case")), ("this", _("this case"))],
    )
    reason = Say(label=REASON)

    def prepare(self) -> None:
        self.likely = offers.likely_duplicates(self.case, self.actor)
        if not self.likely:
            self.initial.setdefault("main", "other")
            return
        wanted = self.initial.get("likely_one")
        first = next((s for s in self.likely if s.case.number == wanted), self.likely[0])
        self.initial["likely_one"] = first.case.number
        self.initial.setdefault("reason", first.reason)
        self.initial.setdefault("main", "this" if self.is_main(first.case) else "other")

    def is_main(self, other: Case) -> bool:
        """Whether this case should go on: the one further along, or else the one known longer."""
        order = list(State)
        mine, theirs = order.index(State(self.case.state)), order.index(State(other.state))
        return mine > theirs or (mine == theirs and self.case.received_at < other.received_at)

    @property
    def ready(self) -> bool:
        """A likely one is there, with its reason: Enter merges."""
        return bool(self.likely) and not self.is_bound

    def clean_number(self) -> UUID | None:
        number = str(self.cleaned_data["number"] or self.cleaned_data.get("likely_one", ""))
        number = "".join(number.split())
        if not number:
            return None
        found = Case.objects.visible_to(self.actor).filter(number=number).first()
        if found is None:
            raise forms.ValidationError(_("There is no such open case."))
        return found.pk

    @property
    def done_to(self) -> UUID:
        other: UUID | None = self.cleaned_data.get("number")
        return other if other is not None and self._this_goes_on else self.case.pk

    @property
    def _this_goes_on(self) -> bool:
        return self.cleaned_data.get("main") == "this"

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        for name in ("likely_one", "main"):
            given.pop(name, None)
        other = given.pop("number", None)
        return given | {"into": self.case.pk if self._this_goes_on and other else other}


class Withdraw(ReasonForm):
    danger = True


class Comment(VerbForm):
    text = Say(label=_("Comment"))


class Attach(VerbForm):
    photos = Photos(label=_("Photos"), kind=str(Attachment.Kind.OTHER))
    documents = Documents(label=_("Documents"))
    text = Say(label=REMARK, rows=2)

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        return given | {"photos": given.get("photos", []) + given.pop("documents", [])}


class AlarmTeam(VerbForm):
    hint = _("Everybody of the team who is on duty is called and has to answer within minutes.")
    MOST: ClassVar[int] = 12
    team = Pick(label=_("Team on duty"))

    def prepare(self) -> None:
        called = {each.team_id for each in alarming.waiting(self.case)}
        found = alarming.near(self.case, self.now, without=called)[: self.MOST]
        rows = [(str(each.team.pk), f"{each.team.name}（{each.reasons[0]}）") for each in found]
        offer(self, "team", rows)
        if rows:
            self.initial.setdefault("team", rows[0][0])

    def inputs(self) -> dict[str, Any]:
        return numbered(super().inputs(), "team")


class Reopen(ReasonForm):
    hint = _("A case can be reopened once; the desk dispatches it anew.")


FORMS: Mapping[str, type[VerbForm]] = {
    "ask_verify": AskVerify,
    "verify": Verify,
    "accept": Accept,
    "decline": Decline,
    "dispatch": Dispatch,
    "arbitrate": Arbitrate,
    "sign_for": VerbForm,
    "arrive": VerbForm,
    "return": Return,
    "handle": EvidenceForm,
    "settle": Settle,
    "ask_check": AskCheck,
    "check_pass": TextForm,
    "check_fail": CheckFail,
    "close": TextForm,
    "suspend": Suspend,
    "resume": TextForm,
    "request_extension": RequestExtension,
    "grant_extension": TextForm,
    "refuse_extension": RefuseExtension,
    "escalate": Escalate,
    "send_down": SendDown,
    "take_over": TakeOver,
    "change_item": ChangeItem,
    "pin": Pin,
    "merge": Merge,
    "withdraw": Withdraw,
    "comment": Comment,
    "attach": Attach,
    "reopen": Reopen,
    **ANSWER_FORMS,
    **PART_FORMS,
    "alarm": AlarmTeam,
    **PAPER_FORMS,
    **RESIDENT_FORMS,
    **SUPERVISION_FORMS,
    **WHISTLE_FORMS,
}
"""Every verb that a person can do. A test holds this list against the flow table."""
