"""网格党支部, 楼宇党支部: the tree with its figures, one branch, its forms and its plate."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import qrcode
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from qrcode.image.svg import SvgPathImage

from huying.branches import covering, founding
from huying.branches.covering import Figures
from huying.branches.models import Branch, Kind, PartyMember
from huying.branches.models.branches import grid_heads_lead
from huying.branches.sight import is_at_home, is_office, may_found, may_look
from huying.desk.branch_forms import BranchForm, SecretaryForm
from huying.desk.here import at_desk, me
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.people.acting import Actor, in_force
from huying.people.models import Account, Post, Role
from huying.places import naming
from huying.places.outlines import centre_of
from huying.registry import sealing

BELOW = {6: 9, 9: 12}
MOST_FOUND = 60
MOST_CHANGES = 15
LIVING_LINKS = Q(links__ended_at=None)


def looking(request: HttpRequest) -> Actor:
    """The actor, if there are branches that the post may look at."""
    actor = me(request)
    if not may_look(actor):
        raise PermissionDenied
    if not is_office(actor) and not Branch.objects.visible_to(actor).exists():
        raise PermissionDenied
    return actor


def branch_or_404(pk: UUID, actor: Actor) -> Branch:
    rows = Branch.objects.visible_to(actor).select_related("unit", "parent__unit", "secretary")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(slots=True)
class Node:
    """A branch in the tree."""

    branch: Branch
    members: int
    below: list[Node] = field(default_factory=list)


def tree(branches: Sequence[Branch], counts: dict[UUID, int]) -> list[Node]:
    """The branches under those above them; what is above and out of sight is left away."""
    nodes = {each.pk: Node(each, counts.get(each.pk, 0)) for each in branches}
    tops: list[Node] = []
    for node in nodes.values():
        above = nodes.get(node.branch.parent_id) if node.branch.parent_id else None
        (above.below if above is not None else tops).append(node)
    return tops


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def listed(request: HttpRequest) -> HttpResponseBase:
    """GET: the tree of an area and its figures. POST: what was typed, in no address and no log."""
    actor = looking(request)
    own = Branch.objects.visible_to(actor).living()
    if not is_office(actor) and request.method != "POST" and own.count() == 1:
        return redirect("branch", own[0].pk)
    area = request.GET.get("area", "")
    if not (area.isdecimal() and actor.covers(area) and naming.is_place(area) and len(area) <= 12):
        area = actor.area_code[:12]
    context: dict[str, Any] = {
        "actor": actor,
        "area": area,
        "above": area[:-3] if len(area) > len(actor.area_code) else "",
        "may_found": may_found(actor, area),
        "whole": covering.in_all(area),
        "own": own.filter(pk__in=Branch.objects.with_members_for(actor)).exists(),
    }
    if request.method == "POST":
        typed = request.POST.get("q", "").replace("\0", "").strip()[:40]
        context |= {"q": typed, "found": _found(typed, actor)}
    elif len(area) == 12:
        context["tree"] = tree(*_branches_of(area, actor))
    else:
        context["tree"] = tree(*_branches_of(area, actor, exactly=True))
        context["areas"] = _areas(area)
    return render(request, "desk/branches/list.html", context)


def _areas(area: str) -> list[Figures]:
    return covering.figures(area, BELOW[len(area)])


def _branches_of(
    area: str, actor: Actor, *, exactly: bool = False
) -> tuple[list[Branch], dict[UUID, int]]:
    rows = Branch.objects.visible_to(actor).living()
    rows = rows.filter(area_code=area) if exactly else rows.filter(area_code__startswith=area)
    living = Count("members", filter=Q(members__until=None))
    found: list[Any] = list(rows.select_related("unit").annotate(n=living).order_by("unit__name"))
    order = list(Kind)
    found.sort(key=lambda each: (order.index(Kind(each.kind)), len(each.unit.name), each.unit.name))
    return found, {each.pk: each.n for each in found}


def _found(typed: str, actor: Actor) -> dict[str, Any]:
    """Branches by a piece of their name; members, of whom one may see, by whole name or phone."""
    if not typed:
        return {"branches": [], "members": []}
    branches = Branch.objects.visible_to(actor).living().filter(unit__name__icontains=typed)
    marks = sealing.marks(typed)
    members = PartyMember.objects.visible_to(actor).living()
    members = members.filter(Q(name_index__in=marks) | Q(phone_index__in=marks))
    return {
        "branches": list(branches.select_related("unit").order_by("area_code")[:MOST_FOUND]),
        "members": list(members.select_related("branch__unit")[:MOST_FOUND]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest) -> HttpResponseBase:
    """GET: the form. POST: a branch of the area."""
    actor = looking(request)
    area = request.GET.get("area") or request.POST.get("area") or actor.area_code
    if not (naming.is_place(area) and len(area) in (6, 9, 12) and may_found(actor, area)):
        raise PermissionDenied
    form = BranchForm(request.POST if request.method == "POST" else None, actor=actor, area=area)
    return _saved(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def edit(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the form with what the branch says. POST: says it anew."""
    actor = looking(request)
    branch = branch_or_404(pk, actor)
    if not branch.is_living or not may_found(actor, branch.area_code):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    return _saved(request, BranchForm(sent, actor=actor, area="", branch=branch), branch)


