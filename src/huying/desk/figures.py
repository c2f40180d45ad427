"""指标: figures of an area that open down to the cases behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import orjson
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from huying.assessment import opening
from huying.assessment.charges import against, charges_in
from huying.assessment.counting import By, lines_of_cases
from huying.assessment.following import COUNTED_ANEW, follows
from huying.assessment.indicators import Figure, Indicator, indicators
from huying.assessment.opening import Of, Part
from huying.assessment.tallies import Line
from huying.assessment.wording import definition, tally_words
from huying.audit import access
from huying.cases.models import Case, Channel
from huying.catalogue.versions import snapshot
from huying.desk import figures_asked, figures_closed, offers
from huying.desk.figures_asked import BY_WORDS, GROUPS, PART_WORDS, Look, reach_of
from huying.desk.figures_closed import MANY, Standing, standing
from huying.desk.here import at_desk, me
from huying.desk.task_export import XLSX
from huying.desk.workbook import Kind, write
from huying.errors import Words
from huying.fairness import appealing
from huying.patrol.models import PatrolPlace
from huying.people.acting import Actor
from huying.people.models import Account, Unit
from huying.places import naming
from huying.surveys.models import Survey

ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One subject with its figures."""

    subject: str
    name: str
    figures: tuple[Figure, ...]


def remembered(actor: Actor) -> str:
    """Under which name the session keeps what was looked at last on a post."""
    return f"desk.figures.{actor.post_id}"


@require_safe
@at_desk
def page(request: HttpRequest) -> HttpResponseBase:
    """The table. Remembers the last look of each post."""
    actor, now = me(request), timezone.now()
    kept = remembered(actor)
    if not request.GET and (last := request.session.get(kept)):
        return redirect(f"{reverse('figures')}?{last}")
    look = Look.read(request.GET, actor, timezone.localdate(now))
    # What a report led to is of its moment, and not what is looked at next time.
    if request.GET and look.at is None:
        request.session[kept] = look.query()
    rows = rows_of(look, actor)
    stands = standing(look, actor)
    shown = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    reach = reach_of(actor)
    columns = [_column(look, indicators()[code]) for code in look.codes]
    context = {
        "actor": actor,
        "look": look,
        "rows": shown,
        "whole": list(zip(rows[0].figures, columns, strict=True))
        if look.by is By.ALL and rows
        else None,
        "columns": columns,
        "query": look.query(),
        "areas": [(reach.area, naming.own_name(reach.area)), *offers.areas_of(reach.area)],
        "periods": figures_asked.periods(timezone.localdate(now)),
        "dimensions": [(str(by), BY_WORDS[by]) for by in reach.dimensions],
        "groups": [
            (code, words, look.query(group=code, sort="", falling=""))
            for code, (words, _codes) in GROUPS.items()
        ],
        "names_query": look.query(sort="", falling="" if look.falling or look.sort else "1"),
        "standing": stands,
        "unfollowed": _unfollowed(stands),
    }
    return render(request, "desk/figures/table.html", context)


def _unfollowed(stands: Standing | None) -> Words:
    """What is said of figures that were counted from the log; nothing of closed ones."""
    return "" if stands is not None or follows() else COUNTED_ANEW


def _column(look: Look, indicator: Indicator) -> dict[str, Any]:
    """An indicator at the head of its column: what it is, and the way to sort by it."""
    above, below = definition(indicator)
    here = look.sort == indicator.code
    return {
        "indicator": indicator,
        "above": above,
        "below": below,
        "query": look.query(sort=indicator.code, falling="" if here and look.falling else "1"),
        "order": ("descending" if look.falling else "ascending") if here else "",
    }


