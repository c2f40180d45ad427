"""What some items ask in the demo, and what those who report answer. All of it is invented."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Final

from huying.forms import versions
from huying.forms.answering import check
from huying.forms.definition import Kind, Question
from huying.forms.versions import Form
from huying.intake.reporting import owner_of
from huying.people.acting import SYSTEM
from huying.people.names import generated_name
from huying.scenarios.demo_words import phone_of_nobody

LEFT_OPEN: Final = 0.35
"""How often a question that need not be answered is not."""


def load_questions(now: datetime) -> int:
    """Publishes the demo's questions for items that have none; for how many."""
    text = (files("huying") / "data" / "demo_questions.json").read_text(encoding="utf-8")
    made = 0
    for code, definition in json.loads(text).items():
        owner = owner_of(code)
        if versions.history(owner) or versions.draft_of(owner):
            continue
        versions.write(owner, definition, by=SYSTEM, now=now)
        versions.publish(owner, by=SYSTEM, now=now)
        made += 1
    return made


def answers_to(item: str, now: datetime, chance: random.Random) -> dict[str, Any] | None:
    """What somebody answers to an item's questions; None where it asks nothing."""
    form = versions.in_force(owner_of(item)) if item else None
    return None if form is None else answered(form, now, chance)


def answered(
    form: Form, now: datetime, chance: random.Random, known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Answers to a form, some of them ``known``; none to what asks for photos or free words."""
    given: dict[str, Any] = dict(known or {})
    for question in form.definition.asks:
        if question.id in given or question.id not in check(form.definition, given).asked:
            continue
        if question.required or chance.random() > LEFT_OPEN:
            answer = _answer(question, now, chance)
            if answer is not None:
                given[question.id] = answer
    return given


def _answer(question: Question, now: datetime, chance: random.Random) -> Any:
    values = [each.value for each in question.choices]
    match question.kind:
        case Kind.ONE_OF:
            return chance.choice(values)
        case Kind.SEVERAL_OF:
            return chance.sample(values, chance.randint(1, min(2, len(values))))
        case Kind.YES_NO:
            return chance.random() < 0.5
        case Kind.NUMBER:
            return chance.choice((2, 3, 5, 8, 12, 20, 40, 60))
        case Kind.DATE:
            return f"{now - timedelta(days=chance.randint(0, 20)):%Y-%m-%d}"
        case Kind.TIME:
            return f"{chance.randint(6, 22):02}:{chance.choice((0, 30)):02}"
        case Kind.PHONE:
            return phone_of_nobody(chance.randrange(10_000))
        case Kind.TEXT if question.sensitive:
            return generated_name(chance.randrange(100_000))
        case _:
            return None
