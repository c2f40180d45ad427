"""Small things that every page of the desk says in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from huying.assessment.scores import rating
from huying.backup import watching
from huying.care.models import Need
from huying.cases import finding
from huying.cases.models import Attachment, Case
from huying.cases.states import State
from huying.cases.timeline import facts_beside
from huying.cases.words import PRIORITIES
from huying.catalogue import evidence
from huying.catalogue.models import Clock
from huying.catalogue.versions import snapshot
from huying.clock.explaining import lasting_words
from huying.clock.lights import Light
from huying.desk import changes, inbox, menu, queue, resent
from huying.desk.emergencies import banner
from huying.desk.fields import Documents, Photos, Pick, Picks
from huying.desk.photos import before_after, is_far, taken_words
from huying.desk.touring import is_due, steps
from huying.desk.undoing import offered_undo
from huying.fairness.settling import may_decide
from huying.people.models import Post, Role
from huying.places import naming
from huying.places.models import Level
from huying.registry.models import Risk
from huying.templating import language_alone

register = template.Library()
register.filter("beside", facts_beside)
register.filter("lasting_words", lasting_words)
register.filter("decides", may_decide)

LIGHT_ICONS = {
    Light.RED: "alert-octagon",
    Light.YELLOW: "hourglass",
    Light.GREEN: "circle-check",
    Light.GREY: "player-pause",
}

EVIDENCE = {
    "gps": gettext_lazy("position"),
    "form": gettext_lazy("form filled in"),
    "photo_before": gettext_lazy("photo from before"),
    "photo_after": gettext_lazy("photo from after"),
}


@register.simple_tag
@lru_cache(maxsize=1000, typed=True)
@language_alone
def icon(name: str) -> SafeString:
    """A drawing beside words; on its own it says nothing to a screen reader."""
    return format_html('<span class="i i-{}" aria-hidden="true"></span>', name)


@register.simple_tag(takes_context=True)
def form_number(context: dict[str, Any], anew: object = False) -> SafeString:
    """What has a form that makes something taken once, however often it is sent.

    Args:
        anew: whether what came was taken, so that the page's form is another one.
    """
    number = resent.new_number() if anew else resent.number_for(context["request"])
    return format_html('<input type="hidden" name="{}" value="{}">', resent.NUMBER, number)


@register.simple_tag
def not_now(buttons: Iterable[Any]) -> SafeString:
    """What the case's state has and this post may not do, each with its reason."""
    drawn = (_not_now(each.icon, str(each.label), str(each.why_not)) for each in buttons)
    return mark_safe("".join(drawn))  # noqa: S308 - each of them is


@lru_cache(maxsize=2000)
def _not_now(drawing: str, label: str, why: str) -> SafeString:
    return format_html(
        '<div class="menu-item" aria-disabled="true">{}<span>{}<br><span class="muted">{}</span>'
        "</span></div>",
        icon(drawing), label, why,
    )  # fmt: skip


@register.simple_tag
def light(standing: Any) -> SafeString | str:
    """The light with icon and word, and the countdown beside it; a blank parts it from the next."""
    if not standing or not standing.light:
        return "\n"
    shown = '<span class="light light-{}">{}{}</span>\n'
    said = [standing.light, icon(LIGHT_ICONS[standing.light]), standing.word]
    if standing.left:
        shown += '<span class="countdown{}">{}</span>\n'
        said += [" countdown-red" if standing.light == Light.RED else "", standing.left]
    return format_html(shown, *said)


@register.inclusion_tag("components/state.html")
def state(case: Any) -> dict[str, Any]:
    """The state's badge."""
    return {"value": case.state, "word": State(case.state).label, "case": case}


@register.simple_tag
def priority(case: Any) -> SafeString | str:
    """The mark of a case that presses, beside its state; nothing for the others."""
    if not case.priority:
        return ""
    kind = "bad" if case.priority > 1 else "warn"
    words = str(PRIORITIES[case.priority])
    return format_html('<span class="badge-s badge-{}">{}{}</span>', kind, icon("urgent"), words)


@register.filter
def state_word(value: str) -> str:
    """A state in words."""
    return str(State(value).label)


