"""表格导入: sending a table, looking at what it would become, and having it taken in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit import access
from huying.cases import finding
from huying.cases.models import Case
from huying.catalogue.versions import snapshot
from huying.desk.here import at_desk, me
from huying.errors import HuyingError, Missing
from huying.intake.excel import keeping, taking
from huying.intake.excel.reading import LARGEST
from huying.intake.excel.rows import areas
from huying.intake.excel.writing import template
from huying.intake.models import CaseImport
from huying.intake.registers import taking as registers
from huying.intake.registers.comparing import Fate
from huying.intake.registers.templates import SHEETS
from huying.intake.registers.templates import template as register_template
from huying.intake.registers.writing import MODELS
from huying.intake.reporting import default_district
from huying.people.acting import Actor
from huying.people.turns import QUIET
from huying.places import naming
from huying.registry.models import Register

ON_A_PAGE = 50
Into = CaseImport.Into
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _importer(request: HttpRequest) -> Actor:
    actor = me(request)
    if not taking.may_import(actor):
        raise PermissionDenied
    return actor


def _own(request: HttpRequest, pk: UUID) -> CaseImport:
    """One's own import, on the post that sent it: another post may not see its cases."""
    actor = _importer(request)
    return get_object_or_404(CaseImport, pk=pk, account=actor.account_id, post=actor.post_id)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def imports(request: HttpRequest) -> HttpResponseBase:
    """GET: one's own imports, and where to send a table. POST: sends one."""
    actor, bad, status = _importer(request), "", 200
    if request.method == "POST":
        try:
            return redirect("import", _send(request, actor).pk)
        except HuyingError as error:
            bad, status = str(error), error.status
    mine = CaseImport.objects.filter(account=actor.account_id, post=actor.post_id)
    context = {
        "actor": actor,
        "imports": mine.order_by("-sent_at")[:ON_A_PAGE],
        "place": naming.own_name(actor.area_code),
        "most": LARGEST,
        "bad": bad,
        "kinds": Into.choices,
        "into": _into(request),
    }
    return render(request, "desk/imports/list.html", context, status=status)


def _into(request: HttpRequest) -> str:
    """What the table is for, as chosen or as the address says; cases otherwise."""
    wanted = request.POST.get("into") or request.GET.get("into") or ""
    return wanted if wanted in Into.values else Into.CASES


def _send(request: HttpRequest, actor: Actor) -> CaseImport:
    sent = request.FILES.get("file")
    if sent is None:
        raise Missing(_("Please choose a file."), field="file")
    data = sent.read(LARGEST + 1)
    language = get_language() or "zh-hans"
    return taking.receive(
        data,
        sent.name or "",
        by=actor,
        now=timezone.now(),
        language=language,
        into=request.POST.get("into") or Into.CASES,
    )


