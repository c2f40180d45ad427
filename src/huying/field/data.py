"""What the phone takes along: who works with it, what is to be done, and where the grid ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from huying.catalogue import evidence
from huying.catalogue.danger import danger
from huying.catalogue.versions import snapshot
from huying.field import assigned, cards, care, forms, patrol, surveys
from huying.field.app import version
from huying.field.here import in_the_field, me, with_token
from huying.field.there import there
from huying.forms.versions import all_in_force
from huying.intake.reporting import owner_of, suggestions
from huying.notices.models import Notice
from huying.notices.sight import cases_seen
from huying.people.acting import Actor
from huying.people.models import ON_FOOT, Post, Unit, UnitKind
from huying.places import exporting, naming
from huying.response.duty import standing_of
from huying.response.models import Turn

MOST_NOTICES = 30
LONGEST_HINTED = 2_000


@require_safe
@with_token
@in_the_field
def who(request: HttpRequest) -> HttpResponseBase:
    """Whose session this is: asked before anything that waited is sent in their name."""
    return JsonResponse(_who(me(request)))


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "account": actor.account_id,
        "post": actor.post_id,
        "version": version(),
        "language": get_language(),
    }


@require_safe
@with_token
@in_the_field
def everything(request: Any) -> HttpResponseBase:
    """All that the phone keeps of the server, in one answer."""
    actor, now = me(request), timezone.now()
    catalogue, here = snapshot(now), there(actor, now)
    ours = owner_of("")
    asks = {owner.removeprefix(ours): form for owner, form in all_in_force(ours).items()}
    tasks, grid = cards.both(actor, now)
    return _json(
        {
            "who": _who(actor) | _about(request, actor),
            "at": now,
            "tasks": tasks,
            "grid": grid,
            "assigned": assigned.parts(actor, now) if here.tasks else [],
            "patrol": patrol.told(actor, now, here),
            "care": care.told(actor, now, here),
            "surveys": surveys.told(actor, now, here),
            "outlines": exporting.outlines(actor.area_code)["features"]
            if len(actor.area_code) >= 12
            else [],
            "items": [
                {
                    "code": item.code,
                    "name": item.name,
                    "category": item.category,
                    "settle": item.settle,
                    "example": item.example,
                    "sheet": asks[item.code].sheet if item.code in asks else None,
                    "demands": [
                        {"kind": str(each.kind), "least": each.least}
                        for each in item.demands.demands
                    ],
                }
                for item in catalogue.active_in(actor.area_code)
            ],
            "report_demands": [str(each.kind) for each in evidence.OF_A_WORKERS_REPORT.demands]
            if actor.role in ON_FOOT
            else [],
            "forms": forms.told(),
            "units": _units(actor),
            "notices": _notices(request, actor) if here.notices else [],
            "unread": here.unread,
            "turns": _turns(actor, now) if here.turns else [],
        }
    )


_encoder = DjangoJSONEncoder()


def _json(told: dict[str, Any]) -> HttpResponse:
    """As Django's own answer writes it, in a twentieth of the time."""
    how = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS
    body = orjson.dumps(told, default=_encoder.default, option=how)
    return HttpResponse(body, content_type="application/json")


def _about(request: Any, actor: Actor) -> dict[str, Any]:
    """What the phone's own pages say of who holds it."""
    post = next(each for each in request.posts if each.pk == actor.post_id)
    return {
        "name": actor.name,
        "role": str(actor.role),
        "role_word": str(post.get_role_display()),
        "area": actor.area_code,
        "area_name": naming.own_name(actor.area_code),
        # What a photo's mark names: an office, never a person.
        "office": _office(post),
        "walks": actor.role in ON_FOOT,
        "posts": [
            [
                each.pk,
                f"{each.unit.name if each.unit else naming.own_name(each.area_code)} · {each}",
            ]
            for each in request.posts
        ],
    }


def _office(post: Post) -> str:
    return post.unit.name if post.unit else naming.own_name(post.area_code)


def _units(actor: Actor) -> list[list[Any]]:
    """Units that a returned case may go to instead, by area, the nearest first."""
    if actor.unit_id is None:
        return []
    found = Unit.objects.filter(
        active=True,
        district_code=actor.area_code[:6],
        kind__in=[UnitKind.DEPARTMENT, UnitKind.TEAM],
        area_code__in=[actor.area_code[:length] for length in (6, 9, 12)],
    ).exclude(pk=actor.unit_id)
    return [[unit.pk, unit.name] for unit in found.order_by("-area_code", "kind", "code")]


def _notices(request: Any, actor: Actor) -> list[dict[str, Any]]:
    """The newest notices; of a case that is out of sight nothing but the kind is told."""
    found = list(Notice.objects.filter(account=actor.account_id).order_by("-id")[:MOST_NOTICES])
    ids = {each.case_id for each in found if each.case_id is not None}
    ordered = sorted(request.posts, key=lambda post: post.pk != actor.post_id)
    seen = cases_seen(request.user, ordered, ids)
    return [
        {
            "id": each.pk,
            "title": each.title,
            "body": each.body if each.case_id is None or each.case_id in seen else "",
            "alarm": each.alarm,
            "at": each.told_at,
            "read": each.read_at is not None,
            "number": each.case_number if each.case_id in seen else "",
            "path": reverse("notice", args=[each.pk]),
        }
        for each in found
    ]


def _turns(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """The account's own turns that run now or come within the day."""
    found = Turn.objects.filter(
        member__account=actor.account_id,
        ends_at__gt=now,
        begins_at__lt=now + timedelta(days=1),
    )
    return [
        {
            "team": turn.team.name,
            "from": turn.begins_at,
            "until": turn.ends_at,
            "standing": str(standing_of(turn, now)),
            "come": reverse("turn", args=[turn.pk, "come"]),
            "go": reverse("turn", args=[turn.pk, "go"]),
        }
        for turn in found.select_related("team")
    ]


@require_POST
@in_the_field
def hints(request: HttpRequest) -> HttpResponseBase:
    """Items that the words fit, and what they say of danger to life, while they are being typed.

    Writes nothing.
    """
    text = request.POST.get("text", "")[:LONGEST_HINTED].replace("\0", "")
    found = suggestions(text, timezone.now()) if text.strip() else ()
    return JsonResponse({"items": [each.item_code for each in found], "danger": danger(text)})
