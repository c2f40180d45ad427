"""The banner over every page of a desk: an emergency of its area that nobody has taken.

Looked up with what has changed lately, once for everyone in a web process: a page asks every
second or so and is answered from memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from huying.catalogue.versions import snapshot
from huying.desk import changes
from huying.desk.changes import Emergency
from huying.desk.here import actor_of, at_desk, me
from huying.desk.queue import short_place
from huying.people.acting import Actor
from huying.people.models import Role

SHOWN = 3
"""So many are named; more of them at once nobody reads, and the queue has them all."""

HEADER = "X-Emergencies"


def untaken(actor: Actor | None) -> Sequence[Emergency]:
    """The emergencies that the actor's desk should see to, the newest first; none elsewhere."""
    if actor is None or actor.role != Role.DISPATCHER:
        return ()
    return [each for each in changes.emergencies() if actor.covers(each.area_code)]


def version(found: Sequence[Emergency]) -> str:
    """Tells one set of emergencies from another; empty when there is none."""
    if not found:
        return ""
    numbers = ",".join(sorted(each.number for each in found))
    return hashlib.blake2b(numbers.encode(), digest_size=8).hexdigest()


def banner(actor: Actor | None, now: datetime) -> dict[str, Any]:
    """What the banner says."""
    found = untaken(actor)
    catalogue = snapshot(now)
    lines = []
    for each in found[:SHOWN]:
        item = catalogue.get(each.item_code)
        lines.append(
            {
                "number": each.number,
                "item": item.name if item is not None else _("not classified yet"),
                "place": short_place(each.area_code),
                "at": each.received_at,
            }
        )
    return {"lines": lines, "total": len(found), "version": version(found)}


@require_safe
@at_desk
def look(request: HttpRequest) -> HttpResponseBase:
    """The banner, for a page that looks again; nothing while it is as the page has it."""
    actor = actor_of(request)
    known = version(untaken(actor))
    if request.headers.get("X-Seen", "") == known:
        answer = HttpResponse(status=204)
    else:
        context = banner(me(request), timezone.now())
        answer = render(request, "components/emergency_lines.html", context)
    answer.headers[HEADER] = known
    return answer
