"""What the queue shows to a post that may act on many cases at once; to others, nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huying.cases.models import Case
from huying.desk import bulk, lines
from huying.desk.queue import Row

register = template.Library()


def _shown(context: Any) -> bool:
    """Of ended cases none can be accepted or dispatched."""
    actor = getattr(context.get("request"), "actor", None)
    filters = context.get("filters")
    return bulk.may_act(actor) and not (filters and filters.ended)


@register.simple_tag(takes_context=True)
def bulk_head(context: Any) -> SafeString | str:
    """The head of the column of boxes: selects the page."""
    if not _shown(context):
        return ""
    return format_html(
        '<th scope="col" class="c-pick"><label><input type="checkbox" class="form-check-input"'
        ' data-bulk-page><span class="visually-hidden">{}</span></label></th>',
        _("Select all on this page"),
    )


@register.simple_tag
def bulk_cell(case: Case) -> SafeString:
    """A line's box. It belongs to the bar's form, wherever that stands on the page."""
    return format_html(
        '<td class="c-pick"><label><input type="checkbox" class="form-check-input" form="bulk"'
        ' name="number" value="{}" autocomplete="off"><span class="visually-hidden">{}</span>'
        "</label></td>",
        case.number,
        _("Select case …%(serial)s") % {"serial": case.number[17:] or case.number},
    )


@register.simple_tag(takes_context=True)
def queue_rows(context: Any, rows: Iterable[Row]) -> str:
    """The queue's lines. Hundreds of open pages ask for lines of which few have changed."""
    words = context["filters"].words
    return lines.drawn(rows, words=words, bulk=_shown(context))


@register.inclusion_tag("desk/_bulk_bar.html", takes_context=True)
def bulk_bar(context: Any) -> dict[str, Any]:
    """The bar that says how many are selected, and what can be done to them."""
    if not _shown(context):
        return {}
    actor, filters = context["request"].actor, context["filters"]
    return {
        "verbs": bulk.verbs(),
        "most": bulk.MOST,
        # Another account, post or list: another selection.
        "whose": f"{actor.account_id}.{actor.post_id}.{filters.tab}",
        "csrf_token": context.get("csrf_token"),
    }