def rows_of(look: Look, actor: Actor) -> list[Row]:
    """The subjects that the post may see, sorted as asked for; without a figure they come last."""
    reach, found = reach_of(actor), figures_asked.counts(look)
    seen = {name: each for name, each in found.items() if reach.sees(look.by, name)}
    names = names_of(look.by, list(seen))
    rows = [
        Row(name, names[name], tuple(indicators()[code].figure(each) for code in look.codes))
        for name, each in seen.items()
        if any(indicators()[code].figure(each).denominator for code in look.codes)
    ]
    rows.sort(key=lambda row: row.subject)
    if not look.sort:
        named = [row for row in rows if row.subject]
        return (named[::-1] if look.falling else named) + [r for r in rows if not r.subject]
    place = look.codes.index(look.sort)
    valued = [row for row in rows if row.figures[place].value is not None]
    valued.sort(key=lambda row: row.figures[place].value or 0, reverse=look.falling)
    return valued + [row for row in rows if row.figures[place].value is None]


def names_of(by: By, subjects: list[str]) -> Mapping[str, str]:
    """The subjects in words; "" is what is of none."""
    numbers = [int(each) for each in subjects if each.isdecimal()]
    known: dict[str, str] = {}
    match by:
        case By.TOWN | By.COMMUNITY | By.GRID:
            known = {each: naming.own_name(each) for each in subjects if each}
        case By.HOLDER:
            known = {
                each: _("desk of %(place)s") % {"place": naming.own_name(each)}
                for each in subjects
                if each
            }
        case By.UNIT | By.TEAM:
            units = Unit.objects.filter(pk__in=numbers).values_list("pk", "name")
            known = {str(pk): name for pk, name in units}
        case By.ACCOUNT | By.REPORTER:
            people = Account.objects.filter(pk__in=numbers).values_list("pk", "name")
            known = {str(pk): name for pk, name in people}
        case By.ITEM:
            known = {item.code: item.name for item in snapshot(timezone.now()).items}
        case By.CHANNEL:
            known = {value: str(label) for value, label in Channel.choices}
        case By.ALL:
            return {each: _("In all") for each in subjects}
    none = pgettext("figures", "of none")
    return {each: known.get(each, each) if each else none for each in subjects}


@require_safe
@at_desk
def cases(request: HttpRequest) -> HttpResponseBase:
    """What stands behind one figure: all that counted, and what of it is in the numerator."""
    actor, now = me(request), timezone.now()
    look = Look.read(request.GET, actor, timezone.localdate(now))
    subject = request.GET.get("subject", "")
    indicator = indicators().get(request.GET.get("indicator", ""))
    if indicator is None or not reach_of(actor).sees(look.by, subject):
        raise Http404
    wanted = request.GET.get("part", "")
    part = Part(wanted) if wanted in list(Part) else Part.DENOMINATOR
    opened = figures_asked.opened(look, subject, indicator)
    stands = standing(look, actor, subject, tallies=indicator.tallies, most=MANY)
    found = opened.cases
    sums = {each: opening.behind(indicator, found, each) for each in Part}
    sums[Part.LEFT] = opening.left(indicator, opened.left)
    of, ids = opening.made_of(indicator), sums[part]
    rows = _behind(of, actor, list(ids))
    shown = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    above, below = definition(indicator)
    figure = indicator.figure({tally: len(each) for tally, each in found.items()})
    base = {"indicator": indicator.code, "subject": subject}
    context = {
        "actor": actor,
        "look": look,
        "by_words": BY_WORDS[look.by],
        "subject": names_of(look.by, [subject])[subject],
        "figure": figure,
        "above": above,
        "below": below,
        "of": of,
        "rows": shown,
        "lines": [{"row": row, "times": ids[row.pk], "said": ()} for row in shown]
        if of is not Of.CASES
        else _lines(shown, ids, look, indicator, actor, now, stands),
        "out_of_sight": len(ids) - shown.paginator.count,
        "tabs": [
            (each, PART_WORDS[each], sums[each].total(), each is part)
            for each in Part
            if each is not Part.LEFT or sums[each] or part is Part.LEFT
        ],
        "query": f"{look.query()}&{urlencode(base)}",
        "keep": f"{look.query()}&{urlencode(base | {'part': str(part)})}",
        "part": part,
        "standing": stands,
        "unfollowed": _unfollowed(stands),
    }
    return render(request, "desk/figures/cases.html", context)