@require_safe
@at_desk
def template_file(request: HttpRequest) -> HttpResponseBase:
    """The empty table, with the lists of the post's own area."""
    actor = _importer(request)
    own, into = actor.area_code or default_district(), _into(request)
    if into != Into.CASES:
        communities = [name for name, code in areas(own).items() if len(code) == 12]
        data = register_template(into, communities)
        return _download(data, f"{SHEETS[Into(into)]}-{naming.own_name(own)}.xlsx")
    data = template(snapshot(timezone.now()), areas(own))
    return _download(data, f"{_('import-of-cases')}-{naming.own_name(own)}.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=XLSX)
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer


@require_safe
@at_desk
def one(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """How far it is, what was found, or what it became."""
    made = _own(request, pk)
    part = request.GET.get("part") == "1"
    context = _context(request, made)
    page = "desk/imports/_one.html" if part else "desk/imports/one.html"
    return render(request, page, context)


def _context(request: HttpRequest, made: CaseImport, bad: str = "") -> dict[str, Any]:
    now, actor = timezone.now(), me(request)
    context: dict[str, Any] = {
        "actor": actor,
        "import": made,
        "bad": bad,
        "quiet": made.busy and now - made.touched_at > QUIET,
        "until": made.sent_at + keeping.KEPT,
        "digest": bytes(made.digest).hex(),
        "has_reasons": keeping.path_of(made.pk, "reasons").exists(),
        "may_again": made.passing and keeping.path_of(made.pk, "table").exists(),
    }
    if made.state == CaseImport.State.CHECKED:
        context["look"] = keeping.kept_look(made.pk)
        context["earlier"] = taking.earlier(made)
        context["without"] = made.good - made.likely
        if made.into != Into.CASES:
            context["tiles"] = _tiles(context["look"]["tally"])
    if made.state == CaseImport.State.DONE:
        of_cases = made.into == Into.CASES
        context["page"] = (_cases if of_cases else _records)(request, made, actor)
        context["left_out"] = made.rows - made.made
        if not of_cases:
            context["why_not_back"] = registers.why_not_back(made, now)
            context["back_until"] = (made.ended_at or now) + registers.TAKEN_BACK_WITHIN
    return context


def _tiles(tally: dict[str, int]) -> list[tuple[str, int, str]]:
    """How many rows become what, in words."""
    return [
        (str(fate), tally.get(fate, 0), words)
        for fate, words in (
            (Fate.NEW, _("rows are new")),
            (Fate.CHANGED, _("rows change something")),
            (Fate.SAME, _("rows are there already")),
            (Fate.CONFLICT, _("rows contradict the register")),
            (Fate.WRONG, _("rows are wrong")),
        )
    ]


def _records(request: HttpRequest, made: CaseImport, actor: Actor) -> Any:
    """What it made and changed, as far as the post sees it and it is still there."""
    page = Paginator(made.records.order_by("row", "seq"), ON_A_PAGE).get_page(
        request.GET.get("page")
    )
    links = list(page.object_list)
    found: dict[Any, Any] = {}
    for register, model in MODELS.items():
        wanted = [each.record_id for each in links if each.register == register]
        if wanted:
            seen: Any = model._default_manager
            found |= {each.pk: each for each in seen.visible_to(actor).filter(pk__in=wanted)}
    rows = [
        {
            "row": each.row,
            "register": Register(each.register),
            "changed": each.before_enc is not None,
            "stayed": each.stayed,
            "record": found[each.record_id],
            "linked": each.register != Register.HOUSEHOLD,
        }
        for each in links
        if each.record_id in found
    ]
    return {"rows": rows, "number": page.number, "paginator": page.paginator, "page": page}


def _cases(request: HttpRequest, made: CaseImport, actor: Actor) -> Any:
    """Its cases by their rows, as far as the post sees them."""
    seen = Case.objects.visible_to(actor).for_pages()
    page = Paginator(made.cases.order_by("row"), ON_A_PAGE).get_page(request.GET.get("page"))
    links = list(page.object_list)
    cases = {case.pk: case for case in seen.filter(pk__in=[each.case_id for each in links])}
    words = finding.descriptions(cases)
    rows = [
        {
            "row": each.row,
            "case": cases[each.case_id],
            "place": " ".join(naming.parts(cases[each.case_id].area_code)[1:]),
            "text": words.get(each.case_id, "")[:80],
        }
        for each in links
        if each.case_id in cases
    ]
    return {"rows": rows, "number": page.number, "paginator": page.paginator, "page": page}


@require_safe
@at_desk
def reasons(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The table with a column of reasons; it holds people's words, so each fetch is recorded."""
    made = _own(request, pk)
    data = keeping.kept(made.pk, "reasons")
    if data is None:
        raise Http404
    access.record(
        action="fetch_import_reasons",
        subject_type="case_import",
        subject_id=made.pk,
        now=timezone.now(),
        by=me(request),
    )
    return _download(
        data, f"{_('rows-to-mend')}-{timezone.localtime(made.sent_at):%Y%m%d-%H%M}.xlsx"
    )


@require_POST
@at_desk
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponseBase:
    """Confirms an import, cancels it, or tries it again."""
    made, now = _own(request, pk), timezone.now()
    language = get_language() or "zh-hans"
    try:
        if what == "confirm":
            taking.confirm(
                made,
                by=me(request),
                now=now,
                only_good="only_good" in request.POST,
                without_likely="without_likely" in request.POST,
                alarms="quiet" not in request.POST,
                again="again" in request.POST,
                overrule="overrule" in request.POST,
                language=language,
            )
        elif what == "cancel":
            taking.cancel(made, now)
            made.refresh_from_db()
            if made.state == CaseImport.State.DONE:
                messages.info(request, _("All of it was in already; nothing was cancelled."))
        elif what == "back":
            back, stayed = registers.take_back(made, by=me(request), now=now)
            words = _("Taken back: %(n)s records.") % {"n": back}
            if stayed:
                words += " " + _("%(n)s were changed since, or are in use, and stay.") % {
                    "n": stayed
                }
            messages.success(request, words)
        elif what == "again":
            taking.again(made, now=now, language=language)
        else:
            raise Http404
    except HuyingError as error:
        context = _context(request, made, str(error))
        return render(request, "desk/imports/one.html", context, status=error.status)
    return redirect("import", made.pk)
