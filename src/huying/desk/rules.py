"""The pages of the routing rules: administrators write them, and who lives with them reads them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huying.desk.here import at, me
from huying.desk.resent import once_for_form
from huying.desk.rule_form import RuleForm
from huying.dispatch import grammar, publishing
from huying.dispatch.models import Rulebook
from huying.dispatch.proving import Fault, Finding
from huying.dispatch.rulebook import in_force, rules_of, world_of
from huying.dispatch.rules import InvalidRule, Rule
from huying.dispatch.saying import (
    conditions_words,
    fault_words,
    finding_words,
    outcome_words,
    without_unit_words,
)
from huying.errors import HuyingError
from huying.people.acting import Actor
from huying.people.models import Account

STATES = {
    Rulebook.State.DRAFT: "s-reported",
    Rulebook.State.CHECKED: "s-accepted",
    Rulebook.State.PUBLISHED: "s-closed",
}
"""The badge of each state."""


at_rules = at(publishing.may_read)
"""Signed in and on a post that may read the rules."""


def district_of(actor: Actor) -> str:
    return actor.area_code[:6]


def may_change(actor: Actor) -> bool:
    return publishing.may_change(actor, district_of(actor))


def row_or_404(actor: Actor, version: int) -> Rulebook:
    """A version of the actor's own district. Drafts are for those who write them."""
    row = Rulebook.objects.filter(district_code=district_of(actor), version=version).first()
    if row is None or (row.state != Rulebook.State.PUBLISHED and not may_change(actor)):
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@at_rules
@once_for_form()
def books(request: HttpRequest) -> HttpResponseBase:
    """GET: the versions. POST: begins a draft with the rules in force."""
    actor, now = me(request), timezone.now()
    if request.method == "POST":
        try:
            row = publishing.begin(district_of(actor), by=actor, now=now)
        except HuyingError as error:
            return refused(request, error)
        return redirect("rulebook", row.version)
    rows = Rulebook.objects.filter(district_code=district_of(actor)).order_by("-version")
    if not may_change(actor):
        rows = rows.filter(state=Rulebook.State.PUBLISHED)
    found = in_force(district_of(actor), now)
    context = {
        "actor": actor,
        "rows": [_line(row, found.version if found else None, now) for row in rows[:200]],
        "may_change": may_change(actor),
    }
    return render(request, "desk/rules/list.html", context)


