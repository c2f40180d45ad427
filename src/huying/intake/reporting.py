"""One function that every door calls: where is it, what is it, and in it goes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from huying.cases.answers import answered
from huying.cases.answers import owner_of as owner_of
from huying.cases.models import Case, Channel
from huying.cases.reporting import Answer, Key, Place, Report, report, report_many
from huying.cases.reports import kind_of
from huying.catalogue.escalating import hits
from huying.catalogue.snapshots import CatalogueSnapshot, ItemSnapshot
from huying.catalogue.suggesting import Suggestion
from huying.catalogue.validating import OnTrial
from huying.catalogue.versions import snapshot
from huying.dispatch.deciding import on_report
from huying.dispatch.jobs import look_for_duplicates
from huying.errors import BadInput, HuyingError
from huying.forms import versions
from huying.forms.answering import Answer as Answered
from huying.forms.answering import Trouble, WrongAnswers
from huying.forms.versions import Form
from huying.intake.suggesting import suggest
from huying.people.acting import Actor, ActorKind
from huying.places.locating import is_live, locate
from huying.places.models import CODE_LENGTH, Division, Level

JOBS = (look_for_duplicates,)
"""What the worker does after each report."""

DISTRICT = CODE_LENGTH[Level.DISTRICT]


@dataclass(frozen=True, slots=True)
class Told:
    """A report as a door hears it: nothing is known yet but what was said.

    Attributes:
        lon, lat: degrees in ``datum`` (wgs84, cgcs2000, gcj02 or bd09).
        accuracy_m: how far off the position may be, in metres.
        area: a town, community or grid that was named instead of a position.
        item: the item's code, where the reporter chose one.
        answers: to the item's questions, unread; None where the door did not ask them, and then
            none is demanded.
    """

    channel: Channel
    text: str
    lon: float | None = None
    lat: float | None = None
    datum: str = "wgs84"
    accuracy_m: float | None = None
    area: str = ""
    address: str = ""
    item: str = ""
    occurred_at: datetime | None = None
    contact_name: str = ""
    contact_phone: str = ""
    photos: Sequence[uuid.UUID] = field(default_factory=tuple)
    answers: Mapping[str, Any] | None = None
    alarms: bool = True


def place_of(told: Told, district_code: str) -> Place:
    """Where it is, as far as can be known.

    A position nearer to a border than its accuracy still gets the grid that it lies in; the desk
    sees the accuracy. A position outside the district is refused.

    Raises:
        BadInput: an impossible position, one outside the district, or an unknown area.
    """
    if (told.lon is None) != (told.lat is None):
        raise BadInput(_("A position needs both longitude and latitude."), field="position")
    if told.lon is not None and told.lat is not None:
        found = locate(told.lon, told.lat, told.datum, told.accuracy_m)
        # Outside, but nearer to the district than the position is good to: the nearest grid.
        grid = found.grid_code or next(iter(found.candidates), None)
        if grid is None or not grid.startswith(district_code):
            raise BadInput(_("This position is outside the district."), field="position")
        return Place(
            area_code=grid,
            lon=found.lon,
            lat=found.lat,
            told_lon=told.lon,
            told_lat=told.lat,
            told_datum=str(found.datum),
            accuracy_m=told.accuracy_m,
            address=told.address.strip(),
        )
    area = told.area or district_code
    if not area.startswith(district_code) or (area != district_code and not is_live(area)):
        raise BadInput(_("There is no such place in the district."), field="area")
    return Place(area_code=area, address=told.address.strip())


def suggestions(text: str, now: datetime) -> tuple[Suggestion, ...]:
    """Items that the words fit, the best first; none when nothing fits."""
    return suggest(text, now).items


def in_force(catalogue: CatalogueSnapshot, code: str) -> ItemSnapshot:
    """The item, if new cases may be reported under it.

    Raises:
        BadInput: there is no such item, or it is not in use any more.
    """
    item = catalogue.get(code)
    if item is None or not item.active:
        raise BadInput(_("There is no such item in the catalogue now."), field="item")
    return item


def alarming_words(text: str, item: ItemSnapshot | None) -> tuple[str, ...]:
    """The item's escalate words that the text says and does not deny."""
    if item is None or not item.escalate_words:
        return ()
    return tuple(dict.fromkeys(hit.word for hit in hits(text, item.escalate_words)))


