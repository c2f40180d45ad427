"""The flow table as buttons: the next best step first, the rest by what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from huying.cases import flow
from huying.cases.answers import asks_of
from huying.cases.models import Case
from huying.cases.states import PartState
from huying.desk.forms import FORMS
from huying.errors import Words
from huying.people.acting import Actor

ICONS = {
    "report": "inbox",
    "ask_verify": "eye",
    "verify": "user-check",
    "accept": "checkbox",
    "decline": "ban",
    "dispatch": "send",
    "sign_for": "signature",
    "arrive": "map-pin",
    "return": "arrow-back-up",
    "handle": "tool",
    "add_assist": "users-plus",
    "assist_sign": "signature",
    "assist_arrive": "map-pin",
    "assist_done": "tool",
    "assist_return": "arrow-back-up",
    "sign_off": "shield-check",
    "send_part_back": "rotate",
    "release_part": "x",
    "part_overdue": "alert-octagon",
    "supervision_overdue": "alert-octagon",
    "instruction_overdue": "alert-octagon",
    "meeting_overdue": "alert-octagon",
    "split": "arrows-split",
    "subs_ended": "circle-check",
    "ask_outside": "send",
    "revoke_ask": "x",
    "outside_answer": "message-2",
    "record": "signature",
    "settle": "circle-check",
    "ask_check": "eye",
    "check_pass": "shield-check",
    "check_fail": "rotate",
    "close": "lock",
    "suspend": "player-pause",
    "resume": "run",
    "request_extension": "clock-plus",
    "grant_extension": "check",
    "refuse_extension": "x",
    "escalate": "arrow-up",
    "send_down": "arrow-down",
    "take_over": "arrow-bar-to-up",
    "arbitrate": "scale",
    "change_item": "tag",
    "pin": "map-pin",
    "merge": "arrows-join",
    "withdraw": "arrow-back-up",
    "comment": "message-2",
    "attach": "photo-plus",
    "reopen": "refresh",
    "undo": "arrow-back-up",
    "alarm": "urgent",
    "alarm_answer": "run",
    "alarm_next": "alert-octagon",
    "remind": "bell",
    "blow": "speakerphone",
    "answer": "hand-stop",
    "check_in": "map-pin",
    "refuse_call": "ban",
    "arbitrate_call": "scale",
    "climb": "stairs-up",
    "call_overdue": "alert-octagon",
    "press_call": "bell",
    "stand_in": "user-check",
    "release": "run",
    "rate": "star",
    "overdue": "alert-octagon",
    "tell_leader": "flag",
    "supervise": "gavel",
    "lift_supervision": "circle-check",
    "instruct": "pencil",
    "answer_instruction": "message",
    "meet": "users",
    "erased": "trash",
    "resident_withdraw": "arrow-back-up",
    "ask_resident": "message",
    "ask_questions": "message",
    "answer_questions": "list-check",
    "resident_answer": "message-2",
    "give_code": "key",
    "share_photos": "photo-plus",
    "resident_rate": "star",
    "call_back": "message-2",
    "ask_erasure": "trash",
    "confirm_erasure": "trash",
}

KEYS = {
    "accept": "a",
    "decline": "b",
    "ask_verify": "v",
    "verify": "v",
    "dispatch": "d",
    "sign_for": "s",
    "arrive": "t",
    "return": "r",
    "assist_sign": "s",
    "assist_arrive": "t",
    "assist_done": "h",
    "assist_return": "r",
    "handle": "h",
    "settle": "h",
    "ask_check": "p",
    "check_pass": "p",
    "check_fail": "f",
    "grant_extension": "y",
    "resume": "u",
    "close": "c",
    "escalate": "e",
    "take_over": "o",
    "arbitrate": "w",
    "merge": "g",
    "comment": "m",
    "blow": "l",
    "answer": "i",
    "check_in": "i",
}
"""One letter, one meaning: verbs that share one are never offered to the same post at once."""

_NEXT = (
    "answer",
    "check_in",
    "arbitrate_call",
    "resume",
    "grant_extension",
    "answer_instruction",
    "verify",
    "accept",
    "arbitrate",
    "dispatch",
    "sign_for",
    "arrive",
    "handle",
    "settle",
    "assist_sign",
    "assist_arrive",
    "assist_done",
    "sign_off",
    "check_pass",
    "close",
    "ask_check",
)
"""What carries a case on, in the order in which it is proposed when several are allowed."""

_BESIDE = (
    "check_fail",
    "refuse_extension",
    "decline",
    "return",
    "assist_return",
    "ask_verify",
    "instruct",
    "lift_supervision",
    "comment",
)
"""What stands beside the first step in the open; everything else waits in the menu."""

AT_ONCE = frozenset({"sign_for", "arrive", "assist_sign", "assist_arrive"})
"""Verbs that ask for nothing: one press, no dialog."""


OF_QUESTIONS = frozenset({"ask_questions", "answer_questions"})
"""Verbs that nothing can come of where the item asks nothing, which the case alone cannot tell."""


@dataclass(frozen=True, slots=True)
class Button:
    """One verb on one case, for one actor."""

    verb: str
    href: str
    label: Words
    icon: str
    key: str
    at_once: bool
    danger: bool
    why_not: Words | None


@dataclass(frozen=True, slots=True)
class Buttons:
    """The verbs of a case's state, as the page lays them out."""

    first: Button | None
    beside: Sequence[Button]
    more: Sequence[Button]
    refused: Sequence[Button]

    @property
    def may_merge(self) -> bool:
        """Whether the case may be merged with another one now."""
        return any(button.verb == "merge" for button in (*self.beside, *self.more))

    @property
    def any(self) -> bool:
        return bool(self.first or self.beside or self.more)


