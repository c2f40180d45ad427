"""Members of a branch and the households linked to them: forms, steps, and what is sealed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.branches import founding, joining, linked
from huying.branches.linking import NEAREST
from huying.branches.models import Branch, Consent, HouseholdLink, PartyMember
from huying.branches.sight import may_look
from huying.desk.branch_forms import LeaveForm, MemberForm, RuleForm
from huying.desk.branches import branch_or_404, looking
from huying.desk.here import at, at_desk, is_htmx, me, sheet
from huying.desk.patrol import blamed
from huying.desk.resent import once_for_form
from huying.desk.revealing import asked
from huying.errors import HuyingError, NotAllowed, NotFound
from huying.people.acting import Actor
from huying.people.models import Role
from huying.registry.models import Person

MOST_LINKS = 400
STEPS = ("leave",)


def may_touch_links(actor: Actor) -> bool:
    """Members look after the own households; who keeps a branch, after its."""
    return may_look(actor) or actor.role == Role.MEMBER


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
@once_for_form()
def new(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the form. POST: a new member of the branch."""
    actor, now = looking(request), timezone.now()
    branch = branch_or_404(pk, actor)
    if not branch.is_living or not founding.may_keep(actor, branch):
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = MemberForm(sent, branch=branch, today=timezone.localdate(now))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                member = joining.take_in(pk, form.told, by=actor, now=now)
            except HuyingError as error:
                blamed(form, error)
                status = error.status
            else:
                messages.success(request, _("The member is in the branch."))
                return redirect("party_member", member.pk)
    context = {"actor": actor, "branch": branch, "form": form, "member": None}
    return render(request, "desk/branches/member_form.html", context, status=status)