def read(told: Told, *, by: Actor, now: datetime) -> Report:
    """What was told, located and read against the catalogue. Writes nothing.

    Raises:
        BadInput: as `place_of`; or the item is unknown or not in use.
        WrongAnswers: as `answered`.
    """
    district = by.area_code[:DISTRICT] or default_district()
    place = place_of(told, district)
    if by.kind is ActorKind.INTEGRATION and not place.area_code.startswith(by.area_code):
        raise BadInput(_("This place is outside the area of the connected system."), field="area")
    catalogue = snapshot(now)
    item = in_force(catalogue, told.item) if told.item else None
    if item is not None and not item.holds_in(place.area_code):
        raise OnTrial(field="item")
    suggested, doubtful = "", ""
    if item is None:
        found = suggest(told.text, now, top=1, explained=False)
        suggested = found.items[0].item_code if found.items else ""
        likely = catalogue.get(suggested)
        if likely is not None and not likely.holds_in(place.area_code):
            suggested = ""  # one on trial elsewhere is nothing for this place
        # Where what was learnt is not sure, a danger must not go unheard for it.
        doubtful = found.by_words[0].item_code if found.by_words else ""
    form, answers, shots = _answered(told)
    words: tuple[str, ...] = ()
    for code in dict.fromkeys((told.item or suggested, doubtful)):
        words = words or alarming_words(told.text, catalogue.get(code))
    return Report(
        channel=told.channel,
        text=told.text,
        place=place,
        item=item,
        item_code=told.item,
        item_version_id=item.version_id if item is not None else None,
        suggested_item=suggested,
        emergency_words=words,
        ruled=on_report(
            area_code=place.area_code,
            channel=told.channel.value,
            text=told.text,
            item_code=told.item,
            kind=kind_of(item),
            alarming=bool(words),
            now=now,
        ),
        occurred_at=told.occurred_at,
        contact_name=told.contact_name,
        contact_phone=told.contact_phone,
        photos=(*told.photos, *shots),
        form=form,
        answers=answers,
        alarms=told.alarms,
    )


def _answered(told: Told) -> tuple[Form | None, dict[str, Answered], tuple[uuid.UUID, ...]]:
    """What the item asks, the answers as they are kept, and the photos among them.

    Raises:
        WrongAnswers: one will not do, is missing, or belongs to no question.
    """
    if told.answers is None:
        return None, {}, ()
    form = versions.in_force(owner_of(told.item)) if told.item else None
    if form is None:
        if told.answers:
            raise WrongAnswers(dict.fromkeys(told.answers, Trouble("no_question")))
        return None, {}, ()
    return form, *answered(form, told.answers)


def take(told: Told, *, by: Actor, now: datetime, key: Key | None = None) -> Case:
    """上报: a report from any door becomes a case, in one transaction with its event and its job.

    Raises:
        NotAllowed, Missing, BadInput, KeyReused: as `cases.reporting.report` and `read`.
    """
    return report(read(told, by=by, now=now), by=by, now=now, jobs=JOBS, key=key)


def take_many(told: Sequence[tuple[Told, Key | None]], *, by: Actor, now: datetime) -> list[Answer]:
    """Many reports at once, each with its own answer: what it became, or why it was refused."""
    answers: list[Answer | None] = [None] * len(told)
    good: list[tuple[int, tuple[Report, Key | None]]] = []
    for position, (each, key) in enumerate(told):
        try:
            good.append((position, (read(each, by=by, now=now), key)))
        except HuyingError as error:
            answers[position] = error
    written = report_many([pair for _at, pair in good], by=by, now=now, jobs=JOBS)
    for (position, _pair), answer in zip(good, written, strict=True):
        answers[position] = answer
    return [answer if answer is not None else HuyingError() for answer in answers]


@lru_cache(maxsize=1)
def default_district() -> str:
    """The district of this installation, for residents and the system, who have no area."""
    code = Division.objects.filter(level=Level.DISTRICT).values_list("code", flat=True).first()
    if code is None:
        raise BadInput(_("This installation has no district yet."), field="area")
    return code