def _saved(request: HttpRequest, form: BranchForm, branch: Branch | None) -> HttpResponse:
    actor, now, status = me(request), timezone.now(), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if branch is None:
                    made = founding.found(
                        form.area_code, form.told, by=actor, now=now, unit=form.its_unit
                    )
                else:
                    seen = form.cleaned_data["version"]
                    made = founding.change(branch.pk, form.told, by=actor, now=now, version=seen)
            except HuyingError as error:
                blamed(form, error)
                status = error.status
            else:
                messages.success(request, _("Saved."))
                return redirect("branch", made.pk)
    context = {"actor": actor, "form": form, "branch": branch, "area": form.area_code}
    return render(request, "desk/branches/form.html", context, status=status)


@require_safe
@at_desk
def branch(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One branch: what it is, where, its members and their households, and what can be done."""
    actor = looking(request)
    return shown(request, branch_or_404(pk, actor))


def shown(request: HttpRequest, found: Branch, status: int = 200, **forms: Any) -> HttpResponse:
    """The page of a branch, with the forms that were refused."""
    actor = me(request)
    today = timezone.localdate()
    places = list(found.places.living().select_related("grid", "building"))
    first = next((place.grid_id for place in places if place.grid_id), "")
    sees = Branch.objects.with_members_for(actor).filter(pk=found.pk).exists()
    keeps = found.is_living and founding.may_keep(actor, found)
    context = {
        "actor": actor,
        "branch": found,
        "places": places,
        "grid": first,
        # The whole community around its grid: one grid alone says little of where it is.
        "centre": centre_of(first or found.area_code)._replace(zoom=14),
        "sees": sees,
        "keeps": keeps,
        "sets_up": found.is_living and may_found(actor, found.area_code),
        "answering": _answering(found, today),
        "children": found.children.living().select_related("unit"),
        "heads": _heads(found, places, today),
        "heads_lead": found.kind == Kind.GRID and grid_heads_lead(),
        "secretary_form": forms.get("secretary") or SecretaryForm(branch=found),
        "may_appoint": found.is_living
        and is_at_home(actor, found.area_code)
        and may_found(actor, found.area_code),
        **(_members(found) if sees else {}),
    }
    return render(request, "desk/branches/branch.html", context, status=status)


def _answering(found: Branch, today: Any) -> list[str]:
    """Who answers a whistle for the branch."""
    posts = Post.objects.filter(
        in_force(today), unit=found.unit_id, role=Role.HANDLER, account__is_active=True
    )
    return list(posts.values_list("account__name", flat=True))


def _heads(found: Branch, places: Sequence[Any], today: Any) -> list[str]:
    """The grid heads of the branch's grids."""
    grids = [place.grid_id for place in places if place.grid_id]
    if found.kind != Kind.GRID or not grids:
        return []
    posts = Post.objects.filter(in_force(today), role=Role.GRID_HEAD, area_code__in=grids)
    return list(posts.filter(account__is_active=True).values_list("account__name", flat=True))


def _members(found: Branch) -> dict[str, Any]:
    agreed = Count("links", filter=LIVING_LINKS & Q(links__consent_at__isnull=False))
    members = list(
        found.members.living()
        .annotate(n=Count("links", filter=LIVING_LINKS), agreed=agreed)
        .select_related("dwelling__address")
        .order_by("since", "id")
    )
    loads = [each.n for each in members]
    changes = list(found.changes.all()[:MOST_CHANGES])
    by = Account.objects.filter(pk__in={each.by_account for each in changes if each.by_account})
    return {
        "members": members,
        "left": found.members.exclude(until=None).order_by("-until")[:MOST_CHANGES],
        "linked": sum(loads),
        "agreed": sum(each.agreed for each in members),
        "least": min(loads, default=0),
        "most": max(loads, default=0),
        "changes": changes,
        "names": dict(by.values_list("pk", "name")),
    }


@require_POST
@at_desk
def step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """Another secretary, or the end of the branch."""
    actor, now = looking(request), timezone.now()
    found = branch_or_404(pk, actor)
    if step not in ("secretary", "end"):
        raise Http404
    form = SecretaryForm(request.POST, branch=found)
    try:
        if step == "end":
            founding.end(pk, by=actor, now=now)
            messages.success(request, _("The branch has ended."))
        elif form.is_valid():
            founding.appoint(pk, form.chosen, by=actor, now=now)
            messages.success(request, _("Saved."))
        else:
            return shown(request, found, 422, secretary=form)
    except NotAllowed:
        raise PermissionDenied from None
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        messages.error(request, str(error))
    return redirect("branch", pk)


@require_safe
@at_desk
def plate(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """挂牌: the branch's plate as a page to print, with the QR code of its public page."""
    actor = looking(request)
    found = branch_or_404(pk, actor)
    address = request.build_absolute_uri(reverse("public_branch", args=[found.code]))
    context = {
        "actor": actor,
        "branch": found,
        "places": found.places.living().select_related("grid", "building"),
        "qr": qr(address),
        "address": address,
    }
    return render(request, "desk/branches/plate.html", context)


def qr(text: str) -> SafeString:
    """The text as a QR code, an SVG without a word of style in it."""
    target = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, border=2).save(target)
    drawn = target.getvalue().decode()
    return mark_safe(drawn[drawn.index("<svg") :])  # noqa: S308 - of our own making
