"""申诉: one's own appeals, filing one against what counted in a case, and deciding on others'."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from huying.assessment.charges import CHARGES
from huying.assessment.scores import vetoing
from huying.assessment.scores.models import ScoreVeto
from huying.cases.attaching import file_of
from huying.cases.models import Attachment, Case
from huying.desk.here import at_desk, case_or_404, me
from huying.desk.neighbour_suggestions import staged
from huying.desk.neighbours import version_of
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.fairness import appealing
from huying.fairness.guards import Guard
from huying.fairness.models import Appeal, AppealPhoto, Unusual, reviews
from huying.fairness.saying import GUARD_WORDS, reason
from huying.people.acting import Actor

ON_A_PAGE = 30


@require_safe
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """One's own appeals; for who decides, those to be decided, and what was."""
    actor = me(request)
    seen = Appeal.objects.visible_to(actor).select_related(
        "case__item_version", "veto", "finding", "filed_by"
    )
    tabs = ("open", "decided", "mine") if reviews(actor) else ("mine",)
    tab = request.GET.get("tab", "")
    tab = tab if tab in tabs else tabs[0]
    match tab:
        case "open":
            rows = seen.open()
        case "decided":
            rows = seen.over()
        case _:
            rows = Appeal.objects.visible_to(actor) & seen
            rows = rows.filter(filed_by=actor.account_id) | rows.filter(
                filed_unit=actor.unit_id, filed_unit__isnull=False
            )
    page = Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))
    words = {
        "open": pgettext("appeal", "To be decided"),
        "decided": pgettext("appeal", "Decided"),
        "mine": _("My appeals"),
    }
    context = {
        "actor": actor,
        "tab": tab,
        "tabs": [(each, words[each]) for each in tabs],
        "rows": page,
        "lines": [_line(each, actor) for each in page],
        "keep": f"tab={tab}",
        "days": appealing.days(),
    }
    return render(request, "desk/appeals/list.html", context)


def _line(appeal: Appeal, actor: Actor) -> dict[str, Any]:
    return {
        "appeal": appeal,
        "charge": appealing.words_of(appeal),
        "whom": subject_words(appeal.veto) if appeal.veto is not None else "",
        "mine_to_decide": _is_open(appeal) and appealing.may_review(appeal, actor),
    }


def _is_open(appeal: Appeal) -> bool:
    return appeal.state == Appeal.State.OPEN and not appeal.is_moot


def subject_words(veto: ScoreVeto) -> str:
    """Whose month it is."""
    subject = vetoing.subject_of(veto)
    return veto.subject if subject is None else subject.name


def against_or_404(kind: str, pk: UUID, actor: Actor) -> ScoreVeto | Unusual:
    """A veto or a finding that is held against the actor."""
    rows: dict[str, QuerySet[Any]] = {
        Appeal.Kind.VETO: ScoreVeto.objects.visible_to(actor),
        # Nobody is shown findings about themselves, but for those that were confirmed.
        Appeal.Kind.FINDING: Unusual.objects.all(),
    }
    found = rows[kind].filter(pk=pk).first() if kind in rows else None
    if found is None or not appealing.is_against(actor, found):
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def against(request: HttpRequest, kind: str, pk: UUID) -> HttpResponseBase:
    """GET: a veto or a finding held against one, and the form to appeal. POST: it is filed."""
    actor = me(request)
    what = against_or_404(kind, pk, actor)
    if request.method != "POST":
        return _against_page(request, what)
    try:
        photos = staged(request, "photos", Attachment.Kind.OTHER, actor)
        made = appealing.file_against(
            what,
            words=request.POST.get("words", ""),
            photos=photos,
            by=actor,
            now=timezone.now(),
        )
    except HuyingError as error:
        return _against_page(request, what, str(error), error.field or "", error.status)
    messages.success(request, _("The appeal is filed; two others decide on it."))
    return redirect("appeal", made.pk)