def _line(row: Rulebook, holds: int | None, now: datetime) -> dict[str, Any]:
    return {
        "row": row,
        "badge": STATES[Rulebook.State(row.state)],
        "rules": len(row.rules),
        "holds": row.version == holds,
        "to_come": row.effective_from is not None and row.effective_from > now,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@at_rules
def book(request: HttpRequest, version: int) -> HttpResponseBase:
    """GET: a version with its rules and findings. POST: the draft's rules as a text."""
    actor, now = me(request), timezone.now()
    row = row_or_404(actor, version)
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            publishing.write_text(row, text, by=actor, now=now)
        except InvalidRule as error:
            context = page_of(row, actor, now) | {"text": text, "bad": str(error)}
            return render(request, "desk/rules/book.html", context, status=422)
        except HuyingError as error:
            return refused(request, error)
        messages.success(request, _("The rules are saved."))
        return redirect("rulebook", version)
    return render(request, "desk/rules/book.html", page_of(row, actor, now))


def page_of(row: Rulebook, actor: Actor, now: datetime) -> dict[str, Any]:
    """What the page of a version shows."""
    rules = rules_of(row)
    draft = row.state == Rulebook.State.DRAFT and may_change(actor)
    found = [] if row.state == Rulebook.State.PUBLISHED else publishing.findings(row, now)
    holds = in_force(row.district_code, now)
    people = [*row.editors, row.checked_by, row.published_by]
    names = dict(
        Account.objects.filter(pk__in=[pk for pk in people if pk]).values_list("pk", "name")
    )
    concerned = {code for each in found for code in each.rules}
    return {
        "actor": actor,
        "line": _line(row, holds.version if holds else None, now),
        "row": row,
        "rules": [shown(rule, now) | {"concerned": rule.code in concerned} for rule in rules],
        "text": grammar.text_of(rules),
        "found": _by_fault(found, rules, now),
        "findings": len(found),
        "draft": draft,
        "may_change": may_change(actor),
        "may_publish": _may_publish(row, actor),
        "editors": [names.get(pk, "") for pk in row.editors],
        "checker": names.get(row.checked_by or 0, ""),
        "publisher": names.get(row.published_by or 0, ""),
        "today": timezone.localdate(now),
        "backtests": row.backtests.select_related("account")[:20] if may_change(actor) else [],
        "since": timezone.localdate(now) - (date(2026, 4, 1) - date(2026, 1, 1)),
    }


def _by_fault(found: list[Finding], rules: tuple[Rule, ...], now: datetime) -> list[dict[str, Any]]:
    kinds: dict[Fault, list[Finding]] = {}
    for each in found:
        kinds.setdefault(each.fault, []).append(each)
    return [
        {
            "words": fault_words(kind),
            "number": len(some),
            "lines": (
                without_unit_words(some, rules, now)
                if kind is Fault.NO_UNIT
                else [finding_words(each, rules, now) for each in some]
            ),
        }
        for kind, some in kinds.items()
    ]


def shown(rule: Rule, now: datetime) -> dict[str, Any]:
    """A rule as the page lists it."""
    return {
        "rule": rule,
        "conditions": conditions_words(rule, now),
        "outcome": outcome_words(rule.then),
    }


def _may_publish(row: Rulebook, actor: Actor) -> bool:
    return (
        row.state == Rulebook.State.CHECKED
        and may_change(actor)
        and actor.account_id not in (*row.editors, row.checked_by)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@at_rules
def rule(request: HttpRequest, version: int, code: str = "") -> HttpResponseBase:
    """The form of one rule of a draft, or of a new one."""
    actor, now = me(request), timezone.now()
    row = row_or_404(actor, version)
    if row.state != Rulebook.State.DRAFT or not may_change(actor):
        raise Http404
    known = next((each for each in rules_of(row) if each.code == code), None)
    if code and known is None:
        raise Http404
    world = world_of(row.district_code, now)
    form = RuleForm(request.POST or None, rule=known, world=world, now=now)
    if request.method == "POST":
        try:
            if form.is_valid():
                publishing.put(row, form.rule(), instead_of=code, by=actor, now=now)
                messages.success(request, _("The rule is saved."))
                return redirect("rulebook", version)
        except InvalidRule as error:
            form.add_error(None, str(error))
    context = {"actor": actor, "row": row, "form": form, "code": code}
    status = 422 if form.errors else 200
    return render(request, "desk/rules/rule.html", context, status=status)


@require_POST
@at_rules
def change(request: HttpRequest, version: int, what: str) -> HttpResponseBase:
    """Moves a version on, or takes a rule out of a draft."""
    actor, now = me(request), timezone.now()
    row = row_or_404(actor, version)
    try:
        match what:
            case "check":
                publishing.check(row, by=actor, now=now)
                messages.success(request, _("Checked. Another administrator can publish it now."))
            case "reopen":
                publishing.reopen(row, by=actor, now=now)
            case "publish":
                publishing.publish(row, by=actor, now=now, since=day_of(request, "since"))
                messages.success(request, _("These rules are published."))
            case "remove":
                publishing.take_out(row, request.POST.get("rule", ""), by=actor, now=now)
            case "discard":
                publishing.discard(row, by=actor)
                return redirect("rules")
            case _:
                raise Http404
    except HuyingError as error:
        return refused(request, error)
    return redirect("rulebook", version)


def day_of(request: HttpRequest, name: str) -> date | None:
    """A day that was sent; None when it is none."""
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        return None


def refused(request: HttpRequest, error: HuyingError) -> HttpResponse:
    """Why something was not done, on a page that leads back."""
    return render(
        request,
        "desk/rules/refused.html",
        {"words": str(error), "actor": me(request)},
        status=error.status,
    )


@require_safe
@at_rules
def text(request: HttpRequest, version: int) -> HttpResponseBase:
    """A version in its written form, as a file."""
    row = row_or_404(me(request), version)
    response = HttpResponse(
        grammar.text_of(rules_of(row)), content_type="text/plain; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="rules-{version}.txt"'
    return response
