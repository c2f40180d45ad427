"""邻里互助 for everybody: suggestions with a code, wishes, what was done. Nobody's name."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.core import signing
from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.audit.codes import plain_code, readable
from huying.cases.attaching import file_of
from huying.errors import BadInput, HuyingError, KeyReused, NotFound, TooMany, Words
from huying.joint.models import JointProject
from huying.neighbours import codes, figures, forgetting, hours, photos, rating, suggesting
from huying.neighbours.models import CircleActivity, NeighbourPhoto, Suggestion, Wish
from huying.neighbours.models.suggestions import SuggestionState
from huying.neighbours.models.wishes import HOLDING, Stage, WishState
from huying.neighbours.suggesting import Said
from huying.people.acting import RESIDENT
from huying.places.models import Division, Level
from huying.platforms import codes as booked_codes
from huying.public import entering, guarding
from huying.public.asking import checked
from huying.public.photos import Photos, sent
from huying.public.reporting import busy, first_photos, quiet
from huying.unkept import unkept

_KEPT: Final = "huying.public.suggestion.kept"
MOST: Final = 60

STATES: Final[dict[str, Words]] = {
    SuggestionState.NEW: _("Received; the community looks at it."),
    SuggestionState.ADOPTED: _("Adopted; the community sees to it."),
    SuggestionState.DONE: _("Carried out. Please tell us how it went."),
    SuggestionState.ANSWERED: _("Answered; it was not taken up."),
}


class SuggestionForm(forms.Form):
    """What a resident suggests, and, only if they like, a phone."""

    words = forms.CharField(max_length=2000, required=False)
    spot = forms.CharField(max_length=100, required=False)
    phone = forms.CharField(max_length=24, required=False)
    consent = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not (given.get("words") or "").strip() and "words" not in self.errors:
            self.add_error("words", _("Please say it in words."))
        if not given.get("consent"):
            self.add_error("consent", _("Please read the privacy notice and agree first."))
        return given


def _looks(request: HttpRequest) -> None:
    guarding.count(request, "public-looks", guarding.LOOKS)


def community_or_404(code: str) -> Division:
    found = Division.objects.filter(code=code, level=Level.COMMUNITY).first()
    if found is None:
        raise Http404
    return found


@require_safe
def start(request: HttpRequest) -> HttpResponseBase:
    """The communities where something can be read, and a way to any other."""
    try:
        _looks(request)
    except TooMany:
        return busy(request)
    wanted = request.GET.get("community", "")
    if wanted and Division.objects.filter(code=wanted[:12], level=Level.COMMUNITY).exists():
        to = "n_services" if request.GET.get("go") == "services" else "n_community"
        return redirect(to, wanted[:12])
    rows = Suggestion.objects.order_by().values("area_code").annotate(n=Count("pk")).order_by("-n")
    counts = {row["area_code"]: row["n"] for row in rows[:MOST]}
    wishes = Wish.objects.public().order_by().values_list("area_code", flat=True).distinct()
    named = Division.objects.filter(code__in=[*counts, *wishes], level=Level.COMMUNITY)
    towns = Division.objects.filter(level=Level.TOWN).order_by("code")
    below: dict[str, list[tuple[str, str]]] = {}
    everyone = Division.objects.filter(level=Level.COMMUNITY).order_by("code")
    for code, name in everyone.values_list("code", "short_name"):
        below.setdefault(code[:9], []).append((code, name))
    context = {
        "active": [(each, counts.get(each.code, 0)) for each in named],
        "groups": [(each.short_name, below.get(each.code, [])) for each in towns],
    }
    return quiet(render(request, "public/neighbours/start.html", context))


@require_safe
def community(request: HttpRequest, code: str) -> HttpResponseBase:
    """What a community's neighbours wish for and have done, in figures, words and photos."""
    try:
        _looks(request)
    except TooMany:
        return busy(request)
    place, now = community_or_404(code), timezone.now()
    wishes = Wish.objects.public().filter(area_code=code)
    held = Count("claims", filter=Q(claims__state__in=HOLDING))
    done = list(wishes.filter(state=WishState.DONE).order_by("-ended_at")[:20])
    ideas = Suggestion.objects.filter(area_code=code, state=SuggestionState.DONE)
    told = list(ideas.exclude(done_words="").order_by("-done_at")[:20])
    context = {
        "place": place,
        "whole": figures.of_area(code),
        "topics": figures.by_topic(code),
        "open": wishes.filter(state=WishState.OPEN)
        .annotate(taken=held)
        .order_by("-published_at")[:30],
        # What can be claimed stands above already.
        "projects": JointProject.objects.public()
        .filter(area_code=code)
        .exclude(wish__state=WishState.OPEN)
        .annotate(
            points=Count("milestones"),
            reached=Count("milestones", filter=Q(milestones__reached_on__isnull=False)),
        )[:20],
        "done": _with_photos([("wish", each) for each in done]),
        "told": _with_photos([("idea", each) for each in told]),
        "activities": CircleActivity.objects.filter(
            area_code=code, ends_at__gt=now, cancelled_at=None
        ).select_related("circle")[:20],
    }
    return quiet(render(request, "public/neighbours/community.html", context))


