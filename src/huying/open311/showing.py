"""What everybody may read of a request that came by this door. No person is in it.

Not the words (they may name somebody), not the contact, not a photo, not the answers, not the
house: the service it was reported as, how far it is, the community, and the position to about a
hundred metres. Cases that came by other doors are not shown at all.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.cases.models import Case
from huying.cases.states import END_STATES, State
from huying.catalogue.versions import snapshot
from huying.errors import Words
from huying.open311.models import Open311Request
from huying.open311.refusing import NotThere, Refused
from huying.places.models import CODE_LENGTH, Level
from huying.places.naming import names

SPAN: Final = timedelta(days=90)
MOST: Final = 1000
DECIMALS: Final = 3
"""Of a position's degrees: 0.001° are about a hundred metres."""

LAST_PAGE: Final = 100_000
OPEN, CLOSED = "open", "closed"

NOTES: Final[Mapping[State, Words]] = {
    State.REPORTED: gettext_lazy("Received; it will be looked into."),
    State.ACCEPTED: gettext_lazy("Accepted; a unit will be charged with it."),
    State.DISPATCHED: gettext_lazy("A unit has been charged with it."),
    State.HANDLING: gettext_lazy("A unit is working on it."),
    State.HANDLED: gettext_lazy("Handled; somebody else will check it."),
    State.CHECKED: gettext_lazy("Handled and checked; it will be closed soon."),
    State.CLOSED: gettext_lazy("Handled, checked and closed."),
    State.DECLINED: gettext_lazy("This is not for us to handle; it was declined."),
    State.MERGED: gettext_lazy("It was reported before and is handled with the earlier report."),
    State.WITHDRAWN: gettext_lazy("It was taken back."),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests are asked for. With ``numbers`` nothing else counts, as the standard says."""

    since: datetime
    until: datetime
    numbers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    closed: bool | None = None
    page: int = 1
    rows: int = MOST


def read_filter(query: Mapping[str, str], now: datetime) -> Filter:
    """The filter in a query. Pure.

    Raises:
        Refused: a value that is none, or a span of more than 90 days.
    """
    start, end = _moment(query, "start_date"), _moment(query, "end_date")
    try:
        if start is None:
            start = (end or now) - SPAN
        if end is None:
            end = min(now, start + SPAN) if start <= now else start
    except OverflowError:
        raise Refused(400, _("A date is out of bounds.")) from None
    if end < start or end - start > SPAN:
        raise Refused(400, _("The dates may span 90 days at most, the earlier one first."))
    wanted = set(_listed(query, "status"))
    if wanted - {OPEN, CLOSED}:
        raise Refused(400, _("A status is open or closed."))
    return Filter(
        since=start,
        until=end,
        numbers=_listed(query, "service_request_id"),
        services=_listed(query, "service_code"),
        closed=None if len(wanted) != 1 else CLOSED in wanted,
        page=_number(query, "page", 1, LAST_PAGE),
        rows=_number(query, "page_size", MOST, MOST),
    )


def _listed(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    found = tuple(each.strip() for each in query.get(name, "").split(",") if each.strip())
    if len(found) > MOST:
        raise Refused(400, _("A list has 1000 members at most."))
    return found


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    # A + that nobody escaped arrives as a space.
    value = query.get(name, "").strip().replace(" ", "+")
    if not value:
        return None
    try:
        found = parse_datetime(value)
        if found is not None and found.tzinfo is not None:
            return found.astimezone(timezone.get_default_timezone())
    except (ValueError, OverflowError):
        pass
    raise Refused(400, _("%s must be a time with its zone, as in 2026-03-05T09:30:00Z.") % name)


def _number(query: Mapping[str, str], name: str, usual: int, most: int) -> int:
    value = query.get(name, "").strip()
    if not value:
        return usual
    if not (value.isascii() and value.isdecimal() and len(value) < 8 and int(value) >= 1):
        raise Refused(400, _("%s must be a whole number from 1.") % name)
    return min(int(value), most)


def requests(wanted: Filter) -> list[dict[str, Any]]:
    """The requests that a filter leaves, the newest first."""
    found = _rows()
    if wanted.numbers:
        found = found.filter(case__number__in=wanted.numbers)
    else:
        found = found.filter(requested_at__gte=wanted.since, requested_at__lte=wanted.until)
        if wanted.services:
            found = found.filter(service_code__in=wanted.services)
        if wanted.closed is not None:
            ended = sorted(END_STATES)
            found = (
                found.filter(case__state__in=ended)
                if wanted.closed
                else found.exclude(case__state__in=ended)
            )
    begin = (wanted.page - 1) * wanted.rows
    return [shown(row) for row in found[begin : begin + wanted.rows]]


def request_of(number: str) -> list[dict[str, Any]]:
    """One request, as a list of one.

    Raises:
        NotThere: there is none.
    """
    row = _rows().filter(case__number=number).first()
    if row is None:
        raise NotThere(_("The service_request_id was not found."))
    return [shown(row)]


def number_of(token: str) -> list[dict[str, Any]]:
    """The request of a token.

    Raises:
        NotThere: there is none.
    """
    try:
        row = _rows().filter(token=uuid.UUID(token)).first()
    except ValueError:
        row = None
    if row is None:
        raise NotThere(_("The token was not found."))
    return [{"token": str(row.token), "service_request_id": row.case.number}]


def _rows() -> QuerySet[Open311Request]:
    rows = Open311Request.objects.select_related("case__lead_unit")
    return rows.order_by("-requested_at", "-case")


def shown(row: Open311Request) -> dict[str, Any]:
    """A request as the standard has it."""
    case = row.case
    item = snapshot(case.received_at).get(row.service_code)
    return {
        "service_request_id": case.number,
        "status": CLOSED if case.state in END_STATES else OPEN,
        "status_notes": note(case),
        "service_name": item.name if item is not None else "",
        "service_code": row.service_code,
        "description": None,
        "agency_responsible": case.lead_unit.name if case.lead_unit is not None else None,
        "service_notice": None,
        "requested_datetime": told(row.requested_at),
        "updated_datetime": told(case.changed_at),
        "expected_datetime": told(case.total_due or case.due_at),
        "address": names(case.area_code[: CODE_LENGTH[Level.COMMUNITY]]),
        "address_id": case.area_code[: CODE_LENGTH[Level.COMMUNITY]],
        "zipcode": None,
        "lat": None if case.lat is None else round(case.lat, DECIMALS),
        "long": None if case.lon is None else round(case.lon, DECIMALS),
        "media_url": None,
    }


def note(case: Case) -> str:
    """How far it is, in plain words."""
    if case.is_suspended and case.is_open:
        return _("It has to wait for something and goes on later.")
    return str(NOTES[State(case.state)])


def told(moment: datetime | None) -> str | None:
    """A time as ISO 8601 with its zone."""
    return None if moment is None else timezone.localtime(moment).isoformat(timespec="seconds")
