"""The words of outside messages. They hold what the kind's data holds, and nothing of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from huying.errors import BadInput
from huying.notices.kinds import KINDS
from huying.notices.models import Notice, NoticeTemplate
from huying.outside import names_in

USUAL = "【呼应】{title}：{body}{number}{link}"
ALWAYS = frozenset({"title", "body", "number", "link"})
"""Names that any template may use, besides those of the kind's own words."""

LONGEST = 500


def names_for(kind: str) -> set[str]:
    """The names that a template of this kind may use."""
    with override("en"):
        return names_in(str(KINDS[kind].body)) | ALWAYS if kind in KINDS else set(ALWAYS)


def check(kind: str, text: str) -> None:
    """Whether a template can be filled in.

    Raises:
        BadInput: it uses a name that the kind does not have, or more than names.
    """
    if kind not in KINDS:
        raise BadInput(_("There is no such kind of notice."), field="kind")
    try:
        unknown = names_in(text) - names_for(kind)
    except ValueError:
        raise BadInput(_("Braces hold a name and nothing else."), field="text") from None
    if unknown:
        raise BadInput(
            _("These names are not known here: {names}.").format(names=", ".join(sorted(unknown))),
            field="text",
        )


def text_of(notice: Notice, channel: str, *, in_full: bool) -> str:
    """One notice in words. Of a case that its reader may no longer see, only the kind."""
    with override("zh-hans"):
        if not in_full:
            return f"【呼应】{notice.title}"
        found = {
            each.channel: each.text
            for each in NoticeTemplate.objects.filter(kind=notice.kind, channel__in=["", channel])
        }
        template = found.get(channel) or found.get("") or USUAL
        number = now_("(case …{serial})").format(serial=notice.case_number[17:])
        names = {str(name): str(value) for name, value in notice.data.items()} | {
            "title": notice.title,
            "body": notice.body,
            "number": number if notice.case_number else "",
            "link": link(f"/desk/inbox/{notice.pk}"),
        }
        # A template may be older than a change of the kind's words: then the usual ones.
        if not names_in(template) <= set(names):
            template = USUAL
        return template.format_map(names)[:LONGEST]


def gathered(notices: Sequence[Notice]) -> str:
    """Several in one message: how many of which kind."""
    with override("zh-hans"):
        counts = Counter(each.title for each in notices)
        kinds = "，".join(f"{title} {number} 条" for title, number in counts.most_common())
        return f"【呼应】您有 {len(notices)} 条未读通知：{kinds}。{link('/desk/inbox')}"[:LONGEST]


def link(path: str) -> str:
    """The page's whole address, where the installation has said its own."""
    site = settings.HUYING.site_url
    return f" {site}{path}" if site else ""