def _against_page(
    request: HttpRequest,
    what: ScoreVeto | Unusual,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    context: dict[str, Any] = {
        "actor": actor,
        "there": what.appeals.first(),
        "until": appealing.until(what),
        "late": timezone.localdate(now) > appealing.until(what),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    if isinstance(what, ScoreVeto):
        context |= {
            "veto": what,
            "name": subject_words(what),
            "ground": vetoing.grounds().get(what.ground),
            "held": what.words,
            "cases": what.cases,
        }
    else:
        context |= {
            "finding": what,
            "name": GUARD_WORDS[Guard(what.guard)][0],
            "reason": reason(Guard(what.guard), what.numbers),
            "comes": GUARD_WORDS[Guard(what.guard)][1],
            "held": what.words,
            "cases": list(what.cases.values_list("case", flat=True)),
        }
    seen = Case.objects.visible_to(actor).for_pages().filter(pk__in=context["cases"])
    context |= {"cases": list(seen), "out_of_sight": len(context["cases"]) - len(seen)}
    return render(request, "desk/appeals/against.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest, number: str) -> HttpResponseBase:
    """What of a case counts against one, and the form to appeal against one of it."""
    actor, case, now = me(request), case_or_404(request, number), timezone.now()
    if request.method != "POST":
        return _new_page(request, case)
    given = request.POST
    charge, _colon, seq = given.get("against", "").partition(":")
    if charge not in CHARGES or not (seq.isascii() and seq.isdigit() and len(seq) < 9):
        return _new_page(request, case, _("Please choose one."), "against", 422)
    try:
        photos = staged(request, "photos", Attachment.Kind.OTHER, actor)
        made = appealing.file(
            case.pk,
            charge,
            int(seq),
            words=given.get("words", ""),
            photos=photos,
            by=actor,
            now=now,
        )
    except HuyingError as error:
        return _new_page(request, case, str(error), error.field or "", error.status)
    messages.success(request, _("The appeal is filed; two others decide on it."))
    return redirect("appeal", made.pk)


def _new_page(
    request: HttpRequest, case: Case, bad: str = "", bad_at: str = "", status: int = 200
) -> HttpResponse:
    actor, now = me(request), timezone.now()
    there = appealing.taken(case)
    held = [
        {
            "held": each,
            "value": f"{each.charge.code}:{each.line.seq}",
            "appeal": there.get(appealing.key_of(each)),
        }
        for each in appealing.open_to(actor, case, now)
    ]
    context = {
        "actor": actor,
        "case": case,
        "held": held,
        "open": [each for each in held if each["appeal"] is None],
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
        "days": appealing.days(),
    }
    return render(request, "desk/appeals/new.html", context, status=status)


def appeal_or_404(pk: UUID, actor: Actor) -> Appeal:
    found = (
        Appeal.objects.visible_to(actor)
        .select_related(
            "case__item_version",
            "veto",
            "finding",
            "filed_by",
            "filed_unit",
            "first_by",
            "second_by",
            "third_by",
        )
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: an appeal with what was said of it. POST: a reviewer's yes or no."""
    actor, now = me(request), timezone.now()
    found = appeal_or_404(pk, actor)
    if request.method != "POST":
        return _page(request, found)
    says = {"yes": True, "no": False}.get(request.POST.get("says", ""))
    try:
        appealing.decide(
            pk, says, words=request.POST.get("words", ""), by=actor, now=now,
            version=version_of(request),
        )  # fmt: skip
    except NotFound:
        raise Http404 from None
    except NotAllowed as error:
        return _page(request, found, str(error), "", 403)
    except HuyingError as error:
        return _page(request, appeal_or_404(pk, actor), str(error), error.field or "", error.status)
    messages.success(request, _("Your word is written down."))
    return redirect("appeal", pk)


def _page(
    request: HttpRequest, found: Appeal, bad: str = "", bad_at: str = "", status: int = 200
) -> HttpResponse:
    actor = me(request)
    said = [
        (by, getattr(found, f"{turn}_says"), getattr(found, f"{turn}_words"),
         getattr(found, f"{turn}_at"))
        for turn in appealing.ORDER
        if (by := getattr(found, f"{turn}_by")) is not None
    ]  # fmt: skip
    open_ = _is_open(found)
    context = {
        "actor": actor,
        "appeal": found,
        "charge": appealing.words_of(found),
        "whom": subject_words(found.veto) if found.veto is not None else "",
        "sees_case": Case.objects.visible_to(actor).filter(appeals=found).exists(),
        "sees_veto": ScoreVeto.objects.visible_to(actor).filter(appeals=found).exists(),
        "sees_finding": Unusual.objects.visible_to(actor).filter(appeals=found).exists(),
        "reason": reason(Guard(found.finding.guard), found.finding.numbers)
        if found.finding is not None
        else "",
        "photos": list(found.photos.all()),
        # Who decides knows of the other's word only when they have said their own.
        "said": said if not (open_ and appealing.may_review(found, actor)) else [],
        "spoken": len(said),
        "may": open_ and appealing.may_review(found, actor),
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
    }
    return render(request, "desk/appeals/one.html", context, status=status)


@require_safe
@at_desk
def photo(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A photo that came with an appeal, for who may see it."""
    seen = Appeal.objects.visible_to(me(request))
    found = AppealPhoto.objects.filter(pk=pk, appeal__in=seen).first()
    if found is None or not (path := file_of(found.attachment_id)).is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/jpeg")
