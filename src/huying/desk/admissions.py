"""职责准入: applications for new items, from the pre-review to the end of the trial."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.assessment.counting import Asked, lines_of_cases
from huying.assessment.indicators import indicators
from huying.assessment.tallies import Tally
from huying.cases.models import Case
from huying.catalogue.validating import InvalidItem
from huying.catalogue.versions import snapshot
from huying.desk import offers
from huying.desk.admission_forms import EVIDENCE_AT, AdmissionForm
from huying.desk.duties import day_of, history, revision_of
from huying.desk.here import at, me
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.duties import admitting
from huying.duties.models import Admission, AdmissionState, OldItem
from huying.duties.overlapping import Overlap, overlapping
from huying.duties.sight import applies, decides, reviews, sees_admissions
from huying.errors import HuyingError, NotFound, Words
from huying.people.acting import Actor

MOST: Final = 200
FIGURES: Final = ("handled_in_time", "closed_in_time", "returned", "rework")
SHOWN: Final[dict[str, tuple[Words, tuple[str, ...]]]] = {
    "": (pgettext_lazy("admission", "running"), ("submitted", "returned", "reviewed", "trial")),
    "admitted": (pgettext_lazy("admission", "admitted"), ("admitted",)),
    "ended": (pgettext_lazy("admission", "not admitted"), ("ended", "refused", "withdrawn")),
}
STEPS: Final[dict[str, Words]] = {
    "apply": pgettext_lazy("admission", "applied"),
    "complete": pgettext_lazy("admission", "completed"),
    "withdraw": pgettext_lazy("admission", "withdrawn"),
    "comment": pgettext_lazy("admission", "said a word"),
    "give_back": pgettext_lazy("admission", "sent back to be completed"),
    "pass_on": pgettext_lazy("admission", "passed the pre-review"),
    "refuse": pgettext_lazy("admission", "refused"),
    "approve": pgettext_lazy("admission", "trial approved"),
    "admit": pgettext_lazy("admission", "admitted"),
    "end": pgettext_lazy("admission", "ended after the trial"),
    "in_use": pgettext_lazy("admission", "in use everywhere"),
    "remind": pgettext_lazy("admission", "reminded: overdue"),
}


@require_safe
@at(sees_admissions)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The applications that the post may see."""
    actor, show = me(request), request.GET.get("show", "")
    show = show if show in SHOWN else ""
    rows = Admission.objects.visible_to(actor).filter(state__in=SHOWN[show][1])
    context = {
        "actor": actor,
        "rows": rows.select_related("unit")[:MOST],
        "shown": [(code, words) for code, (words, _states) in SHOWN.items()],
        "show": show,
        "applies": applies(actor),
        "today": timezone.localdate(),
    }
    return render(request, "desk/duties/admissions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@at(sees_admissions)
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """A new application of the own unit."""
    actor, now, status = me(request), timezone.now(), 200
    if not applies(actor):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = AdmissionForm(sent, at=now)
    if sent is not None:
        status = 422
        if form.is_valid():
            try:
                return redirect("admission", admitting.apply(form.told, by=actor, now=now).pk)
            except HuyingError as error:
                _blame(form, error)
                status = error.status
    context = {"actor": actor, "form": form}
    return render(request, "desk/duties/admission_form.html", context, status=status)


def _blame(form: AdmissionForm, error: HuyingError) -> None:
    """Each fault at its field."""
    if isinstance(error, InvalidItem):
        for each in error.problems:
            field = EVIDENCE_AT if each.field == "evidence" else each.field
            form.add_error(field if field in form.fields else None, each.zh)
        return
    blamed(form, error)


def row_or_404(pk: UUID, actor: Actor) -> Admission:
    rows = Admission.objects.visible_to(actor).select_related(
        "unit", "made_by", "reviewed_by", "decided_by"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@at(sees_admissions)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One application: what it wants, with what it overlaps, how its trial goes."""
    return _page(request, row_or_404(pk, me(request)))


def _page(
    request: HttpRequest,
    row: Admission,
    form: AdmissionForm | None = None,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    state = AdmissionState(row.state)
    own = applies(actor) and actor.unit_id == row.unit_id
    completes = own and state == AdmissionState.RETURNED
    third = actor.account_id not in (row.made_by_id, row.reviewed_by_id)
    today = timezone.localdate(now)
    context = {
        "actor": actor,
        "row": row,
        "facts": row.proposed,
        "words": row.words.select_related("account"),
        "steps": history(row.pk, STEPS),
        "overlaps": overlaps_of(row, now),
        "trial": trial_of(row, now) if row.trial_from is not None else None,
        "today": today,
        "may": {
            "complete": completes,
            "withdraw": own and state in ("submitted", "returned", "reviewed"),
            "review": reviews(actor) and state == "submitted",
            "decide": decides(actor) and state == "reviewed" and third,
            "conclude": decides(actor) and state == "trial" and third,
            "comment": admitting.may_comment(actor, row),
        },
        "over": row.trial_until is not None and today > row.trial_until,
        "towns": offers.areas_of(row.district_code),
        "chosen": request.POST.getlist("towns"),
        "form": form or (AdmissionForm(row=row, at=now) if completes else None),
        "editing": form is not None,
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/duties/admission.html", context, status=status)


def overlaps_of(row: Admission, now: datetime) -> list[tuple[Overlap, list[str]]]:
    """The items that may be the same, each with old items of like names that it took in."""
    said = row.proposed
    found = overlapping(
        said.get("name", ""),
        said.get("description", ""),
        said.get("lead_department", ""),
        [each for each in snapshot(now).active if each.code != row.item_code],
    )
    olds = OldItem.objects.filter(district_code=row.district_code, ended_at=None)
    names: dict[str, list[str]] = {}
    for code, name in olds.values_list("item_code", "name"):
        names.setdefault(code, []).append(name)
    return [
        (
            each,
            [name for name in names.get(each.item.code, ()) if any(w in name for w in each.shared)][
                :6
            ],
        )
        for each in found
    ]


def trial_of(row: Admission, now: datetime) -> dict[str, Any]:
    """The trial's figures by town, as they were when it was decided on, or as they are now."""
    assert row.trial_from is not None
    assert row.trial_until is not None
    last = min(row.trial_until, timezone.localdate(now))
    at_moment = row.ended_at or now
    ids = Case.objects.filter(
        district_code=row.district_code,
        item_code=row.item_code,
        received_at__gte=admitting.moment(row.trial_from),
    )
    asked = Asked(row.district_code, row.trial_from, last, at_moment)
    counts: dict[str, Counter[Tally]] = {town: Counter() for town in row.trial_towns}
    for _case, line in lines_of_cases(ids.values_list("pk", flat=True), asked):
        town = line.about.area[:9]
        if town in counts and line.about.item == row.item_code:
            counts[town][line.tally] += 1
    whole: Counter[Tally] = Counter()
    for each in counts.values():
        whole.update(each)
    chosen = [indicators()[code] for code in FIGURES]
    return {
        "indicators": chosen,
        "at": at_moment,
        "whole": (whole[Tally.ACCEPTED], [each.figure(whole) for each in chosen]),
        "rows": [
            (town, found[Tally.ACCEPTED], [each.figure(found) for each in chosen])
            for town, found in counts.items()
        ],
    }


@require_POST
@at(sees_admissions)
@once_for_form()
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """One step of an application."""
    actor, sent, now = me(request), request.POST, timezone.now()
    row = row_or_404(pk, actor)
    told: dict[str, Any] = {"by": actor, "now": now, "revision": revision_of(request)}
    form = AdmissionForm(sent, at=now) if step == "complete" else None
    if form is not None and not form.is_valid():
        return _page(request, row, form, bad_at=step, status=422)
    words, day = sent.get("words", ""), day_of(sent.get("day", ""))
    try:
        if form is not None:
            admitting.complete(pk, form.told, **told)
        elif step == "approve":
            admitting.approve(pk, sent.getlist("towns"), day, words, **told)
        elif step == "admit":
            admitting.admit(pk, day, words, **told)
        elif step in _WITH_WORDS:
            _WITH_WORDS[step](pk, words, **told)
        else:
            raise Http404
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        row = row_or_404(pk, actor)
        if form is not None:
            _blame(form, error)
        return _page(request, row, form, str(error), step, error.status)
    return redirect("admission", pk)


_WITH_WORDS: Final[dict[str, Any]] = {
    "withdraw": admitting.withdraw,
    "comment": admitting.comment,
    "give-back": admitting.give_back,
    "pass-on": admitting.pass_on,
    "refuse": admitting.refuse,
    "end": admitting.end,
}
