"""What a task asks beside words and photos: a few short questions, written with the task. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from huying.errors import BadInput
from huying.forms.definition import Kind, faults_of

MOST: Final = 6
KINDS: Final = (Kind.YES_NO, Kind.NUMBER, Kind.TEXT, Kind.ONE_OF)
"""Kinds that need no more than a line to be written; none of them asks for a person's data."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the office writes it. ``choices`` are separated by commas or strokes."""

    label: str
    kind: str
    choices: str = ""


def definition_of(questions: Iterable[Asked]) -> dict[str, Any] | None:
    """The form of these questions, all to be answered; None where nothing is asked.

    Raises:
        BadInput: a question has no words or nothing to choose from, or there are too many.
    """
    rows = []
    for number, each in enumerate([q for q in questions if q.label.strip()], start=1):
        if each.kind not in KINDS:
            raise BadInput(_("There is no such kind of question."), field="questions")
        row: dict[str, Any] = {
            "id": f"q{number}",
            "kind": str(each.kind),
            "label": each.label.strip(),
            "required": True,
        }
        if each.kind == Kind.ONE_OF:
            row["choices"] = [{"value": said, "label": said} for said in _split(each.choices)]
        rows.append(row)
    if not rows:
        return None
    if len(rows) > MOST:
        raise BadInput(_("A task asks six questions at most."), field="questions")
    written = {"questions": rows}
    if faults := faults_of(written):
        raise BadInput(faults[0].words, field="questions")
    return written


def _split(choices: str) -> list[str]:
    for mark in "，、；;/|\n":
        choices = choices.replace(mark, ",")
    return list(dict.fromkeys(each.strip() for each in choices.split(",") if each.strip()))