def member_or_404(pk: UUID, actor: Actor) -> PartyMember:
    rows = PartyMember.objects.visible_to(actor).select_related(
        "branch__unit", "dwelling__address", "account", "came_from__branch__unit"
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def member(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: one member. POST: the correction of the record."""
    actor, now = looking(request), timezone.now()
    found = member_or_404(pk, actor)
    keeps = found.is_living and founding.may_keep(actor, found.branch)
    if request.method != "POST":
        return _page(request, found, keeps)
    if not keeps:
        raise PermissionDenied
    today = timezone.localdate(now)
    form = MemberForm(request.POST, branch=found.branch, today=today, member=found)
    if not form.is_valid():
        return _page(request, found, keeps, form=form, status=422)
    try:
        version = form.cleaned_data["version"]
        joining.correct(pk, form.told, by=actor, now=now, version=version)
    except HuyingError as error:
        return _page(request, found, keeps, form=blamed(form, error), status=error.status)
    messages.success(request, _("Saved."))
    return redirect("party_member", pk)


def _page(
    request: HttpRequest,
    found: PartyMember,
    keeps: bool,
    *,
    form: MemberForm | None = None,
    leaving: LeaveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = me(request)
    links = list(
        HouseholdLink.objects.visible_to(actor)
        .living()
        .filter(member=found)
        .select_related("household__dwelling__address")
        .order_by("household__dwelling__address__full_name", "household__number")[:MOST_LINKS]
    )
    today = timezone.localdate()
    sees = Branch.objects.with_members_for(actor).filter(pk=found.branch_id).exists()
    context = {
        "actor": actor,
        "member": found,
        "branch": found.branch,
        "keeps": keeps,
        "sees": sees,
        "links": with_heads(links) if sees else [],
        "others": found.branch.members.living().exclude(pk=found.pk) if keeps else [],
        "consents": Consent.choices,
        "form": form or MemberForm(branch=found.branch, today=today, member=found),
        "leaving": leaving or LeaveForm(member=found),
        "open_leaving": leaving is not None,
    }
    return render(request, "desk/branches/member.html", context, status=status)


def with_heads(links: Sequence[HouseholdLink]) -> list[tuple[HouseholdLink, Person | None]]:
    """Each link with the head of its household, to be shown masked."""
    heads = linked.heads_of(links)
    return [(link, heads.get(link.household_id)) for link in links]


@require_POST
@at_desk
def member_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """A member leaves; their households go to others first."""
    actor, now = looking(request), timezone.now()
    found = member_or_404(pk, actor)
    if step not in STEPS:
        raise Http404
    if not founding.may_keep(actor, found.branch):
        raise PermissionDenied
    form = LeaveForm(request.POST, member=found)
    if not form.is_valid():
        return _page(request, found, found.is_living, leaving=form, status=422)
    try:
        joining.leave(pk, by=actor, now=now, **form.inputs())
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        wrong = blamed(form, error)
        return _page(request, found, found.is_living, leaving=wrong, status=error.status)
    messages.success(request, _("The member has left the branch; the households are handed over."))
    return redirect("branch", found.branch_id)


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def member_shown(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A member's name and phone in clear: asks what for, then shows them once."""
    actor = looking(request)
    found = member_or_404(pk, actor)
    if not founding.may_keep(actor, found.branch):
        raise PermissionDenied

    def opened(**given: Any) -> dict[str, str]:
        return joining.reveal(found, by=actor, now=timezone.now(), **given)

    home = reverse("party_member", args=[found.pk])
    return asked_for(request, opened, joining.OF_MEMBERS, found.name_masked, home)


@require_http_methods(["GET", "HEAD", "POST"])
@at(may_touch_links)
def link_shown(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The head of a linked household in clear, for the member whose it is."""
    actor = me(request)
    links = HouseholdLink.objects.visible_to(actor).living()
    found = links.select_related("household__dwelling__address").filter(pk=pk).first()
    if found is None:
        raise Http404
    if actor.role != Role.MEMBER or found.consent_at is None:
        raise PermissionDenied

    def opened(**given: Any) -> dict[str, str]:
        return linked.reveal(found, by=actor, now=timezone.now(), **given)

    title = found.household.dwelling.address.full_name
    return asked_for(request, opened, linked.OF_HOUSEHOLDS, title, reverse("mine"))


def asked_for(
    request: HttpRequest, opened: Any, purposes: Any, title: str, home: str
) -> HttpResponse:
    """Asks what sealed values are needed for, then shows them once; ``opened`` writes it down."""
    context: dict[str, Any] = {"title": title, "home": home, **asked(request, purposes)}
    status = 200
    if request.method == "POST":
        try:
            values = opened(purpose=context["chosen"], words=context["given_words"])
            labels = {"name": _("Name"), "contact": _("Contact"), "phone": _("Phone")}
            context["shown"] = [(labels[name], name, value) for name, value in values.items()]
        except NotFound:
            raise Http404 from None
        except HuyingError as error:
            context["bad"], status = str(error), error.status
    part = "_reveal.html" if is_htmx(request) else "reveal.html"
    return sheet(render(request, f"desk/branches/{part}", context, status=status))


@require_POST
@at(may_touch_links)
def link_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponseBase:
    """A household agrees or refuses, goes to another member, or is linked to nobody any more."""
    actor, now = me(request), timezone.now()
    found = HouseholdLink.objects.visible_to(actor).living().filter(pk=pk).first()
    if found is None or step not in ("agree", "refuse", "hand", "end"):
        raise Http404
    try:
        if step == "agree":
            linked.agree(pk, request.POST.get("how", ""), by=actor, now=now)
            messages.success(request, _("Noted: the household agrees."))
        elif step == "refuse":
            linked.refuse(pk, by=actor, now=now)
            messages.success(request, _("Noted: the household is not linked and not asked again."))
        elif step == "hand":
            linked.hand_over(pk, _uuid(request.POST.get("to", "")), by=actor, now=now)
            messages.success(request, _("The household is handed over."))
        else:
            linked.end(pk, by=actor, now=now)
            messages.success(request, _("The household is linked to nobody any more."))
    except NotAllowed:
        raise PermissionDenied from None
    except NotFound:
        raise Http404 from None
    except HuyingError as error:
        messages.error(request, str(error))
    if actor.role == Role.MEMBER:
        return redirect("mine")
    return redirect("party_member", found.member_id)


def _uuid(told: str) -> UUID:
    try:
        return UUID(told)
    except ValueError:
        return UUID(int=0)  # nobody: refused with words


@require_http_methods(["GET", "HEAD", "POST"])
@at_desk
def linking(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """GET: the rule. POST: what it says now; or, with its seal, applies just that."""
    actor, now = looking(request), timezone.now()
    branch = branch_or_404(pk, actor)
    if not branch.is_living or not founding.may_keep(actor, branch):
        raise PermissionDenied
    form = RuleForm(request.POST if request.method == "POST" else None, branch=branch)
    context: dict[str, Any] = {
        "actor": actor,
        "branch": branch,
        "form": form,
        "households": linked.households_of(branch).count(),
        "living": linked.living(branch),
        "members": branch.members.living().count(),
    }
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                if seal := request.POST.get("seal", ""):
                    n = linked.apply(pk, form.rule, seal, by=actor, now=now)
                    messages.success(request, _("Households linked: %(n)s.") % {"n": n})
                    return redirect("branch", pk)
                context |= _preview(branch, form.rule)
                status = 200
            except HuyingError as error:
                blamed(form, error)
                status = error.status
                if status == 409:
                    context |= _preview(branch, form.rule)
    return render(request, "desk/branches/linking.html", context, status=status)


def _preview(branch: Branch, rule: linked.Rule) -> dict[str, Any]:
    found = linked.propose(branch, rule)
    new, far = found.new, found.farthest
    ended = HouseholdLink.objects.filter(pk__in=found.ends).values_list("member", flat=True)
    gone = Counter(ended)
    names = dict(branch.members.living().values_list("pk", "name_masked"))
    had = dict(found.loads)
    if rule.anew:
        for pk in branch.members.living().values_list("pk", flat=True):
            had[pk] = HouseholdLink.objects.living().filter(member=pk).count()
    return {
        "proposal": found,
        "nearest": rule.way == NEAREST,
        "rows": [
            (names[pk], had.get(pk, 0), new.get(pk, 0), gone.get(pk, 0),
             had.get(pk, 0) + new.get(pk, 0) - gone.get(pk, 0), far.get(pk))
            for pk in found.loads
        ],
        "total": len(found.pairs),
    }  # fmt: skip


@require_safe
@at_desk
def reported(request: HttpRequest) -> HttpResponseBase:
    """报到: members of other branches who registered with this community."""
    actor = looking(request)
    rows = PartyMember.objects.visible_to(actor).living().filter(reported_code=actor.area_code)
    context = {
        "actor": actor,
        "members": rows.select_related("branch__unit").order_by("-reported_on")[:MOST_LINKS],
    }
    return render(request, "desk/branches/reported.html", context)
