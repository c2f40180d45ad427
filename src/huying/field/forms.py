"""What the phone asks for at each verb. Which verbs there are and who may, the flow table says.

A verb that is not listed is done on the desk's page of the case, which the phone leads to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huying.cases import flow
from huying.cases.reasons import LISTS
from huying.catalogue.models import Clock
from huying.errors import Words


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a verb, by the name that the verb knows it by.

    Attributes:
        kind: words, line, number, choice, unit, item, yes_no, position or photos.
        photo: of photos, the kind that they are kept as.
    """

    name: str
    kind: str
    label: Words = ""
    needed: bool = False
    photo: str = ""
    choices: tuple[tuple[str, Any], ...] = ()

    def told(self) -> dict[str, Any]:
        """As the phone reads it, in the reader's language."""
        return {
            "name": self.name,
            "kind": self.kind,
            "label": str(self.label),
            "needed": self.needed,
            "photo": self.photo,
            "choices": [[value, str(label)] for value, label in self.choices],
        }


def _reasons(verb: str) -> Field:
    choices = tuple(LISTS[verb].choices)
    return Field("reason_code", "choice", _("Reason"), needed=True, choices=choices)


POSITION = Field("position", "position", _("Position"))
WHY = Field("reason", "words", _("Reason in words"), needed=True)
REMARK = Field("text", "words", _("Remark"))
EVIDENCE = (
    Field("photos", "photos", _("Photos from before"), photo="photo_before"),
    Field("photos", "photos", _("Photos from after"), photo="photo_after"),
    Field("result", "words", _("What was done"), needed=True),
    Field("form", "line", _("Form")),
    POSITION,
)

FORMS: Mapping[str, tuple[Field, ...]] = {
    "sign_for": (),
    "arrive": (POSITION,),
    "handle": EVIDENCE,
    "return": (
        _reasons("return"),
        Field("suggested_unit", "unit", _("The unit it should go to instead"), needed=True),
        WHY,
    ),
    "request_extension": (
        Field("amount", "number", _("How much more"), needed=True),
        Field("clock", "choice", _("Counted in"), needed=True, choices=tuple(Clock.choices)),
        WHY,
    ),
    "assist_sign": (),
    "assist_arrive": (POSITION,),
    "assist_done": EVIDENCE,
    "assist_return": (_reasons("assist_return"), WHY),
    "settle": (Field("item", "item", _("Item"), needed=True), *EVIDENCE),
    "verify": (
        Field("true", "yes_no", _("What was found"), needed=True, choices=(
            ("yes", _("The report is true")), ("no", _("The report is not true")),
        )),
        Field("text", "words", _("What you saw"), needed=True),
    ),
    "answer_questions": (Field("answers", "questions", _("Answers"), needed=True),),
    "check_pass": (REMARK,),
    "check_fail": (_reasons("check_fail"), WHY),
    "answer": (REMARK,),
    "check_in": (POSITION,),
    "refuse_call": (_reasons("refuse_call"), WHY),
    "comment": (Field("text", "words", _("Comment"), needed=True),),
    "attach": (
        Field("photos", "photos", _("Photos"), needed=True, photo="other"),
        REMARK,
    ),
}  # fmt: skip

ICONS: Mapping[str, str] = {
    "sign_for": "signature",
    "arrive": "map-pin",
    "handle": "tool",
    "return": "arrow-back-up",
    "request_extension": "clock-plus",
    "assist_sign": "signature",
    "assist_arrive": "map-pin",
    "assist_done": "tool",
    "assist_return": "arrow-back-up",
    "settle": "circle-check",
    "verify": "user-check",
    "answer_questions": "list-check",
    "check_pass": "shield-check",
    "check_fail": "rotate",
    "answer": "check",
    "check_in": "map-pin",
    "refuse_call": "x",
    "comment": "message-2",
    "attach": "photo-plus",
}

CALM = frozenset(
    {
        *("return", "assist_return", "check_fail", "refuse_call", "comment", "attach"),
        "answer_questions",
    }
)
"""Verbs that are not the next step forward: their buttons are not the large one."""


def offered(allowed: Iterable[flow.Row]) -> list[str]:
    """Of the verbs that may be done now those that the phone has a form for, in its order."""
    names = {row.verb for row in allowed}
    return [verb for verb in FORMS if verb in names]


def following(verb: str) -> list[str] | None:
    """What whoever did the verb may do next by the table; None where the case stays as it is.

    So that who has no connection goes on from a step that still waits to be sent.
    """
    done = flow.ROWS[verb]
    if not done.targets:
        return None
    return [
        name
        for name in FORMS
        if flow.ROWS[name].sources & set(done.targets) and set(flow.ROWS[name].who) & set(done.who)
    ]


def told() -> dict[str, Any]:
    """Every form, as the phone keeps them, in the reader's language."""
    return _told(get_language() or "")


@cache
def _told(language: str) -> dict[str, Any]:
    return {
        verb: {
            "label": str(flow.ROWS[verb].label),
            "icon": ICONS[verb],
            "calm": verb in CALM,
            "then": following(verb),
            "fields": [field.told() for field in fields],
        }
        for verb, fields in FORMS.items()
    }
