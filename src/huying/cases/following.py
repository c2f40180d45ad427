"""Reports that were merged into another case end with it, and the people behind them are told."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from huying.cases.models import Case, CaseParty
from huying.cases.verbs import Act
from huying.cases.words import item_name
from huying.notices.kinds import Group, Kind, kind
from huying.notices.telling import Whom
from huying.postgres.frozen import frozen

FOLLOWED_CLOSED = kind(
    "followed_closed",
    _("A merged report is closed with its main case"),
    _("{item}, number …{serial}: closed with the case it was merged into, …{main}."),
    group=Group.OTHER,
)
FOLLOWED_DECLINED = kind(
    "followed_declined",
    _("A merged report is declined with its main case"),
    _("{item}, number …{serial}: the case it was merged into, …{main}, was declined."),
    group=Group.OTHER,
)


def followers_of(main: Case) -> list[Case]:
    """Cases that were merged into this one, and those that had been merged into them."""
    found: list[Case] = []
    last = _merged_into(main=main.pk)
    while last:
        found += last
        last = list(_with_items(Case.objects.filter(merged_into__in=[each.pk for each in last])))
    return found


@frozen
def _merged_into(main: Any) -> QuerySet[Case]:
    return _with_items(Case.objects.filter(merged_into=main))


def _with_items(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("item_version")


def tell_followers(act: Act, what: Kind) -> None:
    """The people behind merged reports are told when the case that went on for them ends."""
    followers = followers_of(act.case)
    if not followers:
        return
    parties = CaseParty.objects.filter(
        case__in=followers, until_seq=None, account__isnull=False
    ).values_list("case_id", "account_id")
    for each in followers:
        people = {account for case, account in parties if case == each.pk and account is not None}
        if each.reporter_id is not None:
            people.add(each.reporter_id)
        whom = Whom(
            accounts=tuple(sorted(people)),
            but=(act.by.account_id,) if act.by.account_id is not None else (),
        )
        words: dict[str, Any] = {
            "item": item_name(each),
            "serial": each.number[-8:],
            "main": act.case.number[-8:],
        }
        act.tell(what, whom, about=each, **words)