def _behind(of: Of, actor: Actor, ids: list[UUID]) -> QuerySet[Any]:
    """The rows of these that the post sees."""
    if of is Of.PLACES:
        places = PatrolPlace.objects.visible_to(actor).filter(pk__in=ids)
        return places.select_related("plan").order_by("grid_code", "name", "pk")
    if of is Of.SURVEYS:
        return Survey.objects.visible_to(actor).filter(pk__in=ids).order_by("-due_at", "pk")
    return Case.objects.visible_to(actor).for_pages().filter(pk__in=ids).order_by("-number")


def _lines(
    shown: Any,
    ids: Mapping[UUID, int],
    look: Look,
    indicator: Indicator,
    actor: Actor,
    now: datetime,
    stands: Standing | None,
) -> list[dict[str, Any]]:
    """Each case with what counted of it, on which day."""
    tallies, pks = indicator.tallies, [case.pk for case in shown]
    said: dict[UUID, list[Line]] = {}
    mine: set[UUID] = set()
    found = list(lines_of_cases(pks, look.asked(now)))
    then = now if stands is None else stands.period.as_of
    for case, line in found if then == now else lines_of_cases(pks, look.asked(then)):
        if line.tally in tallies:
            said.setdefault(case, []).append(line)
    since = timezone.localdate(now) - timedelta(days=appealing.days())
    for held in charges_in(found):
        if held.line.tally in tallies and held.line.day >= since and against(held, actor):
            mine.add(held.case)
    return [
        {
            "row": case,
            "times": ids[case.pk],
            "mine": case.pk in mine,
            "said": [
                (line.day, tally_words(line.tally))
                for line in sorted(said.get(case.pk, ()), key=lambda each: (each.day, each.seq))
            ],
        }
        for case in shown
    ]


@require_safe
@at_desk
def table(request: HttpRequest) -> HttpResponseBase:
    """The same table as an Excel file; that it was fetched is recorded first."""
    actor, now = me(request), timezone.now()
    look = Look.read(request.GET, actor, timezone.localdate(now))
    access.record(
        now=now, by=actor, action="export_figures", subject_type="area", subject_id=look.area
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "figures.xlsx"
        write(path, iter([orjson.dumps(line) for line in _sheet(look, actor)]))
        body = path.read_bytes()
    response = HttpResponse(body, content_type=XLSX)
    called = _("Figures")
    name = f"{called}-{naming.own_name(look.area)}-{look.first}-{look.last}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _sheet(look: Look, actor: Actor) -> list[Any]:
    """As `workbook.write` reads it: a row a subject, three columns an indicator."""
    columns: list[tuple[str, int, str]] = [(str(BY_WORDS[look.by]), 24, str(Kind.TEXT))]
    above, below = _("numerator"), _("denominator")
    for code in look.codes:
        name = indicators()[code].name
        columns += [
            (name, 14, str(Kind.TEXT)),
            (f"{name} · {above}", 12, str(Kind.NUMBER)),
            (f"{name} · {below}", 12, str(Kind.NUMBER)),
        ]
    rows: list[Any] = []
    for row in rows_of(look, actor):
        cells: list[Any] = [row.name]
        for figure in row.figures:
            cells += [
                figure.percent or _("no data"),
                float(figure.numerator),
                float(figure.denominator),
            ]
        rows.append(cells)
    about = [[_("About"), _("Value")], [_("Place"), naming.names(look.area)]]
    about += [[_("Period"), f"{look.first} – {look.last}"]]
    about += [[_("As of"), f"{timezone.localtime(look.at):%Y-%m-%d %H:%M}"]]
    stands = standing(look, actor, most=MANY)
    if stands is not None:
        about += [
            [_("As closed on"), f"{timezone.localtime(stands.period.closed_at):%Y-%m-%d %H:%M}"]
        ]
        about += [[_("Corrections"), str(len(stands.corrections or ()))]]
        about += [
            [f"{_('Corrections')} · {each.words}", figures_closed.said(each)]
            for each in stands.corrections or ()
        ]
    about += [
        [indicators()[code].name, " ÷ ".join(definition(indicators()[code]))] for code in look.codes
    ]
    return [
        {"title": _("Figures"), "about": _("About"), "columns": columns},
        *rows,
        {"rows": about},
    ]
