"""The page that a resident follows a report by: how it stands, questions, rating, taking back."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import qrcode
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from huying.audit.codes import plain_code, readable
from huying.cases import flow
from huying.cases.answers import answers_of, asks_of, softened, unshown
from huying.cases.attaching import file_of
from huying.cases.closing import REOPEN_WITHIN
from huying.cases.models import Attachment, Case, CaseEvent, CaseText, TextKind
from huying.cases.states import OPEN_STATES, State
from huying.catalogue.danger import NUMBERS, danger
from huying.errors import BadInput, HuyingError, NotFound, TooMany, WrongState
from huying.forms.answering import Trouble, WrongAnswers
from huying.forms.definition import Kind
from huying.forms.rendering import given_by, on_page
from huying.intake.verbs import VERBS
from huying.people.acting import RESIDENT
from huying.places import naming
from huying.public import entering, guarding
from huying.public.photos import Photos, sent
from huying.public.plain import main_of, standing, steps
from huying.public.reporting import answers_sent, busy, quiet
from huying.response.hearing import find
from huying.response.residents import CallBack, ResidentAsk, ResidentLink
from huying.topics.handling import answers_to
from huying.unkept import unkept

THREE = ("responded", "solved", "satisfied")
SENT = {
    "answer": "resident_answer",
    "questions": "answer_questions",
    "withdraw": "resident_withdraw",
    "rate": "resident_rate",
    "reopen": "reopen",
    "erase": "ask_erasure",
}
"""What is sent to the page, and the verb that it is."""


def _behind(request: HttpRequest, code: str) -> ResidentLink | None:
    guarding.count(request, "public-follow", guarding.LOOKS)
    return find(code)


ASKING: Final = "public/follow_code.html"


def _unknown(request: HttpRequest) -> HttpResponseBase:
    return entering.unknown(request, ASKING)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """GET: asks for the code. POST: goes to its page, whether there is one or not."""
    return entering.ask(request, ASKING, "follow")


@unkept
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponseBase:
    """How the case stands."""
    try:
        link = _behind(request, code)
    except TooMany:
        return busy(request)
    if link is None:
        return _unknown(request)
    return _page(request, link, plain_code(code))


@unkept
@require_POST
def act(request: HttpRequest, code: str, what: str) -> HttpResponseBase:
    """An answer, a rating, a wish: the verb that it is, done by the resident."""
    try:
        guarding.count(request, "public-reports", guarding.REPORTS)
        link = find(code)
    except TooMany:
        return busy(request)
    if link is None or what not in SENT:
        return _unknown(request)
    try:
        with sent(request) as photos:
            if what == "questions":
                inputs = _questions(request, link.case, photos)
            else:
                inputs = _INPUTS[what](request, photos)
            VERBS[SENT[what]].do(link.case_id, by=RESIDENT, now=timezone.now(), **inputs)
    except HuyingError as error:
        troubles = error.troubles if isinstance(error, WrongAnswers) else None
        return _page(
            request,
            link,
            plain_code(code),
            bad=str(error),
            bad_at=what,
            status=error.status,
            troubles=troubles,
        )
    return quiet(redirect(f"{reverse('follow', args=[plain_code(code)])}?done={what}"))


def _lets_files_in(request: HttpRequest, code: str, what: str) -> bool:
    return find(code) is not None and guarding.lets_files_in(request)


act.lets_files_in = _lets_files_in  # type: ignore[attr-defined]


def _answer(request: HttpRequest, photos: Photos) -> dict[str, Any]:
    chosen = photos.stage("photos", Attachment.Kind.OTHER)
    return {"text": request.POST.get("text", ""), "photos": chosen}


def _questions(request: HttpRequest, case: Case, photos: Photos) -> dict[str, Any]:
    asks = asks_of(case)
    if asks is None or not case.questions_asked:
        raise WrongState(_("There is no open question to you."))
    return {"answers": answers_sent(request, asks, photos)}


def _reason(request: HttpRequest, _photos: Photos) -> dict[str, Any]:
    return {"reason": request.POST.get("reason", "")}


def _rating(request: HttpRequest, _photos: Photos) -> dict[str, Any]:
    given: dict[str, Any] = {"text": request.POST.get("text", "")}
    for name in THREE:
        if request.POST.get(name) in ("yes", "no"):
            given[name] = request.POST[name] == "yes"
    if request.POST.get("satisfied") == "fairly":
        given |= {"satisfied": False, "fairly_satisfied": True}
    return given


def _wish(request: HttpRequest, _photos: Photos) -> dict[str, Any]:
    if request.POST.get("sure") != "yes":
        raise BadInput(_("Please tick that this is what you want."), field="sure")
    return {}


_INPUTS: dict[str, Callable[[HttpRequest, Photos], dict[str, Any]]] = {
    "answer": _answer,
    "withdraw": _reason,
    "rate": _rating,
    "reopen": _reason,
    "erase": _wish,
}


def _may(verb: str, case: Case) -> bool:
    return flow.ROWS[verb].why_not(RESIDENT, case) is None


def _open_again(case: Case, now: datetime) -> bool:
    return (
        _may("reopen", case) and case.ended_at is not None and now <= case.ended_at + REOPEN_WITHIN
    )


def _page(
    request: HttpRequest,
    link: ResidentLink,
    code: str,
    *,
    bad: str = "",
    bad_at: str = "",
    status: int = 200,
    troubles: Mapping[str, Trouble] | None = None,
) -> HttpResponseBase:
    case, now = Case.objects.select_related("item_version").get(pk=link.case_id), timezone.now()
    main = main_of(case)
    asked = ResidentAsk.objects.filter(case=case, answered_at=None).first()
    heard = CallBack.objects.filter(
        case=case, round=case.reopened, outcome=CallBack.Outcome.REACHED
    ).exists()
    done = request.GET.get("done", "")
    address = request.build_absolute_uri(reverse("follow", args=[code]))
    context: dict[str, Any] = {
        "case": case,
        "code": code,
        "readable": readable(code),
        "address": address,
        "fresh": case.state == State.REPORTED and case.last_seq == 1,
        "standing": standing(main),
        "merged": main.pk != case.pk,
        "item": case.item_version.name if case.item_version is not None else "",
        "place": " ".join(naming.parts(case.area_code[:12])[1:]),
        "due": main.total_due if main.state in OPEN_STATES else None,
        "ended": main.ended_at,
        "steps": steps(list(CaseEvent.objects.filter(case_id=case.pk).order_by("seq"))),
        "question": _question(asked),
        "asked": asked is not None and case.state in OPEN_STATES,
        "item_questions": _item_questions(request, case, troubles),
        "withdraw": _may("resident_withdraw", case),
        "rate": _may("resident_rate", case) and not heard,
        "heard": heard and case.state == State.CLOSED,
        "reopen": _open_again(case, now),
        "reopen_days": REOPEN_WITHIN.days,
        "erase": not case.erasure_asked and _has_words(case),
        "erasing": case.erasure_asked,
        "photos": range(len(link.photos)),
        "answers": answers_to(case.pk),
        "danger": _danger(case),
        "numbers": NUMBERS,
        "three": [
            ("responded", _("Was it answered in time?")),
            ("solved", _("Is the matter solved?")),
            ("satisfied", _("Are you satisfied?")),
        ],
        "bad": bad,
        "bad_at": bad_at,
        "sent": request.POST,
        "done": done if done in SENT else "",
    }
    return quiet(render(request, "public/follow.html", context, status=status))


def _item_questions(
    request: HttpRequest, case: Case, troubles: Mapping[str, Trouble] | None
) -> dict[str, Any] | None:
    """The item's questions while they are asked for. Nothing that was said before is shown."""
    asks = asks_of(case) if case.questions_asked and case.state in OPEN_STATES else None
    if asks is None:
        return None
    given = given_by(asks.definition, request.POST) if troubles else {}
    # Photos are chosen again: ids from a stranger's form are not believed.
    given |= {each.id: [] for each in asks.definition.asks if each.kind == Kind.PHOTO}
    return on_page(softened(asks.definition, unshown(answers_of(case))), given, troubles)


