"""The public page of what was done, and its figures as open data."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huying.catalogue.versions import snapshot
from huying.errors import TooMany
from huying.places import naming
from huying.public import guarding
from huying.public.reporting import busy
from huying.response.figures import LEAST, REST, Cell, PublishedMonth, cells_of, totals

LICENCE = "CC BY 4.0 https://creativecommons.org/licenses/by/4.0/"


def _town(code: str) -> str:
    return _("several towns together") if code == REST else naming.own_name(code)


def _item(code: str) -> str:
    if code == REST:
        return _("several kinds together")
    found = snapshot(timezone.now()).get(code)
    return found.name if found is not None else code


def _lines(cells: list[Cell]) -> list[dict[str, Any]]:
    sums = totals(cells)
    return [
        {
            "town": _town(town),
            "closed": closed,
            "cells": [(_item(each.item), each.closed) for each in cells if each.town == town],
        }
        for town, closed in sums.items()
    ]


@require_safe
def done(request: HttpRequest) -> HttpResponseBase:
    """Closed cases by town and kind of matter, a month at a time."""
    try:
        guarding.count(request, "public-looks", guarding.LOOKS)
    except TooMany:
        return busy(request)
    months = list(PublishedMonth.objects.all()[:24])
    wanted = request.GET.get("month", "")
    chosen = next((each for each in months if f"{each.month:%Y-%m}" == wanted), None)
    chosen = chosen or (months[0] if months else None)
    cells = cells_of(chosen) if chosen is not None else []
    context = {
        "months": [f"{each.month:%Y-%m}" for each in months],
        "chosen": f"{chosen.month:%Y-%m}" if chosen is not None else "",
        "lines": _lines(cells),
        "total": sum(each.closed for each in cells),
        "least": LEAST,
        "licence": LICENCE,
    }
    return render(request, "public/done.html", context)


@require_safe
def done_csv(request: HttpRequest) -> HttpResponseBase:
    """Every published month as CSV: the first line is the licence."""
    try:
        guarding.count(request, "public-looks", guarding.LOOKS)
    except TooMany:
        return busy(request)
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([f"# {LICENCE}"])
    writer.writerow(["month", "town_code", "town", "item_code", "item", "closed"])
    for month in PublishedMonth.objects.all():
        for cell in cells_of(month):
            writer.writerow(
                [
                    f"{month.month:%Y-%m}",
                    "" if cell.town == REST else cell.town,
                    _town(cell.town),
                    "" if cell.item == REST else cell.item,
                    _item(cell.item),
                    cell.closed,
                ]
            )
    response = HttpResponse("\ufeff" + target.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="huying-done.csv"'
    return response
