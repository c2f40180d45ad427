"""What leaves the house for a person: planned when the notice comes in, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from huying.notices.addresses import channels
from huying.notices.kinds import KINDS, Group
from huying.notices.models import (
    Channel,
    Notice,
    NoticeAddress,
    NoticeChoice,
    Outgoing,
    QuietHours,
)
from huying.notices.planning import How, Quiet, plan

USUALLY = {Channel.WECOM: How.AT_ONCE, Channel.SMS: How.OFF, Channel.APPRISE: How.AT_ONCE}
"""Where a person has chosen nothing. An SMS costs, and rings: alarms only."""

SENDER = "send_outgoing"


def enqueue(notices: Iterable[Notice], now: datetime) -> int:
    """Plans the ways out of new notices; how many leave at once."""
    told, ways = list(notices), channels()
    if not told or not ways:
        return 0
    accounts = {each.account_id for each in told}
    reached: dict[int, list[str]] = {}
    addresses = NoticeAddress.objects.filter(account__in=accounts, channel__in=ways)
    for account, channel in addresses.values_list("account", "channel"):
        reached.setdefault(account, []).append(channel)
    if not reached:
        return 0
    chosen = {
        (each.account_id, each.channel, each.group): How(each.how)
        for each in NoticeChoice.objects.filter(account__in=reached)
    }
    quiet = {
        each.account_id: Quiet(each.starts, each.ends)
        for each in QuietHours.objects.filter(account__in=reached)
    }
    at_once = []
    for notice in told:
        group = KINDS[notice.kind].group if notice.kind in KINDS else Group.OTHER
        for channel in reached.get(notice.account_id, ()):
            how = chosen.get((notice.account_id, channel, group), USUALLY[Channel(channel)])
            planned = plan(
                alarm=notice.alarm,
                how=how,
                quiet=quiet.get(notice.account_id, Quiet()),
                now=now,
            )
            if planned is None:
                continue
            if planned.gathered:
                _gather(notice, channel, planned.at, now)
                continue
            at_once.append(_message(notice, channel, f"notice:{notice.pk}", planned.at, now))
    Outgoing.objects.bulk_create(at_once, ignore_conflicts=True)
    if at_once:
        wake()
    return len(at_once)


def _message(notice: Notice, channel: str, key: str, at: datetime, now: datetime) -> Outgoing:
    return Outgoing(
        channel=channel,
        target=channel,
        account_id=notice.account_id,
        key=key,
        body={"notices": [str(notice.pk)]},
        alarm=notice.alarm,
        next_at=at,
        created_at=now,
    )


def _gather(notice: Notice, channel: str, at: datetime, now: datetime) -> None:
    """Adds the notice to the one message of that moment."""
    key = f"digest:{notice.account_id}:{at.timestamp():.0f}"
    with transaction.atomic():
        made = _message(notice, channel, key, at, now)
        Outgoing.objects.bulk_create([made], ignore_conflicts=True)
        row = Outgoing.objects.select_for_update().get(target=channel, key=key)
        if str(notice.pk) not in row.body["notices"]:
            row.body["notices"].append(str(notice.pk))
            row.save(update_fields=["body"])


def wake() -> None:
    """Lets the worker send now instead of at the next minute."""
    job: Any = app.tasks[SENDER]
    try:
        with transaction.atomic():
            job.configure(queueing_lock=SENDER).defer()
    except AlreadyEnqueued:
        pass  # it waits already, and will see these too


def lock_claiming() -> None:
    """One sender at a time looks what may go, so that limits hold; until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('huying.outgoing'))")
