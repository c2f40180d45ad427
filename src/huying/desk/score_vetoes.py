"""一票否决: what is proposed and in force, a new one, and what is decided of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.assessment.scores import vetoing
from huying.assessment.scores.kinds import Kind
from huying.assessment.scores.models import ScoreVeto, ScoreVetoFile
from huying.assessment.scores.subjects import Subject, may_look
from huying.cases.attaching import file_of
from huying.cases.models import Case
from huying.desk.acting import kept_before, stage_upload
from huying.desk.fields import Photos, Pick, Say, photos_named
from huying.desk.here import at, me
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.desk.scores import month_named, standing_or_404
from huying.desk.verb_form import dress, offer
from huying.errors import HuyingError
from huying.fairness import appealing
from huying.fairness.models import Appeal
from huying.people.acting import Actor

MOST = 100


class VetoForm(forms.Form):
    """Why a month is put to zero, and what shows it."""

    ground = Pick(label=gettext_lazy("Ground"))
    words = Say(label=gettext_lazy("What happened, and how it is known"), rows=4)
    cases = forms.CharField(
        label=gettext_lazy("Cases that show it"),
        required=False,
        max_length=600,
        help_text=gettext_lazy("Case numbers, separated by spaces."),
    )
    photos = Photos(kind="other", label=gettext_lazy("Pictures that show it"))

    def __init__(self, data: Any = None, *, kind: Kind) -> None:
        super().__init__(data)
        fitting = [each for each in vetoing.grounds().values() if kind in each.kinds]
        offer(self, "ground", [(each.code, each.name) for each in fitting])
        dress(self)

    def told(self, subject: Subject, month: date) -> vetoing.Told:
        given = self.cleaned_data
        return vetoing.Told(
            subject.kind,
            subject.key,
            month,
            given["ground"],
            given["words"],
            cases=given["cases"].replace("，", " ").replace("、", " ").replace(",", " ").split(),
            photos=given["photos"],
        )


@require_safe
@at(may_look)
def listed(request: HttpRequest) -> HttpResponseBase:
    """The vetoes that the actor may see, what is to be decided first."""
    actor = me(request)
    found = ScoreVeto.objects.visible_to(actor).select_related("proposed_by", "decided_by")
    rows = [_row(each, actor) for each in found[:MOST]]
    rows.sort(key=lambda row: row["veto"].state != ScoreVeto.State.PROPOSED)
    context = {"actor": actor, "rows": rows, "may": vetoing.may_propose(actor)}
    return render(request, "desk/scores/vetoes.html", context)


def _row(veto: ScoreVeto, actor: Actor) -> dict[str, Any]:
    subject = vetoing.subject_of(veto)
    return {
        "veto": veto,
        "name": subject.name if subject is not None else veto.subject,
        "ground": vetoing.grounds().get(veto.ground),
        "mine": vetoing.may_decide(actor, veto) and veto.state == ScoreVeto.State.PROPOSED,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at(vetoing.may_propose)
@once_for_form()
def new(request: HttpRequest, kind: str, subject: str) -> HttpResponseBase:
    """GET: the form for a subject and month. POST: it is proposed."""
    actor, now = me(request), timezone.now()
    month = month_named(request.GET.get("month", ""), now)
    _found, standing = standing_or_404(actor, kind, subject, month, now)
    if not vetoing.may_concern(actor, standing.subject):
        raise Http404
    if request.method != "POST":
        return _new_page(request, VetoForm(kind=standing.subject.kind), standing.subject, month)
    form = VetoForm(_sent(request, actor), kind=standing.subject.kind)
    if not form.is_valid():
        return _new_page(request, form, standing.subject, month, 422)
    try:
        veto = vetoing.propose(form.told(standing.subject, month), by=actor, now=now)
    except HuyingError as error:
        return _new_page(request, blamed(form, error), standing.subject, month, error.status)
    messages.success(request, _("Proposed. A leader who is not you decides on it."))
    return redirect("veto", veto.pk)


def _sent(request: HttpRequest, actor: Actor) -> QueryDict:
    """What was sent, with pictures that came with the form itself."""
    sent = request.POST.copy()
    for upload in request.FILES.getlist("file_photos"):
        try:
            sent.appendlist("photos", str(stage_upload(upload, kind="other", by=actor).pk))
        except HuyingError as error:
            messages.error(request, str(error))
    return sent


def _new_page(
    request: HttpRequest, form: VetoForm, subject: Subject, month: date, status: int = 200
) -> HttpResponse:
    context = {
        "actor": me(request),
        "form": form,
        "subject": subject,
        "month": month,
        "grounds": [each for each in vetoing.grounds().values() if subject.kind in each.kinds],
        "kept_photos": kept_before(photos_named(form, "photos"), me(request)),
    }
    return render(request, "desk/scores/new_veto.html", context, status=status)


def _veto_or_404(pk: UUID, actor: Actor) -> ScoreVeto:
    found = ScoreVeto.objects.visible_to(actor).filter(pk=pk)
    veto = found.select_related("proposed_by", "decided_by", "lifted_by").first()
    if veto is None:
        raise Http404
    return veto


@require_safe
@at(may_look)
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A veto with its evidence and what became of it."""
    return _page(request, _veto_or_404(pk, me(request)))