def buttons(actor: Actor, case: Case, *, asks: bool | None = None) -> Buttons:
    """Everything that the case's state has, allowed or with the reason why not.

    ``asks``: whether its item asks anything; looked up unless it is given.
    """
    if asks is None:
        asks = asks_of(case) is not None
    way = reverse("act", args=[case.number, "verb"]).removesuffix("verb")
    offered = [
        _button(choice.row, way + choice.row.verb, choice.why_not)
        for choice in flow.choices(actor, case)
        if choice.row.verb in FORMS and (asks or choice.row.verb not in OF_QUESTIONS)
    ]
    allowed = {button.verb: button for button in offered if button.why_not is None}
    ahead = [allowed[verb] for verb in _order(actor, case) if verb in allowed]
    first = ahead[0] if ahead else None
    beside = ahead[1:] + [allowed[verb] for verb in _BESIDE if verb in allowed]
    shown = {button.verb for button in beside} | ({first.verb} if first else set())
    return Buttons(
        first=first,
        beside=beside,
        more=[button for verb, button in allowed.items() if verb not in shown],
        refused=[button for button in offered if button.why_not is not None],
    )


def _order(actor: Actor, case: Case) -> Sequence[str]:
    """Who has arrived handles next, and who waits for a check is not asked to ask again."""
    later = set()
    if not case.awaits_arbitration:
        later.add("arbitrate")  # decided already: deciding anew is no next step
    if case.arrived_at is not None:
        later.add("arrive")
    if case.parts.get(str(actor.unit_id)) == PartState.THERE:
        later.add("assist_arrive")
    if case.parts:
        later.add("close")  # it would be refused
    if case.check_asked:
        later.add("ask_check")
    return [verb for verb in _NEXT if verb not in later]


def _button(row: flow.Row, href: str, why_not: Words | None) -> Button:
    return Button(
        verb=row.verb,
        href=href,
        label=row.label,
        icon=ICONS.get(row.verb, "circle-check"),
        key=KEYS.get(row.verb, ""),
        at_once=row.verb in AT_ONCE,
        danger=FORMS[row.verb].danger,
        why_not=why_not,
    )