def _with_photos(rows: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Each with the photos of before and after that everybody may see."""
    wishes = [each.pk for kind, each in rows if kind == "wish"]
    ideas = [each.pk for kind, each in rows if kind == "idea"]
    shown = NeighbourPhoto.objects.filter(shown=True).filter(
        Q(claim__wish__in=wishes) | Q(suggestion__in=ideas) | Q(suggestion__wish__in=wishes)
    )
    found: dict[UUID, list[NeighbourPhoto]] = {}
    for each in shown.select_related("claim", "suggestion"):
        owners = []
        if each.claim is not None:
            owners.append(each.claim.wish_id)
        if each.suggestion is not None:
            owners += [each.suggestion.pk, *filter(None, [each.suggestion.wish_id])]
        for owner in owners:
            found.setdefault(owner, []).append(each)
    return [
        {
            "row": row,
            "before": [each for each in found.get(row.pk, []) if each.stage == Stage.BEFORE],
            "after": [each for each in found.get(row.pk, []) if each.stage == Stage.AFTER],
        }
        for _kind, row in rows
    ]


@require_safe
def photo(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A photo that the desk lets everybody see."""
    try:
        guarding.count(request, "public-photos", 4 * guarding.LOOKS)
    except TooMany:
        return HttpResponse(status=429)
    found = photos.shown(pk)
    if found is None or not (path := file_of(found.pk)).is_file():
        return HttpResponse(status=404)
    return quiet(FileResponse(path.open("rb"), content_type="image/jpeg"))


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def suggest(request: HttpRequest, code: str) -> HttpResponseBase:
    """GET: the form. POST: the suggestion goes in, and its page follows."""
    sending = request.method == "POST"
    try:
        most = guarding.REPORTS if sending else guarding.LOOKS
        guarding.count(request, "public-reports" if sending else "public-looks", most)
    except TooMany:
        return busy(request)
    place = community_or_404(code)
    if not sending:
        return _form_page(request, place, SuggestionForm())
    with sent(request) as shots:
        return _take(request, place, shots)


def _lets_files_in(request: HttpRequest, code: str) -> bool:
    return guarding.lets_files_in(request)


suggest.lets_files_in = _lets_files_in  # type: ignore[attr-defined]


def _take(request: HttpRequest, place: Division, shots: Photos) -> HttpResponseBase:
    form = SuggestionForm(request.POST)
    before = _kept(request.POST.get("kept", ""))
    kept = first_photos(request, form, shots, before)
    status, anew = 422, False
    if form.is_valid():
        given = form.cleaned_data
        try:
            ticket = checked(request)
            said = Said(
                place.code, given["words"], given["spot"], given["phone"], kept, ticket.number
            )
            _made, code = suggesting.collect(said, by=RESIDENT, now=timezone.now())
            return quiet(redirect("n_follow", code))
        except HuyingError as error:
            name = error.field or ""
            form.add_error(name if name in form.fields else None, str(error))
            # Sent before with other words: what is sent now is another suggestion.
            status, anew = error.status, isinstance(error, KeyReused)
    if not shots.keep(kept):
        kept = before
        form.add_error(None, guarding.NOT_KEPT)
    return _form_page(request, place, form, status, kept=kept, anew=anew)


def _kept(signed: str) -> list[UUID]:
    """Photos that came with a form that was refused are named by their signed ids."""
    try:
        return [UUID(each) for each in signing.loads(signed, salt=_KEPT, max_age=86_400)]
    except (signing.BadSignature, ValueError, TypeError):
        return []


def _form_page(
    request: HttpRequest,
    place: Division,
    form: SuggestionForm,
    status: int = 200,
    *,
    kept: list[UUID] | None = None,
    anew: bool = False,
) -> HttpResponseBase:
    # A form that was refused keeps its number while it is good: sent twice, it is still one.
    ticket = request.POST.get("ticket", "")
    if anew or guarding.read_ticket(ticket) is None:
        ticket = guarding.new_ticket()
    read = guarding.read_ticket(ticket)
    context = {
        "place": place,
        "form": form,
        "ticket": ticket,
        "number": read.number if read is not None else "",
        "bits": guarding.WORK_BITS,
        "kept": signing.dumps([str(each) for each in kept], salt=_KEPT) if kept else "",
        "kept_count": len(kept or []),
    }
    return quiet(render(request, "public/neighbours/suggest.html", context, status=status))


ASKING: Final = "public/neighbours/enter.html"


def _unknown(request: HttpRequest) -> HttpResponseBase:
    return entering.unknown(request, ASKING)


@unkept
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponseBase:
    """GET: asks for the code. POST: goes to its page, whether there is one or not."""
    return entering.ask(request, ASKING, "n_follow")


@unkept
@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponseBase:
    """How a suggestion stands. It shows no words of its own, no name and no phone."""
    try:
        guarding.count(request, "public-follow", guarding.LOOKS)
    except TooMany:
        return busy(request)
    found = codes.find(code)
    if found is None:
        # Whoever types the code of an appointment here means that.
        if booked_codes.find(code) is not None:
            return quiet(redirect("n_booked", plain_code(code)))
        return _unknown(request)
    return _follow_page(request, found, plain_code(code))


def _follow_page(
    request: HttpRequest, found: Suggestion, code: str, bad: str = "", status: int = 200
) -> HttpResponseBase:
    wish = found.wish if found.wish is not None and found.wish.state != WishState.DRAFT else None
    context = {
        "found": found,
        "code": code,
        "readable": readable(code),
        "place": Division.objects.filter(code=found.area_code).first(),
        "standing": STATES[found.state],
        "fresh": found.state == SuggestionState.NEW and found.version == 1,
        "wish": wish,
        "closed": wish is not None and wish.state == WishState.CLOSED,
        "claimed": wish.claims.holding().count() if wish is not None else 0,
        "photos": _with_photos([("wish", wish)] if wish is not None else [("idea", found)])[0],
        "to_rate": rating.to_rate(found),
        "rated": found.ratings.exists(),
        "stars": [5, 4, 3, 2, 1],
        "bad": bad,
        "sent": request.POST,
    }
    return quiet(render(request, "public/neighbours/follow.html", context, status=status))


@unkept
@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponseBase:
    """Whoever has the code says how it went."""
    try:
        guarding.count(request, "public-reports", guarding.REPORTS)
    except TooMany:
        return busy(request)
    found = codes.find(code)
    if found is None:
        return _unknown(request)
    given = request.POST.get("stars", "")
    stars = int(given) if given in ("1", "2", "3", "4", "5") else None
    try:
        try:
            claim = UUID(request.POST.get("claim", ""))
        except ValueError:
            raise NotFound from None
        words = request.POST.get("words", "")
        rating.by_resident(found, claim, stars, words, now=timezone.now())
    except NotFound:
        error = BadInput(now_("There is nothing to rate yet."))
        return _follow_page(request, found, plain_code(code), str(error), error.status)
    except HuyingError as error:
        return _follow_page(request, found, plain_code(code), str(error), error.status)
    return quiet(redirect("n_follow", plain_code(code)))


@unkept
@require_POST
def forget(request: HttpRequest, code: str) -> HttpResponseBase:
    """Whoever has the code has words, phone and photos erased, at once."""
    try:
        guarding.count(request, "public-reports", guarding.REPORTS)
    except TooMany:
        return busy(request)
    found = codes.find(code)
    if found is None:
        return _unknown(request)
    if request.POST.get("sure") != "yes":
        bad = now_("Please tick that this is what you want.")
        return _follow_page(request, found, plain_code(code), bad, status=422)
    forgetting.forget(found.pk, by=RESIDENT, now=timezone.now())
    return quiet(redirect("n_follow", plain_code(code)))


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponseBase:
    """Whether a certificate of hours is one of ours, and what it says."""
    try:
        guarding.count(request, "public-follow", guarding.LOOKS)
    except TooMany:
        return busy(request)
    found = hours.check(code)
    status = 200 if found is not None else 404
    return quiet(
        render(request, "public/neighbours/certificate.html", {"found": found}, status=status)
    )