@register.inclusion_tag("components/undo.html", takes_context=True)
def undo_bar(context: Any) -> dict[str, Any]:
    """The last step, while it can be undone."""
    request = context.get("request")
    if request is None:
        return {}
    return {
        "undo": offered_undo(request),
        "next": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("components/bell.html", takes_context=True)
def bell(context: Any) -> dict[str, Any]:
    """The way to the inbox, with how much is unread in it; for whoever has a desk."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    if actor is None or actor.role is None or actor.is_guardian:
        return {}
    waiting, since = inbox.unread(actor.account_id), timezone.now() - inbox.SHOWN_FOR
    return {
        "shown": True,
        "unread": len(waiting),
        "many": len(waiting) >= inbox.COUNTED,
        "alarms": any(alarm and told_at > since for alarm, told_at in waiting),
        "told": changes.told(actor.account_id),
        "here": request.resolver_match is not None and request.resolver_match.url_name == "inbox",
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
@language_alone
def address(name: str) -> str:
    """Where a page without arguments is, as ``{% url %}`` says it."""
    return menu.address(name)


@register.simple_tag
@language_alone
def still(template: str) -> str:
    """A part of a page that is drawn from nothing but its words."""
    return _still(template, get_language())


@lru_cache(maxsize=100)
def _still(template: str, language: str | None) -> str:
    """Such a part in a language that is activated."""
    return get_template(template).render()


@register.simple_tag
def options(choices: Iterable[Any], chosen: str | None) -> SafeString:
    """The options of a select, as pairs of value and words, or of a group's words and its pairs."""
    drawn = _options(choices if isinstance(choices, tuple) else _settled(choices))
    if chosen is None:
        return drawn
    # Set in afterwards: what is chosen may be anything that somebody sent.
    begun = format_html('<option value="{}"', chosen)
    return mark_safe(drawn.replace(f"{begun}>", f"{begun} selected>"))  # noqa: S308


def _settled(choices: Iterable[Any]) -> tuple[Any, ...]:
    """The choices in the words of the present language, as a key."""
    return tuple(
        (value, _settled(words)) if isinstance(words, list | tuple) else (value, str(words))
        for value, words in choices
    )


@lru_cache(maxsize=500)
def _options(choices: tuple[Any, ...]) -> SafeString:
    drawn = (
        format_html('<optgroup label="{}">{}</optgroup>', value, _options(words))
        if isinstance(words, tuple)
        else format_html('<option value="{}">{}</option>', value, words)
        for value, words in choices
    )
    return format_html_join("", "{}", ((each,) for each in drawn))


@register.simple_tag(takes_context=True)
def command_menu(context: Any) -> str:
    """The menu of the pages beside the queue, for who works cases."""
    request = context["request"]
    groups = menu.shown(request, request.actor)
    entries = tuple((each.page.name, each.here) for _title, some in groups for each in some)
    return _command_menu(entries, get_language())


@lru_cache(maxsize=500)
def _command_menu(entries: tuple[tuple[str, bool], ...], language: str | None) -> str:
    """The menu with these pages, in a language that is activated."""
    return get_template("components/command_menu.html").render({"groups": menu.with_(entries)})


@register.inclusion_tag("components/emergency.html", takes_context=True)
def emergency_banner(context: Any) -> dict[str, Any]:
    """The banner of emergencies that nobody has taken, on every page of a desk."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    if actor is None or actor.role != Role.DISPATCHER:
        return {}
    return {"on": True, **banner(actor, timezone.now())}


@register.inclusion_tag("components/backup_lines.html", takes_context=True)
def backup_banner(context: Any) -> dict[str, Any]:
    """What administrators must know about backups, on every page of theirs."""
    actor = getattr(context.get("request"), "actor", None)
    return {"lines": list(watching.lines(actor.role)) if actor else []}


@register.inclusion_tag("components/tour.html", takes_context=True)
def tour(context: Any) -> dict[str, Any]:
    """The tour of the queue, for whoever has not seen it."""
    if not is_due(context["request"]):
        return {}
    return {"steps": steps(context["actor"]), "csrf_token": context.get("csrf_token")}


@register.filter
def when(moment: datetime | None) -> str:
    """A moment as one says it at a desk: today's with the hour alone, this year's without year."""
    if moment is None:
        return ""
    local, today = timezone.localtime(moment), timezone.localtime()
    if local.date() == today.date():
        return _("today %(time)s") % {"time": f"{local:%H:%M}"}
    if local.year == today.year:
        return f"{local:%m-%d %H:%M}"
    return f"{local:%Y-%m-%d %H:%M}"


@register.filter
def full(moment: datetime | None) -> str:
    """The whole moment, for titles and official sheets."""
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}"


@register.filter
def place(code: str) -> str:
    """石碁镇 小龙村 第3网格."""
    return queue.short_place(code)


@register.filter
def own_name(code: str) -> str:
    """小龙村."""
    return naming.own_name(code) if code else ""


@register.filter
def item_words(code: str) -> str:
    """An item by its code and the name that it has now."""
    item = snapshot(timezone.now()).get(code)
    return f"{code} {item.name}" if item is not None else code


@register.filter
def level_words(value: str) -> str:
    """A level, in words."""
    return str(Level(value).label) if value in Level.values else value


@register.filter
def category_words(code: str) -> str:
    """A category by its code."""
    names = {item.category_code: item.category for item in snapshot(timezone.now()).items}
    return names.get(code, code)


@register.filter
def clock_words(value: str) -> str:
    """A clock, in words."""
    return str(Clock(value).label) if value in Clock.values else str(value)


@register.filter
def post_name(post: Post) -> str:
    """石碁镇 · 调度员, or the unit that the post works for."""
    where = str(post.unit) if post.unit_id else naming.own_name(post.area_code)
    return f"{where} · {Role(post.role).label}"


@register.filter
def grouped(number: str) -> str:
    """A case number in its three parts: place, day, serial."""
    return f"{number[:9]} {number[9:17]} {number[17:]}".strip()


@register.filter
def serial(number: str) -> str:
    """The part of a case number by which people name a case on the phone."""
    return number[17:] or number


@register.filter
def marked(text: str, words: str) -> SafeString | str:
    """A text in which the words that were searched for stand out."""
    terms = sorted((finding.terms(words) if words else ()), key=len, reverse=True)
    if not terms:
        return text
    pieces = re.split("(" + "|".join(map(re.escape, terms)) + ")", text, flags=re.IGNORECASE)
    return format_html_join(
        "",
        "{}",
        (
            ((format_html("<mark>{}</mark>", each) if n % 2 else each),)
            for n, each in enumerate(pieces)
        ),
    )


@register.filter
def kind_of(field: BoundField) -> str:
    """Which component draws a form's field."""
    if isinstance(field.field, Documents):
        return "documents"
    if isinstance(field.field, Photos):
        return "photos"
    if isinstance(field.field, Pick | Picks):
        return "pick"
    return str(getattr(field.field.widget, "input_type", "")) or "text"


@register.filter
def of(mapping: Any, key: Any) -> Any:
    """A mapping's value for a key that is itself a variable."""
    return mapping.get(key) if mapping else None


@register.filter
def risk_words(code: str) -> str:
    """A risk of the registers, in words."""
    return str(Risk(code).label) if code in Risk.values else code


@register.filter
def may_rate_units(actor: Any) -> bool:
    """Whether the post rates departments in its town's or community's name."""
    return rating.may_rate_units(actor)


@register.filter
def need_word(code: str) -> str:
    """What somebody on the care list needs, in words."""
    return str(Need(code).label) if code in Need.values else code


@register.filter
def unlocalized(number: Any) -> str:
    """A number as programs write it, whatever the language; what is none stays as typed."""
    return "" if number is None else str(number)


@register.filter
def moment(text: str) -> datetime:
    """A moment out of an error's facts, where it stands as text."""
    return datetime.fromisoformat(text)


@register.filter
def evidence_kind(kind: str) -> str:
    """A kind of evidence in words."""
    return str(EVIDENCE[kind])


@register.filter
def evidence_words(rule: str) -> str:
    """What an item wants to see, in words."""
    said = [
        f"{EVIDENCE[each.kind]} ≥ {each.least}" if each.least > 1 else str(EVIDENCE[each.kind])
        for each in evidence.parse(rule).demands
    ]
    return _(", ").join(said)


@register.filter
def in_language(thing: Any) -> str:
    """What carries its sentence in both languages, in the reader's."""
    return str(thing.zh if (get_language() or "zh").startswith("zh") else thing.en)


@register.filter
def day_word(day: date) -> str:
    """A day as a heading of the timeline: today and yesterday by their names."""
    ago = (timezone.localdate() - day).days
    written = f"{day:%Y-%m-%d}"
    if ago == 0:
        return _("Today, %(day)s") % {"day": written}
    if ago == 1:
        return _("Yesterday, %(day)s") % {"day": written}
    return written


@register.filter
def pair_of(photos: Sequence[Attachment]) -> tuple[Attachment, Attachment] | None:
    """A photo from before and one from after to lay over each other, when there are both."""
    before, after = before_after(photos)
    return (before, after) if before and after else None


@register.filter
def taken(photo: Attachment, case: Case | str | None) -> str:
    """When and how far from its case a photo was taken."""
    return taken_words(photo, case) if isinstance(case, Case) else ""


@register.filter
def far(photo: Attachment, case: Case | str | None) -> bool:
    """Whether it was taken far from its case."""
    return isinstance(case, Case) and is_far(photo, case)
