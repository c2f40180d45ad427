"""Who works here or helps: the account, and where messages to it go."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.audit.masking import masked_name
from huying.branches.models import PartyMember
from huying.notices import addresses
from huying.notices.models import Channel, Notice, NoticeAddress, Outgoing
from huying.patrol.models import TrackPoint
from huying.people.models import Account, Post
from huying.places import naming
from huying.registry import sealing
from huying.requests.models import Ground
from huying.requests.sources.registers import people_of
from huying.requests.sources.source import (
    MOST,
    Line,
    Marks,
    Source,
    Told,
    never,
    nothing_holds,
    shown,
)
from huying.response.models import LastPosition


def accounts_of(marks: Marks) -> list[int]:
    """Accounts of the person: a member's, or one that is told by this phone.

    Addresses bear no index: some thousand are opened here, and shown to nobody.
    """
    people = [pk for pk, _place in people_of(marks)]
    members = PartyMember.objects.exclude(account=None)
    found = [
        *members.filter(phone_index__in=marks.phone).values_list("account", flat=True),
        *members.filter(person__in=people).values_list("account", flat=True),
        *members.filter(pk__in=marks.members).values_list("account", flat=True),
    ]
    if marks.phone:
        for row in NoticeAddress.objects.filter(channel=Channel.SMS).iterator():
            if sealing.mark(addresses.clear(row)) in marks.phone:
                found.append(row.account_id)
    return sorted({each for each in found if each is not None})


def _place(account: int) -> str:
    """Where the last post of the account is."""
    row = Post.objects.filter(account=account).order_by("starts_on").last()
    return row.area_code if row is not None else ""


def _accounts(marks: Marks) -> list[tuple[UUID, str]]:
    return [(UUID(int=pk), _place(pk)) for pk in accounts_of(marks)]


def _account_line(pk: UUID) -> Line | None:
    row = Account.objects.filter(pk=pk.int).first()
    if row is None:
        return None
    return Line(masked_name(row.name), naming.names(_place(row.pk)), row.created_at, row.is_active)


def _tell_account(pk: UUID, marks: Marks) -> Told:
    row = Account.objects.get(pk=pk.int)
    told = [
        (_("Name"), row.name),
        (_("User name"), row.username),
        (_("E-mail"), row.email),
        (_("Account since"), shown(row.created_at)),
    ]
    for post in Post.objects.filter(account=row).order_by("starts_on"):
        span = f"{post.starts_on}–{post.ends_on or ''}"
        told.append((_("Post"), f"{post.get_role_display()} {naming.names(post.area_code)} {span}"))
    tracks = TrackPoint.objects.filter(account_id=row.pk).count()
    last = LastPosition.objects.filter(turn__member__account=row).first()
    told += [
        (_("Notices kept"), str(Notice.objects.filter(account=row).count() or "")),
        (_("Messages outside kept"), str(Outgoing.objects.filter(account=row).count() or "")),
        (_("Positions kept of time on duty"), str(tracks or "")),
        (_("Last position on duty"), shown(last.at) if last is not None else ""),
    ]
    return [each for each in told if each[1]]


def _account_held(pk: UUID) -> Ground | None:
    """While somebody works here it is needed; afterwards the logs name it."""
    active = Account.objects.filter(pk=pk.int, is_active=True).exists()
    return Ground.PUBLIC_DUTY if active else Ground.LEGAL_DUTY


def _erase_account(pk: UUID, marks: Marks, now: datetime) -> None:
    raise AssertionError("an account is never erased: see `_account_held`")


# --- where messages go


def _addresses(marks: Marks) -> list[tuple[UUID, str]]:
    rows = NoticeAddress.objects.filter(account__in=accounts_of(marks)).order_by("channel")
    return [(row.pk, _place(row.account_id)) for row in rows[:MOST]]


def _address_line(pk: UUID) -> Line | None:
    row = NoticeAddress.objects.filter(pk=pk).first()
    if row is None:
        return None
    words = f"{row.get_channel_display()} {row.masked}"
    return Line(words, naming.names(_place(row.account_id)), row.changed_at, True)


def _tell_address(pk: UUID, marks: Marks) -> Told:
    row = NoticeAddress.objects.get(pk=pk)
    sent = Outgoing.objects.filter(account=row.account_id, channel=row.channel)
    told = [
        (_("Messages go to"), f"{row.get_channel_display()} {addresses.clear(row)}"),
        (_("Entered"), shown(row.changed_at)),
    ]
    told += [
        (_("Message"), f"{shown(each.ended_at or each.created_at)} {each.get_state_display()}")
        for each in sent.order_by("created_at")[:MOST]
    ]
    return told


def _erase_address(pk: UUID, marks: Marks, now: datetime) -> None:
    row = NoticeAddress.objects.select_related("account").get(pk=pk)
    addresses.put(row.account, Channel(row.channel), "", now=now)


def _address_changed(pk: UUID, since: datetime) -> bool:
    return NoticeAddress.objects.filter(pk=pk, changed_at__gte=since).exists()


SOURCES: Final = (
    Source(
        "account", gettext_lazy("account"), _accounts, _account_line, _tell_account,
        _account_held, _erase_account, never, ("name", "email"),
        tables=("account", "track_point", "last_position"),
    ),
    Source(
        "address", gettext_lazy("where messages go"), _addresses, _address_line, _tell_address,
        nothing_holds, _erase_address, _address_changed, ("value",),
        tables=("notice_address", "outgoing"),
    ),
)  # fmt: skip
