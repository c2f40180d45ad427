"""Which questions are asked, and whether answers will do. Pure, and the same every time.

``given`` is what somebody sent: JSON values, or what a page's fields hold. Checking reads it
question by question: one that is not asked is neither demanded nor kept, whatever was given for
it, and counts as unanswered in the conditions that look at it.

``frontend/src/js/forms.js`` says the same in JavaScript; a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import override

from huying.errors import BadInput
from huying.forms import conditions
from huying.forms.conditions import holds
from huying.forms.definition import Definition, Kind, Question, keepable

LONGEST: Final = {Kind.TEXT: 200, Kind.LONG_TEXT: 5000}
MOST_PHOTOS: Final = 9

Answer = str | int | float | bool | list[str] | dict[str, float]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an answer will not do: a code for programs, and what its sentence names."""

    code: str
    more: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return SENTENCES[self.code]() % self.more


SENTENCES: Final[dict[str, Callable[[], str]]] = {
    "needed": lambda: _("Please answer this question."),
    "not_text": lambda: _("This must be text."),
    "too_long": lambda: _("This has %(most)s characters at most."),
    "not_kept": lambda: _("This text holds characters that cannot be kept."),
    "not_number": lambda: _("This is not a number of at most 15 digits and 4 decimals."),
    "not_whole": lambda: _("This must be a whole number."),
    "too_small": lambda: _("This must be %(least)s at least."),
    "too_large": lambda: _("This must be %(most)s at most."),
    "not_date": lambda: _("This is not a date such as 2026-03-05."),
    "not_time": lambda: _("This is not a time of day such as 09:30."),
    "not_yes_no": lambda: _("This is answered by yes or no."),
    "not_choice": lambda: _("This is not one of the choices."),
    "not_photo": lambda: _("A photo is not there or is used already."),
    "too_many": lambda: _("There are %(most)s at most."),
    "not_position": lambda: _("A position has a longitude and a latitude in degrees."),
    "not_phone": lambda: _("This is not a phone number."),
    "not_id_number": lambda: _("This is not the number of an identity card: 18 places."),
    "no_question": lambda: _("There is no such question."),
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the answers given.

    Attributes:
        answers: of the questions asked, those that will do, in their kept form.
        troubles: of the questions asked, why an answer will not do or is missing.
        asked: the ids of what is shown, headings too, in order.
        unknown: ids that were given and are no question of the form.
    """

    answers: dict[str, Answer]
    troubles: dict[str, Trouble]
    asked: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.troubles


class WrongAnswers(BadInput):
    """Answers that will not do; ``troubles`` tells why, by the question's id."""

    code = "wrong_answers"

    def __init__(self, troubles: Mapping[str, Trouble]) -> None:
        self.troubles = dict(troubles)
        name, first = next(iter(self.troubles.items()))
        super().__init__(str(first), field=f"answers.{name}")

    def problem(self) -> dict[str, Any]:
        body = super().problem()
        sentences = {}
        for language in ("zh-hans", "en"):
            with override(language):
                sentences[language] = {name: str(each) for name, each in self.troubles.items()}
        body["errors"] = [
            {
                "field": f"answers.{name}",
                "detail": sentences["en"][name],
                "detail_zh": sentences["zh-hans"][name],
            }
            for name in self.troubles
        ]
        body["detail"] = body["errors"][0]["detail"]
        body["detail_zh"] = body["errors"][0]["detail_zh"]
        return body


def check(
    definition: Definition, given: Mapping[str, Any], kept: Mapping[str, Any] | None = None
) -> Checked:
    """Reads the answers to the questions that are asked.

    ``kept`` are answers from before, which stand where nothing is given and they still will do.
    """
    kept = kept or {}
    answers: dict[str, Answer] = {}
    troubles: dict[str, Trouble] = {}
    asked: list[str] = []
    under_heading = True
    for question in definition.questions:
        if question.kind == Kind.SECTION:
            under_heading = holds(question.when, answers)
            if under_heading:
                asked.append(question.id)
            continue
        if not under_heading or not holds(question.when, answers):
            continue
        asked.append(question.id)
        try:
            answer = read(question, given.get(question.id))
        except _Wrong as wrong:
            troubles[question.id] = wrong.trouble
            continue
        if answer is None:
            answer = _still(question, kept.get(question.id))
        if answer is not None:
            answers[question.id] = answer
        elif question.required:
            troubles[question.id] = Trouble("needed")
    unknown = tuple(name for name in given if name not in definition.by_id)
    return Checked(answers, troubles, tuple(asked), unknown)


def _still(question: Question, kept: Any) -> Answer | None:
    """An answer to an earlier version of the question; none where it will not do now."""
    try:
        return read(question, kept)
    except _Wrong:
        return None


def shown(definition: Definition, given: Mapping[str, Any]) -> list[Question]:
    """The questions and headings that are asked after these answers, in order."""
    return [definition.by_id[name] for name in check(definition, given).asked]


class _Wrong(Exception):
    def __init__(self, code: str, **more: Any) -> None:
        self.trouble = Trouble(code, more)


def read(question: Question, given: Any) -> Answer | None:
    """An answer in the form in which it is kept; None where nothing was answered.

    Raises:
        _Wrong: it will not do.
    """
    if isinstance(given, str):
        given = given.replace("\r\n", "\n").strip(" \t\r\n\u00a0\u3000")
    if given is None or given in ("", [], {}):
        return None
    answer: Answer | None = _READERS[question.kind](question, given)
    return answer


def _text(question: Question, given: Any) -> str:
    if not isinstance(given, str):
        raise _Wrong("not_text")
    if not keepable(given):
        raise _Wrong("not_kept")
    most = LONGEST[question.kind]
    if len(given) > most:
        raise _Wrong("too_long", most=most)
    return given


def _number(question: Question, given: Any) -> int | float:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise _Wrong("not_number")
    if isinstance(given, int) and abs(given) >= 10**15:
        raise _Wrong("not_number")  # the digits of a giant cannot even be written out
    text = unicodedata.normalize("NFKC", given) if isinstance(given, str) else repr(given)
    text = text.removesuffix(".0")
    if not re.fullmatch(conditions.NUMBER, text):
        raise _Wrong("not_number")
    value = conditions.number(text)
    if question.whole and not isinstance(value, int):
        raise _Wrong("not_whole")
    if question.min is not None and value < question.min:
        raise _Wrong("too_small", least=question.min)
    if question.max is not None and value > question.max:
        raise _Wrong("too_large", most=question.max)
    return value


def _date(question: Question, given: Any) -> str:
    if not isinstance(given, str) or not is_date(given):
        raise _Wrong("not_date")
    return given


def is_date(text: str) -> bool:
    if not re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _time(question: Question, given: Any) -> str:
    if not isinstance(given, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", given):
        raise _Wrong("not_time")
    return given


def _yes_no(question: Question, given: Any) -> bool:
    if isinstance(given, bool):
        return given
    if given in ("yes", "no"):
        return bool(given == "yes")
    raise _Wrong("not_yes_no")


def _one_of(question: Question, given: Any) -> str:
    if not isinstance(given, str) or given not in [each.value for each in question.choices]:
        raise _Wrong("not_choice")
    return given


def _several_of(question: Question, given: Any) -> list[str]:
    chosen = [given] if isinstance(given, str) else given
    values = [each.value for each in question.choices]
    if not isinstance(chosen, list) or any(
        not isinstance(each, str) or each not in values for each in chosen
    ):
        raise _Wrong("not_choice")
    return [value for value in values if value in chosen]


_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def _photo(question: Question, given: Any) -> list[str]:
    ids = [given] if isinstance(given, str) else given
    if not isinstance(ids, list) or any(
        not isinstance(each, str) or not re.fullmatch(_UUID, each) for each in ids
    ):
        raise _Wrong("not_photo")
    if len(ids) > MOST_PHOTOS:
        raise _Wrong("too_many", most=MOST_PHOTOS)
    return list(dict.fromkeys(ids))


def _position(question: Question, given: Any) -> dict[str, float] | None:
    if not isinstance(given, dict) or set(given) - {"lon", "lat"}:
        raise _Wrong("not_position")
    if given.get("lon") in (None, "") and given.get("lat") in (None, ""):
        return None
    return {"lon": _degrees(given.get("lon"), 180), "lat": _degrees(given.get("lat"), 90)}


def _degrees(given: Any, most: int) -> float:
    if isinstance(given, str) and re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,20})?", given):
        given = float(given)
    if isinstance(given, bool) or not isinstance(given, int | float) or not -most <= given <= most:
        raise _Wrong("not_position")
    return float(given)


def _phone(question: Question, given: Any) -> str:
    if isinstance(given, str):
        given = re.sub(r"[ \t\-()（）—]", "", given)
    if not isinstance(given, str) or not re.fullmatch(r"\+?[0-9]{5,20}", given):
        raise _Wrong("not_phone")
    return given


_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _id_number(question: Question, given: Any) -> str:
    """公民身份号码, GB 11643: a valid day of birth and the check digit."""
    number = re.sub(r"[ \-]", "", given).upper() if isinstance(given, str) else ""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _Wrong("not_id_number")
    rest = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11
    if number[17] != "10X98765432"[rest] or not is_date(
        f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    ):
        raise _Wrong("not_id_number")
    return number


_READERS: Final[dict[Kind, Callable[[Question, Any], Answer | None]]] = {
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.YES_NO: _yes_no,
    Kind.ONE_OF: _one_of,
    Kind.SEVERAL_OF: _several_of,
    Kind.PHOTO: _photo,
    Kind.POSITION: _position,
    Kind.PHONE: _phone,
    Kind.ID_NUMBER: _id_number,
}
