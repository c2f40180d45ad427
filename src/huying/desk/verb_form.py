"""What the forms of verbs share. A form asks and reads; right and wrong the verb says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case
from huying.cases.reasons import LISTS
from huying.catalogue import evidence
from huying.catalogue.models import ItemVersion
from huying.desk import offers
from huying.desk.fields import Documents, List, Photos, Pick, Say
from huying.dispatch.suggesting import Roster
from huying.errors import HuyingError, Words
from huying.people.acting import Actor
from huying.response.handling import evidence_so_far

NOTHING: Final[tuple[Any, ...]] = (None, "", [])
AS_ONE: Final = frozenset({"lon", "lat"})
"""Fields that are one thing to who fills them in, on a map: the verb says that it lacks."""

REASON = _("Reason in words")
OUTSIDE = _(
    "Write no name of a person. Id and mobile numbers are masked before it goes out; "
    "give an office line."
)
"""What stands below words that leave the house."""

REMARK = _("Remark")


def reason_of(verb: str) -> Pick:
    """One of the reasons that the verb takes."""
    return Pick(label=_("Reason"), choices=LISTS[verb].choices)


class VerbForm(forms.Form):
    """What every verb's form has: the event that the page was made of.

    Attributes:
        hint: a sentence over the form that says what the verb does.
        roster: units and their open work; whoever makes many forms gives them the same.
        files_for_questions: photos answer questions that are no fields of the form.
        danger: the verb ends the case or takes something back; its button says so by its colour.
    """

    hint: ClassVar[Words] = ""
    danger: ClassVar[bool] = False
    template: ClassVar[str] = "desk/verbs/form.html"
    files_for_questions: ClassVar[bool] = False

    expect_seq = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        case: Case,
        actor: Actor,
        now: datetime,
        roster: Roster | None = None,
        **kwargs: Any,
    ) -> None:
        self.case, self.actor, self.now = case, actor, now
        self.roster = roster or Roster()
        super().__init__(*args, **kwargs)
        self.initial.setdefault("expect_seq", case.last_seq)
        self.prepare()
        dress(self)

    def prepare(self) -> None:
        """Fills the lists that depend on the case."""

    @property
    def ready(self) -> bool:
        """Whether all that the verb asks for is known or proposed, so that Enter may do."""
        return False

    @property
    def centre(self) -> offers.Centre:
        """Where a map of the case's place begins."""
        return offers.centre_of(self.case.area_code)

    @property
    def done_to(self) -> UUID:
        """The case that the verb is done to."""
        return self.case.pk

    def inputs(self) -> dict[str, Any]:
        """What the verb is given: each field that was filled in, by its name."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "expect_seq" and value not in NOTHING
        }

    def refused(self, error: HuyingError) -> None:
        """What the verb said no to, for a form that shows it elsewhere than at its own fields."""

    def tell_all(self, needs: Iterable[str]) -> None:
        """Marks everything that was wrong or left out, once something was refused.

        A verb stops at the first thing that it lacks; who fills in the form is told of all.
        """
        for name in needs:
            field = self.fields.get(name)
            if field is None or name in self.errors or name in AS_ONE:
                continue
            if self.cleaned_data.get(name) in NOTHING:
                several = isinstance(field, forms.ChoiceField)
                words = _("Please choose one.") if several else _("Please say it in words.")
                self.add_error(name, words)
        dress(self)


def dress(form: forms.Form) -> None:
    """Gives fields the classes of the look, ties hints and errors to them, and puts whoever gets
    the form back at the first that is wrong."""
    wrong = [name for name in form.fields if form.is_bound and name in form.errors]
    for name, field in form.fields.items():
        widget = field.widget
        attrs = widget.attrs
        described = [f"hint-{name}"] if field.help_text else []
        if name in wrong:
            attrs["aria-invalid"] = "true"
            if name == wrong[0] and not widget.is_hidden:
                attrs["autofocus"] = True
            described.append(f"bad-{name}")
        if described and not isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            attrs["aria-describedby"] = " ".join(described)
        if isinstance(widget, forms.CheckboxInput):
            attrs["class"] = "form-check-input"
        elif isinstance(widget, forms.Select):
            attrs["class"] = "form-select"
        elif isinstance(widget, forms.TextInput | forms.Textarea | forms.NumberInput):
            attrs["class"] = "form-control"


class TextForm(VerbForm):
    """Words that may be left out."""

    text = Say(label=REMARK)


class ReasonForm(VerbForm):
    """Words that are needed."""

    reason = Say(label=REASON)


class ListedReasonForm(ReasonForm):
    """A reason from a list, and words. Programs may leave the list out; at the desk one chooses."""

    reason_code = Pick(label=_("Reason"))
    field_order = ["to", "until", "reason_code", "reason"]

    def clean_reason_code(self) -> str:
        code: str = self.cleaned_data["reason_code"]
        if not code:
            raise forms.ValidationError(_("Please choose a reason."))
        return code


class EvidenceForm(VerbForm):
    """Shows, before it is sent, what evidence the item asks for and what is still missing."""

    template = "desk/verbs/evidence.html"
    result = Say(label=_("What was done"), rows=4)
    photos_before = Photos(label=_("Photos from before"), kind="photo_before")
    photos_after = Photos(label=_("Photos from after"), kind="photo_after")
    documents = Documents(label=_("Documents"))
    lon = forms.FloatField(label=_("Longitude"), required=False)
    lat = forms.FloatField(label=_("Latitude"), required=False)
    form = Say(label=_("Form"), help_text=_("What was recorded: persons, figures, measures."))

    @property
    def version(self) -> ItemVersion | None:
        return self.case.item_version

    def prepare(self) -> None:
        have = evidence_so_far(self.case)
        rule = evidence.parse(self.version.evidence) if self.version is not None else ()
        demands = rule.demands if rule else ()
        self.demands = [
            {"kind": str(each.kind), "least": each.least, "have": have.get(each.kind, 0)}
            for each in demands
        ]
        self.asks = {str(each.kind) for each in demands}

    def inputs(self) -> dict[str, Any]:
        given = super().inputs()
        names = ("photos_before", "photos_after", "documents")
        photos = [photo for name in names for photo in given.pop(name, [])]
        return given | ({"photos": photos} if photos else {})


def offer(form: forms.Form, name: str, choices: Any) -> None:
    """Fills a list of a form."""
    field = form.fields[name]
    if isinstance(field, List):
        field.offer(choices)
    else:
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def numbered(given: dict[str, Any], name: str) -> dict[str, Any]:
    """A chosen id as the number that verbs take."""
    return given | ({name: int(given[name])} if name in given else {})
