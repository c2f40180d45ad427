"""疑似重复 of a register or survey: two entries side by side, one thing or two, says a person."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huying.desk.here import at_desk
from huying.desk.surveys import looking_at, names_of, survey_or_404
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.people.acting import Actor
from huying.registry.sight import may_write
from huying.surveys import answers, designing, doubles
from huying.surveys.models import Survey


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def page(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the pairs with what was answered, masked. POST: which stays, or that they are two."""
    actor = looking_at(request)
    found = survey_or_404(pk, actor)
    if not may_write(actor, actor.area_code):
        raise PermissionDenied
    status, bad = 200, ""
    if request.method == "POST":
        try:
            _decide(request, found, actor)
            return redirect("survey_doubles", pk)
        except NotFound:
            raise Http404 from None
        except NotAllowed:
            raise PermissionDenied from None
        except HuyingError as error:
            bad, status = str(error), error.status
        except (KeyError, ValueError):
            bad, status = _("Please choose two records."), 422
    pairs = doubles.proposed(found, actor)
    entries = {each.pk: each for pair in pairs for each in pair.both}
    rows = answers.latest_of(entries.values())
    said = {pk: answers.said_of(row) for pk, row in rows.items()}
    context = {
        "actor": actor,
        "survey": found,
        "pairs": [(pair, [(each, said.get(each.pk, [])) for each in pair.both]) for pair in pairs],
        "names": names_of(each.told_by for each in entries.values()),
        "may_design": designing.may_change(found, actor),
        "bad": bad,
    }
    return render(request, "desk/surveys/doubles.html", context, status=status)


def _decide(request: HttpRequest, found: Survey, actor: Actor) -> None:
    sent, now = request.POST, timezone.now()
    one, other = UUID(sent["one"]), UUID(sent["other"])
    if found.entries.filter(pk__in=(one, other)).count() != 2:
        raise NotFound
    if sent.get("apart"):
        doubles.keep_apart(one, other, by=actor, now=now)
        messages.success(request, _("They are two, and are not proposed again."))
        return
    stays = UUID(sent["stays"])
    doubles.merge(stays, other if stays == one else one, by=actor, now=now)
    messages.success(request, _("The two records are one now."))
