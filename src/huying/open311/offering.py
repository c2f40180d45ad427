"""The catalogue's items as services, and what they ask as attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from huying.catalogue.snapshots import ItemSnapshot
from huying.catalogue.versions import snapshot
from huying.forms import versions
from huying.forms.definition import Definition, Kind, Question
from huying.forms.versions import Form
from huying.intake.reporting import owner_of
from huying.open311.refusing import NotThere, Refused

DATATYPES: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "string",
    Kind.LONG_TEXT: "text",
    Kind.NUMBER: "number",
    Kind.DATE: "datetime",
    Kind.TIME: "string",
    Kind.YES_NO: "singlevaluelist",
    Kind.ONE_OF: "singlevaluelist",
    Kind.SEVERAL_OF: "multivaluelist",
    Kind.PHOTO: "string",
    Kind.POSITION: "string",
    Kind.PHONE: "string",
    Kind.ID_NUMBER: "string",
    Kind.SECTION: "string",
}
SHOWN_ONLY: Final = frozenset({Kind.SECTION, Kind.PHOTO})
"""Kinds that nobody can answer here: a heading has no answer, and the standard sends no files."""

POSITION: Final = re.compile(r"\s*(-?\d{1,3}(?:\.\d{1,20})?)\s*,\s*(-?\d{1,3}(?:\.\d{1,20})?)\s*")


def item_of(code: str, now: datetime) -> ItemSnapshot:
    """The item that a service code stands for.

    Raises:
        NotThere: no item that may be reported has this code.
    """
    item = snapshot(now).get(code)
    if item is None or not item.active:
        raise NotThere(_("The service_code was not found."))
    return item


def asked(item_code: str) -> Form | None:
    """What the service asks; None where it asks nothing, or what cannot be answered here.

    The standard sends no photos: an item that demands one is reported without its questions, and
    the desk asks what is missing.
    """
    form = versions.in_force(owner_of(item_code))
    return form if form is not None and answerable(form) else None


def answerable(form: Form) -> bool:
    """Whether all that a form demands can be answered here."""
    return not any(each.kind == Kind.PHOTO and each.required for each in form.definition.asks)


def services(now: datetime) -> list[dict[str, Any]]:
    """Every item that may be reported."""
    forms = versions.all_in_force(owner_of(""))
    asking = {owner for owner, form in forms.items() if answerable(form)}
    return [
        {
            "service_code": item.code,
            "service_name": item.name,
            "description": item.description,
            "metadata": owner_of(item.code) in asking,
            "type": "realtime",
            "keywords": item.category,
            "group": item.category,
        }
        for item in snapshot(now).active
    ]


def definition(code: str, now: datetime) -> dict[str, Any]:
    """A service with its attributes; a service that asks nothing has none."""
    item_of(code, now)
    form = asked(code)
    return {
        "service_code": code,
        "attributes": [] if form is None else attributes(form.definition),
    }


def attributes(form: Definition) -> list[dict[str, Any]]:
    """The questions, in order. Pure.

    The standard knows no conditions: a question that is only asked after certain answers is not
    required here, and what was answered without being asked is not kept.
    """
    found = []
    heading: Question | None = None
    for order, each in enumerate(form.questions, start=1):
        if each.kind == Kind.SECTION:
            heading = each
        always = each.when is None and (heading is None or heading.when is None)
        row: dict[str, Any] = {
            "variable": each.kind not in SHOWN_ONLY,
            "code": each.id,
            "datatype": DATATYPES[each.kind],
            "required": each.required and always and each.kind not in SHOWN_ONLY,
            "datatype_description": _hint(each),
            "order": order,
            "description": each.label,
        }
        if values := _values(each):
            row["values"] = values
        found.append(row)
    return found


def _values(question: Question) -> list[dict[str, str]]:
    if question.kind == Kind.YES_NO:
        return [{"key": "yes", "name": _("yes")}, {"key": "no", "name": _("no")}]
    return [{"key": each.value, "name": each.label} for each in question.choices]


def _hint(question: Question) -> str:
    said = {
        Kind.TIME: _("A time of day such as 09:30."),
        Kind.POSITION: _("Latitude and longitude in degrees, a comma between them."),
        Kind.PHOTO: _("Photos cannot be sent here; the desk asks for them."),
        Kind.NUMBER: question.unit,
    }.get(question.kind, "")
    return " ".join(each for each in (question.help, str(said)) if each)


def answers(form: Form, sent: Mapping[str, list[str]]) -> dict[str, Any]:
    """What was sent as ``attribute[code]``, as the form engine reads it. Pure.

    Raises:
        Refused: an answer to a question that is not one of these, or two where one is asked.
    """
    found: dict[str, Any] = {}
    for code, values in sent.items():
        question = form.definition.by_id.get(code)
        if question is None or question.kind in SHOWN_ONLY:
            raise Refused(400, _("There is no such attribute in this service."))
        if question.kind == Kind.SEVERAL_OF:
            found[code] = [each for each in values if each]
        elif len(values) > 1:
            raise Refused(400, _("This attribute has one value only."))
        else:
            found[code] = _answer(question, values[0])
    return found


def _answer(question: Question, value: str) -> Any:
    if question.kind == Kind.DATE and (moment := _moment(value)) is not None:
        return timezone.localtime(moment).date().isoformat() if moment.tzinfo else value[:10]
    if question.kind == Kind.POSITION and (match := POSITION.fullmatch(value)):
        return {"lat": match[1], "lon": match[2]}
    return value


def _moment(value: str) -> datetime | None:
    try:
        return parse_datetime(value)
    except ValueError:
        return None


def attributes_in(sent: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The ``attribute[code]`` and ``attribute[code][]`` among what was sent. Pure."""
    found: dict[str, list[str]] = {}
    for name, values in sent.items():
        if match := re.fullmatch(r"attribute\[([^\[\]]{1,80})\](?:\[\d*\])?", name):
            found.setdefault(match[1], []).extend(values)
    return found
