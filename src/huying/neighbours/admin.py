"""Volunteers who wait for a post in their team, for the security administrator."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from huying.errors import HuyingError, NotFound
from huying.neighbours import posting
from huying.people.admin_site import Page, actor_of, site
from huying.people.powers import Power, Subject, may

MOST_SHOWN = 200


def volunteers(request: HttpRequest) -> HttpResponse:
    """GET: who was accepted and has no post. POST: gives one of them theirs."""
    actor, now = actor_of(request), timezone.now()
    if request.method == "POST":
        try:
            post = posting.give(uuid.UUID(request.POST.get("joining", "")), by=actor, now=now)
            messages.success(request, now_("%(name)s has the post.") % {"name": post.account.name})
        except (NotFound, ValueError):
            raise Http404 from None
        except HuyingError as error:
            messages.error(request, str(error))
        return redirect("admin:volunteers")
    context = site.each_context(request)
    context |= {
        "title": now_("Volunteers without a post"),
        "rows": posting.wanting(now).filter(district_code=actor.area_code[:6])[:MOST_SHOWN],
        "gives": may(actor.role, Power.CHANGE, Subject.POSTS),
    }
    return TemplateResponse(request, "admin/volunteers.html", context)


def _waiting() -> list[str]:
    n = posting.wanting(timezone.now()).count()
    if not n:
        return []
    words = ngettext(
        "%(n)s volunteer was accepted into a team and waits for a post there.",
        "%(n)s volunteers were accepted into a team and wait for a post there.",
        n,
    )
    return [words % {"n": n}]


site.add_page(
    Page("volunteers/", "volunteers", _("Volunteers without a post"), Subject.POSTS, volunteers)
)
site.add_notices(Subject.POSTS, _waiting)
