"""旧事项对照: what the items of old systems have become, as a table that can be brought in."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from huying.catalogue.exchanging import LARGEST, cells_of
from huying.catalogue.versions import snapshot
from huying.cells import as_words, from_words
from huying.desk.fields import items_by_category
from huying.desk.here import at, me
from huying.desk.neighbours import uuid_of
from huying.desk.resent import once_for_form
from huying.duties import mapping
from huying.duties.models import OldItem
from huying.duties.sight import keeps_map, may_read
from huying.errors import BadInput, HuyingError, NotFound

ON_A_PAGE: Final = 60
HEADINGS: Final = ("旧代码", "旧名称", "新事项")


@require_safe
@at(may_read)
def page(request: HttpRequest) -> HttpResponseBase:
    """The map, by item and words; for the office the forms that change it."""
    return _page(request)


def _page(
    request: HttpRequest,
    bad: str = "",
    found: mapping.Preview | None = None,
    text: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    item, sought = request.GET.get("item", ""), request.GET.get("q", "")[:60].strip()
    ended = request.GET.get("ended") == "1"
    rows = OldItem.objects.filter(district_code=actor.area_code[:6], ended_at__isnull=not ended)
    rows = rows.filter(item_code=item) if item else rows
    rows = (rows.filter(name__contains=sought) | rows.filter(code=sought)) if sought else rows
    rows = rows.select_related("by", "ended_by").order_by("item_code", "name", "-ended_at")
    shown = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    chosen = uuid_of(request.GET.get("edit", ""))
    context: dict[str, Any] = {
        "actor": actor,
        "rows": shown,
        "items": items_by_category(snapshot(now), actor.area_code),
        "item": item,
        "q": sought,
        "ended": ended,
        "keeps": keeps_map(actor),
        "edit": rows.filter(pk=chosen).first() if chosen and not ended else None,
        "keep": urlencode({"item": item, "q": sought, "ended": "1" if ended else ""}),
        "bad": bad,
        "found": found,
        "text": text,
        "sent": request.POST,
    }
    return render(request, "desk/duties/map.html", context, status=status)


@require_safe
@at(may_read)
def table(request: HttpRequest) -> HttpResponseBase:
    """The map as it is, in the form in which it can be brought in."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADINGS)
    for row in mapping.live(me(request).area_code[:6]).values():
        writer.writerow([as_words(cell) for cell in (row.code, row.name, row.item_code)])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{_('Old items')}.csv")
    return response


@require_POST
@at(may_read)
@once_for_form()
def step(request: HttpRequest, step: str) -> HttpResponseBase:
    """Puts or strikes one; looks a table over, and takes it in."""
    actor, sent, now = me(request), request.POST, timezone.now()
    if not keeps_map(actor):
        raise PermissionDenied
    district = actor.area_code
    pk = uuid_of(sent.get("old", ""))
    try:
        if step == "put":
            row = (sent.get("code", ""), sent.get("name", "").strip(), sent.get("to", ""))
            mapping.put(row, district, instead_of=pk, by=actor, now=now)
        elif step == "strike" and pk is not None:
            mapping.strike(pk, district, by=actor, now=now)
        elif step in ("look", "take"):
            text = _text(request)
            cells = [[from_words(cell) for cell in row] for row in csv.reader(io.StringIO(text))]
            rows = mapping.read(cells)
            if step == "look":
                return _page(request, found=mapping.preview(rows, district, now), text=text)
            mapping.bring_in(rows, district, by=actor, now=now)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except csv.Error:
        bad = _("The file can't be read as CSV or as an Excel workbook.")
        return _page(request, bad, text=sent.get("text", ""), status=422)
    except HuyingError as error:
        return _page(request, str(error), text=sent.get("text", ""), status=error.status)
    return redirect("old_items")


def _text(request: HttpRequest) -> str:
    """What was sent as CSV: a file's cells, or what was pasted."""
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > LARGEST:
            raise BadInput(_("This file is too large."), field="file")
        out = io.StringIO()
        for row in cells_of(file.read()):
            csv.writer(out).writerow([as_words(cell) for cell in row])
        return out.getvalue()
    text = request.POST.get("text", "")
    if "\t" in text.split("\n", 1)[0]:
        out = io.StringIO()
        csv.writer(out).writerows(line.split("\t") for line in text.splitlines())
        return out.getvalue()
    return text
