"""Answers and conditions in words, and what of them may be seen by everybody. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from huying.forms.answering import Answer
from huying.forms.conditions import (
    Among,
    And,
    Answered,
    Compared,
    Condition,
    Not,
    Or,
    Value,
)
from huying.forms.definition import Definition, Kind, Question


@dataclass(frozen=True, slots=True)
class Said:
    """One answer in words, under its question.

    Attributes:
        photos: the ids of the photos that are the answer.
    """

    id: str
    label: str
    words: str
    section: str = ""
    sensitive: bool = False
    photos: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.label}{pgettext('after a label', ': ')}{self.words}"


def said(definition: Definition, answers: Mapping[str, Any]) -> list[Said]:
    """The answers in words, in the order of the questions, each with the heading it stands under.

    Masked answers are words already and are said as they are.
    """
    found, section = [], ""
    for question in definition.questions:
        if question.kind == Kind.SECTION:
            section = question.label
        elif question.id in answers:
            answer = answers[question.id]
            photos = tuple(answer) if question.kind == Kind.PHOTO else ()
            found.append(
                Said(
                    question.id,
                    question.label,
                    words_of(question, answer),
                    section,
                    question.sensitive,
                    photos,
                )
            )
    return found


def words_of(question: Question, answer: Any) -> str:
    """One answer in the reader's language."""
    match question.kind:
        case Kind.YES_NO:
            return _("yes") if answer else _("no")
        case Kind.ONE_OF:
            return question.label_of(answer)
        case Kind.SEVERAL_OF:
            return _(", ").join(map(question.label_of, answer))
        case Kind.NUMBER:
            return f"{answer} {question.unit}".strip()
        case Kind.PHOTO:
            return _("%s photos") % len(answer)
        case Kind.POSITION:
            return f"{answer['lon']:.5f}, {answer['lat']:.5f}"
        case _:
            return str(answer)


def apart(
    definition: Definition, answers: Mapping[str, Answer]
) -> tuple[dict[str, Answer], dict[str, str]]:
    """The answers that everybody who sees the case may read, and those that tell of a person."""
    sensitive = {each.id for each in definition.questions if each.sensitive}
    plain = {name: answer for name, answer in answers.items() if name not in sensitive}
    secret = {name: str(answer) for name, answer in answers.items() if name in sensitive}
    return plain, secret


def masked(question: Question, answer: str) -> str:
    """What of a sensitive answer is shown before somebody asks for it."""
    if question.kind == Kind.PHONE:
        if len(answer) >= 11:
            return f"{answer[:-8]}****{answer[-4:]}"
        return "*" * max(len(answer) - 2, 0) + answer[-2:]
    if question.kind == Kind.ID_NUMBER:
        return f"{answer[:3]}*************{answer[-2:]}"
    return answer[:1] + "**" if len(answer) > 1 else "*"


def condition_words(condition: Condition, definition: Definition) -> str:
    """The condition as a person says it, with the questions' own words."""
    match condition:
        case And(parts):
            return _(" and ").join(_held(each, definition) for each in parts)
        case Or(parts):
            return _(" or ").join(_held(each, definition) for each in parts)
        case Not(part):
            return _("not: %s") % _held(part, definition)
        case Answered(question):
            return _("“%s” is answered") % _label(question, definition)
        case Among(question, values):
            named = _(" or ").join(_value(question, each, definition) for each in values)
            return _("“%(question)s” is %(value)s") % {
                "question": _label(question, definition),
                "value": named,
            }
        case Compared(question, sign, value):
            sentence = {
                "=": _("“%(question)s” is %(value)s"),
                ">": _("“%(question)s” is more than %(value)s"),
                ">=": _("“%(question)s” is at least %(value)s"),
                "<": _("“%(question)s” is less than %(value)s"),
                "<=": _("“%(question)s” is at most %(value)s"),
            }[sign]
            return sentence % {
                "question": _label(question, definition),
                "value": _value(question, value, definition),
            }


def _held(part: Condition, definition: Definition) -> str:
    said = condition_words(part, definition)
    return f"({said})" if isinstance(part, And | Or) else said


def _label(name: str, definition: Definition) -> str:
    question = definition.by_id.get(name)
    return question.label if question is not None else name


def _value(name: str, value: Value, definition: Definition) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    question = definition.by_id.get(name)
    if isinstance(value, str):
        return question.label_of(value) if question is not None else value
    return f"{value} {question.unit if question is not None else ''}".strip()
