"""The open whistles as the map draws them, and as the list beside it says them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huying.desk.here import at_desk, me
from huying.desk.whistles import Line, seen
from huying.places.locating import index
from huying.response.whistles import OPEN_CALLS, Call, Sort

MOST = 200


@require_safe
@at_desk
def on_map(request: HttpRequest) -> HttpResponseBase:
    """Those with somebody still called, what is overdue first, then the latest."""
    actor, now = me(request), timezone.now()
    still = Call.objects.filter(state__in=sorted(OPEN_CALLS)).values("whistle")
    found = seen(actor).filter(pk__in=still)[:MOST]
    lines = [Line(each, list(each.calls.all()), now) for each in found]
    lines.sort(key=lambda line: not line.overdue)
    answer = {"whistles": [_point(line) for line in lines]}
    return JsonResponse(answer, json_dumps_params={"ensure_ascii": False})


def _point(line: Line) -> dict[str, Any]:
    whistle = line.whistle
    lon, lat = whistle.lon, whistle.lat
    if (lon is None or lat is None) and (area := index().areas.get(whistle.area_code)) is not None:
        lon, lat = area.lon, area.lat
    return {
        "url": reverse("whistle", args=[whistle.pk]),
        "title": title_of(line),
        "sort": whistle.get_sort_display(),
        "urgent": whistle.sort == Sort.EMERGENCY,
        "lon": None if lon is None else round(lon, 5),
        "lat": None if lat is None else round(lat, 5),
        "exact": whistle.lon is not None,
        "called": len(line.calls),
        "answered": line.answered,
        "present": line.present,
        "missing": list(line.missing),
        "overdue": line.overdue,
    }


def title_of(line: Line) -> str:
    """The problem's name, or the item of its case with the end of its number."""
    case = line.whistle.case
    if case is None:
        return line.whistle.title
    item = case.item_version.name if case.item_version is not None else _("not classified yet")
    return f"{item} …{case.number[17:]}"