def _page(request: HttpRequest, veto: ScoreVeto, bad: HuyingError | None = None) -> HttpResponse:
    actor = me(request)
    proposed = veto.state == ScoreVeto.State.PROPOSED
    seen = Case.objects.visible_to(actor).for_pages().filter(pk__in=veto.cases)
    cases = list(seen)
    context = {
        "actor": actor,
        **_row(veto, actor),
        "cases": cases,
        "hidden": len(veto.cases) - len(cases),
        "files": veto.files.select_related("attachment"),
        "may_withdraw": proposed and veto.proposed_by_id == actor.account_id,
        # Nobody else's appeal is named before whoever may not read it.
        "appeal": Appeal.objects.visible_to(actor).filter(veto=veto).first(),
        "may_appeal": appealing.is_against(actor, veto)
        and not veto.appeals.exists()
        and timezone.localdate() <= appealing.until(veto),
        "may_lift": veto.state == ScoreVeto.State.APPROVED and vetoing.may_lift(actor, veto),
        "bad": bad,
        "sent": request.POST,
    }
    status = bad.status if bad is not None else 200
    return render(request, "desk/scores/veto.html", context, status=status)


@require_POST
@at(may_look)
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Decides on a veto, takes it back or lifts it."""
    actor, now = me(request), timezone.now()
    veto = _veto_or_404(pk, actor)
    try:
        _do(veto, step, request.POST, actor, now)
    except HuyingError as error:
        return _page(request, veto, error)
    messages.success(request, _("Decided."))
    return redirect("veto", pk)


def _do(veto: ScoreVeto, step: str, sent: QueryDict, by: Actor, now: datetime) -> None:
    match step:
        case "agree" | "refuse":
            agree, answer = step == "agree", sent.get("answer", "")
            vetoing.decide(veto.pk, agree=agree, answer=answer, by=by, now=now)
        case "withdraw":
            vetoing.withdraw(veto.pk, by=by)
        case "lift":
            vetoing.lift(veto.pk, why=sent.get("why", ""), by=by, now=now)
        case _:
            raise Http404


@require_safe
@at(may_look)
def photo(request: HttpRequest, pk: UUID, thumb: bool = False) -> HttpResponseBase:
    """A picture of a veto, for who may see it."""
    seen = ScoreVeto.objects.visible_to(me(request))
    if not ScoreVetoFile.objects.filter(attachment=pk, veto__in=seen).exists():
        raise Http404
    path = file_of(pk, thumb=thumb)
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")
