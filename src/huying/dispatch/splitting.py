"""分案: the desk splits a sub-case off, with its own item, unit, deadline and chain of events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.cases.accepting import accept, item_at
from huying.cases.closing import hold
from huying.cases.models import CaseParty, Channel
from huying.cases.reporting import report
from huying.cases.reports import Place, Report
from huying.cases.subcases import SUB_CASE
from huying.cases.verbs import Act, keepable, verb
from huying.dispatch.ordering import dispatch, unit_for
from huying.errors import BadInput, Missing

MOST = 20
"""Sub-cases of one case."""


@verb("split")
def split(
    act: Act, *, item: str = "", text: str = "", unit: int | None = None, emergency: bool = False
) -> None:
    """分案: one part of the matter becomes a case of its own, and with ``unit`` is dispatched.

    It is numbered as any case, lies at the same place and is held by the same desk. Whoever
    reported the main case sees it too; their name and phone stay with the main case alone.

    Raises:
        Missing, UnknownItem, RetiredItem: no item, or none in force; or no words.
        BadInput: the unit cannot be sent this case, or there are too many sub-cases.
    """
    main = act.case
    version = item_at(act, item)
    words = text.strip()
    if not words:
        raise Missing(_("Please say it in words."), field="text")
    if not keepable(words):
        raise BadInput(
            _("The text is too long or holds characters that cannot be kept."), field="text"
        )
    if main.subs.count() >= MOST:
        raise BadInput(_("This case has too many sub-cases already."), field="item")
    if unit is not None:
        unit_for(main, unit, "unit")
    sub = report(
        Report(
            channel=Channel(main.channel) if main.channel != Channel.PATROL else Channel.DESK,
            text=words,
            place=Place(
                area_code=main.area_code,
                lon=main.lon,
                lat=main.lat,
                told_lon=main.told_lon,
                told_lat=main.told_lat,
                told_datum=main.told_datum,
                accuracy_m=main.accuracy_m,
                address=main.address,
            ),
            item=version,
            item_code=version.item_id,
            item_version_id=version.pk,
            occurred_at=main.occurred_at,
            alarms=main.alarms,
            parent_id=main.pk,
            holder_code=main.holder_code,
        ),
        by=act.by,
        now=act.now,
    )
    if main.reporter_id is not None and main.reporter_id != act.by.account_id:
        CaseParty.objects.create(
            case=sub,
            district_code=sub.district_code,
            part=CaseParty.Part.REPORTER,
            account_id=main.reporter_id,
            since_seq=sub.last_seq,
        )
    hold(main, SUB_CASE, str(sub.pk), act.now)
    accept(sub, by=act.by, now=act.now, item=version.item_id, emergency=emergency)
    if unit is not None:
        dispatch(sub, by=act.by, now=act.now, unit=unit)
    act.data |= {"sub": sub.pk, "sub_number": sub.number, "item": version.item_id}
    if unit is not None:
        act.data["unit"] = unit