def _danger(case: Case) -> tuple[str, ...]:
    """What the report itself says of danger to life, while nobody has taken it up."""
    if case.state != State.REPORTED:
        return ()
    return danger(
        CaseText.objects.filter(case=case, seq=1).values_list("body", flat=True).first() or ""
    )


def _has_words(case: Case) -> bool:
    return CaseText.objects.filter(case=case, seq=1).exists() or case.contacts.exists()


def _question(asked: ResidentAsk | None) -> str:
    if asked is None:
        return ""
    found = CaseText.objects.filter(case=asked.case_id, seq=asked.seq, kind=TextKind.QUESTION)
    return found.values_list("body", flat=True).first() or ""


@unkept
@require_safe
def code_picture(request: HttpRequest, code: str) -> HttpResponseBase:
    """The page's address as a QR code."""
    try:
        link = _behind(request, code)
    except TooMany:
        return HttpResponse(status=429)
    if link is None:
        return HttpResponse(status=404)
    address = request.build_absolute_uri(reverse("follow", args=[plain_code(code)]))
    target = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, border=2).save(target)
    return quiet(HttpResponse(target.getvalue(), content_type="image/svg+xml"))


@unkept
@require_safe
def photo(request: HttpRequest, code: str, place: int) -> HttpResponseBase:
    """One of the photos after handling that the desk lets the resident see."""
    try:
        link = _behind(request, code)
        if link is None or not 0 <= place < len(link.photos):
            raise NotFound
        kept = Attachment.objects.filter(pk=link.photos[place], case=link.case_id).first()
        if kept is None or not (path := file_of(kept.pk)).is_file():
            raise NotFound
    except HuyingError as error:
        return HttpResponse(status=error.status)
    return quiet(FileResponse(path.open("rb"), content_type="image/jpeg"))
